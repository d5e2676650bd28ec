"""``huiyao assess --compare OLD``: which verdicts a change of rules or models flips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import SettingsError

Record = dict[str, Any]
SCALARS = (
    ("category",),
    ("abstained",),
    ("emergency", "is_emergency"),
    ("emergency", "warning"),
    ("emergency", "doubtful"),
    ("emergency", "event_class"),
    ("emergency", "event_type"),
    ("emergency", "level"),
    ("emergency", "in_district"),
    ("timeliness", "verdict"),
    ("timeliness", "rule"),
    ("facts", "event_time", "start"),
    ("facts", "event_time", "precision"),
    *((("facts", name)) for name in ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated")),
    ("facts", "direct_loss"),
    ("opinion", "sentiment"),
    ("opinion", "theme"),
    ("opinion", "sensitivity"),
)
QUOTED = 24
"""Characters of the item shown beside its id: enough to recognise it."""


def read_earlier(path: Path) -> list[Record]:
    """The records of an earlier run. Raises SettingsError that names file and line."""
    if not path.is_file():
        raise SettingsError(f"--compare: no file {path}", hint="first run `huiyao assess < items.jsonl > OLD`")
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise SettingsError(f"{path}, line {number}: not JSON: {error}", hint="give the output of assess") from None
        if not isinstance(record, dict) or not ("category" in record or "error" in record):
            raise SettingsError(
                f"{path}, line {number}: no assessment", hint="give the output of assess, not its input"
            )
        found.append(record)
    return found


def flips(earlier: Iterable[Record], now: Iterable[tuple[Record, str]]) -> Iterator[str]:
    """Lines that tell what changed, item by item, and a summary at the end.

    ``now``: each record with words of its item. Items are paired in order; where ids differ, the input is another.
    """
    counts: Counter[str] = Counter()
    items = changed = 0
    stories = _Groups(), _Groups()
    for old, new in zip_longest(earlier, now):
        items += 1
        if new is None:
            yield f"{_name(old, '')}: only in the earlier output"
            counts["missing"] += 1
            continue
        record, words = new
        name = _name(record, words)
        if old is None or _identity(old) != _identity(record):
            yield f"{name}: not in the earlier output at this place"
            counts["added"] += 1
            continue
        told = [*_differences(old, record)]
        before, after = stories[0].first(old.get("story"), items), stories[1].first(record.get("story"), items)
        if before != after:
            told.append(("story", before, after))
        changed += bool(told)
        for what, was, is_now in told:
            counts[what] += 1
            yield f"{name}: {what}: {was} -> {is_now}"
    yield _summary(items, changed, counts)


def _differences(old: Record, new: Record) -> Iterator[tuple[str, Any, Any]]:
    if old.get("error") != new.get("error"):
        yield "error", old.get("error"), new.get("error")
    for path in SCALARS:
        before, after = _pick(old, path), _pick(new, path)
        if before != after:
            yield ".".join(path), before, after
    if sorted(_pick(old, ("facts", "places")) or ()) != sorted(_pick(new, ("facts", "places")) or ()):
        yield "facts.places", _pick(old, ("facts", "places")), _pick(new, ("facts", "places"))
    for key, label in (("findings", "check"), ("pii", "kind")):
        before, after = _marks(old, key, label), _marks(new, key, label)
        if before != after:
            gone, come = sorted((before - after).elements()), sorted((after - before).elements())
            yield key, "; ".join(gone) or "-", "; ".join(come) or "-"


def _marks(record: Record, key: str, label: str) -> Counter[str]:
    return Counter(
        f"{one.get(label)}@{one.get('field', 'text')}[{one.get('start')}:{one.get('end')}]{one.get('text', '')}"
        for one in record.get(key) or ()
    )


class _Groups:
    """Stories by their first item: the ids themselves may differ where the groups are the same."""

    def __init__(self) -> None:
        self._firsts: dict[str, int] = {}

    def first(self, story: str | None, item: int) -> str:
        """What the item belongs to, in words."""
        first = item if story is None else self._firsts.setdefault(story, item)
        return "alone" if first == item else f"with item {first}"


def _identity(record: Record) -> Any:
    return record.get("item_id") or record.get("line")


def _name(record: Record, words: str) -> str:
    identity = str(record.get("id") or f"line {record.get('line', '?')}")
    return f"{identity} “{words[:QUOTED]}”" if words else identity


def _summary(items: int, changed: int, counts: Counter[str]) -> str:
    parts = "".join(f"; {what} {count}" for what, count in counts.most_common())
    return f"{items} items, {changed} with another verdict{parts}" if counts else f"{items} items, nothing changed"


def _pick(record: Record, path: tuple[str, ...]) -> Any:
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
