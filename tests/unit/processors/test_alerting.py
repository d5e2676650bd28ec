"""Each change of an incident alerts once; a restart knows what to do with attempts that have no recorded end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from processors.alerting import Resume, Verdict, compose, raise_alert, resume
from processors.incidents import IncidentRules
from processors.incidents import decide as change
from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.assessment import AssessedItem
from schemas.incident import Incident
from tests.items import at, figures, item, slide


def incident(*items: AssessedItem) -> Incident:
    state: dict[str, Incident] = {}
    for one in items:
        state |= {changed.incident: changed for changed in change(state, one, one.received_at, IncidentRules())}
    (only,) = state.values()
    return only


FIRST = item("r1", kind="first", emergency=slide(level="IV"), facts=figures(deaths=0, injured=3))
WORSE = item("r2", kind="followup", published=at(60), emergency=slide(level="III"), facts=figures(deaths=3))


def alert(one: Incident, last: Alert | None = None) -> Alert:
    return compose(one, last, at(2))


def test_a_new_incident_is_sent_with_what_people_need() -> None:
    ruling = raise_alert({}, incident(FIRST), at(2))
    assert ruling.verdict is Verdict.SEND
    assert ruling.alert is not None
    assert ruling.alert.reason is AlertReason.NEW
    assert ruling.alert.title == "【首报·一般】沙石镇一处山体滑坡"
    assert ruling.alert.text == "山体滑坡；沙石镇；死亡0人、受伤3人。"
    assert (ruling.alert.item_ids, ruling.alert.item_received_at) == ((FIRST.item_id,), at(1))


def test_the_same_version_alerts_once_and_an_overtaken_one_never() -> None:
    old, new = incident(FIRST), incident(FIRST, WORSE)
    raised = {old.incident: [alert(old)]}
    assert raise_alert(raised, old, at(9)).verdict is Verdict.ALREADY_RAISED
    assert raise_alert({old.incident: [alert(new)]}, old, at(9)).verdict is Verdict.NOTHING_NEW
    assert raise_alert(raised, new, at(62)).verdict is Verdict.SEND


def test_the_id_of_an_alert_is_the_same_for_every_replay() -> None:
    assert alert(incident(FIRST)).alert_id == compose(incident(FIRST), None, at(500)).alert_id
    assert alert(incident(FIRST)).alert_id != alert(incident(FIRST, WORSE)).alert_id


def test_the_reason_is_the_weightiest_change() -> None:
    first = alert(incident(FIRST))
    assert alert(incident(FIRST, WORSE), first).reason is AlertReason.LEVEL_CHANGED
    same = item("r2", kind="followup", published=at(60), emergency=slide(level="IV"), facts=figures(injured=4))
    assert alert(incident(FIRST, same), first).reason is AlertReason.STAGE_CHANGED
    later = item("r3", kind="followup", published=at(90), emergency=slide(level="IV"), facts=figures(injured=5))
    assert alert(incident(FIRST, same, later), alert(incident(FIRST, same))).reason is AlertReason.FIGURES_CHANGED
    final = item("r4", kind="final", published=at(600), facts=figures(injured=5))
    assert alert(incident(FIRST, final), first).reason is AlertReason.ALL_CLEAR


def test_one_that_went_into_another_or_was_closed_by_a_person_is_over() -> None:
    first = alert(incident(FIRST))
    merged = incident(FIRST).model_copy(update={"merged_into": "other", "closed": True, "sources": ()})
    told = alert(merged, first)
    assert (told.reason, told.text) == (AlertReason.ALL_CLEAR, "与另一条是同一事件，已并入；不再单独提醒。")
    assert alert(incident(FIRST).model_copy(update={"closed": True}), first).reason is AlertReason.ALL_CLEAR


def test_an_alert_tells_the_change_the_contradiction_and_the_doubt() -> None:
    assert "死亡由0改为3" in alert(incident(FIRST, WORSE)).text
    finding = {"check": "number_mismatch", "message": "标题称3人，正文称2人"}
    facts = figures(deaths=4)
    press = item("m", lane="media", published=at(9), emergency=slide(), facts=facts, findings=[finding])
    told = alert(incident(FIRST, press))
    assert told.doubts == ("标题称3人，正文称2人", "死亡数说法不一：现为0，另一来源称4")


def test_an_unsigned_alert_says_so() -> None:
    press = item("m", lane="media", source="某报", emergency=slide(), facts=figures())
    told = alert(incident(press))
    assert not told.signed
    assert told.title.startswith("【待核实·级别待定】")
    assert "未经部门核实" in told.text
    assert "伤亡情况未报" in told.text


@pytest.mark.parametrize(
    ("published", "received", "now", "verdict"),
    [
        pytest.param(at(), at(1), at(2), Verdict.SEND, id="news"),
        pytest.param(at(), at(1), at(days=1), Verdict.SEND, id="a day old to the minute"),
        pytest.param(at(), at(1), at(1, days=1), Verdict.STALE, id="the worker was down for a day"),
        pytest.param(at(days=-30), at(1), at(2), Verdict.STALE, id="an archive is read in"),
    ],
)
def test_old_news_is_recorded_and_not_sent(published: Any, received: Any, now: Any, verdict: Verdict) -> None:
    ruling = raise_alert({}, incident(item("m", lane="media", source="某报", published=published, received=received,
                                      emergency=slide(), facts={"places": ["沙石镇"]})), now)  # fmt: skip
    assert ruling.verdict is verdict
    assert ruling.alert is not None


def test_an_event_elsewhere_does_not_alert() -> None:
    away = incident(FIRST).model_copy(update={"in_district": False})
    assert raise_alert({}, away, at(2)).verdict is Verdict.ELSEWHERE


def attempt(outcome: Outcome, tries: int = 1) -> Delivery:
    return Delivery(delivery_id="d", alert_id="a", incident="i", channel="c", outcome=outcome, tries=tries, at=at(2))


@pytest.mark.parametrize(
    ("level", "attempts", "action"),
    [
        pytest.param("I", [], Resume.SEND_REPEATED, id="I without a record"),
        pytest.param("II", [], Resume.SEND_REPEATED, id="II without a record"),
        pytest.param(None, [], Resume.SEND_REPEATED, id="undecided without a record"),
        pytest.param("III", [], Resume.RECORD_UNKNOWN, id="III without a record"),
        pytest.param("IV", [], Resume.RECORD_UNKNOWN, id="IV without a record"),
        pytest.param("IV", [attempt(Outcome.FAILED)], Resume.SEND_REPEATED, id="failed with tries left"),
        pytest.param("I", [attempt(Outcome.FAILED, 5)], Resume.SETTLED, id="failed for good"),
        pytest.param("I", [attempt(Outcome.DELIVERED)], Resume.SETTLED, id="delivered"),
        pytest.param("I", [attempt(Outcome.FAILED), attempt(Outcome.DELIVERED, 2)], Resume.SETTLED, id="at last"),
        pytest.param("IV", [attempt(Outcome.UNKNOWN)], Resume.SETTLED, id="known to be unknown"),
    ],
)
def test_what_a_restart_does(level: str | None, attempts: list[Delivery], action: Resume) -> None:
    raised = alert(incident(item("r1", kind="first", emergency=slide(level=level), facts=figures())))
    assert resume(raised, attempts, at(5), channels=["c"], most_tries=5) is action


def test_a_restart_leaves_old_news_unsent() -> None:
    raised = alert(incident(item("r1", emergency=slide(level="I"), facts=figures())))
    assert resume(raised, [], at(3, days=1), channels=["c"], most_tries=5) is Resume.RECORD_UNKNOWN
    backfilled = raised.model_copy(update={"news_at": raised.raised_at - timedelta(days=2)})
    assert resume(backfilled, [], at(5), channels=["c"], most_tries=5) is Resume.RECORD_NOT_SENT
