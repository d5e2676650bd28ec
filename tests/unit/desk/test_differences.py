"""What an editor changed, word for word, escaped, in a time that nobody notices."""

from __future__ import annotations

import time

import pytest

from desk.differences import MOST, alike, differences


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "", ""),
        ("一样", "一样", "一样"),
        ("三人受伤", "四人受伤", "<del>三</del><ins>四</ins>人受伤"),
        ("受伤", "受伤。", "受伤<ins>。</ins>"),
        ("aa", "a", "a<del>a</del>"),
        ("<b>甲</b>", "<b>乙</b>", "&lt;b&gt;<del>甲</del><ins>乙</ins>&lt;/b&gt;"),
        ("一\r\n二", "一\n二", "一\n二"),
        ("<i>", "", "<del>&lt;i&gt;</del>"),
    ],
)
def test_what_changed_is_marked(before: str, after: str, shown: str) -> None:
    assert differences(before, after) == shown


@pytest.mark.parametrize(
    ("one", "other", "close"),
    [
        ("今日沙石镇滑坡，3人受伤。", "今日沙石镇滑坡，4人受伤。", True),
        ("镇里组织搜救，转移群众。", "后山挡墙又往外鼓了！", False),
        ("", "", True),
    ],
)
def test_texts_in_words_of_their_own_are_not_compared_word_by_word(one: str, other: str, close: bool) -> None:
    assert alike(one, other) is close


def test_a_slip_in_a_long_text_is_found() -> None:
    long = "沙石镇处置一处滑坡。" * MOST
    assert "<del>坡</del><ins>波</ins>" in differences(long + "坡" + long, long + "波" + long)


def test_a_text_made_to_be_slow_is_not() -> None:
    begin = time.process_time()
    differences("的地" * 5000 + "得", "地的" * 5000 + "了")
    differences("的" * (MOST - 1) + "甲", "地" + "的" * (MOST - 2) + "乙")
    assert time.process_time() - begin < 1.5
