"""Persons who are described as hurt without being counted."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read


def injured(judge: tuple[FactJudge, Scanner], text: str) -> int | None:
    """The injured of a certain event."""
    item = Item(lane=Lane.OPINION, source="某论坛", text=text, published_at=datetime(2026, 11, 21, 12, tzinfo=CHINA))
    document = Document(item)
    return judge[0].judge(document, judge[1].scan(document.norm), event=True, sure=True).facts.injured


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("夜市打起来了，有个协管的手在滴血，派出所的到了。", 1),
        ("烂尾楼里一个男孩踩空掉下来，大腿穿了一个洞，救护车锯断钢筋拉走的。", 1),
        ("换罐子的时候炸了一下，老板两只手红了一大片，员工一人耳朵听不见。", 2),
        ("车撞上站台，地上坐着六位，都说腿疼，司机没事。", 6),
        ("闪爆之后夫妻二人被邻居背下楼，都送去医院了。", 2),
        ("煤炉没熄，我家对门一家四口叫不醒，窗子我全砸了。", 4),
        ("两辆车擦碰后撞上隔离墩，两名乘客额头磕破。", 2),
        ("步道塌了一截，大叔一把抓住了婴儿车，差点掉下去。", None),
        ("拌和站的大姐中暑栽倒，送到医院没有救回来。", None),
        ("城墙塌了，好几个送医院的，不知道多少。", None),
    ],
)
def test_described_not_counted(facts: tuple[FactJudge, Scanner], text: str, count: int | None) -> None:
    assert injured(facts, text) == count


def test_a_doubtful_event_counts_only_what_is_counted(facts: tuple[FactJudge, Scanner]) -> None:
    assert read(facts, "小说里写到，他的手在滴血。").facts.injured is None
