"""Thousands of phrases found in a whole batch of texts at once: a trie laid out in one hash table.

All positions of the batch go down the trie together, level by level, as arrays; few are left after two characters. A
match costs no Python object, where an automaton that hands out matches one by one costs more than the search itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Points = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]

_UNICODE = 0x110000
_SHORT = 0xFFFF
_CHARACTER_BITS = np.uint64(21)
_ROOT = 1 << 21
"""Added to a first character that stands for its node: beyond all numbers of nodes."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LOAD = 6
"""Slots for each node, at least: most of what is no prefix falls into an empty one."""
_BLOCK = 16_384
"""Places that take the first step together: their arrays stay in the processor's cache, those of a batch would not."""
_NONE = -1
_FIRST, _ALONE = 1, 2
"""Roles of a character: a longer phrase begins with it, it is a phrase itself."""


class Matches(NamedTuple):
    """Phrases found: number of the phrase, and its span in the batch; in order of ends, of two the longer first."""

    phrase: Ints
    start: Ints
    end: Ints


def code_points(text: str) -> Points:
    """Code points of a text (lone surrogates as '?')."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)


class PhraseTable:
    """Finds different phrases of one character and more; overlapping ones are all found."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._lengths: Ints = np.fromiter(map(len, phrases), dtype=np.int64, count=len(phrases))
        self._longest = int(self._lengths.max(initial=0))
        self._single = np.zeros(_UNICODE, dtype=np.int32)
        """By character the number of the phrase that it is, plus one: pages that nothing is written to cost nothing."""
        self._role = np.zeros(_UNICODE, dtype=np.uint8)
        joined = code_points("".join(phrases))
        begins = np.cumsum(self._lengths) - self._lengths
        ones = np.flatnonzero(self._lengths == 1)
        self._single[joined[begins[ones]]] = ones + 1
        self._role[joined[begins[ones]]] = _ALONE
        self._role[joined[begins[self._lengths > 1]]] |= _FIRST
        self._layout(joined, begins)

    def _layout(self, joined: Points, begins: Ints) -> None:
        """The hash table: by slot the node + 1; by node its key, its phrase and whether longer phrases go on."""
        self._keys, self._phrase, self._goes_on = _trie(joined.astype(np.int64), begins, self._lengths)
        nodes = len(self._keys)
        bits = max((nodes * _LOAD).bit_length(), 4)
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._slots = np.zeros(1 << bits, dtype=np.uint16 if nodes < _SHORT else np.int32)
        waiting, place = np.arange(nodes), self._place(self._keys)
        while len(waiting):  # those whose slot is taken try the next one
            free = waiting[self._slots[place] == 0]
            self._slots[place[self._slots[place] == 0]] = free + 1
            lost = np.flatnonzero(self._slots[place] != waiting + 1)
            waiting, place = waiting[lost], (place[lost] + 1) & self._last

    def _place(self, keys: Keys) -> Ints:
        place = keys * _SPREAD
        place >>= self._shift
        return place.view(np.int64)

    def find(self, points: Points) -> Matches:
        """All phrases in the code points of a batch."""
        roles = self._role.take(points)
        at = np.flatnonzero(roles & _ALONE)
        found: list[tuple[Ints, Ints]] = [(self._single[points[at]].astype(np.int64) - 1, at)]
        padded = np.concatenate([points, np.zeros(self._longest, dtype=np.uint32)])
        at = np.flatnonzero(roles & _FIRST)
        root, depth = np.uint64(_ROOT), 1
        blocks = [at[begin : begin + _BLOCK] for begin in range(0, len(at), _BLOCK)]
        parts = [self._down(padded, block, padded.take(block).astype(np.uint64) + root, depth) for block in blocks]
        while parts:
            at, node = (np.concatenate(columns) for columns in zip(*parts, strict=True))
            numbers = self._phrase[node]
            ends = np.flatnonzero(numbers >= 0)
            found.append((numbers[ends].astype(np.int64), at[ends]))
            on, depth = np.flatnonzero(self._goes_on[node]), depth + 1
            parts = [self._down(padded, at[on], node[on].astype(np.uint64), depth)] if len(on) else []
        return self._ordered(found)

    def _down(self, padded: Points, at: Ints, parent: Keys, depth: int) -> tuple[Ints, Ints]:
        """Of places that stand at a node those that a longer phrase goes on from, and its node."""
        parent <<= _CHARACTER_BITS
        parent |= padded.take(at + depth)
        node = self._nodes(parent)
        kept = np.flatnonzero(node >= 0)
        return at[kept], node[kept]

    def _nodes(self, keys: Keys) -> Ints:
        """The node of each key, -1 where there is none."""
        place = self._place(keys)
        node = self._slots.take(place).astype(np.int64)
        node -= 1
        taken = np.flatnonzero(node >= 0)
        wrong = taken[self._keys[node[taken]] != keys[taken]]
        while len(wrong):
            place[wrong] = (place[wrong] + 1) & self._last
            node[wrong] = self._slots[place[wrong]].astype(np.int64) - 1
            taken = wrong[node[wrong] >= 0]
            wrong = taken[self._keys[node[taken]] != keys[taken]]
        return node

    def _ordered(self, found: Sequence[tuple[Ints, Ints]]) -> Matches:
        none = np.zeros(0, dtype=np.int64)
        phrase = np.concatenate([none, *(numbers for numbers, _ in found)])
        start = np.concatenate([none, *(places for _, places in found)])
        length = self._lengths[phrase]
        order = np.argsort((start + length) * (self._longest + 1) - length)
        phrase, start = phrase[order], start[order]
        return Matches(phrase, start, start + length[order])


def _trie(joined: Ints, begins: Ints, lengths: Ints) -> tuple[Keys, Ints, npt.NDArray[np.bool_]]:
    """Nodes of two characters and more: key (the node before, and the character), the phrase that ends there (-1:
    none), and whether longer ones go on. All phrases go down together; each stands in ``joined`` where it begins."""
    going = np.flatnonzero(lengths > 1)
    parent: Ints = joined[begins[going]] + _ROOT
    keys, ends, more = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.bool_)]
    depth, nodes = 1, 0
    while len(going):
        own, node = np.unique(parent << int(_CHARACTER_BITS) | joined[begins[going] + depth], return_inverse=True)
        last = lengths[going] == depth + 1
        keys.append(own)
        ends.append(np.full(len(own), _NONE, dtype=np.int32))
        ends[-1][node[last]] = going[last]
        more.append(np.zeros(len(own), dtype=np.bool_))
        more[-1][node[~last]] = True
        going, parent = going[~last], nodes + node[~last]
        depth, nodes = depth + 1, nodes + len(own)
    return np.concatenate(keys).astype(np.uint64), np.concatenate(ends), np.concatenate(more)
