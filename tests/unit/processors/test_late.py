"""Patterns compiled when they are first asked."""

from __future__ import annotations

import copy
import re

import pytest

from processors.late import compile_all, late
from processors.tables import Row
from schemas.errors import DistrictError


def counted(source: str) -> tuple[re.Pattern[str], list[str]]:
    """A late pattern, and a line for each time that it is compiled."""
    made: list[str] = []

    def make() -> re.Pattern[str]:
        made.append(source)
        return re.compile(source)

    return late(source, make), made


def test_a_pattern_is_compiled_once_and_only_when_it_is_asked() -> None:
    pattern, made = counted(r"(?P<many>\d+)人")
    assert pattern.pattern == r"(?P<many>\d+)人"
    assert made == []
    for text in ("3人", "共5人到场", "无人"):
        own = re.compile(pattern.pattern)
        assert [m.span("many") for m in pattern.finditer(text)] == [m.span("many") for m in own.finditer(text)]
        assert bool(pattern.search(text)) == bool(own.search(text))
        assert bool(pattern.fullmatch(text)) == bool(own.fullmatch(text))
        assert pattern.sub("若干", text) == own.sub("若干", text)
    assert dict(pattern.groupindex) == {"many": 1}
    assert made == [pattern.pattern]


def test_what_it_has_but_rarely_gives_is_the_patterns_own() -> None:
    pattern, made = counted(r"(\d)(\d)")
    assert (pattern.groups, pattern.flags) == (2, re.compile("").flags)
    assert len(made) == 1
    with pytest.raises(AttributeError):
        pattern.no_such_thing  # type: ignore[attr-defined] # noqa: B018


def test_a_copy_of_what_was_never_asked_is_a_pattern() -> None:
    pattern, _ = counted("汛")
    assert copy.copy(pattern).search("防汛")


def test_a_start_compiles_what_was_not_asked() -> None:
    pattern, made = counted("防汛")
    compile_all()
    compile_all()
    assert pattern.search("防汛会议")
    assert made == ["防汛"]


def test_a_bad_pattern_names_its_row_whenever_it_is_met() -> None:
    pattern = Row.of("text_rules.tsv", 7, {"regex": "(为了"}).pattern("regex")
    for _ in range(2):
        with pytest.raises(DistrictError, match=r"text_rules\.tsv:7: regex: bad regular expression"):
            pattern.search("为了")
    compile_all()  # named once, it is not looked for again
