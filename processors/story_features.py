"""From an item to its signature, and from a signature to what pairs are compared by."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from processors.story_rules import StoryRules
from schemas.assessment import AssessedItem, EventTime, Facts
from schemas.base import CHINA
from schemas.story import StorySignature
from schemas.vocab import Kind, Precision

RARE_PAIRS = 64
"""Rare character pairs kept of an item: those with the smallest hashes, so that two items keep the same ones."""
ANCHORS, TITLE_ANCHORS = 16, 8
"""Of these and of the title's, pairs under which an item is looked for."""
NAMES, NUMBERS = 12, 12
TEXT_REACH = 1_500
"""Characters looked at; what an item is about stands at its beginning."""
_NAME_END = re.compile(
    r"村|社区|小区|花园|家园|嘉园|新村|公寓|名邸|首府|公馆|大厦|商场|酒店|小学|中学|幼儿园|学校|学院|大学|医院|公司|集团|工厂|厂|矿|"
    r"路|街|巷|大道|大桥|桥|码头|水库|公园|市场|广场|工业园|产业园|站|隧道|高速|养老院|中心|南门|北门|东门|西门|售楼部|饭店|餐厅|楼盘|"
    r"工地|条例|办法|方案|通知|规划|意见|论坛|博览会|大赛|节|会议|大会|项目|行动|工程"
)
_VAGUE_NAME = re.compile(
    r"[一二两三四五六七八九十几某该本这那各每多全个处家间座条所我你他她们的了在到从是有为和与及对向被把将出近沿上下进来去当于内外附事第高成大小新老]"
)
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_QUOTED = re.compile(r"[“「《]([^”」》]{2,14})[”」》]")
_NUMBER = re.compile(r"(?<![0-9.])([0-9]+(?:\.[0-9]+)?)(%|％|万|亿|[一-龥])?")
_CLOCK = re.compile(
    r"(?<![0-9])([0-2]?[0-9])(?:[:：]([0-5][0-9])(?![0-9])|[时点]([0-5]?[0-9])分?(?!钟)|[时点](半)(?![间刻候0-9]))"
)
_PART_OF_DAY = re.compile(r"(?:下午|傍晚|晚上?|夜里|(中午))\s*$")
_DATE_NAME = re.compile(r"(?<![0-9.])(1[0-2]|[1-9])(?:[·•．・]|(?<=[“\"][0-9])\.)(3[01]|[12][0-9]|[1-9])(?![0-9.%])")
_DAY = re.compile(r"(?<![0-9])(1[0-2]|0?[1-9])月(3[01]|[12][0-9]|0?[1-9])[日号]")
_REPLY = re.compile(
    r"答复|回复|复函|[您你](?:所)?反映|网民[您你朋]|(?:先生|女士|朋友)[:：]?[您你]好|(?:收到|收悉)[^，。]{0,16}(?:留言|私信|来信|反映|投诉)|^办结|您的(?:留言|建议|来信|问题|诉求|意见|投诉)|您[0-9]{1,2}月[0-9]{1,2}日|办理情况|处理情况|致[^，。]{2,10}(?:用户|居民|业主|市民)|已收悉"
)
_ANOTHER = re.compile(
    r"不相干|勿混|混淆|混为一谈|不同省|与[^，。；]{2,24}(?:无关|没有关系|并非|不是一|无关联)|不是一回事|两码事|同[晚日天][^，。]{0,6}[也又]|也有一起|另有一起|别传混|不要混|说成(?:同)?一|不是同一|并非同一|另一(?:起|处|宗)|又一起|第二起|另外，|同日另|同晚另|两起|两回事|互不相关|没有关联|又有[^，。]{2,8}(?:落水|起火|车祸|溺)"
)
_LATER = re.compile(
    r"续报|终报|续[一二三四五1-9]|^续|后续|通报（?[二三四五六]|最新|追踪|至此|较前次|遇难人数升|死亡人数升|增至|升至|答复|回复|您反映|办理情况|处理情况|首报补充"
)
_SPECIFIC_ENDS = tuple(
    "村 社区 路 街 巷 桥 大道 小区 园 厂 校 院 场 站 库 头 高速 国道 省道 "
    "号 楼 苑 城 组 屯 寨 岭 坝 塘 矿 港 岛 湾".split()
)
_VILLAGE_ENDS = ("村", "组", "屯", "寨")
_TOWN_ENDS = ("镇", "街道", "乡", "办事处", "苏木")
_WIDE_ENDS = ("省", "自治区", "市", "州", "盟")
_COUNTY_ENDS = ("县", "区", "旗")
_RIVER_ENDS = ("江", "河", "湖", "山", "海", "水")
_STEM = re.compile(
    r"(?:(?:经济技术|高新技术产业)?开发区|工业园区?|街道办?|自治[州县区]|社区|大桥|大道|村委会|[村镇乡区县市省路街巷桥])$"
)
_RANKS = {"wide": 0, "county": 1, "loose": 1, "town": 2, "specific": 3, "river": 4}
_FIGURES = ("deaths", "injured", "missing", "trapped", "evacuated", "serious_injuries", "direct_loss", "participants",
            "households", "cases", "area_forest")  # fmt: skip
"""Figures compared by pairs; magnitude is compared by itself."""


@dataclass(slots=True)
class Features:
    """What a pair is compared by. Times are seconds since the epoch."""

    lane: str
    source: str
    event_type: str | None
    groups: frozenset[str]
    is_emergency: bool
    published: float
    event_time: tuple[float, Precision] | None
    event_day: str
    specific: frozenset[str]
    towns: frozenset[str]
    counties: frozenset[str]
    wide: frozenset[str]
    rivers: frozenset[str]
    loose: frozenset[str]
    villages: frozenset[str]
    local: bool
    facts: Facts
    figures: dict[str, float]
    minhash: tuple[int, ...]
    incident: str
    kind: str
    later: bool
    names: frozenset[str]
    numbers: frozenset[str]
    clocks: frozenset[str]
    days: frozenset[str]
    nicknames: frozenset[str]
    published_day: str
    reply: bool
    warning: bool
    another: bool
    pairs: frozenset[str]
    anchors: tuple[str, ...]
    title: frozenset[str]
    near: frozenset[str]
    """Places within a county, whatever their kind."""
    near_heads: frozenset[str]
    name_heads: frozenset[str]
    """First two characters of these and of the names."""


def sign(item: AssessedItem, rules: StoryRules) -> StorySignature:
    """The signature of an item: pure, from its masked input and its verdicts."""
    said = item.assessment
    return StorySignature(
        lane=said.lane,
        source=item.source,
        title=item.input.title[:60],
        event_type=said.emergency.event_type,
        is_emergency=said.emergency.is_emergency,
        facts=said.facts,
        published_at=item.input.published_at,
        minhash=item.minhash,
        keys=_keys(item, rules),
    )


def can_be_followed(item: AssessedItem) -> bool:
    """Whether another item may be about the same thing: not for zero reports and items without content."""
    return item.input.kind is not Kind.ZERO and len(item.input.text) + len(item.input.title) >= 8


def _keys(item: AssessedItem, rules: StoryRules) -> tuple[str, ...]:
    title, text = item.input.title, item.input.text[:TEXT_REACH]
    full = f"{title}\n{text}" if title else text
    keys = [f"c:{item.assessment.category}"]
    if item.input.kind not in (None, Kind.NORMAL):
        keys.append(f"k:{item.input.kind}")
    if item.input.incident:
        keys.append(f"i:{item.input.incident}")
    head = full[:80]
    if item.input.kind in (Kind.FOLLOW_UP, Kind.FINAL) or _LATER.search(head):
        keys.append("l:")
    keys += [f"n:{name}" for name in _names(full)]
    keys += [f"#{number}" for number in _numbers(full)]
    keys += [f"t:{clock}" for clock in _clocks(full)]
    keys += [f"d:{day}" for day in _dates(full, _DAY)]
    keys += [f"e:{day}" for day in _dates(full, _DATE_NAME)]
    if _REPLY.search(head):
        keys.append("r:")
    if item.assessment.emergency.warning:
        keys.append("w:")
    if _ANOTHER.search(full):
        keys.append("x:")
    return (*keys, *_rare_pairs(full, rules))


def _names(full: str) -> list[str]:
    """The two characters before a generic word and the word: where a name begins cannot be told, where it ends can."""
    found: dict[str, None] = {}
    for match in _NAME_END.finditer(full):
        before = full[match.start() - 2 : match.start()]
        if _HAN.fullmatch(before) and not _VAGUE_NAME.search(before):
            found[before + match[0]] = None
    found |= dict.fromkeys(match[1] for match in _QUOTED.finditer(full) if not match[1].isdigit())
    return list(found)[:NAMES]


def _numbers(full: str) -> list[str]:
    found: dict[str, None] = {}
    for match in _NUMBER.finditer(full):
        digits, unit = match[1], match[2] or ""
        if len(digits.replace(".", "")) >= 2 and unit not in ("月", "日", "号", "时", "点", "分", "年", "秒"):
            found[digits + unit] = None
    return list(found)[:NUMBERS]


def _clocks(full: str) -> list[str]:
    """Hours with minutes as HHMM."""
    found: dict[str, None] = {}
    for match in _CLOCK.finditer(full):
        hour, minute = int(match[1]), int(match[2] or match[3] or "30")
        part = _PART_OF_DAY.search(full[max(0, match.start() - 3) : match.start()])
        if part and hour < 12 and not (part[1] and hour >= 10):
            hour += 12
        found[f"{hour:02}{minute:02}"] = None
    return list(found)[:6]


def _dates(full: str, pattern: re.Pattern[str]) -> list[str]:
    """Dates as MMDD."""
    return list(dict.fromkeys(f"{int(m[1]):02}{int(m[2]):02}" for m in pattern.finditer(full)))[:6]


def _rare_pairs(full: str, rules: StoryRules, most: int = RARE_PAIRS) -> list[str]:
    """Pairs of neighbouring Chinese characters that few texts have, those with the smallest hashes first.

    The order is arbitrary and the same for every item, so that two items keep the same ones.
    """
    points = np.frombuffer(full.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    han = (points >= 0x4E00) & (points <= 0x9FFF)
    both = np.flatnonzero(han[:-1] & han[1:])
    codes = np.sort(points[both] << np.uint32(16) | points[both + 1])
    codes = codes[np.diff(codes, prepend=np.uint32(0)) != 0]
    common = rules.common_codes
    if len(common):
        found = np.minimum(np.searchsorted(common, codes), len(common) - 1)
        codes = codes[common[found] != codes]
    hashes = (codes >> np.uint32(16)) * np.uint32(0x9E3779B1) ^ (codes & np.uint32(0xFFFF)) * np.uint32(0x85EBCA6B)
    kept = codes[np.argsort(hashes, kind="stable")[:most]].tolist()
    return [chr(code >> 16) + chr(code & 0xFFFF) for code in kept]


def features(signature: StorySignature, rules: StoryRules) -> Features:
    """What is compared, from a signature (also from one read back)."""
    by_kind: dict[str, list[str]] = {}
    pairs = []
    for key in signature.keys:
        if len(key) == 2 and key[1] != ":":
            pairs.append(sys.intern(key))  # one string for all items of the window
        elif key[0] == "#":
            by_kind.setdefault("#", []).append(key[1:])
        else:
            by_kind.setdefault(key[0], []).append(key[2:])
    title_pairs = _rare_pairs(signature.title, rules)
    named = signature.facts.places
    if "x" in by_kind:
        named = _own_places(named, rules)
    places = _sort_places(named, rules)
    names = frozenset(by_kind.get("n", ()))
    near = places["specific"] | places["town"] | places["loose"]
    event_time = signature.facts.event_time
    facts = signature.facts
    return Features(
        lane=signature.lane,
        source=signature.source,
        event_type=signature.event_type,
        groups=rules.kin.get(signature.event_type or "", frozenset()),
        is_emergency=signature.is_emergency,
        published=signature.published_at.timestamp(),
        event_time=(event_time.start.timestamp(), event_time.precision) if event_time else None,
        event_day=_event_day(event_time),
        specific=places["specific"],
        towns=places["town"],
        counties=places["county"],
        wide=places["wide"],
        rivers=places["river"],
        loose=places["loose"],
        villages=frozenset(stem(place)[-2:] for place in (*named, *names) if place.endswith(_VILLAGE_ENDS)),
        local=any(place in rules.local for place in named),
        facts=facts,
        figures={name: value for name in _FIGURES if (value := getattr(facts, name)) is not None},
        minhash=signature.minhash,
        incident=(by_kind.get("i") or [""])[0],
        kind=(by_kind.get("k") or [""])[0],
        later="l" in by_kind,
        names=names,
        numbers=frozenset(by_kind.get("#", ())),
        clocks=frozenset(by_kind.get("t", ())),
        days=frozenset(by_kind.get("d", ())),
        nicknames=frozenset(by_kind.get("e", ())),
        published_day=signature.published_at.astimezone(CHINA).strftime("%m%d"),
        reply="r" in by_kind,
        warning="w" in by_kind,
        another="x" in by_kind,
        pairs=frozenset(pairs),
        anchors=(*pairs[:ANCHORS], *title_pairs[:TITLE_ANCHORS]),
        title=frozenset(title_pairs),
        near=near,
        near_heads=frozenset(place[:2] for place in near),
        name_heads=frozenset(name[:2] for name in names),
    )


def _own_places(named: tuple[str, ...], rules: StoryRules) -> tuple[str, ...]:
    """The own places of an item that tells its event apart from another: from the wide to the narrow."""
    kept: list[str] = []
    reached = -1
    for place in named:
        rank = _RANKS[_level(place, rules)]
        if rank > reached or any(place[:2] == one[:2] for one in kept):
            kept.append(place)
            reached = max(reached, rank)
    return tuple(kept)


def _event_day(event_time: EventTime | None) -> str:
    if event_time is None or event_time.precision in (Precision.MONTH, Precision.PERIOD):
        return ""
    return event_time.start.astimezone(CHINA).strftime("%m%d")


def stem(place: str) -> str:
    """A place without its generic ending: 灌云县 and 灌云 are one."""
    short = _STEM.sub("", place)
    return short if len(short) >= 2 else place


def _sort_places(places: tuple[str, ...], rules: StoryRules) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set() for name in ("specific", "town", "county", "wide", "river", "loose")}
    for place in places:
        if place in rules.own or len(place) < 2:
            continue
        level = _level(place, rules)
        found[level].add(stem(place))
        if level == "specific" and place in rules.parents:
            found["town"].add(stem(rules.parents[place]))
    return {name: frozenset(values) for name, values in found.items()}


def _level(place: str, rules: StoryRules) -> str:
    if place in rules.parents or place.endswith(_SPECIFIC_ENDS):
        return "specific"
    if place.endswith(_TOWN_ENDS):
        return "town"
    if place.endswith(_COUNTY_ENDS):
        return "county"
    if place.endswith(_WIDE_ENDS):
        return "wide"
    if place.endswith(_RIVER_ENDS):
        return "river"
    return "specific" if len(place) > 3 else "loose"


ONE_DAY = timedelta(days=1).total_seconds()
