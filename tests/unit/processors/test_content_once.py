"""Claims that are excused: rumours put right, people whom a paper met; and faults that are told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.content import ContentJudge
from processors.document import Document
from processors.scan import Scanner, ScannerBuilder
from schemas.item import Item
from schemas.vocab import Category, Check, Lane


def _build() -> tuple[ContentJudge, Scanner]:
    builder = ScannerBuilder()
    return ContentJudge.from_tables(load_district(Path("districts/zhanggong")).tables, builder), builder.build()


JUDGE, SCANNER = _build()


def checks(text: str, category: Category, lane: Lane = Lane.REPORT) -> set[Check]:
    item = {"lane": lane, "source": "x", "text": text, "published_at": "2026-05-06T10:00:00+08:00"}
    doc = Document(Item.model_validate(item))
    found = JUDGE.judge(
        doc, SCANNER.scan(doc.norm), category=category, is_emergency=False, has_time=True, places=("某处",)
    )
    return {one.check for one in found}


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ("指挥部公布数字，纠正此前坊间“上百人被埋”的说法。", Lane.MEDIA),
        ("网上流传的“情杀”与已查明情况不符。", Lane.REPORT),
        ("获救的消息在微信群里传开时，搜救还在继续。", Lane.MEDIA),
        ("一名不愿具名的装卸工说，货架早就歪了。", Lane.MEDIA),
    ],
)
def test_a_rumour_put_right_and_a_man_at_the_scene_are_no_vague_sources(text: str, lane: Lane) -> None:
    assert Check.VAGUE_SOURCE not in checks(text, Category.URGENT, lane)


def test_a_rumour_that_nobody_checks_is_one() -> None:
    assert Check.VAGUE_SOURCE in checks("坊间传言，涉事老板有后台，已经跑了。", Category.URGENT)


@pytest.mark.parametrize("text", ["秋收时节家家都忙，会开到田头。", "系好安全绳后人人都想试一试。"])
def test_what_people_are_like_is_no_judgement(text: str) -> None:
    assert checks(text, Category.WORK_NEWS) == set()


@pytest.mark.parametrize(
    "text",
    [
        "镇里查遍山塘水库，做到全覆盖无死角。",
        "街道建立台账，切实做到全覆盖、全链条、无死角。",
        "党工委用榜样激发动力，营造了一流的营商环境。",
        "小网格撬动大治理，为全国城市治理提供了我区样板。",
        "昔日的穷村成了全省乡村振兴的标杆。",
        "这一机制开创了基层监管的崭新局面。",
        "走出了一条前人从未走过的路子。",
        "修复进度走在了全省矿山治理的最前头。",
        "校园秩序好得不能再好，家长放心。",
        "把养老服务带到了一个全新的高度。",
    ],
)
def test_nothing_left_out_is_a_boast(text: str) -> None:
    assert Check.EXAGGERATION in checks(text, Category.WORK_NEWS)


@pytest.mark.parametrize(
    "text",
    [
        "各村要做到检查无死角。",
        "确保巡查无死角。",
        "以一流的服务迎接客商。",
        "力争走在全省最前列。",
        "春运期间一票难求。",
    ],
)
def test_what_should_be_is_no_boast(text: str) -> None:
    assert Check.EXAGGERATION not in checks(text, Category.WORK_NEWS)


def test_a_practice_without_a_result_is_told_once() -> None:
    assert checks("我社区推行敲门工作法，邻里更和睦了，成效显著。", Category.PRACTICE) == {Check.MISSING_RESULT}
    both = checks("我社区首创敲门工作法，史无前例，成效显著。", Category.PRACTICE)
    assert both == {Check.MISSING_RESULT, Check.EXAGGERATION}
