"""Near-duplicates: a MinHash signature of a text, so that reprints with small edits are found without their texts.

Plain integer arithmetic on code points: the same on every machine, Python and NumPy, which a hash of a library is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import eq

import numpy as np
from numpy.typing import NDArray

from processors.late import late

SIZE = 48
"""Numbers in a signature; the estimate of a similarity of 0.5 has a standard error of 0.07."""
SHINGLE = 3
"""Characters a shingle: two are common to all texts of one kind, four lose half of a text with scattered edits."""
_LAST = np.uint32(0xFFFFFFFF)
_MIXER = np.uint32(0x9E3779B1)  # a prime near 2^32 / golden ratio: spreads neighbouring code points
_CHUNK = 1 << 18
"""Shingles at a time, so that a batch of long texts stays within some megabytes."""
_SOURCE_LINE = re.compile(
    r"^[（(【]?(?:本报|本网|[一-龥]{2,6}(?:网|报|新闻|日报|晚报|早报|发布|融媒))[^。\n]{0,20}?(?:讯|消息|电|报道)[)）】]?"
)
_BY_LINE_WORDS = ("来源", "记者", "编辑", "责编", "审核", "通讯员", "原标题", "转自", "转载自", "作者")
_BY_LINE = late(rf"[（(]?(?:{'|'.join(_BY_LINE_WORDS)})[:：/／ ][^。\n）)]{{0,30}}[）)]?")
_HEAD, _TAIL = 60, 80
"""Characters at the two ends where source lines and by-lines stand."""


def _parameters() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Odd multipliers and offsets by SplitMix64, written out so that no generator of a library decides them."""
    values, state, mask = [], 0x5A47, (1 << 64) - 1
    for _ in range(2 * SIZE):
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        values.append((mixed ^ (mixed >> 31)) >> 32)
    return np.array(values[:SIZE], dtype=np.uint32) | np.uint32(1), np.array(values[SIZE:], dtype=np.uint32)


_FACTORS, _OFFSETS = _parameters()


def body(text: str) -> str:
    """The text without the source line and by-lines at its ends, which each outlet writes in its own way."""
    head, middle, tail = text[:_HEAD], text[_HEAD:-_TAIL], text[_HEAD:][-_TAIL:]
    return _without_by_line(_SOURCE_LINE.sub("", head)) + middle + _without_by_line(tail)


def _without_by_line(text: str) -> str:
    return _BY_LINE.sub("", text) if any(word in text for word in _BY_LINE_WORDS) else text


def signature(text: str) -> tuple[int, ...]:
    """The signature of one text; empty for a text of fewer than three characters."""
    return signatures([text])[0]


def signatures(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """Signatures of a batch, in order: ``SIZE`` numbers below 2^32 each, or none where there is too little text.

    White space, punctuation and case do not count.
    """
    found: list[tuple[int, ...]] = []
    batch: list[str] = []
    total = 0
    for text in texts:
        batch.append(body(text))
        total += len(text)
        if total >= _CHUNK:
            found += _sign(batch)
            batch, total = [], 0
    return found + _sign(batch)


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimated share of common shingles, 0 to 1; 0 where a signature is missing."""
    if not one or len(one) != len(other):
        return 0.0
    same: int = sum(map(eq, one, other))
    return same / len(one)


def _sign(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """Sign texts at once: one row of hashes, one minimum over each text's part of it."""
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    kept = _is_kept(points)
    ends = np.concatenate(([0], np.cumsum(kept)))[np.cumsum([0, *map(len, texts)])]  # in kept characters
    starts, lengths = ends[:-1], np.diff(ends)
    long_enough = np.flatnonzero(lengths >= SHINGLE)
    found: list[tuple[int, ...]] = [()] * len(texts)
    if not len(long_enough):
        return found
    hashes = _shingle_hashes(_lower(points[kept]))
    across = np.concatenate([ends[1:] - back for back in range(1, SHINGLE)])  # reach into the next text
    across = across[across >= 0]
    columns, begins, mixed = [], starts[long_enough], np.empty_like(hashes)
    for factor, offset in zip(_FACTORS, _OFFSETS, strict=True):
        np.multiply(hashes, factor, out=mixed)
        mixed += offset
        mixed[across] = _LAST
        columns.append(np.minimum.reduceat(mixed, begins))
    for index, row in zip(long_enough.tolist(), np.stack(columns, axis=1).tolist(), strict=True):
        found[index] = tuple(row)
    return found


def _is_kept(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Digits, Latin letters and Chinese characters."""
    han = (points >= 0x3400) & (points <= 0x9FFF)
    letter = ((points | 0x20) >= 0x61) & ((points | 0x20) <= 0x7A)
    return han | letter | ((points >= 0x30) & (points <= 0x39))


def _lower(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.where((points >= 0x41) & (points <= 0x5A), points | 0x20, points).astype(np.uint32)


def _shingle_hashes(points: NDArray[np.uint32]) -> NDArray[np.uint32]:
    padded = np.concatenate((points, np.zeros(SHINGLE - 1, dtype=np.uint32)))
    mixed = np.zeros(len(points), dtype=np.uint32)
    for shift in range(SHINGLE):
        mixed = (mixed ^ padded[shift : shift + len(points)]) * _MIXER
        mixed ^= mixed >> np.uint32(15)
    return mixed
