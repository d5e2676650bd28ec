"""Places of an item by how narrow they are, and its own places where it names another event's too."""

from __future__ import annotations

import re

from processors.story_rules import StoryRules

_SPECIFIC_ENDS = tuple(
    "村 社区 路 街 巷 桥 大道 小区 园 厂 校 院 场 站 库 头 高速 国道 省道 "
    "号 楼 苑 城 组 屯 寨 岭 坝 塘 矿 港 岛 湾".split()
)
VILLAGE_ENDS = ("村", "组", "屯", "寨")
_TOWN_ENDS = ("镇", "街道", "乡", "办事处", "苏木")
_WIDE_ENDS = ("省", "自治区", "市", "州", "盟")
_COUNTY_ENDS = ("县", "区", "旗")
_RIVER_ENDS = ("江", "河", "湖", "山", "海", "水")
_STEM = re.compile(
    r"(?:(?:经济技术|高新技术产业)?开发区|工业园区?|街道办?|自治[州县区]|社区|大桥|大道|村委会|[村镇乡区县市省路街巷桥])$"
)
_RANKS = {"wide": 0, "county": 1, "loose": 1, "town": 2, "specific": 3, "river": 4}


def own_places(named: tuple[str, ...], rules: StoryRules) -> tuple[str, ...]:
    """The own places of an item that tells its event apart from another: from the wide to the narrow."""
    kept: list[str] = []
    reached = -1
    for place in named:
        rank = _RANKS[_level(place, rules)]
        if rank > reached or any(place[:2] == one[:2] for one in kept):
            kept.append(place)
            reached = max(reached, rank)
    return tuple(kept)


def stem(place: str) -> str:
    """A place without its generic ending: 灌云县 and 灌云 are one."""
    short = _STEM.sub("", place)
    return short if len(short) >= 2 else place


def sort_places(places: tuple[str, ...], rules: StoryRules) -> dict[str, frozenset[str]]:
    """Stems of places by level: ``specific``, ``town``, ``county``, ``wide``, ``river``, ``loose``."""
    found: dict[str, set[str]] = {name: set() for name in ("specific", "town", "county", "wide", "river", "loose")}
    for place in (_last_part(place, places) for place in places):
        if place in rules.own or len(place) < 2:
            continue
        level = _level(place, rules)
        found[level].add(stem(place))
        if level == "specific" and place in rules.parents:
            found["town"].add(stem(rules.parents[place]))
    return {name: frozenset(values) for name, values in found.items()}


def _last_part(place: str, places: tuple[str, ...]) -> str:
    """阳埠乡 of 赣县阳埠乡, where 赣县 is named by itself."""
    for other in places:
        if len(other) >= 2 and len(place) >= len(other) + 2 and place.startswith(other):
            return place[len(other) :]
    return place


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
