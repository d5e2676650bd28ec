"""Personal data in what findings and reasons quote, say and suggest: the masked item is all that leaves judgement."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.masking import masked_assessment
from processors.pii import Span
from schemas.assessment import Assessment, Finding, Reason, Timeliness
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Check, Lane, PiiKind, TimelinessRule, TimelinessVerdict

NOON = datetime(2026, 11, 20, 12, tzinfo=CHINA)
PHONE = "13807971234"


def told(text: str, *findings: Finding, title: str = "", reasons: tuple[Reason, ...] = ()) -> Assessment:
    """The masked assessment of an item in which PHONE is the only personal data."""
    item = Item(lane=Lane.OPINION, source="论坛", title=title, text=text, published_at=NOON)
    timeliness = Timeliness(verdict=TimelinessVerdict.NOT_APPLICABLE, rule=TimelinessRule.NONE)
    assessment = Assessment(
        id="i", item_id="i", lane="opinion", category=Category.OTHER, category_scores={}, timeliness=timeliness,
        findings=findings, reasons=reasons, rules_version="r",
    )  # fmt: skip
    spans = [
        [Span(PiiKind.PHONE, given.index(PHONE), given.index(PHONE) + len(PHONE))] if PHONE in given else []
        for given in (title, text)
    ]
    return masked_assessment(assessment, item, *spans)


def finding(text: str, quoted: str, suggestion: str | None, message: str = "") -> Finding:
    start = text.index(quoted)
    return Finding(
        check=Check.WORDING, start=start, end=start + len(quoted), text=quoted, message=message, suggestion=suggestion
    )


@pytest.mark.parametrize(
    ("quoted", "suggestion", "masked"),
    [
        ("4，，", "4，", "*，"),  # a neighbour is part of what is replaced
        (f"打{PHONE}询问询问", f"打{PHONE}询问", "打***********询问"),
        ("打138", "拨138", "拨***"),
        (f"打{PHONE}", f"打{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", None),  # writes it in another way
        ("234，，", "２３４，", None),
        ("，，有人接", "，有人接", "，有人接"),  # beside it, not of it
        (f"打{PHONE}", None, None),
    ],
)
def test_a_suggestion_keeps_the_mask(quoted: str, suggestion: str | None, masked: str | None) -> None:
    text = f"请打{PHONE}询问询问，，有人接。" if "询问" in quoted else f"请打{PHONE}，，有人接。"
    [one] = told(text, finding(text, quoted, suggestion)).findings
    assert one.suggestion == masked
    assert len(one.text) == len(quoted)


def test_what_a_message_repeats_from_elsewhere_is_masked_too() -> None:
    text = f"电话{PHONE}。正文写了3人。"
    [one] = told(text, finding(text, "3人", f"4人（{PHONE}）", f"与{PHONE}所说不一")).findings
    assert (one.text, one.suggestion, one.message) == ("3人", "4人（***********）", "与***********所说不一")


def test_a_quote_over_title_and_text_is_masked_in_both() -> None:
    quote = f"求助\n打{PHONE}"
    reason = Reason(rule="r", field="title", start=0, end=2, text=quote)
    said = told(f"打{PHONE}有人接。", title="求助", reasons=(reason,))
    assert said.reasons[0].text == "求助\n打***********"
    assert PHONE not in said.model_dump_json()


def test_without_personal_data_nothing_is_touched() -> None:
    text = "今日开会，，三人参加。"
    [one] = told(text, finding(text, "，，", "，", "标点重复")).findings
    assert (one.suggestion, one.message) == ("，", "标点重复")
