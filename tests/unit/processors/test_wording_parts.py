"""The parts of the wording model: packed keys, the static function, candidates between neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.wording.candidates import Kind
from processors.wording.contexts import Contexts
from processors.wording.encoding import (
    BOUNDARY,
    DIGIT,
    FIRST_HAN,
    ID_BITS,
    MAX_IDS,
    PADDING,
    SYMBOL,
    UNKNOWN,
    build_lut,
    encode,
    pack,
)
from processors.wording.network import GROUPS, KNOTS, WEIGHED, Network
from processors.wording.runs import LONG_RUN, LONG_SENTENCE, long_texts
from processors.wording.table import COUNT_MASK, lookup, steps
from training.wording.ngrams import novelty
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


def _network() -> Network:
    """Two features; each group's network gives its own multiple of the first feature, the cheap judge the second
    ground."""
    hidden = np.zeros((GROUPS, 2, 1), dtype=np.float32)
    hidden[:, 0, 0] = np.arange(1, GROUPS + 1)
    ones = np.ones((GROUPS, 2), dtype=np.float32)
    floors = np.tile(np.arange(len(KNOTS), dtype=np.float32), (GROUPS, 1))
    return Network(
        np.zeros((GROUPS, 2), dtype=np.float32), ones, hidden, np.zeros((GROUPS, 1), dtype=np.float32),
        np.ones((GROUPS, 1), dtype=np.float32), np.zeros(GROUPS, dtype=np.float32),
        np.tile(np.array([0, 1], dtype=np.float32), (GROUPS, 1)), floors,
    )  # fmt: skip


def test_each_kind_is_judged_by_its_own_network() -> None:
    kinds = np.array([Kind.WORD, Kind.REPLACE, Kind.INSERT, Kind.SWAP])
    features = np.array([[1, 9], [1, 9], [1, 9], [2, 9]], dtype=np.float32)
    assert _network().logits(features, kinds).tolist() == [4, 1, 2, 8]


def test_the_cheap_judge_asks_more_where_more_is_asked() -> None:
    kinds = np.array([Kind.REPLACE, Kind.REPLACE, Kind.INSERT])
    grounds = np.array([[0, 1.4], [0, 1.4], [0, 0.9]], dtype=np.float32)
    # Floors are 0, 1, 2, 3 at KNOTS 0, 2, 4, 6.
    assert _network().worth(grounds, np.arange(3), kinds, np.array([2.0, 4.0, 1.0])).tolist() == [0, 2]


def test_of_rivals_at_one_place_the_likeliest_are_weighed() -> None:
    kinds = np.array([Kind.INSERT] * (WEIGHED + 1) + [Kind.REPLACE])
    grounds = np.array([[0, 5 + k] for k in range(WEIGHED + 2)], dtype=np.float32)
    places = np.full(len(kinds), 7)
    assert _network().worth(grounds, places, kinds, np.zeros(len(kinds))).tolist() == list(range(1, WEIGHED + 2))


def test_novelty_tells_fixed_phrases_from_free_company() -> None:
    fixed, free = 50 << ID_BITS | 51, 60 << ID_BITS | 61
    keys = np.array([fixed << ID_BITS | 70, *(free << ID_BITS | c for c in range(70, 80))], dtype=np.uint64)
    counts = np.array([100, *[1] * 10])
    pairs, steps_found = novelty(keys, counts, right=True)
    told = dict(zip(pairs.tolist(), steps_found.tolist(), strict=True))
    assert told[fixed] > 20
    assert told[free] == 1


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("检" * LONG_RUN, True),
        ("检" * (LONG_RUN - 1) + "，" + "查" * (LONG_RUN - 1), False),
        ("检查，" * (LONG_SENTENCE // 3 + 1), True),
        ("检查。" * LONG_SENTENCE, False),
        ("", False),
        ("😀" * LONG_RUN, True),
    ],
)
def test_long_stretches_are_seen_in_any_company(text: str, long: bool) -> None:
    assert long_texts([text]).tolist() == [long]
    assert long_texts(["短句。", text, "又一句"]).tolist() == [False, long, False]
