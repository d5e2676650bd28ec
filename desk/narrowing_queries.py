"""What :mod:`desk.narrowing` asks of the index, and how its answers are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from desk.candidates import NOT_PRINTED
from desk.filters import term
from desk.index import Query
from processors.bulletins import LEVEL_RANK, QUIET_RANK, UNDECIDED_RANK, Candidate, Rank, SectionRule
from processors.unconfirmed import Treatment
from schemas.vocab import Kind, Lane

MOST_EVENTS = 20_000
SENSITIVE = "opinion.sensitivity"
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """The time covered, [begin, end), and what is carried over from ``start`` on without ``used``. ``out``: items that
    are left out."""

    district: str
    start: datetime
    begin: datetime
    end: datetime
    used: tuple[str, ...] = ()
    out: tuple[str, ...] = ()

    def without(self, items: Iterable[str]) -> Span:
        """The same without some items."""
        return replace(self, out=(*self.out, *items))

    def erased_not(self) -> list[Query]:
        """Everything of the time that is there, whatever became of it."""
        own = _between(self.begin, self.end)
        if self.start >= self.begin:
            when: Query = own
        else:
            carried = {"bool": {"filter": [_between(self.start, self.begin)], "must_not": _ids(self.used)}}
            when = {"bool": {"should": [own, carried]}}
        return [term("district", self.district), term("erased", "false"), when]

    def printable(self) -> list[Query]:
        """Of that, what was neither returned nor rejected."""
        return [*self.erased_not(), _not({"terms": {"status": sorted(NOT_PRINTED)}}, *_ids(self.out))]

    def own_printable(self) -> list[Query]:
        """The same of the time covered alone."""
        return replace(self, start=self.begin).printable()

    def standing(self) -> list[Query]:
        """What tells of something and stands by itself."""
        return [*self.printable(), _not({"term": {"kind": Kind.ZERO.value}}, {"exists": {"field": "merged_into"}})]


def _between(begin: datetime, end: datetime) -> Query:
    return {"range": {"received_at": {"gte": begin.isoformat(), "lt": end.isoformat()}}}


def _ids(items: Sequence[str]) -> list[Query]:
    return [{"ids": {"values": list(items)}}] if items else []


def _not(*queries: Query) -> Query:
    return {"bool": {"must_not": list(queries)}}


def in_section(section: SectionRule) -> list[Query]:
    """What every item that the section takes fulfils, as far as an index can say; the rest is for the rule."""
    found: list[Query] = [{"terms": {"lane": sorted(section.lanes)}}]
    if section.categories:
        names = sorted(section.categories)
        judged = {"bool": {"filter": [{"terms": {"category": names}}], "must_not": [_has("category_decided")]}}
        found.append({"bool": {"should": [{"terms": {"category_decided": names}}, judged]}})
    if section.emergency != "any":
        found.append(FLAGGED if section.emergency == "true" else _not(FLAGGED))
    if section.scope == "district":
        found.append(_not(term("emergency.in_district", "false")))
    elif section.scope == "elsewhere":
        found.append(term("emergency.in_district", "false"))
    if section.words:
        phrases = [{"match_phrase": {name: word}} for word in section.words for name in ("title", "text")]
        found.append({"bool": {"should": phrases}})
    return found


def _has(name: str) -> Query:
    return {"exists": {"field": name}}


SURE: Query = {"bool": {"should": [term("emergency.in_district", "true"), term("lane", Lane.REPORT.value)]}}
"""What :func:`processors.bulletins.surely_here` says."""


FLAGGED = term("emergency.is_emergency", "true")
MAY_BE_CONFIRMED: Query = {
    "bool": {
        "should": [
            {"terms": {"lane": [Lane.REPORT.value, Lane.MEDIA.value]}},
            _has("incident"),
            _has("story"),
            _not(FLAGGED),
        ]
    }
}
"""Of single items, those that processors.unconfirmed can let pass: a post by itself has nothing that stands for it."""


# -- events of several items ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """An incident or a story with several items. ``bound``: nothing that it puts into the section ranks before it."""

    kind: str
    key: str
    bound: Rank


def events_asked(filters: Sequence[Query], kind: str, sections: Sequence[SectionRule]) -> dict[str, Any]:
    """The search for the events of a kind, with what bounds their rank in each section."""
    apart = [_has("incident") if kind == "incident" else _not(_has("incident"))]
    within = {f"s{number}": _bounds(section) for number, section in enumerate(sections)}
    keys = {"field": kind, "size": MOST_EVENTS, "min_doc_count": 2, "collect_mode": "breadth_first"}
    return {
        "query": {"bool": {"filter": [{"term": {"complete": True}}, *filters, *apart]}},
        "size": 0,
        "track_total_hits": False,
        "aggregations": {"keys": {"terms": keys, "aggregations": within | {"sure": {"filter": SURE}}}},
    }


def _bounds(section: SectionRule) -> Query:
    asked: dict[str, Query] = {"first": {"min": {"field": "received_at"}}}
    if Lane.OPINION in section.lanes:
        asked["sensitive"] = {"max": {"field": SENSITIVE}}
    if section.emergency != "false":
        asked |= {
            level.value: {"filter": {"bool": {"filter": [FLAGGED, term("emergency.level", level.value)]}}}
            for level in LEVEL_RANK
        }
        asked["flagged"] = {"filter": FLAGGED}
    return {"filter": {"bool": {"filter": in_section(section)}}, "aggregations": asked}


def events_read(answer: Mapping[str, Any], kind: str, number: int, section: SectionRule) -> Iterator[Event]:
    """The events that may put something into the section."""
    for bucket in answer["aggregations"]["keys"]["buckets"]:
        fitting = bucket[f"s{number}"]
        if fitting["doc_count"]:
            unsure = section.scope == "district" and not bucket["sure"]["doc_count"]
            sensitive = int((fitting.get("sensitive") or {}).get("value") or 0)
            first = datetime.fromtimestamp(fitting["first"]["value"] / 1000, UTC)
            bound = (unsure, _best_level(fitting, section), -sensitive, -int(bucket["doc_count"]), first, "")
            yield Event(kind, str(bucket["key"]), bound)


def _best_level(fitting: Mapping[str, Any], section: SectionRule) -> int:
    if section.emergency == "false" or not fitting["flagged"]["doc_count"]:
        return QUIET_RANK
    return min(
        (rank for level, rank in LEVEL_RANK.items() if fitting[level.value]["doc_count"]), default=UNDECIDED_RANK
    )


# -- single items -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Scan:
    """Items of a section one after the other, in the order of their rank. ``sure``: those surely in the district, or
    the others; None where that does not count. ``bound``: nothing that comes later ranks before it."""

    section: SectionRule
    sure: bool | None
    cursor: str | None = None
    done: bool = False
    bound: Rank = field(init=False)

    def __post_init__(self) -> None:
        self.bound = (self._unsure, 0, -100, -1, _FIRST, "")

    @property
    def _unsure(self) -> bool:
        return self.sure is False

    def filters(self) -> list[Query]:
        """What is scanned."""
        found = in_section(self.section)
        if self.sure is not None:
            found.append(SURE if self.sure else _not(SURE))
        if self.section.unconfirmed is Treatment.OFFER:
            found.append(MAY_BE_CONFIRMED)
        return found

    def sort(self) -> list[dict[str, Any]]:
        """As :data:`processors.bulletins.Rank` orders single items."""
        found: list[dict[str, Any]] = []
        if self.section.emergency == "any":
            found.append({"emergency.is_emergency": {"order": "desc", "missing": "_last"}})
        if self.section.emergency != "false":
            found.append({"emergency.level": {"order": "asc", "missing": "_last"}})
        if Lane.OPINION in self.section.lanes:
            found.append({SENSITIVE: {"order": "desc", "missing": 0}})
        return [*found, {"received_at": {"order": "asc"}}, {"item_id": {"order": "asc"}}]

    def passed(self, items: Sequence[Candidate], cursor: str | None) -> None:
        """These were read; ``cursor``: where it goes on, None after the last."""
        self.cursor, self.done = cursor, cursor is None
        if items:
            last = items[-1]
            level = LEVEL_RANK.get(last.level, UNDECIDED_RANK) if last.level else UNDECIDED_RANK
            rank = level if last.is_emergency else QUIET_RANK
            # The index sorts by milliseconds.
            moment = last.received_at.replace(microsecond=last.received_at.microsecond // 1000 * 1000)
            self.bound = (self._unsure, rank, -last.sensitivity, -1, moment, "")
