"""The roles as shells: state is valid only after acknowledgement, is read back from topics, and knows what it owns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processors.departments import Department
from processors.duty.omissions import CaseRules
from processors.incidents import IncidentRules
from processors.ledger import LedgerRules
from schemas.alert import Alert, Delivery, Outcome
from schemas.assessment import AssessedItem
from schemas.base import Event
from schemas.case import Case, CaseState
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from schemas.topics import ALERTS, CASES, DECISIONS, DELIVERIES, INCIDENTS, LEDGER, OPINION, SIGNALS, TopicSpec
from schemas.vocab import LedgerState
from streams.kafka import partition_of
from streams.reading import to_bytes
from streams.records import Assignment, Output, Record, Result
from streams.roles import incidents as roles_incidents
from streams.roles.alerts import AlertSettings, AlertsHandler
from streams.roles.assess import AssessHandler
from streams.roles.cases import CasesHandler
from streams.roles.incidents import IncidentsHandler
from streams.roles.ledger import LedgerHandler
from streams.testing import DISTRICT, MovableClock, RecordingChannel, ScriptedJudge
from tests.items import at, figures, item, slide

EVERYTHING = Assignment({spec.name: frozenset(range(6)) for spec in (SIGNALS, INCIDENTS, DECISIONS)})
NOTHING = Assignment()
FAST = AlertSettings(pause_s=0.0, most_pause_s=0.0, tries=3, send_timeout_s=5.0, release_s=0.05)


class Log:
    """Topics in memory: what the reader reads and the sender writes."""

    def __init__(self, *outputs: Output) -> None:
        self.outputs = list(outputs)

    async def send(self, outputs: Sequence[Output]) -> None:
        self.outputs += outputs

    async def read(
        self, spec: TopicSpec, *, partitions: Collection[int] | None = None, since: datetime | None = None
    ) -> AsyncIterator[bytes]:
        for output in self.outputs:
            if output.spec is spec:
                yield output.value

    def events(self, spec: TopicSpec) -> list[Event]:
        return [spec.model.model_validate_json(one.value) for one in self.outputs if one.spec is spec]


def records(topic: str, *events: Event, when: datetime | None = None) -> list[Record]:
    return [Record(topic, 0, n, b"k", to_bytes(one), when or at(2)) for n, one in enumerate(events)]


async def settle(log: Log, result: Result) -> None:
    await log.send(result.outputs)
    if result.done is not None:
        result.done()


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)


FIRST = item("r1", kind="first", emergency=slide(level="I"), facts=figures(injured=3))
WORSE = item("r2", kind="followup", published=at(60), emergency=slide(level="I"), facts=figures(injured=5))


WITHOUT_KIND = item("w1", emergency=slide(level="III"), facts=figures(injured=1))
RETRACTED = item("w1", updated=at(40), facts=figures(injured=0))
"""The same item, corrected: no emergency any more."""


async def incidents(log: Log, assignment: Assignment = EVERYTHING) -> IncidentsHandler:
    handler = IncidentsHandler(log.read, IncidentRules())
    await handler.restore(assignment)
    return handler


async def test_a_batch_tried_again_decides_the_same() -> None:
    handler = await incidents(Log())
    batch = records(SIGNALS.name, FIRST, WORSE)
    first, again = await handler.handle(batch), await handler.handle(batch)
    assert [one.value for one in first.outputs] == [one.value for one in again.outputs]
    assert len(first.outputs) == 2


async def test_a_restarted_incident_worker_knows_what_it_wrote() -> None:
    log = Log()
    await settle(log, await (await incidents(log)).handle(records(SIGNALS.name, FIRST)))
    restarted = await incidents(log)
    assert not (await restarted.handle(records(SIGNALS.name, FIRST))).outputs
    (changed,) = (await restarted.handle(records(SIGNALS.name, WORSE))).outputs
    incident = Incident.model_validate_json(changed.value)
    assert (incident.version, len(incident.sources), incident.facts.injured) == (2, 2, 5)


async def test_incidents_of_districts_owned_elsewhere_are_not_kept() -> None:
    log = Log()
    await settle(log, await (await incidents(log)).handle(records(SIGNALS.name, FIRST)))
    own = partition_of(DISTRICT.encode(), SIGNALS.partitions)
    ours = await incidents(log, Assignment({SIGNALS.name: frozenset({own})}))
    theirs = await incidents(log, Assignment({SIGNALS.name: frozenset(range(6)) - {own}}))
    assert not (await ours.handle(records(SIGNALS.name, FIRST))).outputs
    assert (await theirs.handle(records(SIGNALS.name, FIRST))).outputs


def decision(action: str, subject: str, **details: object) -> Decision:
    given = {"decision_id": f"{action}-1", "district": DISTRICT, "subject_type": "incident", "subject_id": subject}
    return Decision.model_validate({**given, "action": action, "by": "值班长", "at": at(90), "details": details})


async def test_a_decision_reaches_the_incident_and_survives_a_restart() -> None:
    log = Log()
    handler = await incidents(log)
    await settle(log, await handler.handle(records(SIGNALS.name, FIRST)))
    (opened,) = log.events(INCIDENTS)
    close = decision("close", Incident.model_validate(opened.model_dump()).incident)
    await settle(log, await handler.handle(records(DECISIONS.name, close)))
    assert Incident.model_validate(log.events(INCIDENTS)[-1].model_dump()).closed
    restarted = await incidents(log)
    assert not (await restarted.handle(records(DECISIONS.name, close))).outputs


async def test_an_item_and_a_decision_on_it_in_one_batch() -> None:
    handler = await incidents(Log())
    first = (await handler.handle(records(SIGNALS.name, FIRST))).outputs[0]
    subject = Incident.model_validate_json(first.value).incident
    batch = [*records(SIGNALS.name, FIRST), *records(DECISIONS.name, decision("confirm", subject))]
    outputs = (await handler.handle(batch)).outputs
    assert [Incident.model_validate_json(one.value).version for one in outputs] == [1, 2]


async def test_ordinary_posts_are_not_looked_for_in_incidents_but_new_versions_of_their_items_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, asked = Log(), []
    decide = roles_incidents.decide

    def counting(state: Any, event: Any, *rest: Any) -> list[Incident]:
        asked.append((event.item_id, event.version))
        return decide(state, event, *rest)

    monkeypatch.setattr(roles_incidents, "decide", counting)
    handler = await incidents(log)
    post = item("p1", lane="opinion")
    same_batch = await handler.handle(records(SIGNALS.name, post, WITHOUT_KIND, RETRACTED))
    assert [Incident.model_validate_json(one.value).version for one in same_batch.outputs] == [1, 2]
    await settle(log, await handler.handle(records(SIGNALS.name, post, WITHOUT_KIND)))
    asked.clear()
    for one in (handler, await incidents(log)):
        assert len((await one.handle(records(SIGNALS.name, post, RETRACTED))).outputs) == 1
    assert asked == [(RETRACTED.item_id, RETRACTED.version)] * 2


async def test_a_decision_on_nothing_is_a_dead_letter_and_others_are_passed_over() -> None:
    handler = await incidents(Log())
    other = decision("acknowledge", "a").model_copy(update={"subject_type": "alert"})
    result = await handler.handle(records(DECISIONS.name, decision("close", "nobody"), other))
    assert [dead.reason for dead in result.dead] == ["subject_id: not known: nobody"]


async def test_a_phone_call_opens_an_incident() -> None:
    call = decision("phone", "call-1", department="U031", title="沙石镇滑坡", event_type="山体滑坡")
    result = await (await incidents(Log())).handle(records(DECISIONS.name, call))
    (opened,) = [Incident.model_validate_json(one.value) for one in result.outputs]
    assert (opened.incident, opened.signed, opened.version) == ("call-1", True, 1)


async def test_an_unreadable_signal_is_a_dead_letter_without_its_content() -> None:
    handler = await incidents(Log())
    result = await handler.handle([Record(SIGNALS.name, 0, 0, b"k", b'{"item_id": "13900000000"}', at())])
    (dead,) = result.dead
    assert "district: Field required" in dead.reason
    assert "13900000000" not in dead.reason


async def alerts(
    log: Log, channel: RecordingChannel, *more: RecordingChannel, now: datetime | None = None
) -> AlertsHandler:
    handler = AlertsHandler(log.read, log, MovableClock(fixed=now or at(3)), [channel, *more], FAST)
    await handler.restore(EVERYTHING)
    return handler


async def incident_of(*items: AssessedItem) -> list[Incident]:
    log = Log()
    await settle(log, await (await incidents(log)).handle(records(SIGNALS.name, *items)))
    return [Incident.model_validate(one.model_dump()) for one in log.events(INCIDENTS)]


async def test_an_alert_is_sent_only_after_its_intent_is_acknowledged() -> None:
    log, channel = Log(), RecordingChannel()
    handler = await alerts(log, channel)
    result = await handler.handle(records(INCIDENTS.name, *await incident_of(FIRST)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert channel.sent == []
    await settle(log, result)
    await eventually(lambda: len(log.events(DELIVERIES)) == 1)
    assert [repeated for _, repeated in channel.sent] == [False]


async def test_a_replayed_change_alerts_once() -> None:
    log, channel = Log(), RecordingChannel()
    handler = await alerts(log, channel)
    changes = await incident_of(FIRST, WORSE)
    await settle(log, await handler.handle(records(INCIDENTS.name, *changes, *changes)))
    await settle(log, await handler.handle(records(INCIDENTS.name, *changes)))
    await eventually(lambda: len(log.events(DELIVERIES)) == 2)
    assert sorted(one.alert_version for one, _ in channel.sent) == [1, 2]
    assert len(log.events(ALERTS)) == 2


async def test_a_dead_channel_does_not_hold_up_the_other() -> None:
    log, dead, alive = Log(), RecordingChannel("dead", hang_s=600), RecordingChannel("alive")
    handler = await alerts(log, dead, alive)
    await settle(log, await handler.handle(records(INCIDENTS.name, *await incident_of(FIRST, WORSE))))
    await eventually(lambda: len(alive.sent) == 2)
    assert dead.sent == []
    await handler.release()


async def test_a_channel_that_fails_for_good_is_on_record() -> None:
    log, channel = Log(), RecordingChannel(failures=9)
    handler = await alerts(log, channel)
    await settle(log, await handler.handle(records(INCIDENTS.name, *await incident_of(FIRST))))
    await eventually(lambda: len(log.events(DELIVERIES)) == FAST.tries)
    await handler.release()
    found = [Delivery.model_validate(one.model_dump()) for one in log.events(DELIVERIES)]
    assert [(one.tries, one.outcome) for one in found] == [(n, Outcome.FAILED) for n in (1, 2, 3)]
    await alerts(log, channel)
    assert channel.sent == []


async def test_a_final_refusal_is_not_tried_again() -> None:
    log, channel = Log(), RecordingChannel(failures=1, recoverable=False)
    handler = await alerts(log, channel)
    await settle(log, await handler.handle(records(INCIDENTS.name, *await incident_of(FIRST))))
    await eventually(lambda: len(log.events(DELIVERIES)) == 1)
    await handler.release()
    assert channel.sent == []


async def test_a_restart_sends_what_has_no_record_and_marks_it() -> None:
    log, channel = Log(), RecordingChannel(hang_s=600)
    handler = await alerts(log, channel)
    await settle(log, await handler.handle(records(INCIDENTS.name, *await incident_of(FIRST))))
    await handler.release()
    assert log.events(DELIVERIES) == []
    again = RecordingChannel()
    await alerts(log, again)
    await eventually(lambda: len(log.events(DELIVERIES)) == 1)
    ((alert, repeated),) = again.sent
    assert repeated
    (raised,) = log.events(ALERTS)
    assert Alert.model_validate(raised.model_dump()).alert_id == alert.alert_id
    await alerts(log, again)
    await asyncio.sleep(0)
    assert len(again.sent) == 1


RULES = LedgerRules(DISTRICT, {"U031": "沙石镇"})


async def ledger(log: Log, now: datetime, assignment: Assignment = EVERYTHING) -> LedgerHandler:
    handler = LedgerHandler(log.read, MovableClock(fixed=now), RULES)
    await handler.restore(assignment)
    return handler


async def test_the_timer_marks_only_where_the_district_is_ours() -> None:
    evening = at(10 * 60)
    assert (await (await ledger(Log(), evening, NOTHING)).tick()).outputs == ()
    log = Log()
    handler = await ledger(log, evening)
    await settle(log, await handler.tick())
    await settle(log, await handler.tick())
    (entry,) = log.events(LEDGER)
    assert LedgerEntry.model_validate(entry.model_dump()).state is LedgerState.MISSING


async def test_a_restarted_ledger_counts_on() -> None:
    log = Log()
    await settle(log, await (await ledger(log, at(9 * 60))).handle(records(SIGNALS.name, item("a"))))
    handler = await ledger(log, at(10 * 60))
    assert not (await handler.tick()).outputs
    await settle(log, await handler.handle(records(SIGNALS.name, item("a"), item("b", published=at(60)))))
    entry = LedgerEntry.model_validate(log.events(LEDGER)[-1].model_dump())
    assert (entry.revision, len(entry.reports)) == (2, 2)


async def test_the_ledger_remembers_decisions_over_a_restart() -> None:
    log = Log()
    details = {"from": "2026-11-20", "until": "2026-11-22"}
    excuse = Decision.model_validate(
        {"decision_id": "x", "district": DISTRICT, "subject_type": "department", "subject_id": "U031",
         "action": "excuse", "by": "值班长", "at": at(), "details": details}
    )  # fmt: skip
    await log.send([Output(DECISIONS, b"department:U031", to_bytes(excuse))])
    handler = await ledger(log, at(10 * 60))
    await settle(log, await handler.tick())
    restarted = await ledger(log, at(10 * 60, days=1))
    await settle(log, await restarted.tick())
    entries = [LedgerEntry.model_validate(one.model_dump()) for one in log.events(LEDGER)]
    assert {(one.day, one.state) for one in entries} == {
        ("2026-11-20", LedgerState.EXCUSED), ("2026-11-21", LedgerState.EXCUSED),
    }  # fmt: skip


async def test_a_decision_read_back_before_it_was_carried_out_is_carried_out() -> None:
    log = Log()
    handler = await ledger(log, at(10 * 60))
    await settle(log, await handler.tick())
    excuse = Decision.model_validate(
        {"decision_id": "x", "district": DISTRICT, "subject_type": "department", "subject_id": "U031",
         "action": "excuse", "by": "值班长", "at": at(11 * 60), "details": {"day": "2026-11-20"}}
    )  # fmt: skip
    await log.send([Output(DECISIONS, b"department:U031", to_bytes(excuse))])
    restarted = await ledger(log, at(12 * 60))
    (changed,) = (await restarted.handle(records(DECISIONS.name, excuse))).outputs
    assert LedgerEntry.model_validate_json(changed.value).state is LedgerState.EXCUSED


async def test_a_duty_that_cannot_be_set_is_a_dead_letter() -> None:
    wrong = Decision.model_validate(
        {"decision_id": "x", "district": DISTRICT, "subject_type": "department", "subject_id": "U031",
         "action": "set_duty", "by": "值班长", "at": at(), "details": {"cutoff": "noon"}}
    )  # fmt: skip
    result = await (await ledger(Log(), at())).handle(records(DECISIONS.name, wrong))
    assert [dead.reason.split(":")[0] for dead in result.dead] == ["details.cutoff"]


def opinion(number: int, **fields: object) -> bytes:
    found = {
        "id": f"n{number}",
        "lane": "opinion",
        "source": "论坛",
        "text": "路灯不亮",
        "published_at": at().isoformat(),
    }
    return to_bytes(ScriptedItem.model_validate({**found, **fields}))


class ScriptedItem(Event):
    """An input item as a stranger may write it."""

    id: str
    lane: str
    source: str
    text: str
    published_at: str
    received_at: str | None = None


async def test_arrival_is_the_brokers_time_through_the_clock_never_the_senders() -> None:
    handler = AssessHandler("assess-opinion", ScriptedJudge(), MovableClock(shift=timedelta(hours=1)))
    value = opinion(1, received_at="2001-01-01T00:00:00+08:00")
    result = await handler.handle([Record(OPINION.name, 0, 0, b"k", value, datetime(2026, 11, 20, 1, tzinfo=UTC))])
    assessed = AssessedItem.model_validate_json(result.outputs[0].value)
    assert assessed.received_at == datetime(2026, 11, 20, 2, tzinfo=UTC)


async def test_the_lane_of_a_payload_must_be_that_of_its_topic() -> None:
    handler = AssessHandler("assess-opinion", ScriptedJudge(), MovableClock())
    values = [opinion(1), opinion(2, lane="report"), opinion(3, lane="gossip")]
    result = await handler.handle([Record(OPINION.name, 0, n, b"k", value, at()) for n, value in enumerate(values)])
    assert [dead.record.offset for dead in result.dead] == [1, 2]
    assert [output.spec.name for output in result.outputs] == ["items.assessed", "items.signals"]
    assert [output.key for output in result.outputs][1] == DISTRICT.encode()


async def cases(log: Log, now: datetime) -> CasesHandler:
    handler = CasesHandler(log.read, MovableClock(fixed=now), DISTRICT, CASE_RULES)
    await handler.restore(EVERYTHING)
    return handler


CASE_RULES = CaseRules((Department("T1", "town", "沙石镇人民政府", "沙石镇", "镇街"),), {})


async def test_a_case_opens_by_the_clock_is_decided_by_people_and_survives_a_restart() -> None:
    log = Log()
    press = item("m1", lane="media", source="某报", emergency=slide(level="IV"), facts=figures(injured=3))
    found = await incident_of(press)
    handler = await cases(log, at(200))
    await settle(log, await handler.handle(records(INCIDENTS.name, *found)))
    assert log.events(CASES) == []
    await settle(log, await handler.tick())
    await settle(log, await handler.tick())
    (opened,) = log.events(CASES)
    case = Case.model_validate(opened.model_dump())
    given = {"district": DISTRICT, "subject_type": "case", "subject_id": case.case_id, "at": at(300)}
    acts = [
        Decision.model_validate({**given, "decision_id": "1", "action": "explain", "by": "办公室"}),
        Decision.model_validate(
            {**given, "decision_id": "2", "action": "confirm", "by": "甲", "details": {"verdict": "omitted"}}
        ),
    ]
    await settle(log, await handler.handle(records(DECISIONS.name, *acts)))
    restarted = await cases(log, at(400))
    third = acts[1].model_copy(update={"decision_id": "3", "by": "乙"})
    await settle(log, await restarted.handle(records(DECISIONS.name, acts[1], third)))
    states = [Case.model_validate(one.model_dump()).state for one in log.events(CASES)]
    assert states == [CaseState.OPEN, CaseState.EXPLAINED, CaseState.SECOND_PERSON, CaseState.UPHELD]


async def test_a_decision_on_no_case_is_a_dead_letter() -> None:
    given = {"decision_id": "1", "district": DISTRICT, "subject_type": "case", "subject_id": "x", "at": at()}
    wrong = Decision.model_validate({**given, "action": "reject", "by": "甲"})
    result = await (await cases(Log(), at())).handle(records(DECISIONS.name, wrong))
    assert len(result.dead) == 1
