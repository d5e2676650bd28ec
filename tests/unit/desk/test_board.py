"""The duty board's parts: who was told and how it ended, who waits and why, how workers stand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from desk.board import held, told
from desk.routes import board as routes
from desk.views import lag
from desk.workers import STALE_S, worker_states
from processors.fold import fold
from schemas.alert import Alert, AlertReason, Covered, Delivery, Held, Notice, NoticeVerdict, Outcome, Plan, Purpose
from schemas.vocab import Stage
from streams.metrics import MetricsOptions, WorkerMetrics
from tests.index_events import NOON, after
from tests.unit.desk.conftest import KEY, Harness

ALERT = Alert(
    alert_id="a1", incident="i1", alert_version=1, district="d", level=None, stage=Stage.FIRST, reason=AlertReason.NEW,
    title="t", text="t", raised_at=NOON,
)  # fmt: skip


def notice(who: str, number: int, purpose: Purpose = Purpose.FIRST, hours: float = 0) -> Notice:
    covers = (Covered(incident="i1", alert_id="a1", alert_version=1),)
    return Notice(
        notice_id=f"n{number}", recipient=who, channels=("sms", "mail"), purpose=purpose, covers=covers, at=after(hours)
    )


def attempt(who: str, number: int, tries: int, outcome: Outcome, channel: str = "sms", **more: Any) -> Delivery:
    given = {"delivery_id": f"{who}{number}{tries}{channel}", "alert_id": "a1", "incident": "i1", "at": after(tries)}
    given |= {"channel": channel, "outcome": outcome, "tries": tries, "notice_id": f"n{number}", "recipient": who}
    return Delivery.model_validate(given | more)


def plan(hours: float, *notices: Notice, waits: tuple[Held, ...] = ()) -> Plan:
    return Plan(incident="i1", alert_id="a1", notices=notices, held=waits, at=after(hours))


def document(*events: Any) -> dict[str, Any]:
    made: dict[str, Any] | None = None
    for event in (ALERT, *events):
        made = fold(made, event)
    assert made is not None
    return made


def test_each_person_is_told_once_a_purpose_with_every_attempt() -> None:
    one = document(
        plan(0, notice("@log", 1), notice("值班员", 2)),
        attempt("值班员", 2, 1, Outcome.FAILED, detail="忙"),
        attempt("值班员", 2, 2, Outcome.DELIVERED, "mail"),
        plan(1, notice("值班员", 3, Purpose.REMINDER, 1)),
    )
    rows = {(row["recipient"], row["purpose_name"]): row for row in told(one)}
    first = rows["值班员", "首次"]
    assert [each["channel"] for each in first["attempts"]] == ["sms", "mail"]
    assert (first["end"], first["arrived"], first["exhausted"]) == ("delivered", True, False)
    assert rows["值班员", "催签"]["end"] == "pending"
    assert rows["log", "首次"]["broadcast"]


def test_nobody_reached_is_said_and_attempts_of_before_plans_are_kept() -> None:
    one = document(
        plan(0, notice("副班", 4)),
        attempt("副班", 4, 1, Outcome.FAILED, exhausted=True),
        attempt("", 9, 1, Outcome.DELIVERED, "值班室", notice_id=""),
    )
    rows = {row["recipient"]: row for row in told(one)}
    assert rows["副班"]["exhausted"]
    assert rows["值班室"]["broadcast"]


def test_who_waits_and_why_until_told() -> None:
    waits = (
        Held(recipient="主要领导", verdict=NoticeVerdict.UNCONFIRMED),
        Held(recipient="某局", verdict=NoticeVerdict.OUTSIDE_HOURS, until=after(9)),
    )
    one = document(plan(0, notice("值班员", 1), waits=waits))
    assert [(wait["recipient"], wait["why"]) for wait in held(one)] == [
        ("主要领导", "待人核实后再报告"), ("某局", "不在接收时段"),
    ]  # fmt: skip
    after_it = fold(one, plan(2, notice("主要领导", 5, Purpose.CONFIRMED, 2)))
    assert [wait["recipient"] for wait in held(after_it)] == ["某局"]
    # Any order and a repetition of the same events give the same document.
    assert fold(document(plan(2, notice("主要领导", 5, Purpose.CONFIRMED, 2))), one_plan(one)) == after_it


def test_of_those_who_wait_for_one_reason_the_latest_moment_is_told(
    desk: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = (
        Held(recipient="某局", verdict=NoticeVerdict.OUTSIDE_HOURS),
        Held(recipient="某镇", verdict=NoticeVerdict.OUTSIDE_HOURS, until=after(9), detail="夜间"),
        Held(recipient="某办", verdict=NoticeVerdict.OUTSIDE_HOURS, until=after(8)),
    )
    shown = {"alert_id": "a1", "incident": "i1", "title": "t", "text": "t", "raised_at": NOON.isoformat(),
             "reason": "new", "doubts": [], "level": None, "signed": True, "acknowledged": False, "pending": False,
             "verdict": None, "to_confirm": False, "told": [],
             "held": held(document(plan(0, waits=waits)))}  # fmt: skip

    async def made(_: Any) -> dict[str, Any]:
        return {"now": NOON.isoformat(), "day": "2026-11-20", "counts": {"open_alerts": 1, "open_incidents": 0},
                "incidents": [], "alerts": [shown], "alerts_unlisted": 0, "silent": [], "sources": [], "workers": [],
                "dead_letters": 0}  # fmt: skip

    monkeypatch.setattr(routes, "board", made)
    desk.client.post("/login", data={"key": KEY})
    page = desk.client.get("/duty/board").text
    assert "</b> 未告知：不在接收时段，最迟 11月20日 21:00 再看（夜间）</li>" in page
    assert page.count("未告知") == 1


def one_plan(_: dict[str, Any]) -> Plan:
    waits = (
        Held(recipient="主要领导", verdict=NoticeVerdict.UNCONFIRMED),
        Held(recipient="某局", verdict=NoticeVerdict.OUTSIDE_HOURS, until=after(9)),
    )
    return plan(0, notice("值班员", 1), waits=waits)


def test_every_reason_to_wait_has_words() -> None:
    waits = tuple(Held(recipient=one.value, verdict=one) for one in NoticeVerdict if one is not NoticeVerdict.SEND)
    assert all(wait["why"] for wait in held(document(plan(0, waits=waits))))


def test_workers_tell_their_lag_and_silence(tmp_path: Path) -> None:
    assert worker_states(None) == []
    metrics = WorkerMetrics("index", MetricsOptions(directory=tmp_path))
    metrics.lag("items.assessed", 0, 3)
    metrics.lag("items.assessed", 1, 4)
    metrics.buried("index")
    metrics.write()
    old = tmp_path / "alerts-1.prom"
    old.write_text("", "utf-8")
    os.utime(old, (1, 1))
    (tmp_path / "ledger-2.prom").write_text("", "utf-8")
    found = {one.role: one for one in worker_states(tmp_path)}
    assert (found["index"].lag, found["index"].dead_letters, found["index"].name) == (7, 1, "索引")
    assert (found["alerts"].stale, found["ledger"].stale, found["ledger"].lag) == (True, False, None)
    assert STALE_S > 1


def test_how_long_ago_in_words() -> None:
    assert [lag(value) for value in (None, 5, 90, 7300, 90_000 * 2)] == ["从未", "刚刚", "1分钟前", "2小时前", "2天前"]
