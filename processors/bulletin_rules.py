"""Rules of the bulletins as a district writes them (bulletins.toml): sections and what they take, periods, numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from processors.bulletin_candidate import Candidate
from processors.bulletin_charts import CHARTS
from processors.unconfirmed import MARK, Treatment
from schemas.base import CHINA
from schemas.bulletin import BulletinHead
from schemas.errors import DistrictError
from schemas.vocab import BulletinName, Category, Lane

FILE = "bulletins.toml"
TO = ":"
"""Between channel and recipient of a message."""


@dataclass(frozen=True, slots=True)
class SectionRule:
    """What a section takes. ``near``: names of the district, for items of which nobody said where they lie.

    ``words``: one of them must stand in title or text where any is given, before ``pattern`` is looked for: what an
    index can find, a pattern not. ``unconfirmed``: what becomes of emergencies that only public posts tell of, and
    ``mark``, the word that stands before them.
    """

    name: str
    show_order: int
    lanes: frozenset[Lane]
    categories: frozenset[Category]
    emergency: Literal["true", "false", "any"]
    scope: Literal["district", "elsewhere", "any"]
    pattern: re.Pattern[str] | None
    limit: int
    text_limit: int
    near: re.Pattern[str] | None = None
    words: tuple[str, ...] = ()
    unconfirmed: Treatment = Treatment.MARK
    mark: str = MARK

    def takes(self, item: Candidate) -> bool:
        """Whether the item belongs here."""
        if item.lane not in self.lanes or (self.categories and item.category not in self.categories):
            return False
        if self.emergency != "any" and item.is_emergency is not (self.emergency == "true"):
            return False
        if self.scope == "district" and not self._here(item):
            return False
        if self.scope == "elsewhere" and item.in_district is not False:
            return False
        if self.words and not any(word in item.text or word in item.title for word in self.words):
            return False
        return self.pattern is None or bool(self.pattern.search(f"{item.title}\n{item.text}"))

    def _here(self, item: Candidate) -> bool:
        """Departments of the district report on it; others must be told to, or name it in text or name."""
        if item.in_district is not None or item.lane is Lane.REPORT or self.near is None:
            return item.in_district is not False
        return bool(self.near.search(f"{item.title}\n{item.text}\n{item.source_name}"))


@dataclass(frozen=True, slots=True)
class Numbering:
    """What had been issued before: ``issues`` of ``year`` and ``total`` over all; counting goes on from there."""

    year: int = 0
    issues: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class BulletinRule:
    """One bulletin: its sections in the order in which they choose.

    ``cutoff``: time of the period's last day from which what comes is carried over into the next issue. ``signers``:
    roles that may sign it. ``recipients`` and ``mark`` stand above those of the district where they are given.
    ``mail_to``: who gets each issue by mail, by the names under which the contacts file keeps addresses.
    ``message_to``: who gets a message of each, ``channel:name`` of ``alerts.toml`` and that file; ``channel:`` is a
    group.
    """

    name: BulletinName
    title: str
    period: Literal["daily", "semi_monthly"]
    sections: tuple[SectionRule, ...]
    charts: tuple[str, ...] = ()
    cutoff: time | None = None
    signers: frozenset[str] = frozenset()
    recipients: tuple[str, ...] = ()
    mark: str = ""
    numbering: Numbering = Numbering()
    mail_to: tuple[str, ...] = ()
    message_to: tuple[str, ...] = ()

    @property
    def post_to(self) -> tuple[str, ...]:
        """Everybody to whom an issue goes, by mail or by message."""
        return (*self.mail_to, *self.message_to)

    def closes(self, day: date) -> datetime | None:
        """When the issue that covers ``day`` stops taking items of its own; None where it takes all of its time."""
        if self.cutoff is None:
            return None
        last = self.covers(day)[1] - timedelta(days=1)
        return last.replace(hour=self.cutoff.hour, minute=self.cutoff.minute)

    def before(self, day: date) -> date:
        """A day of the issue before the one that covers ``day``."""
        return (self.covers(day)[0] - timedelta(days=1)).date()

    def head(self, head: BulletinHead) -> BulletinHead:
        """The district's head with what this bulletin has of its own."""
        own = {"recipients": self.recipients, "mark": self.mark}
        return head.model_copy(update={name: value for name, value in own.items() if value})

    def covers(self, day: date) -> tuple[datetime, datetime]:
        """The time covered, [from, to): the day, or the half month that ``day`` lies in."""
        if self.period == "daily":
            first, last = day, day + timedelta(days=1)
        elif day.day <= 15:
            first, last = day.replace(day=1), day.replace(day=16)
        else:
            first, last = day.replace(day=16), (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return _midnight(first), _midnight(last)


def days_covered(rule: BulletinRule, day: date) -> str:
    """The days of an issue in words: 2026年11月20日, 2026年11月16日至30日."""
    begin, end = rule.covers(day)
    last = end - timedelta(days=1)
    return f"{begin.year}年{begin.month}月{begin.day}日" + (f"至{last.day}日" if last > begin else "")


def load_rules(config: Mapping[str, Any], names: Sequence[str] = ()) -> dict[BulletinName, BulletinRule]:
    """From bulletins.toml; names the section and the fault of a bad rule. ``names``: places of the district."""
    rules = {}
    for name, raw in config.items():
        try:
            rules[BulletinName(name)] = _rule(BulletinName(name), raw, names)
        except (KeyError, ValueError, TypeError, re.error) as error:
            raise DistrictError(FILE, 0, f"[{name}]: {type(error).__name__}: {error}") from None
    return rules


def _rule(name: BulletinName, raw: Mapping[str, Any], names: Sequence[str]) -> BulletinRule:
    near = sorted({*names, *raw.get("local_names", [])}, key=lambda one: (-len(one), one))
    pattern = re.compile("|".join(map(re.escape, near))) if near else None
    return BulletinRule(
        name=name,
        title=raw["title"],
        period=raw["period"],
        sections=tuple(_section(section, pattern, raw.get("unconfirmed_mark", MARK)) for section in raw["sections"]),
        charts=_charts(raw.get("charts", [])),
        cutoff=time.fromisoformat(raw["cutoff"]) if "cutoff" in raw else None,
        signers=frozenset(raw.get("signers", [])),
        recipients=tuple(raw.get("recipients", [])),
        mark=raw.get("mark", ""),
        numbering=Numbering(**raw.get("numbering", {})),
        mail_to=_mail_to(raw.get("mail_to", [])),
        message_to=_message_to(raw.get("message_to", [])),
    )


def _mail_to(names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(one, str) and one.strip() for one in names):
        raise ValueError("mail_to: a list of names")
    if len(set(names)) != len(names):
        raise ValueError("mail_to: names one recipient twice")
    if any(TO in one for one in names):
        raise ValueError(f"mail_to: no {TO!r} in a name; messages stand in message_to")
    return tuple(names)


def _message_to(given: Any) -> tuple[str, ...]:
    """``sms:区委宣传部``; a group, which has no address of its own, is its channel alone."""
    if not isinstance(given, list) or not all(isinstance(one, str) and one.partition(TO)[0].strip() for one in given):
        raise ValueError('message_to: a list of "channel:name", or "channel" for a group')
    made = tuple(one if TO in one else f"{one}{TO}" for one in given)
    if len(set(made)) != len(made):
        raise ValueError("message_to: names one recipient twice")
    return made


def _charts(names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in CHARTS]
    if unknown:
        raise ValueError(f"charts: {unknown[0]!r} is none of {', '.join(CHARTS)}")
    return tuple(names)


def _section(raw: Mapping[str, Any], near: re.Pattern[str] | None, mark: str) -> SectionRule:
    if not isinstance(mark, str) or not mark.strip():
        raise ValueError("unconfirmed_mark: a word")
    return SectionRule(
        name=raw["name"],
        show_order=int(raw["show_order"]),
        lanes=frozenset(Lane(lane) for lane in raw["lanes"]),
        categories=frozenset(Category(category) for category in raw.get("categories", [])),
        emergency=raw["emergency"],
        scope=raw["scope"],
        pattern=re.compile(raw["pattern"]) if "pattern" in raw else None,
        limit=int(raw["limit"]),
        text_limit=int(raw["text_limit"]),
        near=near,
        words=tuple(raw.get("words", [])),
        unconfirmed=Treatment(raw.get("unconfirmed", Treatment.MARK)),
        mark=mark,
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
