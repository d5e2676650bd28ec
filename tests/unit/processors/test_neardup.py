"""Near-duplicate signatures: the same everywhere, kind to small edits, empty for too little text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.neardup import SIZE, signature, signatures, similarity

TEXT = (
    "6月8日凌晨2点到6点，老城区累计降雨169毫米，厚德路、姚衙前一带最深积水约1.1米，地下车库进水7处，泡水车辆130余台。"
    "消防用橡皮艇接出被困居民57人，未接到伤亡报告。八境台旁的福寿沟排口排水正常，水务部门连夜架泵抽排，天亮后主要路段恢复通行。"
)
OTHER = "区图书馆周末开讲宋代城墙，退休教师带着孩子们认砖铭，三个下午来了四百多人，下一场移到郁孤台，雨天改在室内。"


def test_a_known_signature_stays_what_it_was() -> None:
    """Signatures lie in topics for weeks: a change of the arithmetic would tear stories apart."""
    assert signature("今天上午开会")[:4] == KNOWN


KNOWN = (2113681506, 99714444, 1234470317, 808987372)


@pytest.mark.parametrize(
    "reprint",
    [
        TEXT,
        f"江右早报讯（记者 李某）{TEXT}",
        f"{TEXT}（来源：章江客户端）",
        TEXT.replace("消防", "救援人员").replace("未接到伤亡报告", "暂无伤亡报告"),
        TEXT.replace("，", ", ").replace("。", "。\n"),
        TEXT[:105],
    ],
)
def test_reprints_with_small_edits_are_alike(reprint: str) -> None:
    assert similarity(signature(TEXT), signature(reprint)) >= 0.5


def test_other_texts_are_not() -> None:
    assert similarity(signature(TEXT), signature(OTHER)) <= 0.05


@pytest.mark.parametrize("text", ["", "好", "。。。！！", "A，b"])
def test_too_little_text_has_no_signature_and_is_like_nothing(text: str) -> None:
    assert signature(text) == ()
    assert similarity(signature(text), signature(text)) == 0.0


@given(st.lists(st.text(max_size=40), max_size=12))
def test_a_batch_gives_what_single_texts_give(texts: list[str]) -> None:
    together = signatures(texts)
    assert together == [signature(text) for text in texts]
    assert all(len(one) in (0, SIZE) and all(0 <= number < 2**32 for number in one) for one in together)
