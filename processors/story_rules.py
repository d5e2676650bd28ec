"""What story matching knows of a district: kindred types of events, its places, words too common to tell apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from processors.story_places import Atlas
from processors.tables import Tables

WIDE_TYPES = ("province", "city", "district")
TOWN_TYPES = ("town", "subdistrict")
COMMON_SIGN = 8
"""Common pairs that a character stands in, from which it tells nothing."""
INNER_TYPES = (*TOWN_TYPES, "zone", "community", "village", "road/bridge")


@dataclass(frozen=True, slots=True)
class StoryRules:
    """Rules of a district. Everything has a sane value where the folder says nothing."""

    district: str = ""
    kin: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Groups of an event type; types that share a group may be one event told in two ways."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Types of events that a word speaks of."""
    own: frozenset[str] = frozenset()
    """Names of the district and of what it lies in: said by every item, so they join nothing."""
    local: frozenset[str] = frozenset()
    """Names of places in the district; an event in another county is another event."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """Town of a village, community or road."""
    atlas: Atlas = field(default_factory=lambda: Atlas({}))
    """Provinces, cities and counties of the country."""
    common: frozenset[str] = frozenset()
    """Pairs of characters that many texts share."""
    common_codes: NDArray[np.uint32] = field(init=False, repr=False, compare=False)
    """The same as numbers (first character << 16 | second), sorted."""
    window: timedelta = timedelta(days=30)
    """As long as a final report may come (event_codes: supplement within 30 days)."""
    capacity: int = 20_000
    """Items remembered at most: more than a month of a busy district."""
    memory: timedelta = timedelta(days=365)
    """How long emergencies are remembered beyond the window: trials, damages (as long as the topic)."""
    remembered: int = 4_000
    """Emergencies remembered beyond the window at most."""
    common_signs: frozenset[str] = field(init=False, repr=False, compare=False)
    """Characters of many common pairs."""
    word: re.Pattern[str] | None = field(init=False, repr=False, compare=False)
    """Any of the words."""

    def __post_init__(self) -> None:
        codes = sorted(ord(pair[0]) << 16 | ord(pair[1]) for pair in self.common if max(pair) <= "\uffff")
        object.__setattr__(self, "common_codes", np.array(codes, dtype=np.uint32))
        signs = Counter(sign for pair in self.common for sign in pair)
        object.__setattr__(self, "common_signs", frozenset(sign for sign, n in signs.items() if n >= COMMON_SIGN))
        longest = sorted(self.words, key=lambda word: (-len(word), word))
        object.__setattr__(self, "word", re.compile("|".join(map(re.escape, longest))) if longest else None)

    def told_in(self, text: str) -> list[str]:
        """Types of events that the words of a text speak of, in the order of their words."""
        if self.word is None:
            return []
        return list(dict.fromkeys(name for word in self.word.findall(text) for name in self.words[word]))

    @classmethod
    def from_tables(cls, tables: Tables, *, district: str = "") -> StoryRules:
        """Rules from ``story_groups``, ``gazetteer`` and ``common_bigrams``; a missing table leaves its default."""
        own, local, parents = _places(tables)
        kin, common, words = _kin(tables), _common(tables), _words(tables)
        return cls(
            district=district, kin=kin, words=words, own=own, local=local, parents=parents, common=common,
            atlas=Atlas.from_tables(tables),
        )  # fmt: skip


def _words(tables: Tables) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in tables.get("story_words", ()):
        if not row.parts("words") or not row.parts("types"):
            raise row.error("words and types must not be empty")
        for word in row.parts("words"):
            found[word] = (*found.get(word, ()), *row.parts("types"))
    return found


def _kin(tables: Tables) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in tables.get("story_groups", ()):
        if not row.get("group") or not row.parts("types"):
            raise row.error("group and types must not be empty")
        for name in row.parts("types"):
            groups.setdefault(name, set()).add(row["group"])
    return {name: frozenset(found) for name, found in groups.items()}


def _places(tables: Tables) -> tuple[frozenset[str], frozenset[str], dict[str, str]]:
    """Names that every item says, names in the district, towns of places."""
    own: set[str] = set()
    local: set[str] = set()
    parents: dict[str, str] = {}
    for row in tables.get("gazetteer", ()):
        names, kind, parent = {row["name"].split("(")[0], *row.parts("aliases")}, row.get("type"), row.get("parent")
        if kind in WIDE_TYPES:
            own |= names
            local |= names if kind == "district" else set()
        elif kind in INNER_TYPES:
            local |= names
            if parent.endswith(("镇", "街道")) and kind not in TOWN_TYPES:
                parents |= dict.fromkeys(names, parent)
    return frozenset(own), frozenset(local), parents


def _common(tables: Tables) -> frozenset[str]:
    if "common_bigrams" not in tables:
        return frozenset()
    return frozenset(row["first"] + second for row in tables["common_bigrams"] for second in row.get("seconds").strip())
