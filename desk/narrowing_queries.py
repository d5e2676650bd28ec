"""What :mod:`desk.narrowing` asks of the index, and how its answers are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from desk.candidates import NOT_PRINTED
from desk.filters import term
from desk.index import Document, Query
from processors.bulletin_candidate import Candidate
from processors.bulletin_rules import SectionRule
from processors.bulletins import LEVEL_RANK, QUIET_RANK, UNDECIDED_RANK, Rank
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


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """Searches for the events of a kind, each over no more than it is about: one aggregation over the whole time with
    the sections within it was ten times as dear.

    ``sizes``: events of several items; ``sure``: those that surely lie in the district; ``fitting``, ``flagged``: by
    section what fits into it, and of that the emergencies by level, where the section takes both kinds.
    """

    sizes: dict[str, Any]
    sure: dict[str, Any] | None
    fitting: tuple[dict[str, Any], ...]
    flagged: tuple[dict[str, Any] | None, ...]

    def searches(self) -> list[dict[str, Any]]:
        """All of them in a row, for :func:`events_read` to take their answers so."""
        return [one for one in (self.sizes, self.sure, *self.fitting, *self.flagged) if one is not None]


def events_asked(filters: Sequence[Query], kind: str, sections: Sequence[SectionRule]) -> EventsAsked:
    """The searches for the events of a kind, with what bounds their rank in each section."""
    theirs = [*filters, _has(kind), *([] if kind == "incident" else [_not(_has("incident"))])]

    def search(more: Sequence[Query], least: int, within: Mapping[str, Query]) -> dict[str, Any]:
        keys: dict[str, Any] = {"terms": {"field": kind, "size": MOST_EVENTS, "min_doc_count": least}}
        return {
            "query": {"bool": {"filter": [{"term": {"complete": True}}, *theirs, *more]}},
            "size": 0,
            "track_total_hits": False,
            "aggregations": {"keys": keys | ({"aggregations": dict(within)} if within else {})},
        }

    return EventsAsked(
        search([], 2, {}),
        search([SURE], 1, {}) if any(one.scope == "district" for one in sections) else None,
        tuple(search(in_section(one), 1, _bounds(one)) for one in sections),
        tuple(search([*in_section(one), FLAGGED], 1, _LEVELS) if one.emergency == "any" else None for one in sections),
    )


_LEVELS: dict[str, Query] = {level.value: {"filter": term("emergency.level", level.value)} for level in LEVEL_RANK}


def _bounds(section: SectionRule) -> dict[str, Query]:
    asked: dict[str, Query] = {"first": {"min": {"field": "received_at"}}}
    if Lane.OPINION in section.lanes:
        asked["sensitive"] = {"max": {"field": SENSITIVE}}
    return asked | (_LEVELS if section.emergency == "true" else {})


@dataclass(frozen=True, slots=True)
class EventsFound:
    """``several``: the keys of events of several items; ``by_section``: those that may put something into each;
    ``cut_off``: there are more than were listed."""

    several: frozenset[str]
    by_section: tuple[list[Event], ...]
    cut_off: bool


def events_read(
    answers: Sequence[Mapping[str, Any]], asked: EventsAsked, kind: str, sections: Sequence[SectionRule]
) -> EventsFound:
    """``answers``: to :meth:`EventsAsked.searches`, in their order."""
    left = iter(answers)
    listed = [[one and next(left)["aggregations"]["keys"] for one in part]
              for part in ((asked.sizes, asked.sure), asked.fitting, asked.flagged)]  # fmt: skip
    (sizes, sure), fitting, flagged = ([_by_key(keys) for keys in part] for part in listed)
    found = []
    for section, fits, levels in zip(sections, fitting, flagged, strict=True):
        graded = fits if section.emergency == "true" else levels
        found.append(
            [
                Event(kind, key, _bound(section, sizes[key], key in sure, one, graded.get(key)))
                for key, one in fits.items()
                if key in sizes
            ]
        )
    cut_off = any(keys["sum_other_doc_count"] for part in listed for keys in part if keys)
    return EventsFound(frozenset(sizes), tuple(found), cut_off)


def _by_key(keys: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    return {} if keys is None else {str(one["key"]): one for one in keys["buckets"]}


def _bound(
    section: SectionRule,
    event: Mapping[str, Any],
    sure: bool,
    fits: Mapping[str, Any],
    graded: Mapping[str, Any] | None,
) -> Rank:
    """Nothing that the event puts into the section ranks before this. ``graded``: its emergencies there."""
    sensitive = int((fits.get("sensitive") or {}).get("value") or 0)
    first = datetime.fromtimestamp(fits["first"]["value"] / 1000, UTC)
    unsure = section.scope == "district" and not sure
    return (unsure, _best_level(graded), -sensitive, -int(event["doc_count"]), first, "")


def _best_level(graded: Mapping[str, Any] | None) -> int:
    if graded is None:
        return QUIET_RANK
    return min((rank for level, rank in LEVEL_RANK.items() if graded[level.value]["doc_count"]), default=UNDECIDED_RANK)


# -- single items -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Scan:
    """Items of a section one after the other, in the order of their rank. ``sure``: those surely in the district, or
    the others; None where that does not count. ``fetched``: the page after the last and its cursor, where it is here
    already; ``bound``: nothing that comes later ranks before it."""

    section: SectionRule
    sure: bool | None
    cursor: str | None = None
    done: bool = False
    fetched: tuple[list[Document], str | None] | None = None
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
