"""The alerts role: intents before sends, failing over, receipts, answers, timers, and a crash at any moment."""

from __future__ import annotations

import pytest

from schemas.alert import Outcome
from schemas.ports import Receipt
from schemas.subscription import Subscription
from schemas.topics import ALERTS, DECISIONS
from streams.reading import to_bytes
from streams.records import Output, Result
from tests.unit.processors.alert_town import decision, rules
from tests.unit.streams.alert_worker import Worker, eventually, incident, records, rest


async def test_nobody_is_told_before_the_plan_is_on_record() -> None:
    worker = await Worker().start()
    result = await worker.handler.handle(records(incident()))
    await rest()
    assert worker.said() == []
    assert [one.spec.name for one in result.outputs] == ["alerts.raised", "alerts.planned"]
    await worker.settle(result)
    assert worker.said() == ["duty:first", "leader:first"]
    assert len(worker.channel.sent) == 1
    told = {(one.recipient, one.channel, one.outcome) for one in worker.log.deliveries()}
    assert told == {
        (who, channel, Outcome.DELIVERED) for who, channel in (("", "log"), ("duty", "sms"), ("leader", "sms"))
    }


@pytest.mark.parametrize(("recoverable", "tries"), [(True, 2), (False, 1)])
async def test_a_failed_channel_hands_over_to_the_next_and_is_on_record(recoverable: bool, tries: int) -> None:
    worker = await Worker().start()
    worker.board.down, worker.board.recoverable = {"sms"}, recoverable
    await worker.take(incident(level="IV"))
    await eventually(lambda: ("duty", "first", "mail", False) in worker.board.said)
    await rest()
    mine = [one for one in worker.log.deliveries() if one.recipient == "duty"]
    assert [(one.channel, one.tries, one.outcome.value) for one in mine] == [
        *(("sms", number, "failed") for number in range(1, tries + 1)), ("mail", 1, "delivered"),
    ]  # fmt: skip
    assert mine[0].detail == "测试：1件未发出"


async def test_who_can_be_reached_by_no_channel_is_passed_over_at_once_also_after_a_restart() -> None:
    worker = await Worker().start()
    worker.board.down = {"sms", "mail"}
    await worker.take(incident(level="IV"))
    await eventually(lambda: any(one.exhausted for one in worker.log.deliveries()))
    worker.board.down = set()
    worker = await worker.again(3.5)
    assert worker.said() == ["deputy:escalation"]
    other = await Worker().start()
    other.board.down = {"sms", "mail"}
    woken: list[bool] = []
    other.handler.on_due = lambda: woken.append(True)
    await other.take(incident(level="IV"))
    await eventually(lambda: any(one.exhausted for one in other.log.deliveries()))
    other.board.down = set()
    assert woken == [True], "the next of the chain must not wait for the timer"
    await other.tick(3.2)
    assert other.said() == ["deputy:escalation"]


async def test_a_subscribers_address_stands_in_no_record() -> None:
    hook = "https://u:p@hooks.example:8443/t0ken?key=s3cret"
    worker = await Worker(town=rules(Subscription(who="甲", channel=hook))).start()
    worker.board.down = {hook}
    await worker.take(incident(level="IV"))
    await eventually(lambda: any(one.exhausted for one in worker.log.deliveries()))
    records = "".join(one.model_dump_json() for one in worker.log.deliveries())
    assert "hooks.example:8443#" in records
    assert not any(secret in records for secret in ("t0ken", "s3cret", "u:p"))
    assert len([one for one in worker.log.deliveries() if one.recipient.startswith("甲")]) == 3


async def test_a_receipt_is_on_record_and_an_undeliverable_one_hands_over() -> None:
    worker = await Worker().start()
    await worker.take(incident(level="IV"))
    (sent,) = [one for one in worker.log.deliveries() if one.recipient == "duty"]
    worker.board.waiting = [Receipt("sms", "nobody", False), Receipt("sms", sent.reference, False, "UNDELIV")]
    await eventually(lambda: ("duty", "first", "mail", False) in worker.board.said)
    again = await worker.again(4)
    again.board.waiting = [Receipt("sms", sent.reference, False, "UNDELIV")]
    await eventually(lambda: not again.board.waiting)
    await rest()
    outcomes = [one.outcome.value for one in worker.log.deliveries() if one.recipient == "duty"]
    assert outcomes == ["delivered", "undeliverable", "delivered"]
    assert again.said() == []
    await again.handler.release()


async def test_reminders_stop_when_somebody_answers_also_over_restarts() -> None:
    worker = await Worker().start()
    await worker.take(incident(level="IV"))
    assert worker.said() == ["duty:first"]
    await worker.tick(7)
    assert worker.said() == []
    await worker.tick(8)
    assert worker.said() == ["duty:reminder", "deputy:escalation"]
    worker = await worker.again(13)
    assert worker.said() == ["duty:reminder", "deputy:reminder"]
    answer = decision("acknowledge", 14, worker.log.alerts()[0].alert_id)
    worker.log.outputs.append(Output(DECISIONS, b"k", to_bytes(answer)))
    await worker.take(answer)
    await worker.tick(18)
    worker = await worker.again(60)
    assert worker.said() == []


async def test_a_subscription_holds_over_restarts_however_old_it_is() -> None:
    worker = await Worker().start()
    asked = decision("subscribe", 0, "s1", subject_type="subscription",
                     details={"subscription": {"who": "值守", "channel": "sms"}})  # fmt: skip
    worker.log.outputs.append(Output(DECISIONS, b"k", to_bytes(asked)))
    worker = await worker.again(4)
    assert worker.log.asked[DECISIONS.name] is None, "decisions are read from the first"
    assert worker.log.asked[ALERTS.name] is not None
    await worker.take(incident(level="IV"))
    assert "值守→sms:first" in worker.said()


async def test_a_day_of_downtime_is_one_message_each() -> None:
    worker = await Worker(town=rules(policy={"inhibit": False})).start()
    for number in range(1, 13):
        await worker.take(incident(number, level="IV"))
    worker = await worker.again(20 * 60)
    assert sorted(worker.said()) == ["deputy:escalation", "duty:reminder", "head:escalation"]
    worker = await worker.again(3 * 24 * 60)
    assert worker.said() == []


async def test_what_came_while_the_worker_was_away_is_told_together_and_old_news_is_only_recorded() -> None:
    worker = await Worker(minute=120).start()
    await worker.take(*(incident(number, level="IV") for number in range(1, 9)))
    assert worker.said() == ["duty:first"]
    assert len(worker.channel.sent) == 8
    late = await Worker(minute=26 * 60).start()
    await late.take(incident(level="I"))
    assert late.said() == []
    assert [one.outcome for one in late.log.deliveries()] == [Outcome.NOT_SENT]


async def test_a_restart_between_send_and_record_for_persons() -> None:
    """Level I is told again and says so; of level IV it stays unknown, and the officer on duty sees that."""
    worker = await Worker().start()
    worker.board.hangs = True
    await worker.take(incident(1, level="I"), incident(2, level="IV"))
    assert worker.said() == ["duty:first", "leader:first", "duty:first"]
    again = await worker.again(4)
    await rest()
    assert again.board.said == [("duty", "first", "sms", True), ("leader", "first", "sms", True)]
    by_level = {one.incident: (one.outcome, one.repeated) for one in again.log.deliveries() if one.recipient == "duty"}
    assert by_level == {"i1": (Outcome.DELIVERED, True), "i2": (Outcome.UNKNOWN, False)}
    third = await again.again(5)
    await rest()
    assert third.said() == []


@pytest.mark.parametrize("written", range(5))
async def test_a_crash_while_intents_are_written_loses_and_doubles_nothing(written: int) -> None:
    """However many of the outputs reached the topics, after the replay everybody was told once."""
    worker = await Worker().start()
    batch = (incident(1, level="III"), incident(2, level="IV"))
    result = await worker.handler.handle(records(*batch))
    assert len(result.outputs) == 4
    await worker.log.send(result.outputs[:written])
    again = await worker.again(4)
    resumed = again.said()
    await again.take(*batch)
    await again.take(*batch)
    told = sorted(resumed + again.said())
    unknown = [one for one in again.log.deliveries() if one.outcome is Outcome.UNKNOWN and one.recipient]
    assert len(told) + len(unknown) == 3
    assert set(told) <= {"duty:first", "leader:first"}
    assert bool(unknown) == (written > 2), "a plan on record may have been sent: levels III and IV are not sent again"
    assert {one.alert_version for one in again.log.alerts()} == {1}
    assert len({one.notice_id for plan in again.log.plans() for one in plan.notices}) == 5


async def test_decisions_in_partitions_of_others_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from schemas.topics import INCIDENTS
    from streams.records import Assignment
    from streams.roles import alerts

    monkeypatch.setattr(alerts, "OTHERS_S", 0.0)
    worker = Worker()
    await worker.handler.restore(Assignment({INCIDENTS.name: frozenset(range(6)), DECISIONS.name: frozenset({0})}))
    await worker.take(incident(level="IV"))
    worker.said()
    answer = decision("acknowledge", 4, worker.log.alerts()[0].alert_id)
    worker.log.outputs.append(Output(DECISIONS, b"k", to_bytes(answer)))
    await worker.tick(9)
    assert worker.said() == []
    assert isinstance(await worker.handler.tick(), Result)
