"""Statements of figures of people, and what those of one field say together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Found(NamedTuple):
    """One statement: a figure of a field, where it stands in the document, and how it is put."""

    kind: str
    figure: int | None
    start: int
    end: int
    sentence: int
    part: bool = False
    total: bool = False
    update: bool = False
    old: bool = False
    nominal: bool = False
    single: bool = False
    title: bool = False
    other: bool = False
    implied: bool = False
    of_injured: bool = False
    summary: bool = False
    ill: bool = False
    detail: bool = False
    compact: bool = False
    cases: bool = False
    bare: bool = False
    fell: bool = False


@dataclass(slots=True)
class Statements:
    """All statements of a document, and what is stated as none, by field.

    ``several``: some were hurt, nobody says how many; ``met``: how many were found again, as counted.
    """

    found: list[Found] = field(default_factory=list)
    none: set[str] = field(default_factory=set)
    back: int = -1
    lift: int | None = None
    aboard: int | None = None
    several: bool = False
    met: frozenset[int] = frozenset()
    loose: tuple[str, int] = ("", -1)

    def of(self, kind: str, *, title: bool = False) -> list[Found]:
        """Statements of a field in the text, or in the title."""
        return [found for found in self.found if found.kind == kind and found.title == title and not found.old]


def choose(statements: list[Found], *, add: bool = True) -> int | None:
    """What the statements of one field say together: the last update, else the total, else the sum or greatest."""
    known = [found for found in statements if found.figure is not None]
    known = [found for found in known if not found.implied] or known[:1]
    plain = [found for found in known if not found.nominal or found.update or found.cases] or known
    if all(found.part for found in plain):
        plain = known
    if not plain:
        return None
    updates = [found for found in plain if found.update and not found.part]
    if updates:
        last = updates[-1]
        later = [found.figure or 0 for found in plain if found.total and not found.part and found.start > last.start]
        return max([last.figure or 0, *later])
    whole = [found for found in plain if not found.part] or plain
    if (most := max((found.figure or 0) for found in plain)) > sum({f.start: f.figure or 0 for f in whole}.values()):
        return most  # 其中两人身亡……另一名学生已无生命迹象: no part of what is less
    compact = sum({found.start: found.figure or 0 for found in whole if found.compact}.values())
    above = any(found.total and (found.figure or 0) > compact for found in whole)  # 三起合计2人死亡、4人受伤
    if compact and not above and not any(found.other for found in whole):
        whole = [found for found in whole if found.compact]
    totals = [found for found in whole if found.total]
    if totals:
        return max(found.figure or 0 for found in totals)
    if not add:
        return max(found.figure or 0 for found in whole)
    return _by_sentence(whole, sum({found.start: found.figure or 0 for found in plain if found.part}.values()))


def _whole(places: dict[int, int], every: dict[int, int]) -> int:
    """三人摔倒，一人缝针，两人挫伤: figures that add up to the first one are its parts."""
    counts = list(every.values())
    return counts[0] if len(counts) > 2 and sum(counts[1:]) == counts[0] else sum(places.values())


def _by_sentence(statements: list[Found], parts: int = 0) -> int:
    """Several figures in one sentence add up, sentences repeat one another unless they say 另.

    3人受伤，其中1人重伤，另有2人轻伤: those named beside the ``parts`` complete the whole.
    """
    sums: dict[int, dict[int, int]] = {}
    others: dict[int, int] = {}
    greatest = 0
    details = {found.start for found in statements if found.detail}
    every: dict[int, dict[int, int]] = {}
    for found in statements:
        count = found.figure or 0
        every.setdefault(found.sentence, {}).setdefault(found.start, count)
        if found.start in details and count < max(others.values(), default=0):
            continue
        if found.other:
            others[found.start] = count
            continue
        if found.summary or (found.start in details and count < greatest):
            greatest = max(greatest, count)
            continue
        place = sums.setdefault(found.sentence, {})
        if (count > 3 and count in place.values()) or (found.single and place):
            continue
        if found.bare and count == sum(place.values()):
            continue  # 送医途中死亡，1人死亡
        place[found.start] = count
        greatest = max(greatest, count)
    best = max((_whole(places, every[sentence]) for sentence, places in sums.items()), default=0)
    beside = sum(others.values())
    return max(best, greatest) + (0 if parts and parts + beside == greatest else beside)
