"""Drafts of the bulletins: which items go into which section, and why (SPEC 5.3). People decide; this proposes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from processors.bulletin_candidate import Candidate
from processors.bulletin_charts import Tally, draw, tally
from processors.bulletin_rules import BulletinRule, SectionRule
from processors.unconfirmed import NOTE, Treatment, reason, unconfirmed
from schemas.bulletin import Bulletin, BulletinEntry, BulletinHead, BulletinSection
from schemas.vocab import Lane, Level

LEVEL_RANK = {Level.I: 0, Level.II: 1, Level.III: 2, Level.IV: 3}
UNDECIDED_RANK = 4
QUIET_RANK = 5
"""Of what is no emergency."""
_SENTENCE = re.compile(r"[^。！？]*[。！？]")


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
