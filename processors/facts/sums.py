"""Numbers that contradict one another inside one item: parts and total, change and base, rate.

A finding's span is what does not fit: a total with its parts, the stated change or rate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from processors.document import Document
from processors.facts import balance, change_forms, listings, parts
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.late import late
from schemas.assessment import Finding

_RATE = late(
    rf"(?P<t>{NUMBER})(?P<ut>件|起|户|人|名|家|个|处|项|条|宗|次|例|辆|台|栋|"
    rf"所)[^，。；\d]{{0,10}}[，,、；](?:已|其中|现场|共|"
    rf"目前)?(?P<done>[一-龥]{{2,8}}?)(?P<p>{NUMBER})(?P<up>件|起|户|人|名|家|个|处|项|条|宗|次|例|"
    rf"辆|台|栋|所)"
    r"[^，。；\d]{0,8}[，,](?P<what>[一-龥]{0,6}率)(?:达到?|为|是|升至|超过)?(?P<r>\d+(?:\.\d+)?)%"
)
_SHARE = late(r"占(?:比|总数的?|全部的?)?(?:达|为|约|近)?(?P<n>\d+(?:\.\d+)?)%")


def check(document: Document) -> Iterator[Finding]:
    """All contradictions of the text itself, sentence by sentence; most sentences have no word that asks for a look."""
    text = document.norm
    told = list(listings.check(document))
    yield from told
    yield from balance.titles(document)
    yield from balance.rows(document)
    first, quiet = -1, True
    marks = [match.start() for match in _MARKS.finditer(text)]
    numbers = [match.start() for match in _NUMBERS.finditer(text)]
    for start, end in document.sentences():
        if end <= document.shift:
            continue
        first = start if first < 0 else first
        if _between(marks, start, end) and _MARKS.search(text, start, end) and _SEVERAL.search(text, start, end):
            found = list(_sentence(document, text[start:end], start))
            quiet = quiet and not found
            yield from found
        if text[end - 1] in "；;":
            continue  # a row of parts goes on
        if told and any(first <= one.start + document.shift < end for one in told if one.field == "text"):
            quiet = False
        if quiet and _may_add(text, first, end, _between(numbers, first, end)):
            yield from balance.check(document, text[first:end], first)
        first, quiet = -1, True


_N = r"[\d一二三四五六七八九十百千两俩仨几]"
_MARKS = re.compile(  # every branch begins with a character, so that the search skips to them
    rf"其中|包括|分别|（(?=[^）)，。]{{0,6}}{_N}+[名人个户件起家])|\((?=[^）)，。]{{0,6}}{_N}+[名人个户件起家])|共(?=[^，。；]{{0,9}}{_N})|合计|总计|累计|加起来|每(?=[^，。；的次天年]*{_N})|"
    rf"均(?<=[人户家亩台次场].)|%|由(?=[^，。；]{{0,14}}{_N})|从(?=[^，。；]{{0,14}}{_N})|为期|历时|持续|连续|"
    r"去年|上年|前年|前期|同期|同比|环比|上月|上期|上周|往年|前一|昨日|前日"
)
_NUMBERS = re.compile(r"\d\d*")  # not \d+: only behind a set does the search skip to its characters


def _between(places: list[int], start: int, end: int) -> int:
    """How many places lie in a sentence."""
    return bisect_left(places, end) - bisect_left(places, start)


def _may_add(text: str, start: int, end: int, numbers: int) -> bool:
    """Three numbers, two with a rate or a share, or things told one by one."""
    if numbers > 2 or text.find("分别", start, end) >= 0:
        return True
    return numbers > 1 and (text.find("率", start, end) >= 0 or text.find("占", start, end) >= 0)


_SEVERAL = late(rf"(?s:{_N}[^\d一二三四五六七八九十百千两].*{_N})")


def _sentence(document: Document, sentence: str, start: int) -> Iterator[Finding]:
    share = "%" in sentence
    for told in change_forms.plain(sentence):
        slip = _growth(told) if isinstance(told, change_forms.Growth) else _change(told)
        if slip is not None:
            message = f"{slip}，与“{told.said}”不符"
            yield mismatch(document, start + told.start, start + told.end, message, "facts.change")
    yield from parts.check(document, sentence, start)
    if share and "率" in sentence:
        yield from _rates(document, sentence, start)
    if share and sentence.count("占") > 1:
        yield from _shares(document, sentence, start)


def _change(told: change_forms.Change) -> str | None:
    a, b, x = told.base.number, told.new.number, told.by.number if told.by else None
    of = told.unit
    if not a or b is None or x is None or told.by is None or of is None:
        return None
    unit = told.by.unit
    if _fits(a, b, x, unit, of, told.said, told.by.raw) is not False:
        return None
    return f"由{a:g}{of}到{b:g}{of}，应为{_real_change(a, b, unit, of)}"


def _growth(told: change_forms.Growth) -> str | None:
    b, d, x, unit = told.new.number, told.more.number, told.by.number, told.new.unit
    if b is None or not d or x is None or unit != told.more.unit:
        return None
    base = b + d if told.fell else b - d
    if base <= 0 or _fits(base, b, x, "%", unit, told.said, told.by.raw):
        return None
    return f"由{base:g}到{b:g}，应为{_real_change(base, b, '%', unit)}"


def _fits(a: float, b: float, x: float, unit: str, unit_of: str, words: str, raw: str) -> bool | None:
    loose = any(word in words for word in "近约余多")
    if unit == "%":
        if unit_of == "%":
            return None
        step = 0.06 if "." in raw else 0.6
        share = abs(b - a) / a * 100
        return abs(share - x) <= (max(step, 3.0) if loose else step) or (
            abs(b / a * 100 - x) <= step and b > a and "倍" in words
        )
    if unit == "倍":
        ratio = max(a, b) / max(min(a, b), 1e-9)
        return abs(ratio - 1 - x) <= 0.3 or (abs(ratio - x) <= 0.3 and "增加" not in words and "增长" not in words)
    if unit == "成":
        return abs(abs(b - a) / a * 10 - x) <= 0.8
    if unit == "个百分点":
        return abs(abs(b - a) - x) <= 0.051 if unit_of == "%" else None
    if not unit or unit == unit_of:
        return abs(abs(b - a) - x) <= (max(1.0, x * 0.1) if loose else 1e-6 + 0.0005 * max(a, b)) if unit else None
    return None


def _real_change(a: float, b: float, unit: str, unit_of: str) -> str:
    if unit in {"%", "成", "倍"}:
        return f"{'增长' if b > a else '下降'}约{abs(b - a) / a * 100:.1f}%"
    return f"{'增加' if b > a else '减少'}{round(abs(b - a), 2):g}{unit if unit == '个百分点' else unit_of}"


def _rates(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    if "率" not in sentence:
        return
    for match in _RATE.finditer(sentence):
        total, part, rate = value(match["t"]), value(match["p"]), float(match["r"])
        people = {"人", "名"}
        same = match["ut"] == match["up"] or {match["ut"], match["up"]} <= people
        if not total or part is None or not same or part > total:
            continue
        if not any(char in match["done"] for char in match["what"][:-1]) and not re.search(
            r"成功|办结|完成|整改|化解|合格|满意|签约|到位|解决|调解|回复|达标|参与", match["done"]
        ):
            continue
        real = part / total * 100
        if abs(real - rate) > (0.11 if "." in match["r"] else 1.01):
            start, end = offset + match.start("r"), offset + match.end("r") + 1
            message = f"{part:g}÷{total:g}＝{real:.1f}%，与所写{rate:g}%不符"
            yield mismatch(document, start, end, message, "facts.rate")


def _shares(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    found = list(_SHARE.finditer(sentence))
    if len(found) < 2 or "其中" in sentence or "分别" in sentence:
        return
    added = sum(float(match["n"]) for match in found)
    stretch = sentence[found[0].start() : found[-1].end()]
    if (
        added > 101
        and not re.search(r"[，。；][^占]*?(?:同比|其|而)", stretch)
        and re.search(r"占[^，]*?[，、][^，]{1,12}占", stretch)
    ):
        last = found[-1]
        message = f"各项占比相加为{added:g}%，超过100%"
        yield mismatch(document, offset + last.start("n"), offset + last.end("n") + 1, message, "facts.share")
