"""Does the arithmetic of a sentence hold? Total and parts in any order, the rest, shares of a hundred, things counted.

``parts`` knows forms (其中…); here every run of numbers of one unit is weighed: what no sum explains and one sum nearly
does is a slip of the pen. A sum that is far off is another matter and stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose

from processors.document import Document
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.facts.parts import UNIT
from schemas.assessment import Finding
from schemas.vocab import Lane

_AMOUNT = re.compile(rf"(?P<n>{NUMBER})(?P<u>{UNIT}|盘|份|%)")
_PRICES = frozenset(("元", "万元", "亿元", "分", "天", "年", "次"))
"""Numbers that stand side by side without being parts of one another."""
_PEOPLE = frozenset("人名位例")
_INEXACT = re.compile(r"(?:(?<![签违履预合条相])约|近|超过?|逾|不足|不到|每|第|上|达到?了?近|大约|将近)$")
_MORE = re.compile(r"^[余多]|^(?:以上|以下|左右|上下)")
_MOVED = re.compile(
    r"(?:同比|环比|比|较|增|减|降|升|涨|跌|少|多|高|低|增长|上升|下降|提前|缩短|提高)[了出达为至到]*$|(?<!理)由$|从$|人均|户均|平均"
)
_SUM = re.compile(r"(?:合计|总计|共计|一共|总共|相加|加起来|加在一起)[^，。；\d]{0,6}$|(?:^|[，、])共[^，。；\d]{0,2}$")
_REST = re.compile(r"其余|余下|剩余|剩下|还剩|余$|结余")
_LISTED = re.compile(r"其中|包括|分为|分别|含|[（(：:]$")
_SOME = re.compile(r"主要|例如|比如|譬如|等|不少|多为")
"""Words by which the parts told are not all."""
_INNER = re.compile(r"里面|当中|其中")
_ALONE = re.compile(r"。|\n|另外?|此外|同时|截至|目前|今年|去年|上年|计划")
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
_NAMED = re.compile(
    rf"(?P<n>{NUMBER})(?P<u>家|个|条|处|所|座|名|位|辆|台|种|项|类)[^，。；：\d]{{0,18}}[，,：:]?"
    r"(?:分别|依次)(?:在|是|为|位于|来自|设在|叫)(?P<list>[^，。；：:\d]{3,60})(?=[，。；]|$)"
)
_BETWEEN = re.compile(r"、|以及|和|及|与")
_RATE = re.compile(
    r"(?P<what>整改|办结|签约|完成|化解|合格|满意|达标|到位|解决|调解|回复|参与|接种|入住|出勤|立案|优良|优秀|及格|安装|开工|复工|中签|兑付|修复|上岗|返岗)率(?P<how>超过|达到?|为|是|已达)?(?P<r>[一二三四五六七八九]成|\d+(?:\.\d+)?%)"
)
_SHARE = re.compile(r"[^，。；\d]{0,4}，占(?:比|总数的?)?(?P<r>\d+(?:\.\d+)?)%(?=[，。；、）]|$)")


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with its unit; ``label`` is what stands between the one before and it."""

    number: float
    unit: str
    start: int
    end: int
    label: str
    exact: bool
    moved: bool


def check(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """At most one finding of a sentence; its span holds the total and the parts, or the stated share."""
    amounts = _amounts(sentence)
    if "分别" in sentence or "依次" in sentence:
        yield from _named(document, sentence, offset)
    for unit in dict.fromkeys(amount.unit for amount in amounts):
        run = [amount for amount in amounts if amount.unit == unit]
        found = None
        if unit == "%":
            found = _hundred(run)
        elif len(run) > 2:
            found = _summed(run) or (None if unit in _PRICES else _divided(run, sentence))
        if found is None and unit != "%":
            found = _rated(run, sentence)
        if found is not None:
            first, last, message = found
            yield mismatch(document, offset + first, offset + last, message, "facts.balance")
            return


_Slip = tuple[int, int, str]


def _amounts(sentence: str) -> list[_Amount]:
    found: list[_Amount] = []
    last = 0
    for match in _AMOUNT.finditer(sentence):
        number = value(match["n"])
        label = sentence[last : match.start()]
        last = match.end()
        if number is None:
            continue
        unit = "人" if match["u"] in _PEOPLE else match["u"]
        exact = not match["n"].endswith(("万", "亿")) and not (
            _INEXACT.search(label) or _MORE.match(sentence[match.end() : match.end() + 2])
        )
        found.append(_Amount(number, unit, match.start(), match.end(), label, exact, bool(_MOVED.search(label))))
    return found


def _same(one: float, other: float, parts: Sequence[_Amount]) -> bool:
    loose = any(part.number != int(part.number) for part in parts)
    return isclose(one, other, abs_tol=0.051 * len(parts) if loose else 1e-6)


def _summed(run: Sequence[_Amount]) -> _Slip | None:
    """…420盘、380盘、350盘，合计1250盘: a stated sum that nothing before it gives."""
    for index, total in enumerate(run):
        if index < 2 or not total.exact or not _SUM.search(total.label):
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
        if not sums or any(_same(added, total.number, parts) for added, parts in sums):
            continue
        added, parts = min(sums, key=lambda pair: abs(pair[0] - total.number))
        if abs(added - total.number) <= NEAR_SUM * total.number:
            return parts[0].start, total.end, _message(parts, added, total)
    return None


def _divided(run: Sequence[_Amount], sentence: str) -> _Slip | None:
    """71人，其中留观38人、住院9人、离院22人; 应签365户，已签333户，剩余42户."""
    for index, total in enumerate(run[:-2]):
        if not total.exact or total.moved:
            continue
        every = _parts_of(total, run[index + 1 :], sentence)
        if len(every) < 2 or _siblings(total, every[0]) or any(one.number == total.number for one in run[index + 1 :]):
            continue
        if any(_same(sum(one.number for one in every[:n]), total.number, every) for n in range(2, len(every) + 1)):
            return None  # what follows divides on
        last = next((n for n, one in enumerate(every) if n and _REST.search(one.label)), len(every) - 1)
        parts = [one for n, one in enumerate(every[: last + 1]) if not (n and _INNER.search(one.label))]
        rest = bool(_REST.search(parts[-1].label))
        listed = bool(_LISTED.search(parts[0].label))
        if not listed and "、" in parts[0].label:
            continue  # the total is one of a list itself
        added = sum(one.number for one in parts)
        if (
            len(parts) < 2
            or _same(added, total.number, parts)
            or (added < total.number and not rest and _SOME.search(sentence, total.end, parts[-1].end))
        ):
            continue
        gap = abs(added - total.number)
        if added < total.number and gap > MANY and (total.number > LARGE or len(parts) > 4) and not rest:
            continue
        if rest:
            near = gap <= NEAR_REST * total.number
        elif len(parts) > 2:
            near = gap <= max(2.0 if total.number > SMALL else 0.0, NEAR * total.number)
        else:
            near = listed and total.number > SMALL and gap <= NEAR_PAIR * total.number
        if near:
            return total.start, parts[-1].end, _message(parts, added, total)
    return None


def _parts_of(total: _Amount, following: Sequence[_Amount], sentence: str) -> list[_Amount]:
    parts: list[_Amount] = []
    last = total.end
    for one in following:
        label = sentence[last : one.start]
        if one.moved or not one.exact or one.number >= total.number or _SUM.search(one.label):
            break
        if len(label) > (LABEL if parts else LEAD) or (_ALONE.search(label) and not _REST.search(label)):
            break
        parts.append(one)
        last = one.end
    return parts


def _siblings(one: _Amount, other: _Amount) -> bool:
    """卡在用地的29个，卡在资金的17个: the first is no total of the second."""
    first, second = (re.split("[，、：；]", amount.label)[-1][:2] for amount in (one, other))
    return len(first) == 2 and first == second


def _hundred(run: Sequence[_Amount]) -> _Slip | None:
    """优秀率18.4%、良好率37.1%、及格率39.9%、不及格率5.6%: shares of one whole."""
    parts = [one for one in run if one.exact and not one.moved]
    if len(parts) < 3 or len(parts) != len(run):
        return None
    shares = all("占" in one.label for one in parts) or all(one.label.endswith("率") for one in parts)
    added = sum(one.number for one in parts)
    if shares and 0.3 < abs(added - 100) <= 1.5:
        return parts[0].start, parts[-1].end, f"各项相加为{added:g}%，不是100%"
    return None


def _rated(run: Sequence[_Amount], sentence: str) -> _Slip | None:
    """问题127个，已整改98个，整改率超过八成; 94件，其中61件，占74.9%."""
    if len(run) < 2:
        return None
    for match in _RATE.finditer(sentence):
        before = [one for one in run if one.end <= match.start() and one.exact and not one.moved]
        part = next((one for one in before[1:] if match["what"] in one.label), None)
        if part is None or "未" in part.label or part.number > before[0].number:
            continue
        real, said = part.number / before[0].number * 100, _percent(match["r"])
        if match["how"] == "超过":
            wrong = real < said - 0.5 or (match["r"].endswith("成") and real >= said + 10)
        else:
            wrong = match["r"].endswith("%") and abs(real - said) > (0.11 if "." in match["r"] else 1.01)
        if wrong:
            message = f"{part.number:g}÷{before[0].number:g}＝{real:.1f}%，与“{match[0]}”不符"
            return match.start(), match.end(), message
    for part in run[1:]:
        share = _SHARE.match(sentence, part.end)
        before = [one for one in run if one.end <= part.start and one.number >= part.number]
        if share is None or not before or not part.exact or not all(one.exact for one in before):
            continue
        said = float(share["r"])
        step = 0.11 if "." in share["r"] else 1.01
        reals = [part.number / one.number * 100 for one in before]
        if len(before) == 1 and abs(reals[0] - said) > step and abs(reals[0] - said) < 30:
            message = f"{part.number:g}÷{before[0].number:g}＝{reals[0]:.1f}%，与所写{share['r']}%不符"
            return share.start("r"), share.end("r") + 1, message
    return None


def titles(document: Document) -> Iterator[Finding]:
    """全区32个村完成夏收 over a text of 23个村: a title's number that the text gives in another way."""
    if not document.shift or document.item.lane is Lane.OPINION:
        return
    title, body = document.norm[: document.shift], document.norm[document.shift :]
    said = [one for one in _amounts(title) if one.number >= 2 and one.unit not in _PEOPLE and one.unit != "%"]
    if not said or len(said) > 3:
        return
    told = _amounts(body)
    for one in said:
        if any(other.number == one.number for other in told):
            continue
        if not one.exact or one.number < 2 or one.moved or title[one.start : one.end].rstrip(one.unit) in body:
            continue
        of = title[one.end : one.end + 1]
        same = [
            other for other in told
            if other.unit == one.unit and (one.unit not in _LOOSE or body[other.end : other.end + 1] == of)
        ]  # fmt: skip
        numbers = {other.number for other in same}
        if len(numbers) == 1 and len(same) == 1 and one.number not in numbers and same[0].exact and not same[0].moved:
            message = f"标题写{one.number:g}{one.unit}，正文为{same[0].number:g}{one.unit}"
            yield mismatch(document, one.start, one.end, message, "facts.title")
            return


_LOOSE = frozenset("个次条项件起处家种批场")
"""Units of many things: the word behind must be the same."""


def _percent(text: str) -> float:
    return float(text[:-1]) if text.endswith("%") else 10 * (value(text[:-1]) or 0.0)


def _named(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """4家门店……分别在A、B、C、D和E: as many names as were counted."""
    for match in _NAMED.finditer(sentence):
        number = value(match["n"])
        names = [name for name in _BETWEEN.split(match["list"]) if name.strip()]
        if number is not None and "、" in match["list"] and len(names) != number and number <= 2 * len(names):
            message = f"列出{len(names)}{match['u']}，与所写{number:g}{match['u']}不符"
            yield mismatch(document, offset + match.start(), offset + match.end(), message, "facts.balance")
            return


def _message(parts: Sequence[_Amount], added: float, total: _Amount) -> str:
    says = "＋".join(f"{one.number:g}" for one in parts)
    return f"{says}＝{added:g}，与所写{total.number:g}{total.unit}不符"
