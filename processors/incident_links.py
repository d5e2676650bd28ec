"""Which incident an item speaks of, and by what evidence. Pure.

Evidence, the strongest first: the sender's own name for the incident, a hamlet or road that both texts name, figures
that agree, the same town with the same type at the same time, and last the same type on the same day where the text
names no place and one incident alone fits. Contrary places, figures or names by one sender rule a link out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.incident_sum import CASUALTIES, STAGE_OF_KIND, voices
from schemas.assessment import Facts
from schemas.base import local_day
from schemas.incident import Incident, IncidentSource
from schemas.vocab import Lane, Link, Precision

_EXACT = {Precision.MINUTE, Precision.HOUR}
_TOWN_ENDS = ("镇", "街道", "乡", "办事处")
_UNSPECIFIC = "其他"
"""Event types that begin so say only that something happened."""
_PLACE_END = re.compile(r"村|屯|坳|坑|岭|垅|塅|坪|寨|圩|湾|社区|小区|花园|家园|公寓|巷|大道|大桥|水库|隧道")
_HAN = re.compile(r"[\u4e00-\u9fff]{2}")
_VAGUE = re.compile(
    r"[一二两三四五六七八九十几某该本这那各每多全个处家间座条所我你他她们的了在到从是有为和与及对向被把将出近沿进来去当于内外"
    r"附事第回往过不没走开通同名道乡镇县区市省等]"
)
NAMES = 12
"""Names kept of a text (ours, no source)."""


@dataclass(frozen=True, slots=True)
class LinkRules:
    """When two words speak of the same event.

    ``same_hours``: onsets known to the hour may differ so much (SPEC 12: merge by time ±2 h, place, type).
    ``silence``: without an onset, how long before or after the last word an item still belongs (ours, no source).
    ``reopen``: how long a final report may still be corrected (SPEC 2.4: casualty change within 30 days).
    ``ratio`` and ``gap``: casualties that differ by more than both are two events (ours, no source).
    ``wide``: names of places that hold the whole district (章贡区, 赣州): naming them places nothing.
    """

    same_hours: timedelta = timedelta(hours=2)
    silence: timedelta = timedelta(hours=24)
    reopen: timedelta = timedelta(days=30)
    ratio: float = 5.0
    gap: int = 10
    wide: frozenset[str] = frozenset()


State = Mapping[str, Incident]
"""Incidents of one district by id."""
_ORDER = [Link.UNKNOWN_PLACE, Link.PLACE, Link.FIGURES, Link.NAME, Link.LABEL]


def local_names(text: str) -> tuple[str, ...]:
    """Hamlets, villages and roads: a generic word and the two characters before it, as the text has them."""
    found: dict[str, None] = {}
    for match in _PLACE_END.finditer(text):
        before = text[match.start() - 2 : match.start()]
        if _HAN.fullmatch(before) and not _VAGUE.search(before):
            found[before + match[0]] = None
    return tuple(found)[:NAMES]


def linked(state: State, source: IncidentSource, now: datetime, rules: LinkRules) -> tuple[Incident, Link] | None:
    """The incident with the strongest evidence; of equals the signed, then the latest. None: none fits.

    ``now`` is the receipt of the item, so that a replay links the same.
    """
    found = [(link, one) for one in state.values() if (link := evidence(one, source, now, rules))]
    weak = [one for link, one in found if link is Link.UNKNOWN_PLACE]
    usable = [(link, one) for link, one in found if link is not Link.UNKNOWN_PLACE or len(weak) == 1]
    if not usable:
        return None
    link, best = max(usable, key=lambda pair: (_ORDER.index(pair[0]), pair[1].signed, *_recency(pair[1])))
    return best, link


def evidence(incident: Incident, source: IncidentSource, now: datetime, rules: LinkRules) -> Link | None:
    """Why an item belongs to an incident; None where it does not."""
    if incident.merged_into:
        return None
    if source.label and _is_named(incident, source):
        return Link.LABEL
    too_old = incident.closed and now - incident.changed_at > rules.reopen
    if too_old or source.in_district is False or _contradicts_label(incident, source):
        return None
    close, later = _same_time(incident, source, now, rules), _is_later_word(incident, source)
    if not (close or later or source.label) or not _compatible(incident.facts, source.facts, rules):
        return None
    return _by_place(incident, source, rules, close=close, later=later)


def _by_place(incident: Incident, source: IncidentSource, rules: LinkRules, *, close: bool, later: bool) -> Link | None:
    place = _place(incident, source, rules)
    if place is _CONTRARY:
        return None
    if source.label and place is not None and source.label in {one.label for one in incident.sources}:
        return Link.LABEL  # another sender's name for it, and the places agree
    kind = _type(incident, source)
    if place is Link.NAME:
        if close and kind != "contrary":
            return Link.NAME
        later = later and kind == "same"
        return Link.FIGURES if later and _figures_agree(incident.facts, source.facts) else None
    if place is Link.PLACE:
        return Link.PLACE if close and kind in ("same", "unsure") else None
    return _without_place(incident, source, close=close, kind=kind)


def _without_place(incident: Incident, source: IncidentSource, *, close: bool, kind: str) -> Link | None:
    """No place on one side: a follow-up of the same sender, or the only event of this type about now."""
    follows = source.kind in STAGE_OF_KIND
    if follows and close and kind != "contrary" and any(one.source == source.source for one in incident.sources):
        return Link.PLACE
    if source.lane is Lane.REPORT or source.names or kind != "same" or not close:
        return None  # what a department signs, or what names a hamlet nobody else named, is not put away on so little
    return Link.UNKNOWN_PLACE


_CONTRARY = object()


def _place(incident: Incident, source: IncidentSource, rules: LinkRules) -> object:
    """NAME, PLACE, None (one side names none) or _CONTRARY."""
    spoken = voices(incident)
    ours, theirs = _stated(spoken, rules), _stated([source], rules)
    ours_named, theirs_named = _named(spoken, rules), _named([source], rules)
    if ours and theirs and not any(_within(a, b) for a in ours for b in theirs):
        return _CONTRARY
    if any(_within(a, b) for a in ours_named for b in theirs_named):
        return Link.NAME
    return Link.PLACE if ours and theirs else None


def _stated(sources: Iterable[IncidentSource], rules: LinkRules) -> set[str]:
    return {place for one in sources for place in one.facts.places if place not in rules.wide}


def _named(sources: Iterable[IncidentSource], rules: LinkRules) -> set[str]:
    every = {name for one in sources for name in (*one.facts.places, *one.names)}
    return {name for name in every - rules.wide if not name.endswith(_TOWN_ENDS)}


def _within(a: str, b: str) -> bool:
    return a in b or b in a


def _type(incident: Incident, source: IncidentSource) -> str:
    """same, unsure or contrary. What type a post speaks of is a guess; a follow-up need not repeat it (SPEC 2.4)."""
    ours, theirs = incident.event_type, source.event_type
    if ours and theirs and ours == theirs:
        return "same"
    if source.kind in STAGE_OF_KIND and source.event_class is None:
        return "unsure"
    guessed = source.lane is Lane.OPINION or all(one.lane is Lane.OPINION for one in voices(incident))
    vague = any(name is None or name.startswith(_UNSPECIFIC) for name in (ours, theirs))
    if guessed:
        return "unsure" if vague or _place_only(incident, source) else "contrary"
    same_class = incident.event_class is not None and incident.event_class == source.event_class
    if vague:
        return "unsure" if same_class else "contrary"
    return "kin" if same_class else "contrary"


def _place_only(incident: Incident, source: IncidentSource) -> bool:
    """A hamlet both name outweighs what type a post was taken for."""
    ours = {name for one in voices(incident) for name in (*one.facts.places, *one.names)}
    return any(name in ours for name in source.names)


def _same_time(incident: Incident, source: IncidentSource, now: datetime, rules: LinkRules) -> bool:
    ours, theirs = incident.facts.event_time, source.facts.event_time
    if ours is None or theirs is None:
        heard = incident.opened_at - rules.silence <= now <= incident.changed_at + rules.silence
        said = source.published_at or now
        return heard or (ours is not None and abs(said - ours.start) <= rules.silence)
    if ours.precision in _EXACT and theirs.precision in _EXACT:
        return abs(ours.start - theirs.start) <= rules.same_hours
    if Precision.MONTH in (ours.precision, theirs.precision):
        return ours.start.strftime("%Y-%m") == theirs.start.strftime("%Y-%m")
    return local_day(ours.start) == local_day(theirs.start)


def _is_later_word(incident: Incident, source: IncidentSource) -> bool:
    """Media tell the rescue, not the onset: the same day, later, from no department."""
    ours, theirs = incident.facts.event_time, source.facts.event_time
    if source.lane is Lane.REPORT or ours is None or theirs is None:
        return False
    return theirs.start >= ours.start and local_day(ours.start) == local_day(theirs.start)


def _figures_agree(ours: Facts, theirs: Facts) -> bool:
    pairs = [(getattr(ours, name), getattr(theirs, name)) for name in CASUALTIES]
    return any(a and a == b for a, b in pairs)


def _compatible(ours: Facts, theirs: Facts, rules: LinkRules) -> bool:
    for name in CASUALTIES:
        a, b = getattr(ours, name), getattr(theirs, name)
        if a and b and abs(a - b) > rules.gap and max(a, b) > rules.ratio * min(a, b):
            return False
    return True


def _is_named(incident: Incident, source: IncidentSource) -> bool:
    own = any(one.label == source.label and one.source == source.source for one in incident.sources)
    return own or source.label in {incident.incident, *(one.incident for one in incident.merged)}


def _contradicts_label(incident: Incident, source: IncidentSource) -> bool:
    """The same sender calls them by two names: two events, however alike."""
    own = {one.label for one in incident.sources if one.source == source.source and one.label}
    return bool(source.label and own and source.label not in own)


def _recency(incident: Incident) -> tuple[datetime, str]:
    return incident.changed_at, incident.incident
