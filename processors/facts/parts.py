"""Totals and their parts: 46户，其中厕所35户、床边20户; 水西12户、水东9户，合计23户; 612户每户600元，共26万元."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isclose

from processors.document import Document
from processors.facts.day_spans import within
from processors.facts.mismatch import mismatch
from processors.facts.sum_forms import Breakdown, broken_down, exclusive, products, summed
from processors.late import late
from schemas.assessment import Finding

_LIST_BRACKET = late(
    r"[（(][^）)，。]{0,6}[\d一二三四五六七八九十]+[名人个户件起家][^）)]{1,10}[\d一二三四五六七八九十]"
)
_REST = late(r"其余|剩余|剩下|其他|另外?(?!有[^，。；]{0,8}(?:失联|失踪|死亡|遇难|被困))|余下")
_ALSO = late(r"另外?有|另还有")
"""Also, not the rest: 22人受伤，其中1人死亡，另有2人重伤."""
_HURT = late(r"死|遇难|身亡|伤")
_PRESENT = late(r"[乘载坐搭]|车上|船上|机上|参加|在场|作业|在岗|同行")
"""Who was there, of whom some came to no harm: 车上45人，其中24人死亡，19人受伤."""
_PAIRS = (("男", "女"), ("重伤", "轻伤"), ("死亡", "受伤"), ("城镇", "农村"), ("已", "未"))
_OVERLAP = late(
    r"党员|女|妇女|老人|老年|老党员|儿童|未成年|学生|少数民族|贫困|脱贫|重症|危重|住院|首次|新增|"
    r"本科|研究生|硕士|博士|规上|重点|[0-9]岁|退役|残疾|优秀|先进|抗|骨折|率|以上|超过"
)

_NO_PART = late(r"每|平均|同比|环比|比|较|增|减|降|升|第|以上|以下|至|到|~|占|等$|含|其中|余|约|近|超|多")
_YUAN = {"元": 1.0, "块": 1.0, "万元": 10_000.0, "亿元": 100_000_000.0}
TOLERANCE = 0.015
"""A product may be rounded by this share (612户每户600元，共36.7万元)."""


def check(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """A total that its parts contradict; the span goes from the total to the last part."""
    listed = "其中" in sentence or "包括" in sentence or "分别" in sentence
    if listed or (("（" in sentence or "(" in sentence) and _LIST_BRACKET.search(sentence)):
        found = _listed(document, sentence, offset)
        if found is not None:
            yield found
            return
    if "共" in sentence or "计" in sentence or "加起来" in sentence:
        yield from _summed(document, sentence, offset)
        yield from _exclusive(document, sentence, offset)
    if ("每" in sentence or "均" in sentence) and ("共" in sentence or "计" in sentence):
        yield from _products(document, sentence, offset)
    if "天" in sentence and "月" in sentence:
        yield from _days(document, sentence, offset)


def _listed(document: Document, sentence: str, offset: int) -> Finding | None:
    for told in broken_down(sentence):
        total = told.total.number
        if total is None or len(told.parts) < 2 or any(number is None for number, _, _ in told.parts):
            continue
        amounts = [number or 0.0 for number, _, _ in told.parts]
        if _contradicts(told, total, amounts):
            says = "＋".join(f"{amount:g}" for amount in amounts)
            message = f"分项{says}＝{sum(amounts):g}，与总数{total:g}{told.total.unit}不符"
            return mismatch(document, offset + told.total.start, offset + told.parts[-1][2], message, "facts.sum")
    return None


def _contradicts(told: Breakdown, total: float, amounts: list[float]) -> bool:
    added, listed, labels = sum(amounts), told.listed, [label for _, label, _ in told.parts]
    if _adds_up(total, amounts) or (any(amount > total for amount in amounts) and len(amounts) > 4):
        return False
    if any(_adds_up(total, amounts[:size]) for size in range(2, len(amounts))):
        return False  # 18人死亡，其中客车16人、货车2人，另有14人受伤
    dead = "受伤" in told.between or "死亡" in told.between
    if dead and any(amount > total for amount in amounts):
        return False  # 23人受伤，其中重伤4人，客车上36名乘客……: others are spoken of
    if added < total and _some_unhurt(told, labels):
        return False
    if _REST.search(listed) and _REST.search(labels[-1]):
        return ("约" not in listed and not _OVERLAP_WITH_REST.search("".join(labels[:-1]))) or added > total
    joined = "".join(labels)
    if sum(_outer(amounts)) <= total < added:
        return False
    for one, other in _PAIRS:
        if one == "死亡" and dead:
            return False
        if any(one in label for label in labels) and any(other in label for label in labels) and len(amounts) == 2:
            return True
    if _OVERLAP.search(joined) or "约" in listed or "余" in listed:
        return False
    return added > total and len(set(labels)) == len(labels) and all(amount < total for amount in amounts)


def _some_unhurt(told: Breakdown, labels: Sequence[str]) -> bool:
    """Whether the parts are harm that not all of those counted came to."""
    if not _HURT.search("".join(labels)):
        return False
    return bool(_PRESENT.search(told.told) or (_HURT.search(told.between) and any(map(_ALSO.search, labels))))


def _adds_up(total: float, amounts: list[float]) -> bool:
    """Whether the parts, or the first of them, give the total: 30人，其中13人遇难、17人受伤，重伤4人."""
    added = 0.0
    for index, amount in enumerate(_outer(amounts)):
        added += amount
        if index and isclose(added, total, abs_tol=1e-6):
            return True
    return isclose(sum(amounts), total, abs_tol=1e-6)


def _outer(amounts: list[float]) -> list[float]:
    """Parts without those that only divide the one before: 7人在炉前，3人死亡，4人受伤 is 7."""
    kept: list[float] = []
    index = 0
    while index < len(amounts):
        kept.append(amounts[index])
        divided = index + 2 < len(amounts) and isclose(sum(amounts[index + 1 : index + 3]), amounts[index])
        index += 3 if divided else 1
    return kept


_OVERLAP_WITH_REST = late(r"党员|女|妇女|首次|优秀|先进")


def _summed(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """水西12户、水东9户，合计23户: parts right before their total."""
    for told in summed(sentence):
        total, amounts = told.total.number, [part.number for part in told.parts]
        if total is None or len(amounts) < 2 or any(amount is None for amount in amounts):
            continue
        if any(_NO_PART.search(label) for label in told.labels):
            continue
        added = sum(amount or 0.0 for amount in amounts)
        if (
            isclose(added, total, abs_tol=1e-6)
            or total in amounts
            or not total / 1.6 <= added <= total * 1.6
            or total < max(amount or 0.0 for amount in amounts)
            or len(set(told.labels)) < len(told.labels)
        ):
            continue
        says = "＋".join(f"{amount:g}" for amount in amounts)
        message = f"{says}＝{added:g}，与所写{total:g}{told.total.unit}不符"
        yield mismatch(document, *_at(offset, told.span), message, "facts.sum")
        return


def _exclusive(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """共60批次，第一次25批次，第二次40批次."""
    for told in exclusive(sentence):
        total, a, b = told.total.number, *(part.number for part in told.parts)
        if total is None or a is None or b is None or a + b == total:
            continue
        message = f"{a:g}＋{b:g}＝{a + b:g}，与总数{total:g}{told.total.unit}不符"
        yield mismatch(document, *_at(offset, told.span), message, "facts.sum")
        return


def _products(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """612户每户600元，共26万元; 每户500元，80户共5万元; 两期，每期50人，共150人."""
    for told in products(sentence):
        count, each = told.parts
        n, m, x, unit, unit_all = count.number, each.number, told.total.number, each.unit, told.total.unit
        if not (n and m and x) or re.search(r"约|余|近|多|左右|每.*每", told.text):
            continue
        if unit != unit_all and not (unit in _YUAN and unit_all in _YUAN):
            continue
        stated, real = x * _YUAN.get(unit_all, 1.0), n * m * _YUAN.get(unit, 1.0)
        if abs(real - stated) > TOLERANCE * stated:
            product = f"{n:g}{count.unit}×{m:g}{unit}＝{real / _YUAN.get(unit, 1.0):g}{unit}"
            message = f"{product}，与所写{told.total.told}不符"
            yield mismatch(document, *_at(offset, told.span), message, "facts.product")
            return


def _at(offset: int, span: tuple[int, int]) -> tuple[int, int]:
    return offset + span[0], offset + span[1]


def _days(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """11月18日至20日，为期5天."""
    for told in within(sentence):
        if told.days is None or told.first[0] != told.last[0]:
            continue
        days = told.last[1] - told.first[1]
        if days > 0 and told.days not in {days, days + 1}:
            message = f"{told.named}为{days + 1}天，与“{told.said}”不符"
            yield mismatch(document, offset + told.start, offset + told.end, message, "facts.days")
