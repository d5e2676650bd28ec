"""What the way of a text to us leaves in it turns no verdict: dev items as they are, and in other dress (ADR 092)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from huiyao.districts import load_district
from huiyao.judges import make_judge
from processors.assess import Judge
from tests.gold.evaluate import FIGURES, Case, judge_gold
from tests.gold.load import GoldItem, load_gold

ROOT = Path(__file__).parents[2]
EACH = 7
"""Every seventh item of the dev part: some 300, and a second for each dress."""
MOST_TURNED = 0.01
_MEETS = re.compile(r"(?<=[一-龥])(?=\d)|(?<=\d)(?=[一-龥])")
DRESSES: dict[str, Callable[[str], str]] = {
    "spaces about figures": lambda text: _MEETS.sub(" ", text),
    "unseen characters": lambda text: "\u200b".join(text[at : at + 9] for at in range(0, len(text), 9)),
    "tags and entities": lambda text: "<p>" + text.replace("。", "。</p><p>", 1) + "</p>&nbsp;",
    "indented paragraphs": lambda text: "\u3000\u3000" + text.replace("。", "。\r\n\u3000\u3000", 1),
    "full-width figures": lambda text: text.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    "ASCII commas and colons": lambda text: text.translate(str.maketrans("，：；", ",:;")),
}
AROUND: dict[str, Callable[[str], str]] = {
    "a line above": lambda text: f"2026-11-30 08:15 来源：某某网 字号：大 中 小 打印\n{text}",
    "credits below": lambda text: f"{text}\n来源：某某日报\n编辑：何静 审核：柳峰 监制：文杰",
    "buttons below": lambda text: f"{text}\n分享到：微信 微博 QQ空间\n扫一扫在手机打开当前页",
    "a link": lambda text: f"{text} http://t.cn/A6xyzQ1k",
}
"""Around texts of media and posts only."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    return make_judge(load_district(ROOT / "districts" / "zhanggong"), ROOT / "models", second_reader=False)


@pytest.fixture(scope="module")
def items() -> list[GoldItem]:
    return list(load_gold("dev"))[::EACH]


@pytest.fixture(scope="module")
def plain(judge: Judge, items: list[GoldItem]) -> dict[str, tuple[object, ...]]:
    return verdicts(judge_gold(judge, items, stories=False))


def verdicts(cases: list[Case]) -> dict[str, tuple[object, ...]]:
    found = {}
    for case in cases:
        said, facts = case.said, case.said.facts
        figures = [getattr(facts, name) for name in FIGURES]
        event = said.emergency
        found[case.gold.gid] = (
            said.category, event.is_emergency, event.level, event.in_district, facts.event_time, *figures
        )  # fmt: skip
    return found


@pytest.mark.parametrize("dress", [*DRESSES, *AROUND])
def test_dress_turns_no_verdict(
    judge: Judge, items: list[GoldItem], plain: dict[str, tuple[object, ...]], dress: str
) -> None:
    put_on = DRESSES.get(dress) or AROUND[dress]
    worn = [one for one in items if dress in DRESSES or one.item["lane"] != "report"]
    changed = [replace(one, item={**one.item, "text": put_on(one.item["text"])}) for one in worn]
    found = verdicts(judge_gold(judge, changed, stories=False))
    turned = [gid for gid, said in found.items() if said != plain[gid]]
    assert len(found) > 100
    assert len(turned) <= MOST_TURNED * len(found), turned
