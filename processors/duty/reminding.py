"""``decide(state, event, now, rules)``: whom to remind before the cut-off, who hears of the silent after it, and which
reminders of instructions are told. Pure.

By state, as alerts are (ADR 046): what ought to have been said by now is compared with what was planned. At each of
its lead times a department is reminded once a day; one whose time is over, because a later lead time or the cut-off has
come, is not made up for, and a list of the silent that is hours old is no news either. So repetition, order and
restarts change nothing, and a day without the worker ends in silence and not in a storm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from processors.alerting.resuming import Resume, next_attempt
from processors.alerting.rules import LOG, AlertRules
from processors.alerting.wording import Words
from processors.duty.liaisons import LIAISON
from processors.duty.reminders import Waiting, waiting
from processors.fold_parts import Document, by_time_and_id, decided
from processors.instructions.model import Instruction, told
from processors.instructions.telling import TOLD_WITHIN, Telling, to_tell
from processors.ledger import Ledger, LedgerRules, applied, key_of
from schemas.alert import Delivery, Notice, Purpose
from schemas.base import CHINA, local_day
from schemas.decision import Decision
from schemas.ids import digest
from schemas.ledger import LedgerEntry
from schemas.reminder import Reminder, ReminderKind
from schemas.subscription import within

INSTRUCTION = "instruction"
"""``subject_type`` of the decisions on instructions."""
ON_DUTY = "值班"
"""Who reads the log, where the district names nobody."""
MEMORY = timedelta(days=2)
"""Days for which reminders and entries are kept in mind: today, and yesterday around midnight."""
_LISTED = 30


@dataclass(frozen=True)
class ReminderRules:
    """The duties, whom to tell, and the clocks.

    ``hours``: outside of them no department is written to; ``silent_after``: so long after the cut-off reports still on
    their way are waited for; ``silent_within``: later than this after that, a list is old news.
    """

    ledger: LedgerRules
    alerts: AlertRules = field(default_factory=AlertRules)
    channels: tuple[str, ...] = ()
    hours: str | None = None
    silent_after: timedelta = timedelta(minutes=5)
    silent_within: timedelta = timedelta(hours=3)


@dataclass(frozen=True)
class State:
    """The ledger of these days with its decisions, what was planned, by id, and the instructions that are open.

    ``orders``: the decisions on each instruction, from which it is told anew when one comes.
    """

    ledger: Ledger = field(default_factory=Ledger)
    planned: Mapping[str, Reminder] = field(default_factory=dict)
    orders: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    instructions: Mapping[str, Instruction] = field(default_factory=dict)


Event = LedgerEntry | Decision | Reminder | None
"""None: the clock."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The state with the event and what was decided, and the reminders to write before anything is sent."""

    state: State
    reminders: tuple[Reminder, ...] = ()


def decide(state: State, event: Event, now: datetime, rules: ReminderRules) -> Decided:
    """What is to be said now. The same event again decides nothing."""
    known = take(state, event, rules)
    made = (*_before(known, now, rules), *_silent(known, now, rules), *_instructed(known, now, rules))
    fresh = {one.reminder_id: one for one in made if one.reminder_id not in known.planned}
    return Decided(replace(known, planned={**known.planned, **fresh}), tuple(fresh.values()))


def take(state: State, event: Event, rules: ReminderRules) -> State:
    """The state after an event; entries by highest revision, in any order."""
    match event:
        case Reminder():
            return replace(state, planned={event.reminder_id: event, **state.planned})
        case LedgerEntry():
            before = state.ledger.entries.get(key_of(event.department, event.day))
            if event.district != rules.ledger.district or (before and before.revision >= event.revision):
                return state
            return replace(state, ledger=applied(state.ledger, None, [event], rules.ledger))
        case Decision() if event.subject_type == INSTRUCTION:
            return with_orders(state, [event], rules)
        case Decision():
            return replace(state, ledger=applied(state.ledger, event, (), rules.ledger))
    return state


def with_orders(state: State, decisions: Iterable[Decision], rules: ReminderRules) -> State:
    """The state with decisions on instructions; those of other districts and on other things are passed over."""
    came: dict[str, list[Document]] = {}
    for decision in decisions:
        if decision.subject_type == INSTRUCTION and decision.district == rules.ledger.district:
            came.setdefault(decision.subject_id, []).append(decided(decision))
    orders, instructions = dict(state.orders), dict(state.instructions)
    for name, fresh in came.items():
        orders[name] = tuple(by_time_and_id([*orders.get(name, ()), *fresh]))
        one = told(name, orders[name])
        instructions.pop(name, None)
        if one is not None and one.open:
            instructions[name] = one
    return replace(state, orders=orders, instructions=instructions)


def forget(state: State, now: datetime) -> State:
    """Without what is of no day that can still matter."""
    since = local_day(now - MEMORY)
    entries = {key: one for key, one in state.ledger.entries.items() if one.day >= since}
    homes = {item: key for item, key in state.ledger.homes.items() if key in entries}
    planned = {key: one for key, one in state.planned.items() if one.day >= since}
    return replace(state, ledger=replace(state.ledger, entries=entries, homes=homes), planned=planned)


# -- before the cut-off -----------------------------------------------------------------------------------------------


def _before(state: State, now: datetime, rules: ReminderRules) -> Iterable[Reminder]:
    if rules.hours is not None and not within(rules.hours, now):
        return
    for one in waiting(state.ledger, now, rules.ledger):
        if one.step is not None:
            yield _reminder(one, one.step, now, rules)


def _reminder(one: Waiting, step: int, now: datetime, rules: ReminderRules) -> Reminder:
    first = step == one.lead
    # The first of a day is named as when it was the only one: nothing is said twice on the day of an update.
    identity = digest("reminder", rules.ledger.district, one.department, one.day, *([] if first else [str(step)]))
    until, still = _clock(one.cutoff), "尚未" if first else "仍未"
    recipient = f"{LIAISON}{one.department}"
    return Reminder(
        reminder_id=identity,
        district=rules.ledger.district,
        kind=ReminderKind.BEFORE,
        day=one.day,
        cutoff=one.cutoff,
        departments=(one.department,),
        names=(one.name,),
        title=f"{one.name}今日信息{still}报送",
        text=f"{one.name}今日信息{still}收到，请于{until}前报送；无情况请零报告。已报送的请忽略。",
        notices=(_notice(identity, recipient, rules.alerts.usable(rules.channels), Purpose.REPORT_DUE, now),),
        at=now,
    )


# -- after it ---------------------------------------------------------------------------------------------------------


def _silent(state: State, now: datetime, rules: ReminderRules) -> Iterable[Reminder]:
    """One list for each day and cut-off."""
    latest, earliest = now - rules.silent_after, now - rules.silent_after - rules.silent_within
    groups: dict[tuple[str, datetime], list[Waiting]] = {}
    for day in dict.fromkeys((local_day(earliest), local_day(now))):
        for one in waiting(state.ledger, now, rules.ledger, day=day):
            if earliest <= one.cutoff <= latest:
                groups.setdefault((day, one.cutoff), []).append(one)
    for (day, cutoff), listed in sorted(groups.items()):
        yield _list(day, cutoff, listed, now, rules)


def _list(day: str, cutoff: datetime, listed: Sequence[Waiting], now: datetime, rules: ReminderRules) -> Reminder:
    identity = digest("silent", rules.ledger.district, day, cutoff.astimezone(CHINA).isoformat())
    names = tuple(one.name for one in listed)
    shown = "、".join(names[:_LISTED]) + (f"等{len(names)}个单位" if len(names) > _LISTED else "")
    return Reminder(
        reminder_id=identity,
        district=rules.ledger.district,
        kind=ReminderKind.SILENT,
        day=day,
        cutoff=cutoff,
        departments=tuple(one.department for one in listed),
        names=names,
        title=f"{len(names)}个单位{_clock(cutoff)}前未报送",
        text=f"截至{_clock(now)}，{day}应于{_clock(cutoff)}前报送而未报的{len(names)}个单位：{shown}。",
        notices=tuple(
            _notice(identity, who, channels, Purpose.SILENT_LIST, now) for who, channels in _on_duty(now, rules)
        ),
        at=now,
    )


def _on_duty(now: datetime, rules: ReminderRules) -> list[tuple[str, tuple[str, ...]]]:
    """The first step of the roster."""
    chain = rules.alerts.chain(now)
    found = [(who, rules.alerts.usable(rules.alerts.persons[who].channels)) for who in (chain[0] if chain else ())]
    return found or [(ON_DUTY, (LOG,))]


# -- instructions -----------------------------------------------------------------------------------------------------


def _instructed(state: State, now: datetime, rules: ReminderRules) -> Iterable[Reminder]:
    if rules.hours is not None and not within(rules.hours, now):
        return ()
    names = {key: member.name for key, member in rules.ledger.book.members.items()}
    telling = Telling(rules.ledger.district, {**names, **rules.ledger.departments}, rules.alerts.usable(rules.channels))
    return to_tell(state.instructions.values(), state.planned.values(), now, telling)


# -- carrying out -----------------------------------------------------------------------------------------------------


def resume(
    reminder: Reminder, notice: Notice, made: Sequence[Delivery], now: datetime, most_tries: int, window: timedelta
) -> Resume:
    """For one notice after a restart: nothing is said twice. Where no end is recorded it may have arrived: unknown.

    What failed before goes on while it is still of use: a reminder until the cut-off, a list for ``window`` after it,
    that of an instruction for a day.
    """
    if next_attempt(notice.channels, made, most_tries) is None:
        return Resume.SETTLED
    if not made:
        return Resume.RECORD_UNKNOWN
    until = {
        ReminderKind.BEFORE: reminder.cutoff,
        ReminderKind.SILENT: reminder.cutoff + window,
        ReminderKind.INSTRUCTION: reminder.at + TOLD_WITHIN,
    }[reminder.kind]
    return Resume.SEND_REPEATED if now < until else Resume.RECORD_NOT_SENT


def words(reminder: Reminder, *, repeated: bool) -> Words:
    """What is read. A second copy says 重复 first."""
    prefix = f"{'【重复】' if repeated else ''}【{reminder.kind.label}】"
    title = f"{prefix}{reminder.title}"
    listed = reminder.kind is ReminderKind.SILENT
    short = (title, "、".join(reminder.names)) if listed else (f"{prefix}{reminder.text.rstrip('。')}",)
    return Words(title, reminder.text, short)


def _notice(identity: str, recipient: str, channels: tuple[str, ...], purpose: Purpose, now: datetime) -> Notice:
    return Notice(
        notice_id=digest("notice", identity, recipient),
        recipient=recipient,
        channels=channels,
        purpose=purpose,
        covers=(),
        at=now,
    )


def _clock(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%H:%M")
