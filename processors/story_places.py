"""Where in the country an item's places lie: codes of province, city and county, so that 曲靖 and 云南 agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from processors.tables import Tables

WITHIN = ("province", "city", "county")
LEVELS = (6, 4, 2)
"""Digits of the code of a county, a city, a province."""
ABROAD = "@"
"""Before the name of a country."""
OWN = "="
"""Behind the code of the own district: that two items lie in it says nothing, that one lies elsewhere says much."""
UNKNOWN_LEVEL = (1, 0)
MOST = 8
"""Places of an item looked up: what stands behind is background."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """Codes by name: of the whole country, beside countries by their own name."""

    codes: Mapping[str, tuple[str, ...]]
    home: str = ""
    """Code of the district."""

    @classmethod
    def from_tables(cls, tables: Tables) -> Atlas:
        """From ``places`` and the district's own row of ``gazetteer``; empty where there are none."""
        found: dict[str, dict[str, None]] = {}
        for row in tables.get("places", ()):
            kind, name, short = row.get("type"), row.get("name"), row.get("short")
            if kind in WITHIN:
                for one in {name, short} - {""}:
                    found.setdefault(one, {})[row.get("code")] = None
            elif kind == "country":
                found.setdefault(name, {})[f"{ABROAD}{name}"] = None
        home = next((row.get("code") for row in tables.get("gazetteer", ()) if row.get("type") == "district"), "")
        return cls({name: tuple(codes) for name, codes in found.items()}, home)

    def locate(self, places: Iterable[str], local: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The codes of an item's places, and of the first of them; what two places share a name for stays out.

        ``local``: names of places in the district. A name of several places is the one that another name lies in.
        """
        named = list(places)[:MOST]
        home = (f"{self.home}{OWN}",) if self.home else ()
        known = [home if place in local else self.codes.get(place, ()) for place in named]
        sure = {codes[0] for codes in known if len(codes) == 1}
        chosen = [codes[0] if len(codes) == 1 else _one_of(codes, sure) for codes in known]
        codes = dict.fromkeys(filter(None, chosen))
        narrow = [code for code in codes if not any(other != code and other.startswith(code) for other in codes)]
        first = next(iter(codes), "")
        return frozenset(narrow), frozenset([code for code in narrow if code.startswith(first)][:1] if first else ())


def _one_of(codes: tuple[str, ...], sure: set[str]) -> str:
    """The only one of several that lies where a sure one does, else none."""
    for digits in (4, 2):
        near = [code for code in codes if any(code[:digits] == other[:digits] for other in sure)]
        if len(near) == 1:
            return near[0]
    return ""


def level(one: frozenset[str], other: frozenset[str]) -> tuple[int, int]:
    """How far two places agree (0: not at all, 1: unknown, 2, 4, 6: province, city, county), and what is against it.

    The second number: digits both have beyond what they share; 南昌 and 赣州 share 2 and differ by 2.
    """
    if not one or not other:
        return UNKNOWN_LEVEL
    best, own = (0, 6), False
    for first in one:
        for last in other:
            found = _agree(first, last)
            assumed = OWN in first + last
            if (_rank(found), not assumed) > (_rank(best), not own):  # sets have no order: what is told goes first
                best, own = found, assumed
    return UNKNOWN_LEVEL if own and not best[1] else best


def _agree(first: str, last: str) -> tuple[int, int]:
    if ABROAD in first + last:
        return (6, 0) if first == last else (0, 6)
    first, last = first.rstrip(OWN), last.rstrip(OWN)
    least = min(len(first), len(last))
    shared = next((digits for digits in LEVELS if digits <= least and first[:digits] == last[:digits]), 0)
    return shared, least - shared


def _rank(found: tuple[int, int]) -> tuple[int, int]:
    return found[0], -found[1]
