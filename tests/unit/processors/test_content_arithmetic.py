"""Sums across a sentence: what is told, and the like of it that is right."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.content import arithmetic
from processors.document import Document
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane


def told(text: str, lane: Lane = Lane.REPORT) -> list[str]:
    item = Item(
        id="i", lane=lane, source="s", title="", text=text,
        published_at=datetime(2024, 9, 2, 9, tzinfo=CHINA),
    )  # fmt: skip
    return [one.text for one in arithmetic.check(Document(item))]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("全县接报警情58起，与上月同期相比增加9起（增幅为15.5%）。", "增幅为15.5%"),
        ("自7月2日至7月20日，我镇持续高温25天。", "持续高温25天"),
        ("该校2014年创办，昨日举行创办7周年庆典。", "7周年"),
    ],
)
def test_a_sum_that_cannot_be_right_is_told(text: str, span: str) -> None:
    assert told(text) == [span]


@pytest.mark.parametrize(
    "text",
    [
        "全县接报警情58起，与上月同期相比增加9起（增幅为18.4%）。",
        "自7月2日至7月20日，我镇连续高温19天。",
        "自7月2日至7月20日，我镇有连续5天无雨。",
        "该校2014年建校，昨日举行建校10周年庆典。",
        "该校2014年建校，昨日举行建校9周年庆典。",
    ],
)
def test_what_adds_up_is_left_alone(text: str) -> None:
    assert told(text) == []


def test_posts_are_not_measured() -> None:
    assert told("自7月2日至7月20日，我镇持续高温25天。", Lane.OPINION) == []
