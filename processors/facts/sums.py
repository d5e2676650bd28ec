"""Numbers that contradict one another inside one item: parts and total, change and base, rate, title and text.

A finding's span is the one number that does not fit: a list's total, the stated change or rate, the title's figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from processors.document import Document
from processors.facts.casualties import Casualties, settle
from processors.facts.numerals import NUMBER, value
from processors.facts.persons import mentions
from processors.facts.statements import Found, Statements
from schemas.assessment import Finding
from schemas.vocab import Check, Kind

_UNIT = (
    r"(?:万|亿)?(?:元|公里|平方米|亩|吨|公斤|斤|千瓦时|人次|人|名|户|家|件|起|次|个|例|条|处|栋|辆|台|"
    r"宗|项|间|只|头|批|场|所|万斤|套|份|公顷|万元|亿元|种|门|座|支|期|本|张|位|米)"
)
_QUANTITY = rf"(?P<{{0}}>{NUMBER})(?P<{{1}}>{_UNIT})"
_TOTAL = re.compile(
    rf"(?P<total>{NUMBER})(?P<unit>{_UNIT})(?P<between>[^，。；（(\d]{{0,8}})(?:(?P<open>[（(])(?P<lead>其中|"
    rf"包括|含)?|[，,]?(?P<lead2>其中|包括|分别(?:为|是)))[:：]?(?P<list>[^。；）)]{{4,90}})"
)
_PART = re.compile(
    rf"(?P<before>[^，、,和及与\d一二两三四五六七八九十百]{{0,10}}?)(?P<number>{NUMBER})(?P<unit>{_UNIT})(?P<after>[^，、,；。）)]{{0,12}})"
)
_LIST_WORDS = ("其中", "包括", "分别")
_LIST_BRACKET = re.compile(
    r"[（(][^）)，。]{0,6}[\d一二三四五六七八九十]+[名人个户件起家][^）)]{1,10}[\d一二三四五六七八九十]"
)
_COMPARED = re.compile(r"(?:较|比)(?:去年|上年|前年|前期|同期|上月|往年|前一年)")
_REST = re.compile(r"其余|剩余|剩下|其他|另外?|余下")
_PAIRS = (("男", "女"), ("重伤", "轻伤"), ("死亡", "受伤"), ("城镇", "农村"), ("已", "未"))
_OVERLAP = re.compile(
    r"党员|女|妇女|老人|老年|老党员|儿童|未成年|学生|少数民族|贫困|脱贫|重症|危重|住院|首次|新增|"
    r"本科|研究生|硕士|博士|规上|重点|[0-9]岁|退役|残疾|优秀|先进|抗|骨折|率|以上|超过"
)
_CHANGE = re.compile(
    rf"(?:由|从)(?P<from>[^，。；\d一二两三四五六七八九十百千]{{0,10}})(?P<a>{NUMBER})(?P<ua>%|"
    rf"{_UNIT})?(?:左右)?(?P<verb>[^，。；\d一二两三四五六七八九十百千]{{0,8}}?(?:[增升降减提涨缩扩压跌延][^，。；\d一二两三四五六七八九十百千]{{0,4}})?(?:到|"
    rf""
    rf""
    rf""
    rf"至|为))(?:了)?"
    rf"(?P<tob>[^，。；\d一二两三四五六七八九十百千]{{0,8}})(?P<b>{NUMBER})(?P<ub>%|"
    rf"{_UNIT})?[^，。；\d]{{0,6}}?[，,](?:共|累计|同比|增幅|降幅|涨幅|总体|平均|环比)?"
    rf"(?P<change>(?P<word>增加|增长|上升|提高|提升|减少|下降|降低|缩短|压缩|压减|下跌|回落|上涨|"
    rf"增幅|降幅|涨幅|降|升|增|减|缩减|延长|扩大)[了达为近约]*(?P<x>{NUMBER})(?P<ux>个百分点|%|倍|"
    rf"成|{_UNIT})?)"
)
_CHANGED = re.compile(r"(?:由|从)[^，。；]{0,14}[\d一二三四五六七八九十百千]")
_AGAINST = re.compile(
    rf"(?P<b>{NUMBER})(?P<ub>{_UNIT})[^，。；\d]{{0,6}}，?(?:较|比|同比)(?:去年|上年|前年|前期|"
    rf"同期|上月|往年|"
    rf"前一年)[^，。；\d一二两三四五六七八九十]{{0,8}}(?:的)?(?P<a>{NUMBER})(?P<ua>{_UNIT})"
    r"[^，。；\d一二两三四五六七八九十]{0,4}?(?P<change>(?P<word>增加|增长|上升|提高|减少|下降|"
    r"降低|上涨|下跌|降|升)[了达为近约]*(?P<x>\d+(?:\.\d+)?)(?P<ux>%))"
)
_RATE = re.compile(
    rf"(?P<t>{NUMBER})(?P<ut>件|起|户|人|名|家|个|处|项|条|宗|次|例|辆|台|栋|"
    rf"所)[^，。；\d]{{0,10}}[，,、；](?:已|其中|现场|共|"
    rf"目前)?(?P<done>[一-龥]{{2,8}}?)(?P<p>{NUMBER})(?P<up>件|起|户|人|名|家|个|处|项|条|宗|次|例|"
    rf"辆|台|栋|所)"
    r"[^，。；\d]{0,8}[，,](?P<what>[一-龥]{0,6}率)(?:达到?|为|是|升至|超过)?(?P<r>\d+(?:\.\d+)?)%"
)
_SHARE = re.compile(r"占(?:比|总数的?|全部的?)?(?:达|为|约|近)?(?P<n>\d+(?:\.\d+)?)%")
_CASUALTY_TOTAL = re.compile(
    rf"(?P<span>(?:合计|共计?|总计|累计|共造成|造成)?伤亡(?:人数)?(?:共|达|为)?(?P<n>{NUMBER})人|"
    rf"(?P<n2>{NUMBER})人伤亡)"
)
_ABOARD = re.compile(
    rf"(?P<span>(?:实载|载有|搭载|乘坐|(?:车|船|机|艇)上(?:共|一共)?(?:有|载有|坐着|坐了|"
    rf"载)?(?:乘客|司乘人员)?)(?P<n>{NUMBER})(?:名|人))"
)
_LATER = re.compile(r"更正|核实|核定|修正|应为|误|订正|下调|重新|减少为")


def check(document: Document) -> Iterator[Finding]:
    """All contradictions of the text itself."""
    text = document.norm
    if _CHANGED.search(text):
        for match in _CHANGE.finditer(text, document.shift):
            yield from _change(document, match)
    share = "%" in text
    if share and _COMPARED.search(text):
        for match in _AGAINST.finditer(text, document.shift):
            yield from _change(document, match)
    listed = any(word in text for word in _LIST_WORDS) or _LIST_BRACKET.search(text) is not None
    rated, shared = share and "率" in text, share and text.count("占") > 1
    if not (listed or rated or shared):
        return
    for start, end in document.sentences():
        if start >= document.shift:
            sentence = text[start:end]
            if listed:
                yield from _parts(document, sentence, start)
            if rated:
                yield from _rates(document, sentence, start)
            if shared:
                yield from _shares(document, sentence, start)


def people(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    """Contradictions between figures of people: title and text, sum and parts, those aboard, a count that falls."""
    yield from _casualty_sum(document, figures)
    yield from _aboard(document, figures)
    yield from _falling(document, statements)
    if document.shift:
        yield from _title(document, statements, figures)


def _parts(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    if not (any(word in sentence for word in _LIST_WORDS) or _LIST_BRACKET.search(sentence)):
        return
    for match in _TOTAL.finditer(sentence):
        total = value(match["total"])
        listed = match["list"]
        parts = _same_unit(listed, match["unit"])
        if total is None or len(parts) < 2 or any(number is None for number, _, _ in parts):
            continue
        amounts = [number or 0.0 for number, _, _ in parts]
        labels = [label for _, label, _ in parts]
        if _contradicts(total, amounts, labels, listed):
            start, end = offset + match.start("total"), offset + match.end("unit")
            if (rest := _REST.search(listed)) is not None and parts[-1][2] <= rest.start() + 2:
                last = _PART.search(listed, rest.start())
                if last is not None:
                    start, end = (
                        offset + match.start("list") + rest.start(),
                        offset + match.start("list") + last.end("unit"),
                    )
            says = "＋".join(f"{amount:g}" for amount in amounts)
            message = f"分项{says}＝{sum(amounts):g}，与总数{total:g}{match['unit']}不符"
            yield _finding(document, start, end, message, "facts.sum")
            return


def _same_unit(listed: str, unit: str) -> list[tuple[float | None, str, int]]:
    people = {"人", "名", "位", "例"}
    found = []
    for match in _PART.finditer(listed):
        if match["unit"] == unit or {match["unit"], unit} <= people:
            found.append((value(match["number"]), match["before"] + match["after"], match.start()))
        elif found:
            break
    return found


def _contradicts(total: float, amounts: list[float], labels: list[str], listed: str) -> bool:
    added = sum(amounts)
    if added == total or (any(amount > total for amount in amounts) and len(amounts) > 4):
        return False
    if _REST.search(listed) and _REST.search(labels[-1]):
        return not _OVERLAP.search("".join(labels[:-1])) or added > total
    joined = "".join(labels)
    for one, other in _PAIRS:
        if any(one in label for label in labels) and any(other in label for label in labels) and len(amounts) == 2:
            return True
    if _OVERLAP.search(joined) or "约" in listed or "余" in listed:
        return False
    return added > total and len(set(labels)) == len(labels) and all(amount < total for amount in amounts)


def _change(document: Document, match: re.Match[str]) -> Iterator[Finding]:
    a, b, x = value(match["a"]), value(match["b"]), value(match["x"])
    unit, unit_a, unit_b = match["ux"] or "", match["ua"] or match["ub"] or "", match["ub"] or match["ua"] or ""
    if a is None or b is None or x is None or unit_a != unit_b or not a:
        return
    fits = _fits(a, b, x, unit, unit_a, match["change"], match["x"])
    if fits is None or fits:
        return
    real = _real_change(a, b, unit, unit_a)
    text = document.norm
    start, end = match.span("change")
    message = f"由{a:g}{unit_a}到{b:g}{unit_b}，应为{real}，与“{text[start:end]}”不符"
    yield _finding(document, start, end, message, "facts.change")


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
            yield _finding(document, start, end, message, "facts.rate")


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
        yield _finding(document, offset + last.start("n"), offset + last.end("n") + 1, message, "facts.share")


def _casualty_sum(document: Document, figures: Casualties) -> Iterator[Finding]:
    if figures.deaths is None or figures.injured is None or "伤亡" not in document.norm:
        return
    for match in _CASUALTY_TOTAL.finditer(document.norm, document.shift):
        total = value(match["n"] or match["n2"])
        if total is not None and total != figures.deaths + figures.injured:
            message = f"死亡{figures.deaths}人、受伤{figures.injured}人，合计应为{figures.deaths + figures.injured}人"
            yield _finding(document, match.start("span"), match.end("span"), message, "facts.sum")
            return


def _aboard(document: Document, figures: Casualties) -> Iterator[Finding]:
    if "载" not in document.norm and "上" not in document.norm:
        return
    hurt = (figures.deaths or 0) + (figures.injured or 0) + (figures.missing or 0)
    if hurt <= 2:
        return
    found = list(_ABOARD.finditer(document.norm, document.shift))
    if len(found) != 1 or re.search(r"路人|行人|另一[辆艘]|两车|相撞|对向|追尾|救援", document.norm):
        return
    number = value(found[0]["n"])
    if number is not None and 2 < number < hurt:
        message = f"伤亡失联合计{hurt}人，多于所载{number:g}人"
        yield _finding(document, found[0].start("span"), found[0].end("span"), message, "facts.sum")


def _falling(document: Document, statements: Statements) -> Iterator[Finding]:
    """A later count of the dead that is lower than an earlier one, without a word of correction."""
    if _LATER.search(document.norm) or document.item.kind is Kind.FINAL:
        return
    counts = [
        f for f in statements.of("deaths") if f.figure and not (f.part or f.other or f.implied or f.nominal or f.detail)
    ]
    for earlier, later in pairwise(counts):
        before = document.norm[max(later.start - 20, document.sentence_at(later.start)[0]) : later.start]
        if later.sentence == earlier.sentence or (later.figure or 0) >= (earlier.figure or 0):
            continue
        if re.search(r"截[至止]|目前|共造成|已造成|累计", before):
            message = f"前文死亡{earlier.figure}人，此处为{later.figure}人，数字减少而未说明更正"
            yield _finding(document, later.start, later.end, message, "facts.falling")
            return


def _title(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    found = list(_title_casualties(document, statements, figures))
    yield from found or _title_people(document)


def _title_casualties(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    if not any(found.title for found in statements.found):
        return
    head = settle(statements, title=True)
    for kind, name in (
        ("deaths", "死亡"),
        ("missing", "失联"),
        ("trapped", "被困"),
        ("evacuated", "转移"),
        ("injured", "受伤"),
    ):
        said, stated = getattr(head, kind), getattr(figures, kind)
        if (
            said is None
            or stated is None
            or said == stated
            or (kind == "injured" and head.deaths is None and figures.deaths)
        ):
            continue
        if kind == "injured" and stated + (figures.deaths or 0) == said:
            continue
        for found in statements.of(kind, title=True):
            if found.figure == said and not found.implied and _exact(document, found):
                message = f"标题{name}{said}人，正文{stated}人"
                yield _finding(document, found.start, found.end, message, "facts.title", f"{stated}人")
                return


def _exact(document: Document, found: Found) -> bool:
    """Whether the title gives an exact number (百余名 against 112名 is no contradiction)."""
    said = document.norm[max(found.start - 1, 0) : found.end]
    return bool(_NUMERAL.search(said)) and not re.search(r"余|多|近|约|超|逾", said)


def _title_people(document: Document) -> Iterator[Finding]:
    """15人斗殴 in the title, where the text knows no such number nor a sum that gives it."""
    if not _EVENT.search(document.norm[: document.shift]):
        return
    title = [mention for mention in mentions(document.norm[: document.shift]) if mention.figure and not mention.pair]
    if re.search(r"[？?]|网传|网曝", document.norm[: document.shift]):
        return
    if len(title) != 1 or title[0].figure is None or title[0].figure < 2:
        return
    body = document.norm[document.shift :]
    inside = [mention for mention in mentions(body) if not mention.pair]
    counts = [mention.figure for mention in inside if mention.figure]
    if not counts or len(counts) > 8 or any(mention.figure is None for mention in inside):
        return
    wanted = title[0].figure
    sums = {*counts, sum(counts), *(one + other for one, other in pairwise(counts))}
    if (
        wanted in sums
        or str(wanted) in body
        or re.search(r"余|多|近|约|超", document.norm[title[0].start - 1 : title[0].end + 1])
    ):
        return
    message = f"标题写{wanted}人，正文没有这个数"
    yield _finding(document, title[0].start, title[0].end, message, "facts.title")


_NUMERAL = re.compile(r"[\d一二两三四五六七八九十百俩仨]")
_EVENT = re.compile(
    r"斗殴|聚集|互殴|械斗|送医|中毒|腹泻|呕吐|就医|被困|受伤|死亡|遇难|失联|转移|疏散|上访|讨薪|获救|落水|溺|感染"
)


def _finding(
    document: Document, start: int, end: int, message: str, rule: str, suggestion: str | None = None
) -> Finding:
    field, first, last = document.locate(start, end)
    text = document.full[start:end]
    return Finding(
        check=Check.NUMBER_MISMATCH,
        field=field,
        start=first,
        end=last,
        text=text,
        message=message,
        suggestion=suggestion if suggestion and re.fullmatch(r"\d+人", text) else None,
        rule=rule,
    )
