"""Was it reported in time: same day, major events within 3 hours, emergencies at once (CONTRACT.md, LABELS.md).

The clock starts when the event happened. Where only the day is known, the reporter has the benefit of the doubt: the
clock starts when that day ends. Deadlines are inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.assemble import changed
from processors.tables import Row, Table
from schemas.assessment import Clock, Emergency, EventTime, Timeliness
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import EventClass, Kind, Lane, Level, Precision, TimelinessRule, TimelinessVerdict

PHONE_LIMIT = timedelta(minutes=30)
"""An emergency is phoned in within 30 minutes (CONTRACT.md `timeliness`; GK-M practice D20)."""
TEXT_AFTER_PHONE_LIMIT = timedelta(minutes=60)
"""The written report may follow within 60 minutes where the phone call is recorded."""
MAJOR_LIMIT = timedelta(hours=3)
"""S01: 重大事件上报不能超过3小时."""
SPAN_OF_DAYS = 2
"""A span that began so many days before is summed up, and what sums up has no clock (ADR 081)."""
JUDGED_KINDS = frozenset({None, Kind.NORMAL, Kind.FIRST})
NOT_JUDGED = Timeliness(verdict=TimelinessVerdict.NOT_APPLICABLE, rule=TimelinessRule.NONE)


@dataclass(frozen=True, slots=True)
class StatutoryClock:
    """A clock of law or practice beside the house rule; ``start`` is occurred or known."""

    rule: str
    name: str
    classes: frozenset[EventClass]
    levels: frozenset[Level]
    start: str
    limit: timedelta
    source: str

    def applies(self, emergency: Emergency) -> bool:
        """Whether the clock runs for this emergency; no class or level listed means all."""
        right_class = not self.classes or emergency.event_class in self.classes
        return right_class and (not self.levels or emergency.level in self.levels)


def load_clocks(table: Table) -> tuple[StatutoryClock, ...]:
    """From clocks.tsv."""
    table.require(["rule", "name", "classes", "levels", "start", "minutes", "source"])
    return tuple(_clock(row) for row in table)


def _clock(row: Row) -> StatutoryClock:
    minutes = row.number("minutes")
    if minutes is None or row["start"] not in {"occurred", "known"}:
        raise row.error("minutes must be a number and start one of occurred, known")
    try:
        classes = frozenset(EventClass(name) for name in row.parts("classes"))
        levels = frozenset(Level(name) for name in row.parts("levels"))
    except ValueError as error:
        raise row.error(str(error)) from None
    return StatutoryClock(
        row["rule"], row["name"], classes, levels, row["start"], timedelta(minutes=minutes), row["source"]
    )


def judge_timeliness(
    item: Item,
    received_at: datetime,
    event_time: EventTime | None,
    emergency: Emergency,
    *,
    major: bool,
    summary: bool = False,
    clocks: tuple[StatutoryClock, ...] = (),
) -> Timeliness:
    """The verdict with its deadline, what it was computed from, and the statutory clocks of an emergency.

    ``major``: a major event that is no emergency. ``summary``: a table of many events, which has no clock.
    """
    if item.lane is not Lane.REPORT or item.kind not in JUDGED_KINDS or summary:
        return changed(NOT_JUDGED, {"explanation": _why_not(item, summary)})
    if event_time is None or event_time.precision is Precision.MONTH:
        return changed(NOT_JUDGED, {"explanation": "未写明事发时间，不计时限"})
    start = _clock_start(event_time)
    if emergency.is_emergency:
        house = _emergency(item, received_at, event_time, start)
        return house.model_copy(update={"clocks": _statutory(item, received_at, start, emergency, clocks)})
    if major:
        return _verdict(
            received_at, event_time, start + MAJOR_LIMIT, TimelinessRule.MAJOR_3H, "重大事件应在3小时内上报"
        )
    if event_time.precision is Precision.PERIOD and _days_apart(event_time.start, received_at) >= SPAN_OF_DAYS:
        return changed(NOT_JUDGED, {"explanation": "多日工作的汇总，不计时限"})
    return _verdict(
        received_at, event_time, _next_midnight(event_time.start), TimelinessRule.SAME_DAY, "当天的事当天上报"
    )


def _why_not(item: Item, summary: bool) -> str:
    if item.lane is not Lane.REPORT:
        return "只对部门报送计时限"
    if summary:
        return "汇总性材料，不计时限"
    return f"{item.kind.label if item.kind else ''}不计时限"


def _clock_start(event_time: EventTime) -> datetime:
    """The latest moment at which the event can have happened, to the precision stated by day; else as stated."""
    if event_time.precision is Precision.DAY:
        return _next_midnight(event_time.start)
    return event_time.start


def _days_apart(first: datetime, last: datetime) -> int:
    return (last.astimezone(CHINA).date() - first.astimezone(CHINA).date()).days


def _next_midnight(moment: datetime) -> datetime:
    local = moment.astimezone(CHINA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _emergency(item: Item, received_at: datetime, event_time: EventTime, start: datetime) -> Timeliness:
    rule = TimelinessRule.EMERGENCY_NOW
    if item.phoned_at is None:
        return _verdict(received_at, event_time, start + PHONE_LIMIT, rule, "紧急情况应在30分钟内报告（无电话记录）")
    if item.phoned_at > start + PHONE_LIMIT:
        late = _verdict(item.phoned_at, event_time, start + PHONE_LIMIT, rule, "紧急情况应在30分钟内电话报告")
        return late.model_copy(update={"clock_start": "occurred", "elapsed_s": _seconds(event_time, received_at)})
    text = f"已于{_say(item.phoned_at)}电话报告，文字应在事发60分钟内报送"
    return _verdict(received_at, event_time, start + TEXT_AFTER_PHONE_LIMIT, rule, text)


def _verdict(
    moment: datetime, event_time: EventTime, deadline: datetime, rule: TimelinessRule, text: str
) -> Timeliness:
    late = moment > deadline
    outcome = f"超时{_duration(moment - deadline)}" if late else "按时"
    known = "（只写明日期，从次日零时起算）" if event_time.precision is Precision.DAY else ""
    return Timeliness(
        verdict=TimelinessVerdict.LATE if late else TimelinessVerdict.ON_TIME,
        rule=rule,
        deadline=deadline.astimezone(CHINA),
        elapsed_s=_seconds(event_time, moment),
        clock_start="occurred",
        explanation=f"事发{_say(event_time.start)}{known}，{text}，时限{_say(deadline)}，收到{_say(moment)}，{outcome}",
    )


def _statutory(
    item: Item,
    received_at: datetime,
    start: datetime,
    emergency: Emergency,
    clocks: tuple[StatutoryClock, ...],
) -> tuple[Clock, ...]:
    running = []
    for clock in clocks:
        begin = start if clock.start == "occurred" else item.known_at
        if begin is None or not clock.applies(emergency):
            continue
        deadline = begin + clock.limit
        late = received_at > deadline
        running.append(
            Clock(
                rule=clock.rule,
                name=clock.name,
                deadline=deadline.astimezone(CHINA),
                verdict=TimelinessVerdict.LATE if late else TimelinessVerdict.ON_TIME,
                source=clock.source,
            )
        )
    return tuple(running)


def _seconds(event_time: EventTime, moment: datetime) -> int:
    return int((moment - event_time.start).total_seconds())


def _say(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _duration(span: timedelta) -> str:
    minutes = max(int(span.total_seconds() + 59) // 60, 1)
    if minutes < 60:
        return f"{minutes}分钟"
    hours, rest = divmod(minutes, 60)
    return f"{hours}小时{rest}分钟" if rest else f"{hours}小时"
