"""Which items tell of one event: reprints, follow-ups and reports of several lanes. Decided on arrival, never changed.

Candidates are found by blocking (parts of the MinHash, rare words, names, figures, kind with place and day), the
likeliest decides (``story_evidence``, ``story_model``). The window is bounded by days and items and holds signatures
only; the same items in the same order give the same stories, after a restart too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Literal

from processors.story_begin import can_be_followed, first_story
from processors.story_evidence import NAMES, evidence
from processors.story_features import Features, day_before, features, sign
from processors.story_model import PairModel
from processors.story_rules import StoryRules
from schemas.assessment import AssessedItem
from schemas.story import StoryAssigned, StorySignature
from schemas.vocab import Lane

__all__ = ["StoryMatcher", "StoryRules"]

REPRINT = 0.5
"""Share of common wording from which an item is a reprint rather than another report."""
BANDS, ROWS = 8, 3
"""Parts of the MinHash: texts that share half of their wording meet by them in two of three cases, else by words."""
CROWDED = 40
"""A key that more items of the window have tells nothing."""
COMPARED = 12
"""Candidates compared in full: those with most common keys, the latest first among equals."""
TOLD = 12
"""Types of events that an item's words speak of at most, so that it is looked for among them."""
ALIKE = NAMES.index("alike")
_WEIGHTS = {"m": 3, "x": 3, "y": 2, "i": 20, "n": 2, "#": 2, "t": 2, "e": 2}
_SERIAL_BITS = 40


@dataclass(slots=True)
class Remembered:
    """An item in the window."""

    item_id: str
    story: str
    features: Features
    keys: tuple[str, ...]
    at: float


class _Shelf:
    """Items by serial number, oldest first, and where to find them by their keys."""

    def __init__(self) -> None:
        self.entries: dict[int, Remembered] = {}
        self._by_key: dict[str, list[int]] = {}

    def put(self, serial: int, entry: Remembered) -> None:
        """Serial numbers only rise."""
        self.entries[serial] = entry
        for key in entry.keys:
            self._by_key.setdefault(key, []).append(serial)

    def take_oldest(self) -> tuple[int, Remembered]:
        """Drop the oldest; a key's first serial is always the oldest one's."""
        serial, old = next(iter(self.entries.items()))
        del self.entries[serial]
        for key in old.keys:
            having = self._by_key[key]
            del having[0]
            if not having:
                del self._by_key[key]
        return serial, old

    def holds_older(self, before: float, most: int) -> bool:
        """Whether the oldest is too old or there are too many."""
        return bool(self.entries) and (len(self.entries) > most or next(iter(self.entries.values())).at < before)

    def count(self, votes: Counter[int], keys: Sequence[str]) -> None:
        """Add what each item has in common with the keys."""
        for key in keys:
            having = self._by_key.get(key)
            if having and len(having) <= CROWDED:
                for _ in range(_WEIGHTS.get(key[0], 1)):
                    votes.update(having)


class StoryMatcher:
    """Assigns stories in order of arrival; implements ``streams.ports.StoryMatcher``."""

    def __init__(self, rules: StoryRules, model: PairModel) -> None:
        self._rules, self._model = rules, model
        self._assigned: dict[str, StoryAssigned] = {}
        self._window, self._memory = _Shelf(), _Shelf()
        self._next = 0

    def restore(self, events: Iterable[StoryAssigned]) -> None:
        """Put earlier assignments back, oldest first; what is known already changes nothing."""
        for event in events:
            known = self._assigned.get(event.item_id)
            if known is None:
                found = features(event.signature, self._rules, self._model.weights)
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
        new = features(signature, self._rules, self._model.weights)
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
                story, relation = first_story(item), "first"
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

    def _best(self, new: Features, keys: Sequence[str]) -> tuple[Remembered | None, float, float]:
        """The likeliest item of one event, the chance, and the share of wording in common; the latest among equals."""
        candidates = self.candidates(keys)
        compared = [evidence(entry.features, new, common, self._model.weights) for entry, common in candidates]
        if not compared:
            return None, 0.0, 0.0
        chances = self._model.chances([row for row, _ in compared])
        for at, (_, rule) in enumerate(compared):
            if rule:
                chances[at] = 1.0 if rule > 0 else 0.0
        best = int(chances.argmax())
        if chances[best] < self._model.join:
            return None, 0.0, 0.0
        return candidates[best][0], float(chances[best]), compared[best][0][ALIKE]

    def candidates(self, keys: Sequence[str]) -> list[tuple[Remembered, int]]:
        """Items of the window and the memory that have most keys in common with these, and how much that weighs."""
        votes: Counter[int] = Counter()
        self._window.count(votes, keys)
        self._memory.count(votes, keys)
        ranked = [count << _SERIAL_BITS | serial for serial, count in votes.items() if count > 1]
        best = nlargest(COMPARED, ranked)
        return [(self._entry(mark & (1 << _SERIAL_BITS) - 1), mark >> _SERIAL_BITS) for mark in best]

    def _entry(self, serial: int) -> Remembered:
        return self._window.entries.get(serial) or self._memory.entries[serial]

    def _remember(self, event: StoryAssigned, found: Features, keys: Sequence[str]) -> None:
        self._assigned[event.item_id] = event
        kept = tuple(keys) if event.story else ()
        serial, self._next = self._next, self._next + 1
        entry = Remembered(event.item_id, event.story or "", found, kept, event.assigned_at.timestamp())
        self._window.put(serial, entry)
        self._forget(entry.at)

    def _forget(self, now: float) -> None:
        """What leaves the window is dropped, but emergencies are remembered for what comes of them."""
        rules = self._rules
        while self._window.holds_older(now - rules.window.total_seconds(), rules.capacity):
            serial, old = self._window.take_oldest()
            if old.story and old.features.is_emergency and old.features.lane != Lane.OPINION:
                self._memory.put(serial, old)
            else:
                del self._assigned[old.item_id]
        while self._memory.holds_older(now - rules.memory.total_seconds(), rules.remembered):
            del self._assigned[self._memory.take_oldest()[1].item_id]


def blocking_keys(found: Features) -> list[str]:
    """Keys under which an item may meet another of the same event, sorted: the order decides among equals."""
    marks = found.minhash
    keys = {f"m{band}:{marks[band * ROWS : band * ROWS + ROWS]}" for band in range(BANDS)} if marks else set()
    keys.update(found.anchors)
    keys.update([f"u{sign}" for sign in found.rare_signs])
    keys.update([f"y{place}" for place in found.specific])
    keys.update([f"n{name}" for name in found.names])
    keys.update([f"#{number}" for number in found.numbers if len(number) >= 3])
    keys.update([f"t{clock}" for clock in found.clocks])
    if found.incident:
        keys.add(f"i{found.incident}")
    keys.update([f"e{name}" for name in found.nicknames])
    kinds = {found.event_type} if found.event_type else found.told if found.back or found.later else ()
    for place in found.specific | found.towns | found.counties | found.loose:
        keys.update([f"x{kind}:{place}" for kind in kinds])
    if not found.event_type and len(found.told) <= TOLD:
        days = {found.published_day, day_before(found)} | found.days
        keys.update([f"x{group}:{day}" for group in found.told_groups for day in days])
    if found.event_type:
        keys.add(f"e{found.event_day}")
        days = {found.event_day, found.published_day} | found.days if found.event_day else {found.published_day}
        for group in found.groups or (found.event_type,):
            keys.update([f"x{group}:{place}" for place in found.specific | found.towns | found.counties | found.loose])
            keys.update([f"x{group}:{day}" for day in days])
            keys.add(f"x{group}:{day_before(found)}")
        if found.lane == "report":
            keys.add(f"x{found.source}:{found.published_day}")
            keys.add(f"x{found.event_type}:{found.source}")
    return sorted(keys)
