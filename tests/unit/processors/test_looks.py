"""Cheap looks say what the patterns would; texts are drawn at random from the patterns' own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random
from re import _compiler, _parser  # type: ignore[attr-defined]

import pytest

from processors.category import form
from processors.facts import balance, counted, sums, time_atoms, time_roles

WORDS = (
    *"0123456789一二三十年月日号时点，。、；（(\n人户家上下前今昨同比环率占%",
    *(
        "2026年",
        "19年",
        "12月",
        "3日",
        "分别",
        "合计",
        "共",
        "加起来",
        "均",
        "其中",
        "增长",
        "了",
        "到",
        "截至",
        "目前",
    ),
    *("今天", "昨日", "上午", "凌晨", "记者从", "晚上", "下周", "每", "累计", "由", "提高", "，共", "时间为至"),
)
ROUNDS = 2_000


def texts(seed: int) -> list[str]:
    draw = Random(seed)
    return ["".join(draw.choices(WORDS, k=draw.randint(0, 14))) for _ in range(ROUNDS)]


def test_months_and_years_are_those_of_full_dates() -> None:
    months, years = re.compile(r"(?<!\d)(\d{1,2})月\d{1,2}[日号]"), re.compile(r"(?<!\d)((?:19|20)\d\d)年")
    for text in texts(1):
        assert form._months(text) == set(months.findall(text))
        assert form._years(text) == set(years.findall(text))


def test_numbers_are_counted_as_they_were_searched() -> None:
    two, three = re.compile(r"\d\D+\d"), re.compile(r"\d\D+\d+\D+\d")
    for text in texts(2):
        ends = [0, *(match.end() for match in re.finditer("[。；]", text)), len(text)]
        numbers = [match.start() for match in sums._NUMBERS.finditer(text)]
        for start, end in pairwise(ends):
            many = sums._between(numbers, start, end)
            assert (many > 1, many > 2) == (bool(two.search(text, start, end)), bool(three.search(text, start, end)))


@pytest.mark.parametrize(
    ("look", "pattern"),
    [
        (balance._sums, balance._SUM),
        (lambda text: text[-1:] in counted._MOVED_ENDS, counted._MOVED),
        (lambda text: text[-1:] in time_roles._COUNTING_ENDS, time_roles._COUNTING),
    ],
)
def test_what_a_pattern_finds_the_look_before_it_lets_through(
    look: Callable[[str], bool], pattern: re.Pattern[str]
) -> None:
    found = [text for text in texts(3) if pattern.search(text)]
    assert found
    assert all(map(look, found))


def test_the_look_for_times_skips_to_its_characters() -> None:
    """One branch that begins with a set, and the search tries all eighty at every character: three times as long."""
    assert _compiler._get_charset_prefix(_parser.parse(time_atoms.QUICK.pattern), 0)
