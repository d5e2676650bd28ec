"""Reminders to report: each once a department and day, none that is not due, none lost or doubled in any order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.alerting.resuming import Resume, delivery_id
from processors.duty.register import DutyBook, DutyRule, Member
from processors.duty.reminding import ReminderRules, State, decide, forget, resume, take, words
from processors.ledger import LedgerRules, opened
from processors.ledger import applied as ledger_applied
from processors.ledger import decide as ledger_decide
from schemas.alert import Delivery, Outcome
from schemas.decision import Decision
from schemas.ids import digest
from schemas.ledger import LedgerEntry
from schemas.reminder import Reminder, ReminderKind
from tests.items import at, item
from tests.unit.processors.alert_town import rules as alert_rules

UNITS = {"U1": "甲局", "U2": "乙镇", "U3": "丙街道", "U4": "丁办"}
BOOK = DutyBook(
    {key: Member(key, name) for key, name in UNITS.items()},
    (
        DutyRule("all", "*", remind=(60, 15)),
        DutyRule("early", "U2", cutoff=time(16, 30), remind=(30,)),
        DutyRule("none", "U4", required="N"),
    ),
    cutoff=time(17, 30),
)
LEDGER = LedgerRules("testqu", UNITS, given=BOOK)
RULES = ReminderRules(LEDGER, alert_rules(), channels=("sms", "mail"), hours="07:00-22:00")


def clock(text: str, days: int = 0) -> datetime:
    hour, minute = map(int, text.split(":"))
    return at(60 * (hour - 8) + minute, days=days)


def report(unit: str, moment: datetime, **given: Any) -> Any:
    return item(f"{unit}-{moment:%d%H%M}", source=unit, published=moment, received=moment, **given)


def decision(action: str, unit: str, moment: datetime, **details: Any) -> Decision:
    return Decision.model_validate(
        {"decision_id": f"{action}-{unit}-{moment:%d%H%M}", "district": "testqu", "subject_type": "department",
         "subject_id": unit, "action": action, "by": "科长", "at": moment, "details": details}
    )  # fmt: skip


@dataclass
class Office:
    """A ledger and a reminder worker over topics in memory."""

    rules: ReminderRules = RULES
    entries: list[LedgerEntry] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    planned: list[Reminder] = field(default_factory=list)
    state: State = field(default_factory=State)

    def take(self, event: Any, now: datetime) -> None:
        """Through the ledger, as the workers do."""
        ledger = opened(self.entries, self.decisions, self.rules.ledger)
        made = ledger_decide(ledger, event, now, self.rules.ledger)
        self.entries += made
        if isinstance(event, Decision):
            self.decisions.append(event)
            self.state = take(self.state, event, self.rules)
        for one in made:
            self.state = take(self.state, one, self.rules)

    def tick(self, now: datetime) -> list[Reminder]:
        decided = decide(forget(self.state, now), None, now, self.rules)
        self.state = decided.state
        self.planned += decided.reminders
        return list(decided.reminders)

    def restart(self) -> None:
        """Everything is read back from what was written."""
        self.state = State(opened(self.entries, self.decisions, self.rules.ledger))
        for one in self.planned:
            self.state = take(self.state, one, self.rules)


def told(found: Iterable[Reminder]) -> list[str]:
    return [f"{one.kind.value}:{'+'.join(one.departments)}" for one in found]


def test_a_day_of_the_office() -> None:
    office = Office()
    office.take(report("U1", clock("10:00")), clock("10:00"))
    assert told(office.tick(clock("15:59"))) == []
    assert told(office.tick(clock("16:00"))) == ["before:U2"], "half an hour before a cut-off of its own"
    assert told(office.tick(clock("16:30"))) == ["before:U3"], "who reported or has no duty hears nothing"
    assert told(office.tick(clock("16:34"))) == []
    assert told(office.tick(clock("16:35"))) == ["silent:U2"]
    assert told(office.tick(clock("17:14"))) == []
    (second,) = office.tick(clock("17:15"))
    assert told([second]) == ["before:U3"], "a quarter of an hour before, who is still silent hears it again"
    assert second.text == "丙街道今日信息仍未收到，请于17:30前报送；无情况请零报告。已报送的请忽略。"
    assert second.title == "丙街道今日信息仍未报送"
    assert told(office.tick(clock("17:29"))) == []
    office.take(report("U3", clock("17:29")), clock("17:33"))
    assert told(office.tick(clock("17:36"))) == [], "nobody is silent at the second cut-off"


def test_what_is_said_to_whom() -> None:
    office = Office()
    (first,) = office.tick(clock("16:00"))
    assert first.text == "乙镇今日信息尚未收到，请于16:30前报送；无情况请零报告。已报送的请忽略。"
    assert [(one.recipient, one.channels) for one in first.notices] == [("联络员:U2", ("sms", "mail"))]
    office.tick(clock("16:40"))
    (last,) = [one for one in office.tick(clock("17:40")) if one.kind is ReminderKind.SILENT]
    assert last.names == ("甲局", "丙街道")
    assert last.text == "截至17:40，2026-11-20应于17:30前报送而未报的2个单位：甲局、丙街道。"
    assert [(one.recipient, one.channels) for one in last.notices] == [("duty", ("sms", "mail"))]
    said = words(last, repeated=True)
    assert said.title == "【重复】【未报清单】2个单位17:30前未报送"
    assert said.sms("", 1) == "【重复】【未报清单】2个单位17:30前未报送 甲局、丙街道"


def test_who_is_excused_or_gets_more_time_is_left_alone() -> None:
    office = Office()
    office.take(decision("excuse", "U1", clock("09:00"), day="2026-11-20"), clock("09:00"))
    office.take(decision("set_duty", "U3", clock("09:00"), cutoff="20:00"), clock("09:00"))
    assert told(office.tick(clock("16:45"))) == ["silent:U2"]
    assert told(office.tick(clock("17:40"))) == []
    assert told(office.tick(clock("19:10"))) == ["before:U3"]
    office.take(decision("set_duty", "U3", clock("19:20"), cutoff="21:00"), clock("19:20"))
    assert told(office.tick(clock("20:10"))) == [], "a new cut-off is no second reminder"
    assert told(office.tick(clock("20:50"))) == ["before:U3"], "but the one of its last quarter of an hour"
    office.take(decision("set_duty", "U3", clock("20:55"), cutoff="21:40"), clock("20:55"))
    assert told(office.tick(clock("21:30"))) == []


def test_after_an_outage_the_last_reminder_alone_is_sent_and_the_first_keeps_its_name() -> None:
    office = Office()
    assert told(office.tick(clock("17:20"))) == ["before:U1", "before:U3", "silent:U2"]
    (first,) = [one for one in Office().tick(clock("16:40")) if one.departments == ("U1",)]
    assert first.reminder_id == digest("reminder", "testqu", "U1", "2026-11-20")
    assert {one.reminder_id for one in office.planned}.isdisjoint({first.reminder_id})


def test_nobody_of_a_department_is_written_to_at_night_and_no_storm_after_a_day_away() -> None:
    late = DutyBook(BOOK.members, (DutyRule("all", "*", cutoff=time(23, 30), remind=(120,)),))
    office = Office(replace(RULES, ledger=replace(LEDGER, given=late)))
    assert told(office.tick(clock("22:10"))) == []
    assert told(office.tick(clock("00:10", days=1))) == ["silent:U1+U2+U3+U4"], "the list of the day before"
    away = Office()
    assert told(away.tick(clock("16:05"))) == ["before:U2"]
    away.restart()
    assert told(away.tick(clock("15:00", days=1))) == [], "what a day's downtime missed is not made up for"
    assert told(away.tick(clock("16:40", days=1))) == ["before:U1", "before:U3", "silent:U2"]


def attempt(reminder: Reminder, outcome: Outcome, tries: int = 1, channel: str = "sms") -> Delivery:
    return Delivery(
        delivery_id=delivery_id(reminder.reminder_id, channel, tries, outcome), alert_id=reminder.reminder_id,
        incident=reminder.subject, channel=channel, outcome=outcome, tries=tries, at=reminder.at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "now", "action"),
    [
        ([], "16:05", Resume.RECORD_UNKNOWN),
        ([], "18:00", Resume.RECORD_UNKNOWN),
        ([Outcome.DELIVERED], "16:05", Resume.SETTLED),
        ([Outcome.UNKNOWN], "16:05", Resume.SETTLED),
        ([Outcome.FAILED], "16:05", Resume.SEND_REPEATED),
        ([Outcome.FAILED], "16:31", Resume.RECORD_NOT_SENT),
    ],
)
def test_a_restart_says_nothing_twice(made: list[Outcome], now: str, action: Resume) -> None:
    (reminder,) = Office().tick(clock("16:00"))
    before = [attempt(reminder, one) for one in made]
    assert resume(reminder, reminder.notices[0], before, clock(now), 3, timedelta(hours=3)) is action


# -- properties -------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.integers(0, 2 * 24 * 4),
        st.sampled_from(["tick", "restart", "report:U1", "report:U2", "report:U3", "excuse:U1", "again"]),
    ),
    max_size=40,
)


def play(steps: Sequence[tuple[int, str]], *, restarts: bool = True) -> list[Reminder]:
    """Quarters of an hour from eight in the morning; at every one the worker may look, and does at the end."""
    office, done = Office(), list[tuple[Any, datetime]]()
    for quarter, what in sorted(steps):
        now, (kind, _, unit) = at(15 * quarter), what.partition(":")
        if kind == "tick":
            office.tick(now)
        elif kind == "restart" and restarts:
            office.restart()
        elif kind == "again":
            for event, moment in done:
                office.take(event, moment)
        elif kind in ("report", "excuse"):
            day = f"{now:%Y-%m-%d}"
            event = report(unit, now) if kind == "report" else decision("excuse", unit, now, day=day)
            done.append((event, now))
            office.take(event, now)
    return office.planned


def expected(steps: Sequence[tuple[int, str]]) -> set[tuple[str, int]]:
    """Written down without the code under test: who is due at a look and has neither reported nor been excused, and at
    which lead time."""
    known: set[tuple[str, str]] = set()
    found: set[tuple[str, int]] = set()
    for quarter, what in sorted(steps):
        now, (kind, _, unit) = at(15 * quarter), what.partition(":")
        day = f"{now:%Y-%m-%d}"
        if kind in ("report", "excuse"):
            known.add((unit, day))
        elif kind == "tick":
            for name, cutoff, leads in (("U1", "17:30", (60, 15)), ("U2", "16:30", (30,)), ("U3", "17:30", (60, 15))):
                last = datetime.fromisoformat(f"{day}T{cutoff}:00+08:00")
                due = [lead for lead in leads if last - timedelta(minutes=lead) <= now < last]
                if due and (name, day) not in known:
                    found.add((f"{name}:{day}", due[-1]))
    return found


def lead_of(one: Reminder) -> int:
    """The lead time that was under way when it was made."""
    left = one.cutoff - one.at
    leads = (30,) if one.departments == ("U2",) else (60, 15)
    return min(lead for lead in leads if left <= timedelta(minutes=lead))


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_none_is_lost_and_none_is_doubled(steps: list[tuple[int, str]]) -> None:
    made = [(one.subject, lead_of(one)) for one in play(steps) if one.kind is ReminderKind.BEFORE]
    assert len(made) == len(set(made))
    assert set(made) == expected(steps)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_restarts_change_nothing(steps: list[tuple[int, str]]) -> None:
    assert play(steps) == play(steps, restarts=False)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_a_list_of_the_silent_once_for_a_day_and_cut_off(steps: list[tuple[int, str]]) -> None:
    lists = [(one.day, one.cutoff) for one in play(steps) if one.kind is ReminderKind.SILENT]
    assert len(lists) == len(set(lists))


@settings(max_examples=150, deadline=None)
@given(STEPS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(steps: list[tuple[int, str]], random: Any) -> None:
    """Entries and decisions in any order, several times, are the same state at the next look."""
    office = Office()
    for quarter, what in sorted(steps):
        now, (kind, _, unit) = at(15 * quarter), what.partition(":")
        if kind == "report":
            office.take(report(unit, now), now)
        elif kind == "excuse":
            office.take(decision("excuse", unit, now, day=f"{now:%Y-%m-%d}"), now)
    events = [*office.entries, *office.decisions]
    shuffled = [*events, *random.choices(events, k=len(events))] if events else []
    random.shuffle(shuffled)
    for moment in (clock("16:10"), clock("17:00"), clock("17:40"), clock("16:45", days=1)):
        one, other = State(), State()
        for event in events:
            one = take(one, event, RULES)
        for event in shuffled:
            other = take(other, event, RULES)
        assert decide(one, None, moment, RULES).reminders == decide(other, None, moment, RULES).reminders


def test_the_ledger_of_the_worker_is_that_of_the_ledger() -> None:
    """Entries alone, without reports, give what the ledger itself would list."""
    office = Office()
    office.take(report("U1", clock("10:00")), clock("10:00"))
    ledger = ledger_applied(opened((), (), LEDGER), None, office.entries, LEDGER)
    assert State(ledger).ledger.entries == office.state.ledger.entries
