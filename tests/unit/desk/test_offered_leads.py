"""An emergency that only a post tells of, from the index to the editor's table: offered, taken with a mark, lifted."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desk import offers as module
from desk.candidates import candidate
from desk.database import Database
from desk.decisions import ItemDecisions
from desk.deps import DeskDeps
from desk.drafts import Draft
from desk.index import Index
from desk.issuing import Issuing
from desk.narrowing import Narrowed, Wish
from desk.offers import BY_HAND, SETTLE, SHOWN, Offers
from huiyao.districts import load_district
from huiyao.rules import bulletin_head, bulletin_rules
from huiyao.settings import load_settings
from processors import arranging
from processors.arranging import Proposal, Since, key_of
from processors.bulletin_charts import Tally
from schemas.vocab import BulletinName
from tests.unit.desk.test_vouching import Lists

FOLDER = load_district(load_settings().district_dir)
DAY = date(2026, 11, 20)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
HUIYAO = BulletinName.HUIYAO


class Day(Lists):
    """The same, for the searches of a bulletin: everything is of the day before it is asked for."""

    def __init__(self, *items: dict[str, Any]) -> None:
        super().__init__(items)

    async def total(self, alias: str, filters: object) -> int:
        return len(self._held[alias])

    async def all(self, alias: str, filters: Any, *, sort: object, includes: object = ()) -> list[dict[str, Any]]:
        found = await super().all(alias, filters, sort=sort, includes=includes)
        spans = [one["range"]["received_at"] for one in filters if "range" in one]
        return [one for one in found if all(span["gte"] <= one["received_at"] < span.get("lt", "9") for span in spans)]

    async def one(self, alias: str, identifier: str, filters: object) -> dict[str, Any] | None:
        return next((one for one in self._held[alias] if one["item_id"] == identifier), None)

    def come(self, item: dict[str, Any]) -> None:
        self._held["items"].append(item)


def told(identifier: str, lane: str, title: str, minutes: int = 0) -> dict[str, Any]:
    return {
        "item_id": identifier, "version": 1, "lane": lane, "category": "急情要事", "title": title, "text": f"{title}。",
        "source_name": "虔城论坛", "received_at": (NOON + timedelta(minutes=minutes)).isoformat(), "status": "new",
        "story": "s", "decisions": [],
        "emergency": {"is_emergency": True, "in_district": True, "level": "IV", "doubtful": lane == "opinion"},
    }  # fmt: skip


def offers(index: Day, folder: Path) -> Offers:
    database = Database(folder / "desk.sqlite3")
    rules = bulletin_rules(FOLDER)
    clock, head = SimpleNamespace(now=lambda: NOON), bulletin_head(FOLDER)
    deps = SimpleNamespace(bulletins=rules, district="zhanggong", bulletin_head=head, clock=clock)
    decisions = ItemDecisions(database, "zhanggong")
    return Offers(cast(DeskDeps, deps), cast(Index, index), decisions, Issuing(database, rules))


def begun(made: Offers) -> Draft:
    bulletin = asyncio.run(made.by_rules(HUIYAO, DAY))
    proposed = asyncio.run(made.proposed(HUIYAO, DAY))
    seen = tuple(item for one in proposed.proposals for item in one.entry.item_ids)
    return Draft(name=HUIYAO, period="2026-11-20", revision=0, bulletin=bulletin, seen=seen)


def beside(made: Offers, draft: Draft) -> Since:
    return asyncio.run(made.since(draft, DAY))


def added(made: Offers, section: str) -> Proposal:
    return asyncio.run(made.addition(HUIYAO, DAY, "p", section))


def test_it_waits_beside_the_draft_and_a_person_may_take_it(tmp_path: Path) -> None:
    index = Day(told("p", "opinion", "好像着火了"))
    made = offers(index, tmp_path)
    draft = begun(made)
    assert arranging.entries_of(draft.bulletin) == []
    [lead] = beside(made, draft).leads
    assert (lead.section, key_of(lead.entry)) == ("紧急突发", "p")
    one = added(made, "紧急突发")
    taken = draft.model_copy(update={"bulletin": arranging.add(draft.bulletin, one.section, one.entry)})
    [entry] = arranging.entries_of(taken.bulletin)
    assert entry.title == "【待核实】好像着火了"
    assert "是否突发判读存疑" in entry.why
    assert beside(made, taken) == Since(grown={})

    index.come(told("r", "report", "厨房着火已扑灭", minutes=9))
    now = beside(made, taken)
    assert now.lifted == {"p"}
    assert now.grown is not None
    [renewed] = arranging.entries_of(arranging.renew(taken.bulletin, "p", now.grown["p"].entry))
    assert (renewed.title, renewed.item_ids, renewed.notes) == ("厨房着火已扑灭", ("p", "r"), ())


def test_what_an_editor_finds_by_searching_has_the_mark_too(tmp_path: Path) -> None:
    yesterday = told("p", "opinion", "好像着火了", minutes=-24 * 60)
    entry = added(offers(Day(yesterday), tmp_path), "紧急突发").entry
    assert entry.title == "【待核实】好像着火了"
    assert entry.why.startswith(BY_HAND)
    known = offers(Day(yesterday, told("r", "media", "昨日一处厨房着火", minutes=-23 * 60)), tmp_path)
    assert added(known, "紧急突发").entry.title == "好像着火了"


def test_of_a_large_day_what_came_since_somebody_looked_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen is a moment there, not every item; what came to the index late, of the last minutes, is no less new."""
    early, late = told("a", "report", "厨房着火", minutes=-60), told("b", "report", "仓库着火", minutes=-1)
    index = Day(early | {"story": "1"}, late | {"story": "2"})
    wishes: list[Wish] = []

    async def few(*given: Any) -> Narrowed:
        wishes.append(given[-1])
        return Narrowed([candidate(one) for one in await index.all("items", [], sort=())], [], Tally(), 100_000)

    monkeypatch.setattr(module, "narrowed", few)
    made = offers(index, tmp_path)
    proposed = asyncio.run(made.proposed(HUIYAO, DAY))
    assert (proposed.partial, proposed.seen) == (True, ("b",))
    assert wishes[-1].since == NOON - SETTLE
    empty = proposed.bulletin.model_copy(update={"sections": ()})
    draft = Draft(name=HUIYAO, period="2026-11-20", revision=0, bulletin=empty, seen=proposed.seen, seen_at=NOON)
    now = beside(made, draft)
    assert ([key_of(one.entry) for one in now.spare], now.fresh, now.partial) == (["a", "b"], (), True)

    index.come(told("c", "report", "车间着火", minutes=-2) | {"story": "3"})
    index.come(told("d", "report", "山林着火", minutes=2) | {"story": "4"})
    now = beside(made, draft)
    assert sorted(key_of(one.entry) for one in now.fresh) == ["c", "d"]
    taken = draft.model_copy(update={"bulletin": arranging.add(proposed.bulletin, "紧急突发", now.fresh[0].entry)})
    beside(made, taken)
    assert wishes[-1].held == {"a", "b", key_of(now.fresh[0].entry)}
    asyncio.run(made.since(draft, DAY, depth=3 * SHOWN))
    assert (wishes[-1].more, wishes[-1].newest, wishes[-1].leads) == (60, 300, 60)
