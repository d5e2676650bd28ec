"""Words of the pages and of searches: what is shown, what is asked of the index, where a login leads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desk.auth import own_path
from desk.filters import check_day, full_text, item_filters
from desk.pulse import Pulse
from desk.spreadsheets import harmless
from desk.views import found_words, health_reason, last_attempts, marked, onset, recipient_name, rule_name, spans_of
from schemas.errors import InvalidItem


@pytest.mark.parametrize(
    ("precision", "said"),
    [("minute", "11月20日 06:40"), ("hour", "11月20日6时许"), ("day", "11月20日"), ("month", "2026年11月")],
)
def test_an_onset_is_said_no_more_exactly_than_it_was_stated(precision: str, said: str) -> None:
    assert onset({"start": "2026-11-19T22:40:00Z", "precision": precision}) == said


@pytest.mark.parametrize(
    ("recipient", "said"),
    [("联络员:U064", "沙石镇联络员"), ("联络员:U999", "联络员:U999"), ("值班员", "值班员"), ("", "")],
)
def test_who_was_told_is_said_as_people_call_them(recipient: str, said: str) -> None:
    assert recipient_name(recipient, {"U064": "沙石镇"}) == said


def test_found_words_are_marked_and_everything_else_is_escaped() -> None:
    assert str(found_words("<b>\x02滑坡\x03</b> \x02<i>\x03")) == (
        '&lt;b&gt;<mark class="hit">滑坡</mark>&lt;/b&gt; <mark class="hit">&lt;i&gt;</mark>'
    )
    assert str(found_words("只有\x02开头")) == '只有<mark class="hit">开头</mark>'


def test_findings_come_before_what_only_explains() -> None:
    item = {
        "findings": [{"start": 2, "end": 6, "check": "typo", "message": "m", "field": "text"}],
        "emergency": {"reasons": [{"start": 0, "end": 4, "rule": "event.ev_strong", "field": "text"}]},
        "reasons": [{"start": 6, "end": 8, "rule": "category.harm", "field": "text"}],
    }
    page = str(marked("零一二三四五六七", spans_of(item, "text", {"harm": "伤害"}), "text-"))
    assert page == (
        '零一<mark id="text-2" class="finding" title="错别字：m">二三四五</mark>'
        '<mark id="text-6" class="category" title="伤害">六七</mark>'
    )


def test_a_rule_is_called_by_its_concept_or_its_group() -> None:
    assert rule_name("category.harm", {"harm": "伤害"}) == "伤害"
    assert rule_name("event.ev_strong", {}) == "突发事件用语"
    assert rule_name("L01", {}) == "L01"


def test_of_each_channel_the_last_attempt_counts() -> None:
    attempts = [{"channel": "a", "tries": 1}, {"channel": "b", "tries": 1}, {"channel": "a", "tries": 2}]
    assert last_attempts(attempts) == [attempts[2], attempts[1]]
    assert last_attempts(None) == []


def test_what_separates_words_for_a_reader_separates_them_in_a_search() -> None:
    asked = full_text("滑坡，救援　“转移群众”")["simple_query_string"]["query"]
    assert asked == '滑坡 救援 "转移群众"'


@pytest.mark.parametrize("day", ["20261120", "2026-W47-5", "2026-11-31", "0001-01-01", "9999-12-31", "", "今天"])
def test_days_are_written_one_way(day: str) -> None:
    with pytest.raises(InvalidItem):
        check_day(day)


def test_filters_without_a_value_are_left_out_and_wrong_ones_are_all_named() -> None:
    assert item_filters({"lane": "", "colour": "red"}) == []
    assert item_filters({"emergency": "true"}) == [{"term": {"emergency.is_emergency": True}}]
    with pytest.raises(InvalidItem) as caught:
        item_filters({"lane": "fax", "level": "V", "day": "2026-11-20"})
    assert [error.field for error in caught.value.errors] == ["lane", "level"]


def test_a_filter_longer_than_the_index_takes_is_refused_by_name() -> None:
    with pytest.raises(InvalidItem) as refused:
        item_filters({"source": "x" * 40_000, "story": "s"})
    assert [one.field for one in refused.value.errors] == ["source"]


def test_a_login_leads_to_paths_of_ours_only() -> None:
    assert own_path("/items?q=滑坡") == "/items?q=滑坡"
    for wanted in ("//evil", "https://evil", "/\\evil", "/\t/evil", "/login?to=/", "items", ""):
        assert own_path(wanted) == "/"


async def test_many_who_listen_ask_once() -> None:
    asked = 0

    async def look() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return [], {"items": asked}

    pulse = Pulse(look)
    assert [counts["items"] for _, counts in await asyncio.gather(*(pulse.now() for _ in range(20)))] == [1] * 20


async def test_a_look_that_failed_is_not_remembered() -> None:
    answers: list[Any] = [OSError("away"), ([], {"items": 1})]

    async def look() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: tuple[list[dict[str, Any]], dict[str, Any]] = answer
        return found

    pulse = Pulse(look)
    with pytest.raises(OSError, match="away"):
        await pulse.now()
    assert (await pulse.now())[1] == {"items": 1}


@pytest.mark.parametrize("cell", ["=1+1", "＝1＋1", "-2+3", "@a", "\n=1", "\t=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("沙石镇=1") == "沙石镇=1"
    assert harmless(-3) == -3


def test_who_may_not_have_been_reached_is_never_hidden_by_who_was() -> None:
    def attempt(who: str, channel: str, outcome: str) -> dict[str, str]:
        return {"recipient": who, "channel": channel, "outcome": outcome}

    found = last_attempts(
        [
            attempt("", "log", "delivered"), attempt("duty", "sms", "unknown"), attempt("head", "sms", "failed"),
            attempt("head", "sms", "delivered"), attempt("leader", "sms", "delivered"), attempt("x", "sms", "failed"),
        ]
    )  # fmt: skip
    assert [(one["recipient"], one["channel"], one["outcome"]) for one in found] == [
        ("", "log", "delivered"), ("duty", "sms", "unknown"), ("leader", "sms", "delivered"), ("x", "sms", "failed"),
    ]  # fmt: skip
    assert last_attempts(None) == []


def test_the_longest_evidence_is_marked_and_no_single_letter() -> None:
    def reason(start: int, end: int) -> dict[str, Any]:
        return {"rule": "event.slide", "field": "text", "start": start, "end": end}

    item = {"emergency": {"reasons": [reason(0, 2), reason(0, 4), reason(6, 7)]}}
    assert [(start, end) for start, end, _, _ in spans_of(item, "text", {})] == [(0, 4), (0, 2)]
    assert marked("山体滑坡十四时许", spans_of(item, "text", {})).count("<mark") == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("post 0f2ab273: robots.txt forbids it", "不许采集"),
        ("forum: 3 of 4 posts are doubtful, nothing was taken; post 1: no time", "4条里3条读不准"),
        ("https://a.example/: HTTP 503", "答复 503"),
        ("a.example: status 502", "答复 502"),
        ("页面结构变了：列表里没有找到帖子", "页面结构变了：列表里没有找到帖子"),
        ("something nobody foresaw", "请告诉管理员"),
    ],
)
def test_why_a_source_fails_is_said_in_chinese(reason: str, words: str) -> None:
    assert words in health_reason(reason)
