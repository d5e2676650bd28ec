"""Parts of the desk: cookies, outbox, cursors, marks in texts."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from desk import appraisal
from desk.accounts import Account, Role
from desk.cursors import make_cursor, read_cursor
from desk.database import Database
from desk.decisions import Choice, ItemDecisions
from desk.duty import moment_of
from desk.outbox import Outbox
from desk.views import clock, figures, marked, safe_url
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable, InvalidItem
from tests.unit.desk.conftest import FakeDecisions, Harness

NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


@dataclass
class Failing(FakeDecisions):
    """Fails once with what nobody expected."""

    tries: int = 0
    loop: asyncio.AbstractEventLoop = field(kw_only=True)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, decision: Decision) -> None:
        self.tries += 1
        if self.tries == 1:
            raise RuntimeError("unexpected")
        super().send(decision)
        self.loop.call_soon_threadsafe(self.done.set)


def decision(number: int) -> Decision:
    return Decision(
        decision_id=f"d{number}",
        district="zhanggong",
        subject_type="alert",
        subject_id=f"a{number}",
        action="acknowledge",
        by="值班员",
        at=NOON,
    )


def test_the_outbox_keeps_decisions_until_kafka_has_them(address: Path | str) -> None:
    database, sink = Database(address), FakeDecisions(away=True)
    outbox = Outbox(database, sink)
    for number in (1, 2, 1):  # the same decision twice is one
        database.put_decision(decision(number))
    with pytest.raises(BrokerUnavailable):
        outbox.drain()
    assert [one.event_id for one in database.waiting()] == ["d1", "d2"]
    sink.away = False
    database.close()
    database = Database(address)  # after a restart
    assert Outbox(database, sink).drain() == 2
    assert [one.decision_id for one in sink.sent] == ["d1", "d2"]
    assert Outbox(database, sink).drain() == 0


def test_a_database_of_before_the_issues_keeps_what_waits(tmp_path: Path) -> None:
    file = tmp_path / "d.sqlite3"
    with closing(sqlite3.connect(file)) as old:
        old.execute("CREATE TABLE outbox (decision_id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL,"
                    " sent INTEGER NOT NULL DEFAULT 0)")  # fmt: skip
        values = ("d1", decision(1).model_dump_json(), NOON.isoformat())
        old.execute("INSERT INTO outbox (decision_id, body, at) VALUES (?, ?, ?)", values)
        old.commit()
    for _ in range(2):  # the second start finds the column there
        database = Database(file)
        assert [one.event for one in database.waiting()] == [decision(1)]
        assert database.decisions_on("alert", "a1") == [decision(1)]
        database.close()


async def test_the_outbox_goes_on_after_whatever_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.outbox.AWAY_PAUSE_S", 0.01)
    database, sink = Database(tmp_path / "d.sqlite3"), Failing(loop=asyncio.get_running_loop())
    database.put_decision(decision(1))
    carrier = asyncio.create_task(Outbox(database, sink).run())
    try:
        async with asyncio.timeout(10):
            await sink.done.wait()
    finally:
        carrier.cancel()
    assert (sink.tries, [one.decision_id for one in sink.sent]) == (2, ["d1"])


def test_what_was_written_about_an_erased_item_is_forgotten(address: Path | str) -> None:
    database = Database(address)
    decisions = ItemDecisions(database, "zhanggong")
    for number, name in enumerate(("i1", "i2")):
        choice = Choice("edit", 0, reason="张某的电话不该写", title="题", text=f"正文{number}")
        made = decisions.decide({"item_id": name, "version": 1}, choice, by="e", at=NOON)
        database.sent(made.decision_id)
    decisions.forget("i1")
    assert [text for (text,) in database.rows("SELECT text FROM edits")] == ["正文1"]
    assert [one.reason for one in database.decisions_on("item", "i1")] == [""]
    assert [one.reason for one in database.decisions_on("item", "i2")] == ["张某的电话不该写"]


def test_cursors_go_there_and_back() -> None:
    assert read_cursor(make_cursor([1700000000000, "abc"]), [False, False]) == [1700000000000, "abc"]


@pytest.mark.parametrize("cursor", ["%%%", "e30", "bnVsbA", "WzFd", "W251bGwsIm51bGwiXQ", "äö", "W1tb" * 40_000])
def test_a_wrong_cursor_is_named(cursor: str) -> None:
    with pytest.raises(InvalidItem) as caught:
        read_cursor(cursor, [False, False])
    assert caught.value.errors[0].field == "cursor"


def test_marks_escape_everything() -> None:
    text = "<b>山体滑坡</b>&3人"
    page = str(marked(text, [(3, 7, "emergency", '"><script>'), (5, 9, "finding", "overlaps")]))
    assert "<script>" not in page
    assert page.startswith("&lt;b&gt;<mark")
    assert page.count("<mark") == 1
    assert page.endswith("&lt;/b&gt;&amp;3人")


def test_marks_outside_the_text_are_left_out() -> None:
    assert str(marked("短", [(0, 9, "finding", "")])) == "短"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) == "#"


def test_words_for_people() -> None:
    assert clock("2026-11-20T06:52:00Z") == "11月20日 14:52"
    assert figures({"deaths": 0, "injured": 3, "missing": None}) == "死亡0，受伤3"
    assert figures(None) == ""


def test_pages_ask_for_a_key_and_then_show_the_index_away(desk: Harness) -> None:
    assert desk.client.get("/", follow_redirects=False).headers["location"] == "/login"
    assert desk.client.post("/login", data={"key": "wrong"}).status_code == 401
    entered = desk.client.post("/login", data={"key": "first-key"}, follow_redirects=False)
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    page = desk.client.get("/")
    assert "索引暂时不可用" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00+14:00", "quarter past", "24:30"])
def test_a_moment_that_no_page_could_show_is_named(moment: str) -> None:
    with pytest.raises(InvalidItem) as caught:
        moment_of(moment, "2026-11-20", NOON)
    assert [one.field for one in caught.value.errors] == ["as_of"]


def test_reasons_are_masked_before_they_are_kept(desk: Harness) -> None:
    services, number = desk.client.app.state.desk, "13912345678"  # type: ignore[attr-defined]
    who = Account("li", Role.EDITOR)
    said = f"来电人电话{number}，请核实"
    made = services.decisions.decide({"item_id": "i1"}, Choice("return", 0, reason=said), by="li", at=NOON)
    scored = appraisal.new_decision(services, "points", "p1", "accept", who, said, {})
    for one in (made, scored):
        assert number not in one.model_dump_json()
        assert "请核实" in one.reason
