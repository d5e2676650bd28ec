"""Does the arithmetic of a sentence hold? Total and parts in any order, the rest, shares of a hundred, things counted.

``parts`` knows forms (其中…); here every run of numbers of one unit is weighed: what no sum explains and one sum nearly
does is a slip of the pen. A sum that is far off is another matter and stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from processors.document import Document
from processors.facts import shares
from processors.facts.counted import PEOPLE, Amount, Slip, amounts, one_digit, place, same
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.facts.quantities import UNIT
from processors.late import late
from schemas.assessment import Finding
from schemas.vocab import Lane

_PRICES = frozenset(("元", "万元", "亿元", "分", "天", "年", "次"))
"""Numbers that stand side by side without being parts of one another."""
_SUM = late(r"(?:合计|总计|共计|一共|总共|相加|加起来|加在一起)[^，。；\d]{0,6}$|(?:^|[，、])共[^，。；\d]{0,2}$")
_REST = late(r"其余|余下|剩余|剩下|还剩|余$|结余|其[它他]|续办|待办|尚未|未(?!成年|婚|来|必)")
_REMAINS = late(r"其余|余下|剩余|剩下|还剩")
_OTHERS = late(r"、其[它他余]")
_LEFT = late(r"[还仍尚]有$")
"""What is left, where two parts are told; else one thing more."""
_OPPOSED = late(
    r"(?P<a>成[年]?人|大人|男|重伤|本地|城[镇区]|上午|线上|室内|公办)|(?P<b>儿童|孩子|小孩|女|轻伤|外地|农村|下午|线下|室外|民办)"
)
"""Of two parts that exclude one another nothing is counted twice."""
_LISTED = late(r"其中|包括|分为|分别|含|[（(：:]$")
_SOME = late(r"主要|例如|比如|譬如|等|不少|多为")
"""Words by which the parts told are not all."""
_INNER = late(r"里面|当中|其中")
_ALONE = late(r"。|\n|另外?|此外|同时|截至|目前|今年|去年|上年|计划")
LABEL = 24
"""Characters between two parts of one list."""
LEAD = 26
"""Characters between a total and the first of its parts."""
NEAR, NEAR_PAIR, NEAR_SUM, NEAR_REST = 0.07, 0.04, 0.15, 0.3
"""Shares of the total by which parts are a slip: of three or more, of two, before a stated sum, with the rest told."""
MANY, LARGE = 3, 1000
"""Of more than a thousand, or of many parts, what is missing may be left out on purpose, but not two or three."""
SMALL = 10
"""Up to this total one missing part is as likely as a slip."""
_NAMED = late(
    rf"(?P<n>{NUMBER})(?P<u>家|个|条|处|所|座|名|位|辆|台|种|项|类)[^，。；：\d]{{0,18}}[，,：:]?"
    r"(?:分别|依次)(?:在|是|为|位于|来自|设在|叫)(?P<list>[^，。；：:\d]{3,60})(?=[，。；]|$)"
)
_BETWEEN = late(r"、|以及|和|及|与")
_LAST = late(r"、|以及")
_ROW = re.compile(
    rf"。(?P<row>[^，。；、\d]{{1,10}}\d[\d.]*{UNIT}(?:、[^，。；、\d]{{1,10}}\d[\d.]*{UNIT}){{2,}})(?=[。；])"
)


def _sums(label: str) -> bool:
    """Whether what stands in front of an amount says that it is a sum."""
    return ("共" in label or "计" in label or "加" in label) and _SUM.search(label) is not None


def check(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """At most one finding of a sentence; its span holds the total and the parts, or the stated share."""
    told = amounts(sentence)
    if "分别" in sentence or "依次" in sentence:
        yield from _named(document, sentence, offset)
    runs: dict[str, list[Amount]] = {}
    for amount in told:
        runs.setdefault(amount.unit, []).append(amount)
    for unit, run in runs.items():
        found = _weigh(run, unit, sentence) if len(run) > 1 else None
        if found is not None:
            first, last, message = found
            yield mismatch(document, offset + first, offset + last, message, "facts.balance")
            return
    if ("较" in sentence or "比" in sentence) and shares.AGAINST.search(sentence):
        before = document.norm[document.shift : offset]
        for first, last, message in shares.against([*amounts(before), *told], sentence):
            yield mismatch(document, offset + first, offset + last, message, "facts.change")
            return


def _weigh(run: Sequence[Amount], unit: str, sentence: str) -> Slip | None:
    if unit == "%":
        return _hundred(run)
    found = None
    if len(run) > 2:
        found = _summed(run) or _divided(run, sentence)
    if found is None:
        found = shares.rated(run, sentence) or shares.shared(run, sentence)
    return found or (shares.chained(run, sentence) if len(run) > 2 and "%" in sentence else None)


def rows(document: Document) -> Iterator[Finding]:
    """税收收入31.4亿元，增长3.9%。制造业18.2亿元、批零5.1亿元、…: a sentence of parts behind the one with the total."""
    text = document.norm
    for match in _ROW.finditer(text, document.shift):
        parts = amounts(match["row"])
        begin, end = document.sentence_at(match.start())
        totals = [one for one in amounts(text[begin:end]) if one.unit == parts[0].unit and not one.moved]
        if not totals or len({one.unit for one in parts}) > 1 or not all(one.exact for one in (*totals, *parts)):
            continue
        total, added = max(totals, key=lambda one: one.number), sum(one.number for one in parts)
        gap = abs(added - total.number)
        if same(added, total.number, parts) or gap > NEAR * total.number or not one_digit(gap, place(parts)):
            continue
        if any(one.number >= total.number for one in parts) or _SOME.search(match["row"]):
            continue
        yield mismatch(document, match.start("row"), match.end("row"), _message(parts, added, total), "facts.balance")
        return


def _summed(run: Sequence[Amount]) -> Slip | None:
    """…420盘、380盘、350盘，合计1250盘: a stated sum that nothing before it gives."""
    for index, total in enumerate(run):
        if index < 2 or not _sums(total.label) or not total.exact:
            continue
        before = run[:index]
        if any(one.number == total.number for one in before):
            continue
        sums = []
        for first in range(index - 1, -1, -1):
            part = before[first]
            if not part.exact or part.moved:
                break
            parts = before[first:]
            if len(parts) > 1:
                sums.append((sum(one.number for one in parts), parts))
        if not sums or any(same(added, total.number, [*parts, total]) for added, parts in sums):
            continue
        added, parts = min(sums, key=lambda pair: abs(pair[0] - total.number))
        if abs(added - total.number) <= NEAR_SUM * total.number:
            return parts[0].start, total.end, _message(parts, added, total)
    return None


def _divided(run: Sequence[Amount], sentence: str) -> Slip | None:
    """71人，其中留观38人、住院9人、离院22人; 应签365户，已签333户，剩余42户."""
    for index, total in enumerate(run[:-2]):
        every = _parts_of(total, run[index + 1 :], sentence)
        if len(every) < 2 or total.moved or not total.exact or _siblings(total, every[0]):
            continue
        if any(one.number == total.number for one in run[index + 1 :]):
            continue
        if total.unit in _PRICES and not (_LISTED.search(every[0].label) and len(every) > 2):
            continue
        if any(
            same(sum(one.number for one in every[:n]), total.number, [total, *every[:n]])
            for n in range(2, len(every) + 1)
            if n == len(every) or not _OTHERS.match(every[n].label)
        ):
            return None  # what follows divides on
        for parts in _rows_of(every):
            if _slips(total, parts, sentence):
                return total.start, parts[-1].end, _message(parts, sum(one.number for one in parts), total)
    return None


def _rows_of(every: list[Amount]) -> Iterator[list[Amount]]:
    """Parts up to the rest; then those of the first list alone: 成人11人、儿童8人，均轻症，11人就诊."""
    last = next((n for n, one in enumerate(every) if n and _REST.search(one.label)), len(every) - 1)
    parts = [one for n, one in enumerate(every[: last + 1]) if not (n and _INNER.search(one.label))]
    if len(parts) > 1:
        yield parts
    head = next((n for n, one in enumerate(every) if n and "、" not in one.label), len(every))
    if 1 < head < len(every):
        yield every[:head]


def _slips(total: Amount, parts: list[Amount], sentence: str) -> bool:
    """Whether the parts were meant to give the total and miss it a little."""
    added, written = sum(one.number for one in parts), [total, *parts]
    gap = abs(added - total.number)
    rest = bool(_REST.search(parts[-1].label))
    listed = bool(_LISTED.search(parts[0].label))
    if not listed and "、" in parts[0].label:
        return False  # the total is one of a list itself
    if same(added, total.number, written) or (
        added < total.number and not rest and _SOME.search(sentence, total.end, parts[-1].end)
    ):
        return False
    digit = one_digit(gap, place(written))
    if rest or _opposed(parts):
        return gap <= NEAR_REST * total.number
    if added < total.number and gap > MANY and (total.number > LARGE or len(parts) > 4) and not (digit and listed):
        return False
    if len(parts) > 2:
        return gap <= max(2.0 if total.number > SMALL else 0.0, NEAR * total.number)
    left = bool(_LEFT.search(parts[-1].label)) and digit
    return (listed or left) and total.number > SMALL and gap <= NEAR_PAIR * total.number


def _opposed(parts: Sequence[Amount]) -> bool:
    found = [_OPPOSED.search(one.label) for one in parts]
    return len(parts) == 2 and {one.lastgroup for one in found if one} == {"a", "b"}


def _parts_of(total: Amount, following: Sequence[Amount], sentence: str) -> list[Amount]:
    parts: list[Amount] = []
    last = total.end
    for index, one in enumerate(following):
        if one.number >= total.number:  # the cheapest look comes first and ends most lists
            slip = not parts and index + 1 < len(following) and one.number < (1 + NEAR_PAIR) * total.number
            if not (slip and _REMAINS.search(following[index + 1].label)):
                break
        label = sentence[last : one.start]
        if len(label) > (LABEL if parts else LEAD) or one.moved or not one.exact:
            break
        if (_ALONE.search(label) or _sums(one.label)) and not _REST.search(label):
            break
        parts.append(one.labelled(label))
        last = one.end
    return parts


def _siblings(one: Amount, other: Amount) -> bool:
    """卡在用地的29个，卡在资金的17个: the first is no total of the second."""
    first, second = (re.split("[，、：；]", amount.label)[-1][:2] for amount in (one, other))
    return len(first) == 2 and first == second


def _hundred(run: Sequence[Amount]) -> Slip | None:
    """优秀率18.4%、良好率37.1%、及格率39.9%、不及格率5.6%: shares of one whole."""
    added = sum(one.number for one in run)
    if len(run) < 3 or not 0.3 < abs(added - 100) <= 1.5:
        return None
    shares = all("占" in one.label for one in run) or all(one.label.endswith("率") for one in run)
    if shares and all(one.exact and not one.moved for one in run):
        return run[0].start, run[-1].end, f"各项相加为{added:g}%，不是100%"
    return None


def titles(document: Document) -> Iterator[Finding]:
    """全区32个村完成夏收 over a text of 23个村: a title's number that the text gives in another way."""
    if not document.shift or document.item.lane is Lane.OPINION:
        return
    title, body = document.norm[: document.shift], document.norm[document.shift :]
    said = [one for one in amounts(title) if one.number >= 2 and one.unit not in PEOPLE and one.unit != "%"]
    if not said or len(said) > 3:
        return
    told = amounts(body)
    for one in said:
        if any(other.number == one.number for other in told):
            continue
        if not one.exact or one.number < 2 or one.moved or title[one.start : one.end].rstrip(one.unit) in body:
            continue
        of = title[one.end : one.end + 1]
        alike = [
            other for other in told
            if other.unit == one.unit and (one.unit not in _LOOSE or body[other.end : other.end + 1] == of)
        ]  # fmt: skip
        numbers = {other.number for other in alike}
        if len(numbers) != 1 or len(alike) != 1 or abs(alike[0].number - one.number) <= one.step:
            continue
        if alike[0].exact and not alike[0].moved:
            message = f"标题写{title[one.start : one.end]}，正文为{body[alike[0].start : alike[0].end]}"
            yield mismatch(document, one.start, one.end, message, "facts.title")
            return


_LOOSE = frozenset("个次条项件起处家种批场")
"""Units of many things: the word behind must be the same."""


def _named(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """4家门店……分别在A、B、C、D和E: as many names as were counted."""
    for match in _NAMED.finditer(sentence):
        number = value(match["n"])
        # 细菌性和阿米巴性痢疾以及淋病: the last of a list stands behind 以及, so 和 joins parts of a name
        between = _LAST if "以及" in match["list"] else _BETWEEN
        names = [name for name in between.split(match["list"]) if name.strip()]
        if number is not None and "、" in match["list"] and len(names) != number and number <= 2 * len(names):
            message = f"列出{len(names)}{match['u']}，与所写{number:g}{match['u']}不符"
            yield mismatch(document, offset + match.start(), offset + match.end(), message, "facts.balance")
            return


def _message(parts: Sequence[Amount], added: float, total: Amount) -> str:
    says = "＋".join(f"{one.number:g}" for one in parts)
    return f"{says}＝{added:g}，与所写{total.number:g}{total.unit}不符"
