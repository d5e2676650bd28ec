"""The district's rules of instructions (instructions.toml): deadlines in working days, phrases, reminders. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator

from processors.duty.calendar import Calendar
from schemas.base import CHINA, EdgeModel
from schemas.errors import DistrictError
from schemas.vocab import DayKind, Lane

FILE = "instructions.toml"
_LONGEST_REST = 40
"""Days after which we no longer look for a working day; a calendar without one is a slip of the pen."""


class Preset(EdgeModel):
    """A deadline that can be chosen with one tap: ``days`` working days from today (0: today), at ``at``.

    ``name_later``: what it is called where "today" falls on the next working day; "" is ``name``.
    """

    key: str = Field(pattern=r"^[a-z0-9_]{1,20}$")
    name: str = Field(min_length=1, max_length=20)
    name_later: str = Field(default="", max_length=20)
    days: int = Field(ge=0, le=120)
    at: time = time(17, 30)


class InstructionFile(EdgeModel):
    """``instructions.toml`` of a district."""

    deadline: tuple[Preset, ...] = Field(min_length=1)
    usual: str
    """The preset that is chosen at first."""
    phrases: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(min_length=1)
    remind_before_h: tuple[Annotated[int, Field(ge=1, le=720)], ...] = ()
    """Hours before the deadline at which the owner is reminded; from a day off to the working day before it."""
    complaint_lanes: tuple[Lane, ...] = (Lane.OPINION,)
    """Where a citizen may be the source: the owner reads type and place, never the words or who said them."""

    @field_validator("remind_before_h")
    @classmethod
    def _longest_first(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(value), reverse=True))

    @model_validator(mode="after")
    def _known(self) -> InstructionFile:
        keys = [one.key for one in self.deadline]
        if len(set(keys)) != len(keys):
            raise ValueError("deadline: a key is given twice")
        if self.usual not in keys:
            raise ValueError(f"usual: {self.usual!r} is none of the deadlines")
        return self


@dataclass(frozen=True, slots=True)
class InstructionRules:
    """The file with the calendar that its days are counted on."""

    file: InstructionFile
    calendar: Calendar = field(default_factory=Calendar)

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return self.calendar.day(day.isoformat()).kind is DayKind.WORKDAY

    def deadline(self, key: str, now: datetime) -> datetime | None:
        """When a preset falls due if given at ``now``; None where there is no such preset.

        Today where that is asked, today is a working day and its hour is not past; else the next working day.
        """
        preset = next((one for one in self.file.deadline if one.key == key), None)
        if preset is None:
            return None
        day, left = now.astimezone(CHINA).date(), preset.days
        if left == 0 and not (self.works(day) and now < _at(day, preset.at)):
            left = 1
        for _ in range(left):
            day = self.working_day(day + timedelta(days=1), forward=True)
        return _at(day, preset.at)

    def presets(self, now: datetime) -> list[tuple[str, str, datetime]]:
        """(key, name, when it falls due) of those to choose from at ``now``, by the time: on a day off "today" is later
        than some that are not."""
        today = now.astimezone(CHINA).date()
        found = []
        for one in self.file.deadline:
            moment = self.deadline(one.key, now)
            assert moment is not None
            later = one.days == 0 and moment.astimezone(CHINA).date() != today
            found.append((one.key, (later and one.name_later) or one.name, moment))
        return sorted(found, key=lambda preset: preset[2])

    def working_day(self, day: date, *, forward: bool) -> date:
        """The day, or the nearest working day after (before) it."""
        for _ in range(_LONGEST_REST):
            if self.works(day):
                return day
            day += timedelta(days=1 if forward else -1)
        return day

    def working_days(self, begin: datetime, end: datetime) -> int:
        """Working days that begin after ``begin``'s day and up to ``end``'s: how long something is overdue."""
        first, last = begin.astimezone(CHINA).date(), end.astimezone(CHINA).date()
        return sum(self.works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def read_rules(content: Mapping[str, Any], calendar: Calendar) -> InstructionRules:
    """The content of ``instructions.toml``, checked. Raises DistrictError, which names every wrong field."""
    try:
        return InstructionRules(InstructionFile.model_validate(content), calendar)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise DistrictError(FILE, 0, "; ".join(lines)) from None


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=CHINA)
