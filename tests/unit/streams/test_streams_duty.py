"""Reminders and points as roles: intents before sends, nothing twice after a restart, and only news written."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from processors.duty.register import DutyBook, DutyRule, Member
from processors.duty.reminding import ReminderRules
from processors.duty.scoring import NUMBERS, Scoring
from processors.ledger import LedgerRules, decide, opened
from processors.tables import parse_table
from schemas.alert import Outcome
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.point import PointEntry
from schemas.ports import Receipt
from schemas.reminder import PushedReceipt, Reminder, ReminderAttempt
from schemas.topics import BULLETINS, DECISIONS, LEDGER, POINTS, RECEIPTS, REMINDER_ATTEMPTS, REMINDERS
from streams.app import LANES
from streams.elastic.events import INDEXED
from streams.reading import to_bytes
from streams.records import Assignment, Output, Record, Result
from streams.roles.alerts import AlertSettings
from streams.roles.points import PointRules, PointsHandler
from streams.roles.reminders import RemindersHandler
from streams.roles.together import Together
from streams.testing import MovableClock, RecordingSwitchboard
from tests.items import at, item
from tests.unit.processors.alert_town import rules as alert_rules
from tests.unit.streams.alert_worker import Log, Worker, eventually, incident, rest

OURS = Assignment({BULLETINS.name: frozenset({0})})
FAST = AlertSettings(pause_s=0.0, most_pause_s=0.0, tries=3, send_timeout_s=30.0, release_s=0.05)
UNITS = {"U1": "甲局", "U2": "乙镇"}
BOOK = DutyBook(
    {key: Member(key, name) for key, name in UNITS.items()}, (DutyRule("all", "*", remind=(60,)),), cutoff=time(17, 30)
)
LEDGER_RULES = LedgerRules("testqu", UNITS, given=BOOK)
RULES = ReminderRules(LEDGER_RULES, alert_rules(), channels=("sms", "mail"))


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-20T{text}:00+08:00")


class Office:
    """One life of the reminder worker."""

    def __init__(self, log: Log | None = None, *, now: str = "09:00", assignment: Assignment = OURS) -> None:
        self.log, self.clock, self.board = log or Log(), MovableClock(fixed=clock(now)), RecordingSwitchboard()
        self.assignment = assignment
        self.handler = RemindersHandler(self.log.read, self.log, self.clock, RULES, FAST, self.board)

    async def start(self) -> Office:
        await self.handler.restore(self.assignment)
        await rest()
        return self

    async def again(self, now: str) -> Office:
        await self.handler.release()
        return await Office(self.log, now=now).start()

    async def settle(self, result: Result) -> None:
        await self.log.send(result.outputs)
        if result.done is not None:
            result.done()
        await rest()

    async def tick(self, now: str) -> list[str]:
        self.clock.fixed = clock(now)
        await self.settle(await self.handler.tick())
        return self.said()

    def said(self) -> list[str]:
        found = [f"{who}:{purpose}:{channel}" for who, purpose, channel, _ in self.board.said]
        self.board.said.clear()
        return found

    def ends(self) -> list[tuple[str, str]]:
        made = [ReminderAttempt.model_validate_json(one.value) for one in self.log.outputs
                if one.spec is REMINDER_ATTEMPTS]  # fmt: skip
        return [(one.channel, one.outcome.value) for one in made]


async def test_nobody_is_reminded_before_the_intent_is_on_record() -> None:
    office = await Office().start()
    office.clock.fixed = clock("16:40")
    result = await office.handler.tick()
    await rest()
    assert office.said() == []
    assert [one.spec for one in result.outputs] == [REMINDERS, REMINDERS]
    await office.settle(result)
    assert office.said() == ["联络员:U1:report_due:sms", "联络员:U2:report_due:sms"]
    assert office.ends() == [("sms", "delivered")] * 2
    assert await office.tick("16:50") == []


async def test_who_reported_is_not_reminded_and_the_officer_hears_of_the_silent() -> None:
    office = await Office().start()
    report = item("r1", source="U1", published=clock("10:00"), received=clock("10:00"))
    (entry,) = decide(opened((), (), LEDGER_RULES), report, report.received_at, LEDGER_RULES)
    await office.settle(await office.handler.handle([Record(LEDGER.name, 0, 0, b"k", to_bytes(entry), at(2))]))
    assert await office.tick("16:40") == ["联络员:U2:report_due:sms"]
    excuse = Decision.model_validate(
        {"decision_id": "d1", "district": "testqu", "subject_type": "department", "subject_id": "U2", "by": "科长",
         "action": "set_duty", "at": clock("16:50"), "details": {"cutoff": "17:00"}}
    )  # fmt: skip
    await office.settle(await office.handler.handle([Record(DECISIONS.name, 0, 0, b"k", to_bytes(excuse), at(2))]))
    assert await office.tick("17:05") == ["duty:silent_list:sms"]
    assert await office.tick("17:40") == []


async def test_a_kill_between_send_and_record_is_unknown_and_not_said_again() -> None:
    office = await Office().start()
    office.board.hangs = True
    assert len(await office.tick("16:40")) == 2
    again = await office.again("16:41")
    assert again.said() == []
    assert again.ends() == [("sms", "unknown")] * 2
    assert await again.tick("16:42") == []


async def test_a_failed_channel_hands_over_and_goes_on_after_a_restart() -> None:
    office = await Office().start()
    office.board.down = {"sms", "mail"}
    office.board.recoverable = False
    await office.tick("16:40")
    await eventually(lambda: len(office.ends()) == 4)
    last = [one for one in office.log.outputs if one.spec is REMINDER_ATTEMPTS][-1]
    assert ReminderAttempt.model_validate_json(last.value).exhausted
    assert await (await office.again("16:41")).tick("16:42") == []
    cut = await Office().start()
    cut.board.down = {"sms"}
    await cut.tick("16:40")
    kept = [one for one in cut.log.outputs if one.spec is not REMINDER_ATTEMPTS]
    first = [one for one in cut.log.outputs if one.spec is REMINDER_ATTEMPTS][:1]
    resumed = await Office(Log([*kept, *first]), now="16:45").start()
    assert [one.split(":")[-1] for one in resumed.said()] == ["sms"], "one failed once and has tries left"
    late = await Office(Log([*kept, *first]), now="18:00").start()
    assert late.said() == []
    assert ("sms", "not_sent") in late.ends()


def order(action: str, when: str, name: str, **details: str) -> Record:
    made = Decision.model_validate(
        {"decision_id": name, "district": "testqu", "subject_type": "instruction", "subject_id": "n1", "by": "system",
         "action": action, "at": clock(when), "reason": "", "details": details}
    )  # fmt: skip
    return Record(DECISIONS.name, 0, 0, b"k", to_bytes(made), at(2))


NOON = clock("12:00").isoformat()
GIVEN = order("instruct", "09:05", "d1", owner="U2", topic="某处滑坡", text="请核实。", deadline=NOON)
REMINDED = order("remind", "12:01", "d2", step=f"overdue@{NOON}")


async def test_a_reminder_of_an_instruction_goes_out_once_and_its_intent_comes_first() -> None:
    office = await Office().start()
    await office.settle(await office.handler.handle([GIVEN, REMINDED, REMINDED]))
    office.clock.fixed = clock("12:02")
    result = await office.handler.tick()
    await rest()
    assert office.said() == []
    [output] = result.outputs
    assert (output.spec, output.key) == (REMINDERS, b"instruction:n1")
    await office.settle(result)
    assert office.said() == ["联络员:U2:instruction_due:sms"]
    assert await office.tick("12:03") == []
    # The worker that takes over reads the decisions, and what was planned of them.
    for record in (GIVEN, REMINDED):
        await office.log.send([Output(DECISIONS, b"k", record.value)])
    again = await office.again("12:05")
    assert await again.tick("12:06") == []


async def test_a_kill_after_an_intent_leaves_the_instruction_unknown_and_not_said_twice() -> None:
    office = await Office().start()
    office.board.hangs = True
    await office.log.send([Output(DECISIONS, b"k", record.value) for record in (GIVEN, REMINDED)])
    await office.settle(await office.handler.handle([GIVEN, REMINDED]))
    assert len(await office.tick("12:02")) == 1
    again = await office.again("12:05")
    assert (again.said(), again.ends()) == ([], [("sms", "unknown")])
    assert await again.tick("12:06") == []


async def test_who_answered_meanwhile_is_not_told() -> None:
    office = await Office().start()
    answered = order("answer", "12:01", "d3")
    final = Decision.model_validate_json(answered.value).model_copy(update={"details": {"final": True}})
    await office.settle(await office.handler.handle([GIVEN, REMINDED]))
    late = final.model_copy(update={"at": clock("12:02")})
    await office.settle(await office.handler.handle([Record(DECISIONS.name, 0, 1, b"k", to_bytes(late), at(2))]))
    assert await office.tick("12:03") == []


async def test_only_the_owner_of_the_district_sends() -> None:
    other = await Office(assignment=Assignment()).start()
    assert await other.tick("16:40") == []
    assert other.log.outputs == []


async def test_a_pushed_receipt_is_on_record_once_and_an_undeliverable_one_hands_over() -> None:
    office = await Office().start()
    await office.tick("16:40")
    sent = [ReminderAttempt.model_validate_json(one.value) for one in office.log.outputs
            if one.spec is REMINDER_ATTEMPTS]  # fmt: skip
    word = PushedReceipt.of(Receipt("sms", sent[0].reference, False, "UNDELIV"), clock("16:41"))
    record = Record(RECEIPTS.name, 0, 0, b"k", to_bytes(word), at(2))
    stranger = Record(
        RECEIPTS.name, 0, 1, b"k", to_bytes(PushedReceipt.of(Receipt("sms", "77", True), clock("16:41"))), at(2)
    )
    await office.settle(await office.handler.handle([record, record, stranger]))
    await office.settle(await office.handler.handle([record]))
    assert [one.split(":")[-1] for one in office.said()] == ["mail"]
    assert office.ends() == [
        ("sms", "delivered"), ("sms", "delivered"), ("sms", "undeliverable"), ("sms", "undeliverable"),
        ("mail", "delivered"),
    ]  # fmt: skip
    ids = [ReminderAttempt.model_validate_json(one.value).delivery_id for one in office.log.outputs
           if one.spec is REMINDER_ATTEMPTS]  # fmt: skip
    assert len(set(ids)) == 4, "the same word twice in a batch is one record by its id"


async def test_a_pushed_receipt_reaches_an_alert_also_after_a_restart() -> None:
    worker = await Worker().start()
    await worker.take(incident(level="IV"))
    (sent,) = [one for one in worker.log.deliveries() if one.recipient == "duty"]
    worker = await worker.again(4)
    word = PushedReceipt.of(Receipt("sms", sent.reference, True, "DELIVRD"), at(4))
    result = await worker.handler.handle([Record(RECEIPTS.name, 0, 0, b"k", to_bytes(word), at(4))])
    await worker.settle(result)
    assert [one.outcome for one in worker.log.deliveries() if one.recipient == "duty"] == [
        Outcome.DELIVERED, Outcome.RECEIVED,
    ]  # fmt: skip
    assert not (await worker.handler.handle([Record(RECEIPTS.name, 0, 0, b"k", to_bytes(word), at(4))])).outputs


async def test_a_receipt_asked_for_by_the_alerts_reaches_the_reminders() -> None:
    worker = await Worker().start()
    worker.board.waiting = [Receipt("sms", "of-a-reminder", True, "DELIVRD")]
    await eventually(lambda: any(one.spec is RECEIPTS for one in worker.log.outputs))
    (made,) = [PushedReceipt.model_validate_json(one.value) for one in worker.log.outputs if one.spec is RECEIPTS]
    assert (made.channel, made.reference, made.arrived) == ("sms", "of-a-reminder", True)
    await worker.handler.release()


# -- points -----------------------------------------------------------------------------------------------------------


def scoring() -> Scoring:
    given = {"zero_report.missing": "-1", "zero_report.on_time": "0.2", "appeal_window_days": "5", "late_迟报": "-0.5"}
    lines = ["key\tvalue\tmeaning\tsource"]
    lines += [f"{key}\t{given.get(key, '1')}\tx\tSYN" for key in sorted(NUMBERS)]
    return Scoring.from_tables({"scoring_default": parse_table("scoring_default.tsv", "\n".join(lines) + "\n")})


def points_handler(log: Log, now: MovableClock) -> PointsHandler:
    return PointsHandler(log.read, now, "testqu", PointRules(scoring(), UNITS))


def written(log: Log) -> list[tuple[str, float, int, bool]]:
    found = [PointEntry.model_validate_json(one.value) for one in log.outputs if one.spec is POINTS]
    return [(one.department_name, one.points, one.revision, one.withdrawn) for one in found]


async def test_points_are_written_once_and_again_where_they_change() -> None:
    log, now = Log(), MovableClock(fixed=clock("18:00"))
    entries = decide(opened((), (), LEDGER_RULES), None, now.now(), LEDGER_RULES)
    await log.send([Output(LEDGER, b"k", to_bytes(one)) for one in entries])
    handler = points_handler(log, now)
    await handler.restore(OURS)
    result = await handler.tick()
    assert written(log) == []
    await log.send(result.outputs)
    assert result.done is not None
    result.done()
    assert sorted(written(log)) == [("乙镇", -1.0, 1, False), ("甲局", -1.0, 1, False)]
    assert not (await handler.tick()).outputs
    again = points_handler(log, now)
    await again.restore(OURS)
    assert not (await again.tick()).outputs, "a restart writes nothing anew"
    late = item("r1", source="U1", kind="zero", published=clock("17:00"), received=clock("17:00"))
    (changed,) = decide(opened(entries, (), LEDGER_RULES), late, now.now(), LEDGER_RULES)
    taken = await again.handle([Record(LEDGER.name, 0, 9, b"k", to_bytes(changed), at(2))])
    assert taken.done is not None
    taken.done()
    result = await again.tick()
    await log.send(result.outputs)
    assert sorted(written(log)[2:]) == [("甲局", -1.0, 2, True), ("甲局", 0.2, 1, False)]


async def test_an_instruction_gives_points_that_are_written_and_go_with_it() -> None:
    log, now = Log(), MovableClock(fixed=clock("18:00"))
    handler = points_handler(log, now)
    await handler.restore(OURS)
    details = {"item_id": "a1", "owner": "U1", "level": "district", "credited": "U2", "text": "请核实。"}
    given = {"decision_id": "n1-1", "district": "testqu", "subject_type": "instruction", "subject_id": "n1", "by": "周",
             "action": "instruct", "at": clock("09:00"), "details": details}  # fmt: skip
    gone = given | {"decision_id": "n1-2", "action": "withdraw", "at": clock("10:00"), "reason": "误批", "details": {}}
    for offset, one in enumerate((given, gone)):
        event = Decision.model_validate(one)
        taken = await handler.handle([Record(DECISIONS.name, 0, offset, b"k", to_bytes(event), at(2))])
        assert taken.done is not None
        taken.done()
        result = await handler.tick()
        await log.send(result.outputs)
        assert result.done is not None
        result.done()
    assert written(log) == [("乙镇", 1.0, 1, False), ("乙镇", -1.0, 1, False)]


async def test_nobody_but_the_owner_writes_points() -> None:
    log, now = Log(), MovableClock(fixed=clock("18:00"))
    entries = decide(opened((), (), LEDGER_RULES), None, now.now(), LEDGER_RULES)
    await log.send([Output(LEDGER, b"k", to_bytes(one)) for one in entries])
    handler = points_handler(log, now)
    await handler.restore(Assignment())
    assert not (await handler.tick()).outputs


# -- together ---------------------------------------------------------------------------------------------------------


async def test_several_handlers_in_one_worker() -> None:
    log, now, moment = Log(), MovableClock(fixed=clock("18:00")), [0.0]
    entries = decide(opened((), (), LEDGER_RULES), None, now.now(), LEDGER_RULES)
    await log.send([Output(LEDGER, b"k", to_bytes(one)) for one in entries])
    reminders = RemindersHandler(log.read, log, now, RULES, FAST, RecordingSwitchboard())
    both = Together("duty", [reminders, points_handler(log, now)], lambda: moment[0])
    assert both.tick_s == reminders.tick_s
    await both.restore(OURS)
    result = await both.tick()
    assert [one.spec.name for one in result.outputs] == ["duty.reminders", "duty.points", "duty.points"]
    await log.send(result.outputs)
    assert result.done is not None
    result.done()
    made = [Reminder.model_validate_json(one.value) for one in log.outputs if one.spec is REMINDERS]
    assert [one.names for one in made] == [("甲局", "乙镇")]
    now.fixed = clock("18:00").astimezone(CHINA) + timedelta(days=1)
    assert not (await both.tick()).outputs, "each by its own time"
    await both.release()


def test_the_index_role_reads_what_a_rebuild_reads() -> None:
    assert set(LANES["index"].topics) == set(INDEXED)
