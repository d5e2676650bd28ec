"""Which items tell of one event: reprints, follow-ups and reports of several lanes. Decided on arrival, never changed.

Candidates are found by blocking (parts of the MinHash, rare words, names, figures, kind with place and day), the best
one decides (``story_pairs``). The window is bounded by days and items and holds signatures only; the same items in the
same order give the same stories, after a restart too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Literal

from processors.story_features import Features, can_be_followed, features, sign
from processors.story_pairs import JOIN, compare
from processors.story_rules import StoryRules
from schemas.assessment import AssessedItem
from schemas.ids import digest
from schemas.story import StoryAssigned, StorySignature

__all__ = ["StoryMatcher", "StoryRules", "StoryWindow"]

REPRINT = 0.5
"""Share of common wording from which an item is a reprint rather than another report."""
BANDS, ROWS = 8, 3
"""Parts of the MinHash: texts that share half of their wording meet by them in two of three cases, else by words."""
CROWDED = 40
"""A key that more items of the window have tells nothing."""
COMPARED = 8
"""Candidates compared in full: those with most common keys, the latest first among equals."""
_WEIGHTS = {"m": 3, "x": 3, "y": 2, "i": 20, "n": 2, "#": 2, "t": 2}
_SERIAL_BITS = 40


@dataclass(slots=True)
class _Entry:
    """An item in the window."""

    item_id: str
    story: str
    features: Features
    keys: tuple[str, ...]
    at: float


class StoryMatcher:
    """Assigns stories in order of arrival; implements ``streams.ports.StoryMatcher``."""

    def __init__(self, rules: StoryRules) -> None:
        self._rules = rules
        self._assigned: dict[str, StoryAssigned] = {}
        self._entries: dict[int, _Entry] = {}
        self._by_key: dict[str, list[int]] = {}
        self._next = 0

    def restore(self, events: Iterable[StoryAssigned]) -> None:
        """Put earlier assignments back, oldest first; what is known already changes nothing."""
        for event in events:
            known = self._assigned.get(event.item_id)
            if known is None:
                found = features(event.signature, self._rules)
                self._remember(event, found, blocking_keys(found))
            elif event.version > known.version:
                self._assigned[event.item_id] = event

    def assign(self, item: AssessedItem) -> StoryAssigned:
        """The item's story. A correction or a replay keeps what the item had."""
        known = self._assigned.get(item.item_id)
        if known is not None:
            if known.version < item.version:
                known = known.model_copy(update={"version": item.version, "assigned_at": item.received_at})
                self._assigned[item.item_id] = known
            return known
        signature = sign(item, self._rules)
        new = features(signature, self._rules)
        keys = blocking_keys(new)
        event = self._decide(item, signature, new, keys)
        self._remember(event, new, keys)
        return event

    def _decide(
        self, item: AssessedItem, signature: StorySignature, new: Features, keys: Sequence[str]
    ) -> StoryAssigned:
        story: str | None = None
        relation: Literal["first", "reprint", "same_event", "alone"] = "alone"
        score = 0.0
        if can_be_followed(item):
            best, points, alike = self._best(new, keys)
            if best is None:
                story, relation = digest(item.district, "story", item.item_id), "first"
            else:
                story, relation, score = best.story, "reprint" if alike >= REPRINT else "same_event", round(points, 3)
        return StoryAssigned(
            item_id=item.item_id,
            district=item.district,
            version=item.version,
            story=story,
            relation=relation,
            score=score,
            assigned_at=item.received_at,
            signature=signature,
        )

    def _best(self, new: Features, keys: Sequence[str]) -> tuple[_Entry | None, float, float]:
        best: tuple[_Entry | None, float, float] = (None, JOIN, 0.0)
        for entry in self._candidates(keys):
            points, alike = compare(new, entry.features)
            if points > best[1] or (points == best[1] and best[0] is None):
                best = (entry, points, alike)
        return best

    def _candidates(self, keys: Sequence[str]) -> list[_Entry]:
        votes: Counter[int] = Counter()
        for key in keys:
            having = self._by_key.get(key)
            if having and len(having) <= CROWDED:
                for _ in range(_WEIGHTS.get(key[0], 1)):
                    votes.update(having)
        ranked = [count << _SERIAL_BITS | serial for serial, count in votes.items() if count > 1]
        return [self._entries[mark & (1 << _SERIAL_BITS) - 1] for mark in nlargest(COMPARED, ranked)]

    def _remember(self, event: StoryAssigned, found: Features, keys: Sequence[str]) -> None:
        self._assigned[event.item_id] = event
        kept = tuple(keys) if event.story else ()
        serial, self._next = self._next, self._next + 1
        entry = _Entry(event.item_id, event.story or "", found, kept, event.assigned_at.timestamp())
        self._entries[serial] = entry
        for key in kept:
            self._by_key.setdefault(key, []).append(serial)
        self._forget(entry.at - self._rules.window.total_seconds())

    def _forget(self, before: float) -> None:
        """Drop the oldest; a key's first serial is always the oldest one's."""
        while self._entries:
            serial, old = next(iter(self._entries.items()))
            if old.at >= before and len(self._entries) <= self._rules.capacity:
                return
            del self._entries[serial], self._assigned[old.item_id]
            for key in old.keys:
                having = self._by_key[key]
                del having[0]
                if not having:
                    del self._by_key[key]


StoryWindow = StoryMatcher
"""The window of one run of ``huiyao assess``: the same matching as in the stream."""


def blocking_keys(found: Features) -> list[str]:
    """Keys under which an item may meet another of the same event, sorted: the order decides among equals."""
    marks = found.minhash
    keys = {f"m{band}:{marks[band * ROWS : band * ROWS + ROWS]}" for band in range(BANDS)} if marks else set()
    keys.update(found.anchors)
    keys.update([f"y{place}" for place in found.specific])
    keys.update([f"n{name}" for name in found.names])
    keys.update([f"#{number}" for number in found.numbers if len(number) >= 3])
    keys.update([f"t{clock}" for clock in found.clocks])
    if found.incident:
        keys.add(f"i{found.incident}")
    if found.event_type:
        days = {found.event_day, found.published_day} | found.days if found.event_day else {found.published_day}
        for group in found.groups or (found.event_type,):
            keys.update([f"x{group}:{place}" for place in found.specific | found.towns | found.counties | found.loose])
            keys.update([f"x{group}:{day}" for day in days])
        if found.lane == "report":
            keys.add(f"x{found.source}:{found.published_day}")
            keys.add(f"x{found.event_type}:{found.source}")
    return sorted(keys)
