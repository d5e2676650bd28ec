"""Slips are made as they are told: what was meant stays known, character by character."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from training.spelling.slips import DELETED, KINDS, MOST, SlipMaker
from training.wording import confusion

ROOT = Path(__file__).parents[3]
TEXT = "昨日下午，区应急管理局组织人员到沙石镇开展安全生产检查，发现问题十二处，要求企业限期整改，并反映情况。"


@cache
def maker() -> SlipMaker:
    counts = {char: 50 for char in sorted(set(TEXT)) if "\u4e00" <= char <= "\u9fff"}
    words = {"反映": (["反应", "放映"], [0.8, 0.2]), "检查": (["监察"], [1.0])}
    return SlipMaker(confusion.read(ROOT / "models" / "wording" / "confusions.tsv"), counts, words)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_meant_is_known_of_every_character(kind: str) -> None:
    made = [maker().make(TEXT, [kind], np.random.default_rng(seed)) for seed in range(40)]
    done = [one for one in made if one.kinds]
    assert done, kind
    for one in done:
        assert len(one.text) == len(one.meant)
        assert one.text != TEXT
        assert one.meant.replace(DELETED, "") == TEXT
        wrong = [place for place, (char, meant) in enumerate(zip(one.text, one.meant, strict=True)) if char != meant]
        assert 1 <= len(wrong) <= 3


def test_about_half_of_the_passages_stay_as_they_are_and_some_have_several() -> None:
    chooser = np.random.default_rng(7)
    slips = [len(maker().spoil(TEXT, chooser).kinds) for _ in range(400)]
    assert 0.35 < slips.count(0) / 400 < 0.55
    assert 1 < max(slips) <= MOST


def test_dense_lessons_have_a_slip_in_some_dozen_characters() -> None:
    chooser = np.random.default_rng(7)
    slips = [len(maker().spoil(TEXT, chooser, dense=True).kinds) for _ in range(50)]
    assert np.mean(slips) > 3


def test_the_same_generator_makes_the_same_slips() -> None:
    one, other = (maker().spoil(TEXT, np.random.default_rng(3), dense=True) for _ in range(2))
    assert one == other
