"""How a text tells a sum: a total with its parts, a number times an amount, what is done and what is left.

The one place that reads these forms. ``processors.facts.parts`` weighs the forms that have a function each, with the
labels of the parts; ``processors.content.totals`` those of ``read``, which count things in figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from processors.facts.counted import PEOPLE
from processors.facts.numerals import NUMBER, value
from processors.facts.quantities import COUNT, UNIT, WIDE_UNIT, Quantity, counted, quantity
from processors.late import late


class Sum(NamedTuple):
    """A total and its parts, or a product and its factors.

    ``span`` of the sentence is what is marked where they disagree, ``form`` the whole form.
    """

    total: Quantity
    parts: list[Quantity]
    sentence: str
    span: tuple[int, int]
    form: tuple[int, int]
    labels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole form."""
        return self.sentence[self.form[0] : self.form[1]]


class Breakdown(NamedTuple):
    """46户，其中厕所35户、床边20户: ``parts`` are number (None: vague), label and end of those of the total's unit.

    ``between`` stands between total and list, ``told`` from somewhat before the total to the list.
    """

    total: Quantity
    between: str
    told: str
    listed: str
    parts: list[tuple[float | None, str, int]]


BEFORE = 14
"""Characters before a total that say of whom it is."""
_TOTAL = late(
    rf"(?P<total>{NUMBER})(?P<unit>{UNIT})(?P<between>[^，。；（(\d]{{0,8}})(?:(?P<open>[（(])(?P<lead>其中|"
    rf"包括|含)?|[，,]?(?P<lead2>其中|包括|分别(?:为|是)))[:：]?(?P<list>[^。；）)]{{4,90}})"
)
_PART = late(
    rf"(?P<before>[^，、,和及与\d一二两三四五六七八九十百]{{0,10}}?)(?P<number>{NUMBER})(?P<unit>{UNIT})(?P<after>[^，、,；。）)]{{0,12}})"
)
_REMARK = late(r"[（(](?![^（()）]{0,6}\d)[^（()）]{1,40}[)）]")


def broken_down(sentence: str) -> Iterator[Breakdown]:
    """Totals with a list behind 其中, 包括, 分别为 or in brackets."""
    plain = _without_remarks(sentence)
    for match in _TOTAL.finditer(plain):
        first = match.start("list")
        parts = [(number, label, first + end) for number, label, end in _same_unit(match["list"], match["unit"])]
        told = plain[max(0, match.start("total") - BEFORE) : first]
        yield Breakdown(quantity(match, "total", "unit"), match["between"], told, match["list"], parts)


def _without_remarks(sentence: str) -> str:
    """The sentence with remarks in brackets blanked: 7起（均为锅具干烧）."""
    if "（" not in sentence and "(" not in sentence:
        return sentence
    return _REMARK.sub(lambda match: " " * len(match[0]), sentence)


def _same_unit(listed: str, unit: str) -> list[tuple[float | None, str, int]]:
    """Number, label and end of the unit of each part that is counted as the total is, up to another unit."""
    found = []
    last = 0
    for match in _PART.finditer(listed):
        label = listed[last : match.start("number")] + match["after"]
        last = match.end()
        if match["unit"] == unit or {match["unit"], unit} <= PEOPLE:
            found.append((value(match["number"]), label, match.end("unit")))
        elif found:
            break
    return found


_SUMMED = late(
    rf"(?:共计|合计|总计|累计|一共|总共|共|加起来)(?:有|为|是|达|:|：|评出|发放|颁发|罚款|罚没|投出|收回)?(?P<total>{NUMBER})(?P<unit>{UNIT})"
)


def summed(sentence: str) -> Iterator[Sum]:
    """水西12户、水东9户，合计23户: parts of one unit right before their total, with their labels."""
    for match in _SUMMED.finditer(sentence):
        offset = sentence.rfind("：", 0, match.start()) + 1
        before = sentence[offset : match.start()].rstrip("，、,和及 ")
        run = _run_before(before, match["unit"])
        if not run:
            continue
        ends = [run[0].start(), *(part.end() for part in run)]
        labels = [before[end : part.start("number")] + part["after"] for end, part in zip(ends, run, strict=False)]
        parts = [quantity(part, "number", "unit") for part in run]
        total, start = quantity(match, "total", "unit"), offset + run[0].start("number")
        yield Sum(total, parts, sentence, (start, total.close), match.span(), tuple(labels))


def _run_before(before: str, unit: str) -> list[re.Match[str]]:
    """The parts of one unit that stand side by side at the end of a text."""
    run: list[re.Match[str]] = []
    for part in _PART.finditer(before):
        if part["unit"] != unit or (run and part.start() - run[-1].end() > 3):
            run = []
        if part["unit"] == unit:
            run.append(part)
    return run if run and len(before) - run[-1].end() <= 1 else []


_EXCLUSIVE = late(
    rf"共[^，。；\d]{{0,8}}(?P<total>{NUMBER})(?P<unit>{UNIT})[^，。；\d]{{0,6}}，(?P<one>第一|男|合格|达标|已)[^，。；\d]{{0,8}}(?P<a>{NUMBER})"
    rf"(?P=unit)[，、](?P<other>第二|女|不合格|不达标|未|尚未)[^，。；\d]{{0,8}}(?P<b>{NUMBER})(?P=unit)(?![，、]第三)"
)
_OTHER = {"第一": ("第二",), "男": ("女",), "合格": ("不合格",), "达标": ("不达标",), "已": ("未", "尚未")}


def exclusive(sentence: str) -> Iterator[Sum]:
    """共60批次，第一次25批次，第二次40批次: parts that exclude one another and leave nothing over."""
    for match in _EXCLUSIVE.finditer(sentence):
        if match["other"] in _OTHER[match["one"]]:
            total, parts = quantity(match, "total", "unit"), [quantity(match, name, "unit") for name in "ab"]
            yield Sum(total, parts, sentence, (match.start("total"), match.end("b")), match.span())


_TIMES = r"(?:户|人|名|家|亩|个|辆|台|件|斤|公斤|吨|套|份|盏|棵|间|只|头|天|次|袋|箱|桶|期|场|批|组|班|轮|项)"
_GAP = r"[^。；\d一二两三四五六七八九十百]"
_EACH = rf"(?:每(?P<un2>{_TIMES})|(?P<mean>[人户家亩台次场])均){_GAP}{{0,6}}?(?P<m>{NUMBER})(?P<um>{UNIT}|块)"
_IN_ALL = rf"(?P<span>(?:共|合计|总计|累计|一共|总共){_GAP}{{0,6}}?(?P<x>{NUMBER})(?P<ux>{UNIT}|块))"
_PRODUCTS = (
    late(rf"(?P<n>{NUMBER})(?P<un>{_TIMES}){_GAP}{{0,12}}?{_EACH}{_GAP}{{0,12}}?{_IN_ALL}"),
    late(rf"{_EACH}[，,、]?{_GAP}{{0,6}}?(?P<n>{NUMBER})(?P<un>{_TIMES}){_GAP}{{0,4}}?{_IN_ALL}"),
)


def products(sentence: str) -> Iterator[Sum]:
    """612户每户600元，共26万元; 每户500元，80户共5万元: a number of things and what each of them has."""
    for match in (found for pattern in _PRODUCTS for found in pattern.finditer(sentence)):
        each = match["un2"] or match["mean"]
        if match["un"] == each or {match["un"], each} <= PEOPLE:
            factors = [quantity(match, "n", "un"), quantity(match, "m", "um")]
            yield Sum(quantity(match, "x", "ux"), factors, sentence, match.span("span"), match.span())


class Form(Enum):
    """What ``read`` reads."""

    LISTED = auto()
    """酒驾6起、醉驾1起、无证2起，共查处8起: the sum stands right behind its list."""
    PAID = auto()
    """12户，每户500元，合计5600元: the parts are number and amount."""
    ROW = auto()
    """受理9件：发票6件，社保2件，退税3件: a colon tells of all."""
    DUE = auto()
    """问题19处，当场改正13处，限期整改7处: what is done and what is still due."""
    RATIO = auto()
    """三次产业结构为3.9:37.5:58.9: shares of a hundred, which no text writes."""
    AMONG = auto()
    """立案18件，追回31万元，其中违规串换19件: a part of the only number of its unit."""
    SPLIT = auto()
    """62条分成三堆，分别为17条、21条、25条."""


ADDED_UP = ("合计", "共计", "总计", "一共")
"""Words that add up whatever was listed; others must name again what is counted."""
_CALM = r"[^，。；：（）()、\d]"
_WHOLE = r"(?<![\d.])(?P<n>\d{1,9})"
_ITEM = rf"{_CALM}{{1,10}}?{COUNT}(?:{WIDE_UNIT})"
_LEFT = "限期|其余|余下|剩余|剩下|正在|待|尚|未|排到|列入|分期|责令"
_LIST = late(
    rf"(?P<list>{_ITEM}(?:、{_ITEM}){{1,9}})，(?P<said>(?:{'|'.join(ADDED_UP)}|共(?P<verb>[一-龥]{{2}})?{_CALM}{{0,8}}?)(?P<n>{COUNT})(?P<u>{WIDE_UNIT}))"
)
_PAID = late(
    rf"{_WHOLE}(?P<u>户|名|位|人|家){_CALM}{{0,16}}(?:、{_CALM}{{0,12}})?，?(?:[^，。；\d]{{0,6}})每[户名位人家]{_CALM}{{0,6}}?(?P<m>{NUMBER})(?P<um>元){_CALM}{{0,8}}，"
    rf"(?:合计|共计|总计|共){_CALM}{{0,6}}?(?P<t>{NUMBER})(?P<ut>元)"
)
_AMONG = late(r"其中(?![，：])(?P<list>[^。；，（）]{2,60}?)(?=[，。；])")
_SPLIT = late(
    rf"{_WHOLE}(?P<u>{WIDE_UNIT}){_CALM}{{0,12}}[^。；\d]{{0,24}}(?P<said>分别[为是](?P<list>\d{{1,9}}(?:{WIDE_UNIT})(?:[、和]\d{{1,9}}(?:{WIDE_UNIT})){{1,5}}))(?=[，。；])"
)
_OPEN = late(_LEFT)
_DEALT = late(r"[，、](?:当场|当天|已|其余|余下|均|全部)")
"""Behind the kinds of a list: what was done about them."""
_DUE = late(
    rf"(?P<said>{_WHOLE}(?P<u>{WIDE_UNIT}){_CALM}{{0,8}}，(?:均|已)?(?:当场|当天|当日|现场|立即|已){_CALM}{{1,6}}?(?P<a>\d{{1,9}})(?P=u)"
    rf"[，、](?:{_LEFT}){_CALM}{{0,8}}?(?P<b>\d{{1,9}})(?P=u))"
)
_ROW = late(rf"(?P<said>{_WHOLE}(?P<u>{WIDE_UNIT})：(?P<list>{_ITEM}(?:[，、]{_ITEM}){{2,9}}))(?=[，。；])")
_RATIO = late(r"(?<![\d.:：])(?P<a>\d{1,2}\.\d+)[:：](?P<b>\d{1,2}\.\d+)[:：](?P<c>\d{1,2}\.\d+)(?![\d.:：])")


FIGURE = re.compile(r"\d")
"""What everything that ``read`` finds has."""


def read(sentence: str) -> Iterator[tuple[Form, Sum]]:
    """The sums of a sentence, form by form; each form asks first for a sign that it always has."""
    if "共" in sentence or "计" in sentence:
        for match in _LIST.finditer(sentence):
            named = match["verb"] and match["verb"] in match["list"]
            if named or match["said"].startswith(ADDED_UP):
                yield Form.LISTED, _with_list(sentence, match)
        for match in _PAID.finditer(sentence) if "每" in sentence else ():
            factors = [quantity(match, "n", "u"), quantity(match, "m", "um")]
            yield Form.PAID, Sum(quantity(match, "t", "ut"), factors, sentence, match.span(), match.span())
    if "：" in sentence:
        for match in _ROW.finditer(sentence):
            dealt = _DEALT.search(sentence, *match.span("list"))
            yield Form.ROW, _with_list(sentence, match, dealt.start() if dealt else None)
    if "，" in sentence and _OPEN.search(sentence):
        for match in _DUE.finditer(sentence):
            parts = [quantity(match, name, "u") for name in "ab"]
            yield Form.DUE, Sum(quantity(match, "n", "u"), parts, sentence, match.span("said"), match.span())
    if "产业" in sentence or "比重" in sentence or "结构" in sentence:
        for match in _RATIO.finditer(sentence):
            shares = [Quantity(match[name], "", *match.span(name), match.end(name)) for name in "abc"]
            yield Form.RATIO, Sum(_HUNDRED, shares, sentence, match.span(), match.span())
    if "其中" in sentence:
        yield from _among(sentence)
    if "分别" in sentence:
        for match in _SPLIT.finditer(sentence):
            yield Form.SPLIT, _with_list(sentence, match)


_HUNDRED = Quantity("100", "%", 0, 0, 0)


def _with_list(sentence: str, match: re.Match[str], end: int | None = None) -> Sum:
    """``end``: where the parts end, if not with the list."""
    first, last = match.span("list")
    parts = counted(sentence, first, last if end is None else end)
    return Sum(quantity(match, "n", "u"), parts, sentence, match.span("said"), match.span())


def _among(sentence: str) -> Iterator[tuple[Form, Sum]]:
    for match in _AMONG.finditer(sentence):
        before = counted(sentence, 0, match.start())
        for part in counted(sentence, *match.span("list")):
            wholes = [one for one in before if one.unit == part.unit]
            if len(wholes) == 1:
                span = wholes[0].start, part.close
                yield Form.AMONG, Sum(wholes[0], [part], sentence, span, span)
