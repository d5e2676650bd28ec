"""Totals that their parts contradict, in the forms that ``processors.facts`` does not read.

酒驾6起、醉驾1起、无证2起，共查处8起; 12户，每户500元，合计5600元; 立案18件，追回31万元，其中违规串换19件; 62条分成
三堆，分别为17条、21条、25条; 问题19处，当场改正13处，限期整改7处.
"""

from __future__ import annotations

from collections.abc import Iterator

from processors.content.changes import Slip
from processors.document import Document
from processors.facts.numerals import NUMBER, value
from processors.facts.parts import UNIT as TOLD
from processors.late import late

UNIT = rf"(?:[台架车户]次|{TOLD}|[篇组卷根间趟册孔团堆顶双份])"
_CALM = r"[^，。；：（）()、\d]"
_N = r"\d{1,9}(?:\.\d{1,4})?"
"""A number as one writes it: 2024.5.6 and 3.1.2 are none."""
_WHOLE = r"(?<![\d.])(?P<n>\d{1,9})"
_PART = rf"{_CALM}{{1,10}}?{_N}(?:{UNIT})"
_LIST = late(
    rf"(?P<list>{_PART}(?:、{_PART}){{1,9}})，(?P<said>(?:合计|共计|总计|一共|共(?P<verb>[一-龥]{{2}})?{_CALM}{{0,8}}?)(?P<n>{_N})(?P<u>{UNIT}))"
)
_ONE = late(rf"(?<![\d.])(?P<n>{_N})(?P<u>{UNIT})")
_PAID = late(
    rf"{_WHOLE}(?P<u>户|名|位|人|家){_CALM}{{0,16}}(?:、{_CALM}{{0,12}})?，?(?:[^，。；\d]{{0,6}})每[户名位人家]{_CALM}{{0,6}}?(?P<m>{NUMBER})元{_CALM}{{0,8}}，"
    rf"(?P<said>(?:合计|共计|总计|共){_CALM}{{0,6}}?(?P<t>{NUMBER})元)"
)
_AMONG = late(r"其中(?![，：])(?P<list>[^。；，（）]{2,60}?)(?=[，。；])")
_SPLIT = late(
    rf"{_WHOLE}(?P<u>{UNIT}){_CALM}{{0,12}}[^。；\d]{{0,24}}(?P<said>分别[为是](?P<list>\d{{1,9}}(?:{UNIT})(?:[、和]\d{{1,9}}(?:{UNIT})){{1,5}}))(?=[，。；])"
)
_OPEN = late(r"限期|其余|余下|剩余|剩下|正在|待|尚|未|排到|列入|分期|责令")
_DEALT = late(r"[，、](?:当场|当天|已|其余|余下|均|全部)")
"""Behind the kinds of a list: what was done about them."""
_DUE = late(
    rf"(?P<said>{_WHOLE}(?P<u>{UNIT}){_CALM}{{0,8}}，(?:均|已)?(?:当场|当天|当日|现场|立即|已){_CALM}{{1,6}}?(?P<a>\d{{1,9}})(?P=u)"
    rf"[，、](?:限期|其余|余下|剩余|剩下|正在|待|尚|未|排到|列入|分期|责令){_CALM}{{0,8}}?(?P<b>\d{{1,9}})(?P=u))"
)
_ROW = late(rf"(?P<said>{_WHOLE}(?P<u>{UNIT})：(?P<list>{_PART}(?:[，、]{_PART}){{2,9}}))(?=[，。；])")
_RATIO = late(r"(?<![\d.:：])(?P<a>\d{1,2}\.\d+)[:：](?P<b>\d{1,2}\.\d+)[:：](?P<c>\d{1,2}\.\d+)(?![\d.:：])")
_ALIKE = frozenset("件项样")
_ROUND = late(r"约|余|近|多|超|逾|左右|以上|突破|迈上|等")
_COMPARED = late(r"同比|环比|较|比[去上前]|每")
_MORE = late(r"同比|环比|比|较|增|减|升|降|每|占|人均|率")


def find(document: Document) -> Iterator[Slip]:
    """Totals that do not hold, at most one of a sentence and form."""
    text = document.norm
    for start, end in document.sentences():
        sentence = text[start:end]
        if "共" in sentence or "计" in sentence:
            yield from _listed(sentence, start)
            if "每" in sentence:
                yield from _paid(sentence, start)
        if "：" in sentence:
            yield from _row(sentence, start)
        if "，" in sentence and _OPEN.search(sentence):
            yield from _due(sentence, start)
        if "产业" in sentence or "比重" in sentence or "结构" in sentence:
            yield from _ratio(sentence, start)
        if "其中" in sentence:
            yield from _among(sentence, start)
        if "分别" in sentence:
            yield from _split(sentence, start)


def _listed(sentence: str, offset: int) -> Iterator[Slip]:
    """酒驾6起、醉驾1起、无证2起，共查处8起: the sum stands right behind its list."""
    for match in _LIST.finditer(sentence):
        parts = _numbers(match["list"])
        total = float(match["n"])
        alike = all(unit == match["u"] for _, unit in parts)
        plain = match["said"].startswith(("合计", "共计", "总计", "一共"))
        if not alike and not (plain and match["u"] in _ALIKE):
            continue
        if not plain and not (match["verb"] and match["verb"] in match["list"]):
            continue
        added = sum(number for number, _ in parts)
        if (
            _ROUND.search(match[0])
            or _MORE.search(match[0])
            or abs(added - total) < 0.06
            or added > 2 * total
            or total > 2 * added
        ):
            continue
        yield Slip(offset + match.start("said"), offset + match.end("said"), f"各项相加为{added:g}")
        return


def _paid(sentence: str, offset: int) -> Iterator[Slip]:
    """12户，每户500元，合计5600元."""
    for match in _PAID.finditer(sentence):
        if match[0].count("每") > 1:
            continue  # 每人每月500元
        each, total, number = value(match["m"]), value(match["t"]), float(match["n"])
        if each and total and not _ROUND.search(match[0]) and abs(number * each - total) > 0.006 * total:
            yield Slip(offset + match.start(), offset + match.end(), f"{number:g}×{each:g}＝{number * each:g}元")
            return


def _among(sentence: str, offset: int) -> Iterator[Slip]:
    """立案18件，追回31万元，其中违规串换19件: a part is more than what it is a part of."""
    for match in _AMONG.finditer(sentence):
        before = [(one, float(one["n"])) for one in _ONE.finditer(sentence, 0, match.start())]
        for part in _ONE.finditer(sentence, match.start("list"), match.end("list")):
            wholes = [(one, number) for one, number in before if one["u"] == part["u"]]
            if len(wholes) != 1 or float(part["n"]) <= wholes[0][1] or float(part["n"]) > 2 * wholes[0][1]:
                continue
            whole = wholes[0][0]
            if _MORE.search(sentence, max(whole.start() - 6, 0), part.end()) or _ROUND.search(
                sentence[whole.start() : part.end()]
            ):
                continue
            yield Slip(offset + whole.start(), offset + part.end(), f"{part[0]}多于总数{whole[0]}")
            return


def _split(sentence: str, offset: int) -> Iterator[Slip]:
    """62条分成三堆，分别为17条、21条、25条."""
    for match in _SPLIT.finditer(sentence):
        parts = _numbers(match["list"])
        added, total = sum(number for number, _ in parts), float(match["n"])
        if any(unit != match["u"] for _, unit in parts) or _COMPARED.search(match[0]) or _ROUND.search(match[0]):
            continue
        if added != total and abs(added - total) <= 0.1 * total:
            yield Slip(
                offset + match.start("said"), offset + match.end("said"), f"各项相加为{added:g}，总数为{total:g}"
            )
            return


def _due(sentence: str, offset: int) -> Iterator[Slip]:
    """问题19处，当场改正13处，限期整改7处: what is done and what is still due are not more than all."""
    for match in _DUE.finditer(sentence):
        total, added = int(match["n"]), int(match["a"]) + int(match["b"])
        if total < added <= 1.3 * total and not _ROUND.search(match[0]):
            yield Slip(offset + match.start("said"), offset + match.end("said"), f"两项相加为{added}，多于总数{total}")
            return


def _row(sentence: str, offset: int) -> Iterator[Slip]:
    """受理9件：发票6件，社保2件，退税3件: a colon tells of all."""
    for match in _ROW.finditer(sentence):
        parts = _numbers(_DEALT.split(match["list"])[0])
        added, total = sum(number for number, _ in parts), int(match["n"])
        if (
            len(parts) < 3
            or any(unit != match["u"] for _, unit in parts)
            or _MORE.search(match[0])
            or _ROUND.search(match[0])
        ):
            continue
        if added != total and abs(added - total) <= 0.3 * total:
            yield Slip(offset + match.start("said"), offset + match.end("said"), f"各项相加为{added:g}，总数为{total}")
            return


def _ratio(sentence: str, offset: int) -> Iterator[Slip]:
    """三次产业结构为3.9:37.5:58.9: shares of all, which rounding leaves a tenth or two off at most."""
    for match in _RATIO.finditer(sentence):
        added = sum(float(match[name]) for name in "abc")
        if 0.25 < abs(added - 100) < 10:
            yield Slip(offset + match.start(), offset + match.end(), f"三项相加为{added:g}，不是100")
            return


def _numbers(text: str) -> list[tuple[float, str]]:
    return [(float(one["n"]), one["u"]) for one in _ONE.finditer(text)]
