"""Figures that are not of people's fate: loss, magnitude, burnt area, households, crowd, hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from processors.document import Document
from processors.facts.numerals import NUMBER, about, value
from processors.late import late

_UNITS = {"亿": 10_000.0, "万": 1.0, "": 0.0001, "千": 0.1, "百万": 100.0, "千万": 1000.0, "余万": 1.0, "多万": 1.0}
_LOSS = late(
    rf"(?:直接)?(?:经济|财产|"
    rf"财物)损失(?:[^，。；\d一二两三四五六七八九十]{{0,14}}?)(?P<n>{NUMBER})(?:余|多)?(?P<u>百万|"
    rf"千万|万|亿|千)?(?:余|多)?元"
    rf"|损失(?:财物|金额|约|达|近|超过?|共|合计|价值|逾)*(?P<n2>{NUMBER})(?:余|多)?(?P<u2>百万|"
    rf"千万|万|亿|千)?(?:余|多)?元"
    rf"|造成(?P<n3>{NUMBER})(?:余|多)?(?P<u3>百万|千万|万|亿|千)?(?:余|多)?元(?:的)?(?:直接)?(?:经济|财产)损失"
    rf"|价值(?:约|达|近|逾|超过?)*(?P<n4>{NUMBER})(?:余|多)?(?P<u4>百万|千万|万|亿|千)?(?:余|多)?元的?"
    r"[^，。；\d]{0,8}?(?:被[^，。；\d]{0,4}?(?:吞噬|烧毁|焚毁|烧光)|毁于|付之一炬|化为灰烬)"
)
_MAGNITUDE = late(
    r"(?:里氏|震级(?:为|约)?(?:里氏)?|[Mm][sSlL]?|据测|测得|实测)\s?(?P<a>\d(?:\.\d)?)级?(?!\d)|"
    r"(?P<b>\d(?:\.\d)?|[一二三四五六七八九](?:点[零一二三四五六七八九])?)级(?:左右)?(?:的)?(?:强烈?|有感|余|浅源|中强)?地?震"
)
_AREA = late(
    rf"(?P<kind>受害(?:森林)?(?:面积)?|过火(?:森林|林地)?(?:面积)?|火场(?:总)?面积|烧(?:毁|了|掉|"
    rf"过)(?:山林|林地|山场|森林)?|过火)[^，。；\d一二两三四五六七八九十]{{0,10}}"
    rf"(?P<n>{NUMBER})(?:余|多)?(?P<u>公顷|亩|平方公里|平方千米|万亩)"
)
_TO_HECTARES = {"公顷": 1.0, "亩": 1 / 15, "万亩": 10_000 / 15, "平方公里": 100.0, "平方千米": 100.0}
_FOREST = late(r"山火|森林|林火|林地|山林|山场|荒山|山头|后山|山坡|灌木|林场|林子|草原|枯草|野火|火龙")
_HOUSEHOLDS = late(
    rf"(?P<n>{NUMBER})(?:余|多)?(?P<u>万|千)?(?:余|多)?(?:居民用?|用)?户(?!外|口|均|主|籍|型|人)|"
    rf"影响(?:用户|居民)[^，。；\d]{{0,6}}(?P<n2>{NUMBER})(?P<u2>万)?(?:余|多)?户"
)
_SUPPLY = late(r"停[水电气]|断[水电气]|停供|供(?:水|电|气)中断|无水|没[水电气]|全黑")
_CROWD_ACT = late(
    r"围着|围住|口号|标语|牌子|拦[着路车]|不让|要工资|要钱|退[钱款房]|抗议|不满|集结|涌[到入]|"
    r"挤在|讨说法|说法|集会|罢课|聚[众了着到]|阻工|阻挠|坐在|号人|聚集|围堵|围在|围了|堵(?:在|着|路|"
    r"门|了|住|死)|上访|集访|静坐|罢工|罢市|罢运|停运|停工|讨薪|"
    r"讨要|拉(?:着|起|了)?横幅|布条|白布|示威|游行|械斗|互殴|对峙|闹事|请愿|维权|集体|停到现在|蹲|"
    r"要说法|集聚|堵着|拉着|到场核实|人群|最多时|高峰时?|坐下|到[一-龥]{2,6}集中|打条幅|冲击"
)
_CROWD = late(
    rf"(?P<vague>[上数几成]|好几)?(?P<n>{NUMBER})(?P<more>[余多来几])?(?P<u>[百千万])?(?:余|"
    rf"多)?(?:名|个|位|人|号人)(?!次|均|月|小时|县|镇|村(?!民)|项目|单位|平台|代表)"
)
_NOT_CROWD = late(
    r"(?:转移|疏散|撤离|安置|影响|出动|投入|调集|警力|民警|增派|派出|组织|抓获|带走|拘|受伤|死|代表|干部|领导|辅警|特警|每|第)[^，。；]{0,8}$"
)
_NOT_CROWD_AFTER = late(
    r"^[^，。；]{0,6}?(?:民警|警力|警察|干部|特警|辅警|代表|受伤|轻伤|重伤|领导|医生|因拥挤|被|"
    r"死亡|工作人员|摔|村(?!民)|县|人大)"
)
_STOPPED = late(r"阻断|中断|堵|停工|受阻|瘫痪|阻工|阻挠|施工")
_BLOCKED_HOURS = late(
    rf"(?:阻断|中断|堵(?:路|塞|了|住)?|停工|受阻|瘫痪|阻工|阻挠施工|无法施工|"
    rf"施工受阻)[^，。；\d]{{0,8}}?(?:约|近|达|长达|持续|已)*(?P<n>{NUMBER})(?:余|"
    rf"多)?(?:个)?(?P<half>半)?(?P<u>小时|天)"
    rf"|(?:持续|连续|长达|已)(?:约|近|达)?(?P<n2>{NUMBER})(?:余|多)?(?:个)?(?P<u2>小时|"
    rf"天)[^，。；]{{0,6}}(?:阻工|堵路|停工|阻断|中断)"
)


class Amount(NamedTuple):
    """An amount and where it stands."""

    number: float
    start: int
    end: int


def may_state(text: str) -> bool:
    """Whether an amount can be stated at all; a cheap necessary condition."""
    return (
        "损失" in text
        or "震" in text
        or ("价值" in text and "元" in text)
        or ("户" in text and _SUPPLY.search(text) is not None)
        or (("火" in text or "烧" in text) and ("公顷" in text or "亩" in text or "平方" in text))
        or (("小时" in text or "天" in text) and _STOPPED.search(text) is not None)
    )


def read(document: Document, admits: Callable[[str], bool]) -> dict[str, object]:
    """Amounts of the sentences that ``admits`` lets pass, by field; None where not stated."""
    text = document.norm
    sentences = [text[start:end] for start, end in document.sentences()]
    whole = "".join(sentence for sentence in sentences if admits(sentence))
    loss = losses(whole) if "损失" in whole or "价值" in whole else []
    return {
        "direct_loss": max((amount.number for amount in loss), default=None),
        "magnitude": magnitude(whole) if "震" in whole else None,
        "area_forest": forest_area(whole) if "公顷" in whole or "亩" in whole or "平方" in whole else None,
        "households": households(whole) if "户" in whole else None,
        "hours": blocked_hours(whole) if "小时" in whole or "天" in whole else None,
    }


def losses(text: str, offset: int = 0) -> list[Amount]:
    """Losses in 万元."""
    found = []
    for match in _LOSS.finditer(text):
        group = next(name for name in ("n", "n2", "n3", "n4") if match[name])
        number = value(match[group])
        if number is not None:
            unit = match["u" + group[1:]] or ""
            raw = match[group]
            scale = _UNITS[unit]
            if raw.endswith(("万", "亿")) and not unit:
                scale = 0.0001
            found.append(Amount(round(number * scale, 4), offset + match.start(group), offset + match.end(group)))
    return found


def magnitude(text: str) -> float | None:
    """The first magnitude of an earthquake."""
    match = _MAGNITUDE.search(text)
    if match is None:
        return None
    said = match["a"] or match["b"]
    if said[0].isdigit():
        return float(said)
    whole, _, tenths = said.partition("点")  # 六点四级
    return (value(whole) or 0.0) + (value(tenths) or 0.0) / 10


def forest_area(text: str) -> float | None:
    """Hectares burnt, of a forest or grass fire; the damaged forest goes before the area burnt over."""
    if not _FOREST.search(text):
        return None
    found = [
        (match["kind"].startswith("受害"), number * _TO_HECTARES[match["u"]])
        for match in _AREA.finditer(text)
        if (number := value(match["n"])) is not None
    ]
    if not found:
        return None
    return round(max(found, key=lambda pair: pair[0])[1], 4)


def households(text: str) -> int | None:
    """Households without water, power or gas."""
    if not _SUPPLY.search(text):
        return None
    counts = []
    for match in _HOUSEHOLDS.finditer(text):
        number = value(match["n"] or match["n2"])
        if number is not None:
            unit = match["u"] or match["u2"]
            counts.append(int(number * {"万": 10_000, "千": 1000}.get(unit or "", 1)))
    return max(counts, default=None)


def crowd(sentences: list[str]) -> int | None:
    """The greatest stated size of a gathering."""
    best: int | None = None
    for sentence in sentences:
        if not _CROWD_ACT.search(sentence):
            continue
        for match in _CROWD.finditer(sentence):
            ahead = sentence[max(match.start() - 2, 0) : match.start()]
            vague = match["vague"] or match["more"] == "几"
            number = None if vague else about(match["n"], ahead, match["more"])
            if number is None or _NOT_CROWD.search(sentence[max(match.start() - 14, 0) : match.start()]):
                continue
            if _NOT_CROWD_AFTER.match(sentence[match.end() : match.end() + 12]) or number != int(number):
                continue
            size = int(number * {"百": 100, "千": 1000, "万": 10_000}.get(match["u"] or "", 1))
            best = size if best is None else max(best, size)
    return best


def blocked_hours(text: str) -> float | None:
    """Hours for which traffic or work was stopped."""
    match = _BLOCKED_HOURS.search(text)
    number = value(match["n"] or match["n2"]) if match else None
    if match is None or number is None:
        return None
    return (number + (0.5 if match["half"] else 0.0)) * (24 if (match["u"] or match["u2"]) == "天" else 1)
