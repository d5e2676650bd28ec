"""What an editor does to a draft, and what came since: pure steps from one bulletin to the next.

An entry is known by its first item (``key_of``): no item stands in a bulletin twice, so it is unique and stays what it
is while the entry is moved and reworded. A step that does not fit raises InvalidItem.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from processors.unconfirmed import NOTE
from schemas.bulletin import Bulletin, BulletinEntry, BulletinSection
from schemas.errors import FieldError, InvalidItem

TITLE_LIMIT, TEXT_LIMIT = 200, 5_000
"""Characters of an entry; a bulletin's entry is about 300 (SPEC 5.3, W57)."""
_EXCERPT = 24
Lists = list[list[BulletinEntry]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry that the rules would print, and the section they would print it in.

    ``lead``: they would not; it is to be verified, and a person may take it.
    """

    section: str
    entry: BulletinEntry
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """Beside an arranged draft: ``fresh`` came since somebody looked last, ``spare`` were seen and are not in it,
    ``grown`` (by key) have more items of their event now or, ``lifted`` (keys), are no longer to be verified, ``gone``
    (keys) rest on items returned or erased, ``leads`` were seen and wait to be verified. ``partial``: there is more of
    a large day than what was looked at."""

    fresh: tuple[Proposal, ...] = ()
    spare: tuple[Proposal, ...] = ()
    grown: dict[str, Proposal] | None = None
    gone: frozenset[str] = frozenset()
    leads: tuple[Proposal, ...] = ()
    lifted: frozenset[str] = frozenset()
    partial: bool = False


def key_of(entry: BulletinEntry) -> str:
    """What an entry is known by within its bulletin."""
    return entry.item_ids[0] if entry.item_ids else entry.title


def entries_of(bulletin: Bulletin) -> list[BulletinEntry]:
    """All entries in the order in which they are read."""
    return [entry for section in bulletin.sections for entry in section.entries]


def items_of(bulletin: Bulletin) -> frozenset[str]:
    """Every item that stands in the bulletin."""
    return frozenset(item for entry in entries_of(bulletin) for item in entry.item_ids)


def shift(bulletin: Bulletin, key: str, step: int) -> Bulletin:
    """One place up (-1) or down (1); at the edge of its section into the neighbouring one."""
    lists = _lists(bulletin)
    section, place = _find(lists, key)
    entry = lists[section].pop(place)
    if 0 <= place + step <= len(lists[section]):
        lists[section].insert(place + step, entry)
    elif 0 <= section + step < len(lists):
        neighbour = lists[section + step]
        neighbour.insert(0 if step > 0 else len(neighbour), entry)
    else:
        lists[section].insert(place, entry)
    return _with(bulletin, lists)


def place(bulletin: Bulletin, key: str, section: str, position: int | None = None) -> Bulletin:
    """Into a section, before the entry at ``position`` (counted without the moved one), else at its end."""
    lists = _lists(bulletin)
    wanted = _section(bulletin, section)
    found, at = _find(lists, key)
    entry = lists[found].pop(at)
    end = len(lists[wanted])
    lists[wanted].insert(end if position is None else max(0, min(position, end)), entry)
    return _with(bulletin, lists)


def take_out(bulletin: Bulletin, key: str) -> Bulletin:
    """Without an entry."""
    lists = _lists(bulletin)
    section, at = _find(lists, key)
    lists[section].pop(at)
    return _with(bulletin, lists)


def add(bulletin: Bulletin, section: str, entry: BulletinEntry) -> Bulletin:
    """With an entry at the end of a section; none of its items may stand in the bulletin already."""
    if items_of(bulletin) & set(entry.item_ids):
        raise InvalidItem([FieldError("key", "stands in the bulletin already", "这条信息已在本期中")])
    lists = _lists(bulletin)
    lists[_section(bulletin, section)].append(entry)
    return _with(bulletin, lists)


def reword(bulletin: Bulletin, key: str, title: str, text: str) -> Bulletin:
    """With another wording of an entry; the items keep theirs."""
    title, text = title.strip(), text.replace("\r\n", "\n").strip()
    if not 0 < len(title) <= TITLE_LIMIT:
        raise InvalidItem([FieldError("title", f"1 to {TITLE_LIMIT} characters", f"标题应为1至{TITLE_LIMIT}个字")])
    if not 0 < len(text) <= TEXT_LIMIT:
        raise InvalidItem([FieldError("text", f"1 to {TEXT_LIMIT} characters", f"正文应为1至{TEXT_LIMIT}个字")])
    lists = _lists(bulletin)
    section, at = _find(lists, key)
    lists[section][at] = lists[section][at].model_copy(update={"title": title, "text": text})
    return _with(bulletin, lists)


def renew(bulletin: Bulletin, key: str, entry: BulletinEntry) -> Bulletin:
    """An entry as the rules make it now, at its old place: the event has more items."""
    lists = _lists(bulletin)
    section, at = _find(lists, key)
    rest = items_of(take_out(bulletin, key))
    kept = tuple(dict.fromkeys((*lists[section][at].item_ids, *(one for one in entry.item_ids if one not in rest))))
    lists[section][at] = entry.model_copy(update={"item_ids": kept})
    return _with(bulletin, lists)


def proposals_of(bulletin: Bulletin) -> list[Proposal]:
    """The entries of a draft by the rules as proposals."""
    return [Proposal(section.name, entry) for section in bulletin.sections for entry in section.entries]


def since(
    bulletin: Bulletin, proposals: Sequence[Proposal], seen: AbstractSet[str], present: AbstractSet[str]
) -> Since:
    """What the rules would print now beside what is arranged. ``present``: ids of all items that may be printed."""
    held = {item: entry for entry in entries_of(bulletin) for item in entry.item_ids}
    fresh: list[Proposal] = []
    seen_ones: list[Proposal] = []
    grown: dict[str, Proposal] = {}
    lifted: set[str] = set()
    for one in proposals:
        ids = set(one.entry.item_ids)
        held_here = [held[item] for item in one.entry.item_ids if item in held]
        if not held_here:
            (seen_ones if ids <= seen else fresh).append(one)
            continue
        key = key_of(held_here[0])
        if NOTE in held_here[0].notes and NOTE not in one.entry.notes:
            lifted.add(key)
        if key in lifted or ids - held.keys() - seen:
            grown[key] = one
    gone = frozenset(key_of(entry) for entry in entries_of(bulletin) if not present & set(entry.item_ids))
    return Since(
        tuple(fresh),
        tuple(one for one in seen_ones if not one.lead),
        grown,
        gone,
        tuple(one for one in seen_ones if one.lead),
        frozenset(lifted),
    )


def changes(old: Bulletin, new: Bulletin) -> tuple[str, ...]:
    """What an erratum changes, in words for its readers."""
    before, after = _placed(old), _placed(new)
    said = [f"删去“{entry.title}”" for key, (_, entry) in before.items() if key not in after]
    said += [f"在“{section}”增加“{entry.title}”" for key, (section, entry) in after.items() if key not in before]
    for key, (section, entry) in after.items():
        if key in before:
            said += _differences(before[key][1], entry)
            if before[key][0] != section:
                said.append(f"“{entry.title}”由“{before[key][0]}”移到“{section}”")
    return tuple(said) or (("调整信息的先后次序",) if [*before] != [*after] else ())


def _differences(old: BulletinEntry, new: BulletinEntry) -> Iterable[str]:
    if old.title != new.title:
        yield f"标题“{old.title}”改为“{new.title}”"
    if old.text != new.text:
        before, after = _apart(old.text, new.text)
        yield f"“{new.title}”正文：“{before}”改为“{after}”"


def _apart(old: str, new: str) -> tuple[str, str]:
    """The stretches in which two texts differ, with a few characters before them."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    begin = max(0, start - _EXCERPT // 4)
    return _short(old[begin : len(old) - end]), _short(new[begin : len(new) - end])


def _short(text: str) -> str:
    return text if len(text) <= 4 * _EXCERPT else f"{text[: 2 * _EXCERPT]}……{text[-2 * _EXCERPT :]}"


def _placed(bulletin: Bulletin) -> dict[str, tuple[str, BulletinEntry]]:
    return {key_of(entry): (section.name, entry) for section in bulletin.sections for entry in section.entries}


def _lists(bulletin: Bulletin) -> Lists:
    return [list(section.entries) for section in bulletin.sections]


def _with(bulletin: Bulletin, lists: Lists) -> Bulletin:
    pairs = zip(bulletin.sections, lists, strict=True)
    sections: tuple[BulletinSection, ...] = tuple(
        section.model_copy(update={"entries": tuple(entries)}) for section, entries in pairs
    )
    figures = bulletin.figures | {"entries": sum(len(entries) for entries in lists)}
    return bulletin.model_copy(update={"sections": sections, "figures": figures})


def _find(lists: Lists, key: str) -> tuple[int, int]:
    for section, entries in enumerate(lists):
        for at, entry in enumerate(entries):
            if key_of(entry) == key:
                return section, at
    raise InvalidItem([FieldError("key", "no such entry", "本期中没有这条信息")])


def _section(bulletin: Bulletin, name: str) -> int:
    for number, section in enumerate(bulletin.sections):
        if section.name == name:
            return number
    raise InvalidItem([FieldError("section", "no such section", "没有这个栏目")])
