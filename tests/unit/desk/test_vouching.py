"""What stands for an emergency that a public post tells of, wherever in the index it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import pytest

from desk.candidates import candidate, vouched
from desk.index import Index, Query
from desk.narrowing_queries import MAY_BE_CONFIRMED, Scan
from huiyao.districts import load_district
from huiyao.rules import bulletin_rules
from huiyao.settings import load_settings
from processors.bulletin_candidate import Candidate
from schemas.vocab import BulletinName, Category, Lane

NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


class Lists:
    """An index that holds what is given and says what it was asked for."""

    def __init__(self, items: Sequence[dict[str, Any]] = (), incidents: Sequence[dict[str, Any]] = ()) -> None:
        self._held = {"items": list(items), "incidents": list(incidents)}
        self.asked: list[str] = []

    async def all(
        self, alias: str, filters: Sequence[Query], *, sort: object, includes: object = ()
    ) -> list[dict[str, Any]]:
        self.asked.append(alias)
        wanted = {name: set(values) for one in filters for name, values in one.get("terms", {}).items()}
        return [one for one in self._held[alias] if all(one.get(name) in values for name, values in wanted.items())]


def post(**fields: Any) -> Candidate:
    values: dict[str, Any] = {
        "item_id": "p", "lane": Lane.OPINION, "category": Category.URGENT, "title": "好像着火了", "text": "有烟。",
        "source_name": "虔城论坛", "received_at": NOON, "is_emergency": True,
    }  # fmt: skip
    return Candidate(**(values | fields))


def found(index: Lists, *items: Candidate) -> list[Candidate]:
    return asyncio.run(vouched(cast(Index, index), "zhanggong", items, None))


def told(lane: str, **fields: Any) -> dict[str, Any]:
    return {"item_id": "r", "lane": lane, "story": "s", "status": "new", "kind": None} | fields


@pytest.mark.parametrize("lane", ["report", "media"])
def test_a_report_or_a_paper_of_another_day_stands_for_it(lane: str) -> None:
    [one] = found(Lists([told(lane)]), post(story="s"))
    assert one.vouched
    assert not one.refuted


@pytest.mark.parametrize(
    "item", [told("opinion"), told("report", status="returned"), told("report", kind="zero"), told("report", story="t")]
)
def test_posts_what_was_returned_and_other_stories_do_not(item: dict[str, Any]) -> None:
    assert [one.vouched for one in found(Lists([item]), post(story="s"))] == [False]


@pytest.mark.parametrize(
    ("incident", "stands", "refuted"),
    [
        ({"signed": True}, True, False),
        ({"confirmed_by": "watch"}, True, False),
        ({"calls": [{"department": "fire"}]}, True, False),
        ({"sources": [{"lane": "opinion"}, {"lane": "media"}]}, True, False),
        ({"sources": [{"lane": "opinion"}], "signed": False, "confirmed_by": None}, False, False),
        ({"rejected": True, "sources": [{"lane": "media"}]}, False, True),
    ],
)
def test_an_incident_that_somebody_stands_for(incident: dict[str, Any], stands: bool, refuted: bool) -> None:
    [one] = found(Lists(incidents=[{"incident": "n", **incident}]), post(incident="n"))
    assert (one.vouched, one.refuted) == (stands, refuted)


@pytest.mark.parametrize(
    ("incidents", "stands"),
    [(["n"], True), ([None], True), (["m"], False), (["m", None], False), (["m", "n"], True)],
)
@pytest.mark.parametrize("at_hand", [False, True])
def test_a_story_counted_to_another_incident_does_not(
    incidents: list[str | None], *, stands: bool, at_hand: bool
) -> None:
    # One post tells of the injured at the hospital, an incident of its own beside the landslide's.
    tellers = [told("report", item_id=f"r{n}", incident=one) for n, one in enumerate(incidents)]
    others = [
        post(item_id=one["item_id"], lane=Lane.REPORT, story="s", incident=one["incident"])
        for one in (tellers[:1] if at_hand else [])
    ]
    *_, one = found(Lists(tellers), *others, post(story="s", incident="n"))
    assert one.vouched is stands


def test_only_what_is_in_question_is_asked_for() -> None:
    index = Lists([told("report")])
    report = post(item_id="r", lane=Lane.REPORT, story="s")
    quiet = post(item_id="q", is_emergency=False, story="s")
    assert found(index, report, quiet) == [report, quiet]
    [_, one] = found(index, report, post(story="s"))
    assert one.vouched  # what is at hand needs no question
    assert [found(index, post())[0].vouched, index.asked] == [False, []]


def test_the_doubt_of_the_judge_reaches_the_bulletin() -> None:
    document = {
        "item_id": "p", "lane": "opinion", "category": "急情要事", "received_at": NOON.isoformat(),
        "emergency": {"is_emergency": True, "doubtful": True},
    }  # fmt: skip
    assert candidate(document).doubtful


def test_a_large_day_is_not_searched_for_posts_that_no_section_prints() -> None:
    rules = bulletin_rules(load_district(load_settings().district_dir))
    urgent = next(one for one in rules[BulletinName.HUIYAO].sections if one.name == "紧急突发")
    here = next(one for one in rules[BulletinName.YUQING].sections if one.name == "涉区舆情")
    assert MAY_BE_CONFIRMED in Scan(urgent, True).filters()
    assert MAY_BE_CONFIRMED not in Scan(here, True).filters()
