"""The parts of the wording model: packed keys, the static function, candidates between neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.wording.contexts import Contexts
from processors.wording.encoding import (
    BOUNDARY,
    DIGIT,
    FIRST_HAN,
    MAX_IDS,
    PADDING,
    SYMBOL,
    UNKNOWN,
    build_lut,
    encode,
    pack,
)
from processors.wording.table import COUNT_MASK, lookup, steps
from training.wording.pack import build

HAN = "安全生产工作区"


def test_every_kind_of_character_has_its_id() -> None:
    batch = encode(["安2０Aａ，,😀龘"], build_lut(HAN))
    ids = batch.ids[PADDING:-PADDING].tolist()
    assert ids[0] == FIRST_HAN
    assert ids[1] == ids[2] == DIGIT
    assert ids[3] == ids[4]
    assert ids[5] == ids[6]
    assert ids[7] == SYMBOL
    assert ids[8] == UNKNOWN


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_offsets_in_the_batch_are_code_points_of_each_text(texts: list[str]) -> None:
    batch = encode(texts, build_lut(HAN))
    for text, start, length in zip(texts, batch.starts, batch.lengths, strict=True):
        assert length == len(text)
        assert [int(p) for p in batch.points[start : start + length]] == [ord(c) for c in text]
        assert (batch.ids[start - PADDING : start] == BOUNDARY).all()
    assert len(batch.ids) == len(batch.points)


def test_position_belongs_to_its_text() -> None:
    batch = encode(["安全", "生产工作"], build_lut(HAN))
    assert batch.owner(batch.starts + 1).tolist() == [0, 1]


def test_a_vocabulary_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        build_lut([chr(0x4E00 + k) for k in range(MAX_IDS)])


@settings(deadline=None, max_examples=20)
@given(st.sets(st.integers(1, 2**60), min_size=1, max_size=400), st.randoms(use_true_random=False))
def test_the_table_gives_back_every_value(keys: set[int], random: object) -> None:
    array = np.array(sorted(keys), dtype=np.uint64)
    values = (np.arange(len(array)) % COUNT_MASK + 1).astype(np.uint16)
    assert lookup(build(array, values), array).tolist() == values.tolist()


def test_unknown_keys_seldom_look_known() -> None:
    known = np.arange(1, 20_001, dtype=np.uint64)
    cells = build(known, np.ones(len(known), dtype=np.uint16))
    strange = lookup(cells, known + np.uint64(1 << 40))
    # One in 2,048 by design; 20,000 trials give 10, and never 40.
    assert (strange > 0).sum() < 40


def test_steps_grow_with_counts_and_stay_in_their_bits() -> None:
    found = steps(np.array([1, 2, 10, 1_000, 10**7]))
    assert found.tolist() == sorted(found.tolist())
    assert found.min() >= 1
    assert found.max() == COUNT_MASK


def test_candidates_between_neighbours_come_in_order_and_know_their_gap() -> None:
    left, right = np.array([50], dtype=np.uint64), np.array([60], dtype=np.uint64)
    key = pack([left, right]).astype(np.uint32)
    entries = np.array([71 << 4 | 9, 72 << 4 | 3], dtype=np.uint16)
    contexts = Contexts(key, np.array([0, 2], dtype=np.uint32), entries)
    gaps, meant, step = contexts.between(np.array([1, 50], dtype=np.uint64), np.array([1, 60], dtype=np.uint64))
    assert gaps.tolist() == [1, 1]
    assert meant.tolist() == [71, 72]
    assert step.tolist() == [18, 6]


def test_no_candidates_where_no_pair_is_known() -> None:
    contexts = Contexts(
        np.array([5], dtype=np.uint32), np.array([0, 1], dtype=np.uint32), np.array([9], dtype=np.uint16)
    )
    gaps, _, _ = contexts.between(np.array([3], dtype=np.uint64), np.array([3], dtype=np.uint64))
    assert len(gaps) == 0
