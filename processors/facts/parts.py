"""Totals and their parts: 46户，其中厕所35户、床边20户; 水西12户、水东9户，合计23户; 612户每户600元，共26万元."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isclose

from processors.document import Document
from processors.facts.mismatch import mismatch
from processors.facts.numerals import NUMBER, value
from processors.late import late
from schemas.assessment import Finding

UNIT = (
    r"[万亿]?(?:公里|平方米|公斤|千瓦时|人次|批次|万斤|公顷|万元|亿元|学时|"
    r"[元亩吨斤人名户家件起次个例条处栋辆台宗项间只头批场所套份种门座支期本张位米车袋棵株面盏块箱桶单票笔枚杯碗列艘架口扇幅]|吨位)"
)
"""A unit. Those of one character stand in one set: seventy branches would be tried behind every number."""
_TOTAL = late(
    rf"(?P<total>{NUMBER})(?P<unit>{UNIT})(?P<between>[^，。；（(\d]{{0,8}})(?:(?P<open>[（(])(?P<lead>其中|"
    rf"包括|含)?|[，,]?(?P<lead2>其中|包括|分别(?:为|是)))[:：]?(?P<list>[^。；）)]{{4,90}})"
)
_PART = late(
    rf"(?P<before>[^，、,和及与\d一二两三四五六七八九十百]{{0,10}}?)(?P<number>{NUMBER})(?P<unit>{UNIT})(?P<after>[^，、,；。）)]{{0,12}})"
)
_LIST_BRACKET = late(
    r"[（(][^）)，。]{0,6}[\d一二三四五六七八九十]+[名人个户件起家][^）)]{1,10}[\d一二三四五六七八九十]"
)
_REST = late(r"其余|剩余|剩下|其他|另外?(?!有[^，。；]{0,8}(?:失联|失踪|死亡|遇难|被困))|余下")
_ALSO = late(r"另外?有|另还有")
"""Also, not the rest: 22人受伤，其中1人死亡，另有2人重伤."""
_HURT = late(r"死|遇难|身亡|伤")
_PRESENT = late(r"[乘载坐搭]|车上|船上|机上|参加|在场|作业|在岗|同行")
"""Who was there, of whom some came to no harm: 车上45人，其中24人死亡，19人受伤."""
BEFORE = 14
"""Characters before a total that say of whom it is."""
_PAIRS = (("男", "女"), ("重伤", "轻伤"), ("死亡", "受伤"), ("城镇", "农村"), ("已", "未"))
_OVERLAP = late(
    r"党员|女|妇女|老人|老年|老党员|儿童|未成年|学生|少数民族|贫困|脱贫|重症|危重|住院|首次|新增|"
    r"本科|研究生|硕士|博士|规上|重点|[0-9]岁|退役|残疾|优秀|先进|抗|骨折|率|以上|超过"
)


_SUMMED = late(
    rf"(?:共计|合计|总计|累计|一共|总共|共|加起来)(?:有|为|是|达|:|：|评出|发放|颁发|罚款|罚没|投出|收回)?(?P<total>{NUMBER})(?P<unit>{UNIT})"
)
_NO_PART = late(r"每|平均|同比|环比|比|较|增|减|降|升|第|以上|以下|至|到|~|占|等$|含|其中|余|约|近|超|多")
_TIMES = r"(?:户|人|名|家|亩|个|辆|台|件|斤|公斤|吨|套|份|盏|棵|间|只|头|天|次|袋|箱|桶|期|场|批|组|班|轮|项)"
_GAP = r"[^。；\d一二两三四五六七八九十百]"
_EACH = rf"(?:每(?P<un2>{_TIMES})|(?P<mean>[人户家亩台次场])均){_GAP}{{0,6}}?(?P<m>{NUMBER})(?P<um>{UNIT}|块)"
_IN_ALL = rf"(?P<span>(?:共|合计|总计|累计|一共|总共){_GAP}{{0,6}}?(?P<x>{NUMBER})(?P<ux>{UNIT}|块))"
_PRODUCTS = (
    late(rf"(?P<n>{NUMBER})(?P<un>{_TIMES}){_GAP}{{0,12}}?{_EACH}{_GAP}{{0,12}}?{_IN_ALL}"),
    late(rf"{_EACH}[，,、]?{_GAP}{{0,6}}?(?P<n>{NUMBER})(?P<un>{_TIMES}){_GAP}{{0,4}}?{_IN_ALL}"),
)
_DAYS = late(
    r"(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日?(?:至|到|—|-|~)(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日[^。；]{0,24}?"
    r"(?P<span>(?:为期|历时|持续|共|连续)(?P<n>\d{1,2}|[一二两三四五六七八九十]{1,2})天)"
)
_YUAN = {"元": 1.0, "块": 1.0, "万元": 10_000.0, "亿元": 100_000_000.0}
TOLERANCE = 0.015
"""A product may be rounded by this share (612户每户600元，共36.7万元)."""
_PEOPLE = frozenset({"人", "名", "位", "例"})


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
    plain = _without_remarks(sentence)
    for match in _TOTAL.finditer(plain):
        total, listed = value(match["total"]), match["list"]
        found = _same_unit(listed, match["unit"])
        if total is None or len(found) < 2 or any(number is None for number, _, _ in found):
            continue
        amounts = [number or 0.0 for number, _, _ in found]
        labels = [label for _, label, _ in found]
        if _contradicts(match, total, amounts, labels):
            says = "＋".join(f"{amount:g}" for amount in amounts)
            message = f"分项{says}＝{sum(amounts):g}，与总数{total:g}{match['unit']}不符"
            end = match.start("list") + found[-1][2]
            return mismatch(document, offset + match.start("total"), offset + end, message, "facts.sum")
    return None


_REMARK = late(r"[（(](?![^（()）]{0,6}\d)[^（()）]{1,40}[)）]")


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
        if match["unit"] == unit or {match["unit"], unit} <= _PEOPLE:
            found.append((value(match["number"]), label, match.end("unit")))
        elif found:
            break
    return found


def _contradicts(match: re.Match[str], total: float, amounts: list[float], labels: list[str]) -> bool:
    added, listed = sum(amounts), match["list"]
    if _adds_up(total, amounts) or (any(amount > total for amount in amounts) and len(amounts) > 4):
        return False
    if any(_adds_up(total, amounts[:size]) for size in range(2, len(amounts))):
        return False  # 18人死亡，其中客车16人、货车2人，另有14人受伤
    dead = "受伤" in match["between"] or "死亡" in match["between"]
    if dead and any(amount > total for amount in amounts):
        return False  # 23人受伤，其中重伤4人，客车上36名乘客……: others are spoken of
    if added < total and _some_unhurt(match, labels):
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


def _some_unhurt(match: re.Match[str], labels: Sequence[str]) -> bool:
    """Whether the parts are harm that not all of those counted came to."""
    if not _HURT.search("".join(labels)):
        return False
    told = match.string[max(0, match.start("total") - BEFORE) : match.start("list")]
    return bool(_PRESENT.search(told) or (_HURT.search(match["between"]) and any(map(_ALSO.search, labels))))


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
    for match in _SUMMED.finditer(sentence):
        total = value(match["total"])
        start = sentence.rfind("：", 0, match.start()) + 1
        before = sentence[start : match.start()].rstrip("，、,和及 ")
        run = _run_before(before, match["unit"])
        if total is None or len(run) < 2:
            continue
        amounts = [value(part["number"]) for part in run]
        ends = [run[0].start(), *(part.end() for part in run)]
        labels = [before[end : part.start("number")] + part["after"] for end, part in zip(ends, run, strict=False)]
        if any(amount is None for amount in amounts) or any(_NO_PART.search(label) for label in labels):
            continue
        added = sum(amount or 0.0 for amount in amounts)
        if (
            isclose(added, total, abs_tol=1e-6)
            or total in amounts
            or not total / 1.6 <= added <= total * 1.6
            or total < max(amount or 0.0 for amount in amounts)
            or len(set(labels)) < len(labels)
        ):
            continue
        says = "＋".join(f"{amount:g}" for amount in amounts)
        message = f"{says}＝{added:g}，与所写{total:g}{match['unit']}不符"
        first = start + run[0].start("number")
        yield mismatch(document, offset + first, offset + match.end("unit"), message, "facts.sum")
        return


_EXCLUSIVE = late(
    rf"共[^，。；\d]{{0,8}}(?P<total>{NUMBER})(?P<unit>{UNIT})[^，。；\d]{{0,6}}，(?P<one>第一|男|合格|达标|已)[^，。；\d]{{0,8}}(?P<a>{NUMBER})"
    rf"(?P=unit)[，、](?P<other>第二|女|不合格|不达标|未|尚未)[^，。；\d]{{0,8}}(?P<b>{NUMBER})(?P=unit)(?![，、]第三)"
)
_OTHER = {"第一": ("第二",), "男": ("女",), "合格": ("不合格",), "达标": ("不达标",), "已": ("未", "尚未")}


def _exclusive(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """共60批次，第一次25批次，第二次40批次: parts that exclude one another and leave nothing over."""
    for match in _EXCLUSIVE.finditer(sentence):
        total, a, b = value(match["total"]), value(match["a"]), value(match["b"])
        if match["other"] not in _OTHER[match["one"]] or total is None or a is None or b is None or a + b == total:
            continue
        message = f"{a:g}＋{b:g}＝{a + b:g}，与总数{total:g}{match['unit']}不符"
        yield mismatch(document, offset + match.start("total"), offset + match.end("b"), message, "facts.sum")
        return


def _run_before(before: str, unit: str) -> list[re.Match[str]]:
    """The parts of one unit that stand side by side at the end of a text."""
    run: list[re.Match[str]] = []
    for part in _PART.finditer(before):
        if part["unit"] != unit or (run and part.start() - run[-1].end() > 3):
            run = []
        if part["unit"] == unit:
            run.append(part)
    return run if run and len(before) - run[-1].end() <= 1 else []


def _products(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """612户每户600元，共26万元; 每户500元，80户共5万元; 两期，每期50人，共150人."""
    for match in (found for pattern in _PRODUCTS for found in pattern.finditer(sentence)):
        n, m, x = value(match["n"]), value(match["m"]), value(match["x"])
        each = match["un2"] or match["mean"]
        same = match["un"] == each or {match["un"], each} <= {"人", "名"}
        if not (n and m and x and same) or re.search(r"约|余|近|多|左右|每.*每", match[0]):
            continue
        unit, unit_all = match["um"], match["ux"]
        if unit != unit_all and not (unit in _YUAN and unit_all in _YUAN):
            continue
        stated, real = x * _YUAN.get(unit_all, 1.0), n * m * _YUAN.get(unit, 1.0)
        if abs(real - stated) > TOLERANCE * stated:
            product = f"{n:g}{match['un']}×{m:g}{unit}＝{real / _YUAN.get(unit, 1.0):g}{unit}"
            message = f"{product}，与所写{match['x']}{unit_all}不符"
            yield mismatch(document, offset + match.start("span"), offset + match.end("span"), message, "facts.product")
            return


def _days(document: Document, sentence: str, offset: int) -> Iterator[Finding]:
    """11月18日至20日，为期5天."""
    for match in _DAYS.finditer(sentence):
        stated = value(match["n"])
        if stated is None or (match["m2"] and match["m2"] != match["m1"]):
            continue
        days = int(match["d2"]) - int(match["d1"])
        if days > 0 and stated not in {days, days + 1}:
            message = f"{match['d1']}日至{match['d2']}日为{days + 1}天，与“{match['span']}”不符"
            yield mismatch(document, offset + match.start("span"), offset + match.end("span"), message, "facts.days")
