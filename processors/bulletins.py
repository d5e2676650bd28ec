"""Drafts of the bulletins: which items go into which section, and why (SPEC 5.3). People decide; this proposes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from processors.bulletin_charts import CHARTS, Tally, draw, tally
from processors.unconfirmed import MARK, NOTE, Treatment, reason, unconfirmed
from schemas.base import CHINA
from schemas.bulletin import Bulletin, BulletinEntry, BulletinHead, BulletinSection
from schemas.errors import DistrictError
from schemas.vocab import BulletinName, Category, Lane, Level, Sentiment

FILE = "bulletins.toml"
TO = ":"
"""Between channel and recipient of a message."""
LEVEL_RANK = {Level.I: 0, Level.II: 1, Level.III: 2, Level.IV: 3}
UNDECIDED_RANK = 4
QUIET_RANK = 5
"""Of what is no emergency."""
_SENTENCE = re.compile(r"[^。！？]*[。！？]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item as a bulletin sees it. ``heat``: how many items its story has.

    ``merged_into``: the item it is shown under, because editors said that both tell the same. ``doubtful``: the judge
    is not sure that it is an emergency. ``vouched``: beyond the items at hand, a report, a media item or a confirmed
    incident tells the same; ``refuted``: a person found that nothing happened.
    """

    item_id: str
    lane: Lane
    category: Category
    title: str
    text: str
    source_name: str
    received_at: datetime
    is_emergency: bool = False
    level: Level | None = None
    in_district: bool | None = None
    story: str | None = None
    incident: str | None = None
    heat: int = 1
    sensitivity: int = 0
    kind: str | None = None
    doubts: tuple[str, ...] = ()
    late: bool = False
    theme: str | None = None
    sentiment: Sentiment | None = None
    merged_into: str | None = None
    doubtful: bool = False
    vouched: bool = False
    refuted: bool = False


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


def draft(
    rule: BulletinRule,
    day: date,
    items: Sequence[Candidate],
    *,
    district: str,
    head: BulletinHead,
    made_at: datetime,
    carried: Sequence[Candidate] = (),
    limited: bool = True,
    counted: Tally | None = None,
    total: int | None = None,
) -> Bulletin:
    """A draft over the items of the time covered. Items of one story or incident make one entry.

    ``carried``: items that came after the cut-off of the issue before. ``limited=False`` takes more than a section's
    limit: everything that could stand there. What a section only offers is in neither: see :func:`leads`. ``counted``
    and ``total``: the posts and the number of items where ``items`` are not all of the time, but those that can come
    first (desk.narrowing).
    """
    begin, end = rule.covers(day)
    if counted is None:
        counted = tally(items, begin, end) if rule.charts else Tally()
    groups = grouped(_within(rule, day, items, carried))
    late = {item.item_id for item in carried}
    taken: set[str] = set()
    sections = []
    for section in rule.sections:
        chosen = _choose(section, groups, taken)[: section.limit if limited else None]
        taken.update(key for key, _ in chosen)
        entries = tuple(entry_of(section, groups[key], lead, carried=lead.item_id in late) for key, lead in chosen)
        sections.append((section.show_order, BulletinSection(name=section.name, entries=entries)))
    return Bulletin(
        name=rule.name,
        title=rule.title,
        date=day.isoformat(),
        district=district,
        head=rule.head(head),
        sections=tuple(section for _, section in sorted(sections, key=lambda pair: pair[0])),
        charts=draw(rule.charts, counted, begin, end),
        covers_from=begin,
        covers_to=end,
        made_at=made_at,
        figures={
            "items": len(items) if total is None else total,
            "entries": sum(len(section.entries) for _, section in sections),
        },
    )


def leads(
    rule: BulletinRule,
    day: date,
    items: Sequence[Candidate],
    *,
    carried: Sequence[Candidate] = (),
    without: AbstractSet[str] = frozenset(),
) -> list[tuple[str, BulletinEntry]]:
    """(section, entry) of what public posts alone tell of: the section does not print it unless a person takes it.

    ``without``: items that stand in the bulletin anyway.
    """
    groups = grouped(_within(rule, day, items, carried))
    late, found = {item.item_id for item in carried}, []
    shown = set(without)
    for section in rule.sections:
        for _, key, lead in ranked(section, groups, offered=True):
            ids = {item.item_id for item in groups[key]}
            if not ids & shown:
                found.append((section.name, entry_of(section, groups[key], lead, carried=lead.item_id in late)))
                shown |= ids
    return found


def _within(rule: BulletinRule, day: date, items: Sequence[Candidate], carried: Sequence[Candidate]) -> list[Candidate]:
    begin, end = rule.covers(day)
    return [*carried, *(item for item in items if begin <= item.received_at < end)]


Rank = tuple[bool, int, int, int, datetime, str]
"""What comes first in a section: what surely lies in the district (where that counts), the higher level, the more
sensitive, the event with more items, the earlier, and then by id. What public posts alone tell of has no level here: a
rumour of many dead does not stand before an accident that is known."""


def grouped(items: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Items by what they tell of: an incident, a story, or what editors merged; zero reports tell of nothing."""
    items = [item for item in items if item.kind != "zero"]
    known = {item.item_id: item for item in items}
    groups: dict[str, list[Candidate]] = {}
    for item in sorted(items, key=lambda item: (item.received_at, item.item_id)):
        kept = _kept(item, known)
        groups.setdefault(group_of(kept), []).append(item)
    return groups


def group_of(item: Candidate) -> str:
    """What an item that stands by itself tells of."""
    return item.incident or item.story or item.item_id


def _kept(item: Candidate, known: Mapping[str, Candidate]) -> Candidate:
    """The item at the end of the merges, as far as it is among the known ones."""
    passed: set[str] = set()
    while item.merged_into is not None and item.merged_into in known and item.item_id not in passed:
        passed.add(item.item_id)
        item = known[item.merged_into]
    return item


def _choose(
    section: SectionRule, groups: Mapping[str, list[Candidate]], taken: set[str]
) -> list[tuple[str, Candidate]]:
    return [(key, lead) for _, key, lead in ranked(section, groups) if key not in taken]


def ranked(
    section: SectionRule, groups: Mapping[str, list[Candidate]], *, offered: bool = False
) -> list[tuple[Rank, str, Candidate]]:
    """(rank, group, the item that leads it) of what a section prints, or only offers; the first one first."""
    found = []
    for key, group in groups.items():
        if offered is not (section.unconfirmed is Treatment.OFFER and unconfirmed(group)):
            continue
        # What was merged into another is told there, also where that one stood in an earlier issue.
        fitting = [item for item in group if item.merged_into is None and section.takes(item)]
        if fitting:
            lead = _lead(fitting)
            unsure = section.scope == "district" and not any(surely_here(item) for item in group)
            graded = section.unconfirmed is not Treatment.MARK or not unconfirmed(group)
            found.append(((unsure, *_rank(lead, len(group), graded=graded)), key, lead))
    return sorted(found, key=lambda one: one[0])


def surely_here(item: Candidate) -> bool:
    """Whether somebody said that it lies in the district: its judgement, or a department of it."""
    return bool(item.in_district) or item.lane is Lane.REPORT


def _lead(items: Sequence[Candidate]) -> Candidate:
    """The item that speaks for its story: a department's before others, then the latest."""
    return max(items, key=lambda item: (item.lane is Lane.REPORT, item.received_at, item.item_id))


def _rank(item: Candidate, size: int, *, graded: bool) -> tuple[int, int, int, datetime, str]:
    level = LEVEL_RANK[item.level] if item.level and graded else UNDECIDED_RANK
    return (
        level if item.is_emergency else QUIET_RANK,
        -item.sensitivity,
        -max(size, item.heat),
        item.received_at,
        item.item_id,
    )


def entry_of(
    section: SectionRule, group: Sequence[Candidate], lead: Candidate, *, carried: bool = False
) -> BulletinEntry:
    """The entry that ``lead`` makes in a section, with what else is known of its event."""
    names = dict.fromkeys(item.source_name for item in group if item.source_name)
    doubts = tuple(dict.fromkeys(doubt for item in group for doubt in item.doubts))
    more = f"，同一事件共{len(group)}条" if len(group) > 1 else ""
    entry = BulletinEntry(
        item_ids=tuple(item.item_id for item in group),
        title=lead.title or shorten(lead.text, 30),
        text=shorten(lead.text, section.text_limit),
        contributors=tuple(names),
        level=lead.level,
        notes=doubts + (("迟报",) if lead.late else ()),
        why=f"{lead.category}·{lead.lane.label}{more}{'，上期截稿后收到' if carried else ''}",
    )
    if section.unconfirmed is Treatment.PRINT or not unconfirmed(group):
        return entry
    # No level: that is of an event, and this is what people say.
    lead_to_verify = {
        "title": f"【{section.mark}】{entry.title}",
        "level": None,
        "notes": (*entry.notes, NOTE),
        "why": f"{entry.why}，{section.mark}：{reason(group)}",
    }
    return entry.model_copy(update=lead_to_verify)


def shorten(text: str, limit: int) -> str:
    """Whole sentences up to ``limit`` characters; a longer first sentence is cut with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    kept = ""
    for match in _SENTENCE.finditer(text):
        if len(kept) + len(match.group()) > limit:
            break
        kept += match.group()
    return kept or text[: limit - 1] + "…"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)
