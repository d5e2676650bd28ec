"""Whether a name of the tables is a place where it stands, how far it goes, and whether it is the event's."""

from __future__ import annotations

from processors.late import late
from processors.place_table import DIVISIONS, Named, Place
from processors.scan import Hit

_COMMON_NAMES = frozenset(
    (
        "城区 东区 西区 郊区 老城区 新城区 市中区 城中区 城东区 城西区 城北区 城南区 城关区 矿区 东城区 "
        "西城区 新市区 路南区 路北区 市北区 市南区 江北区 江南区 河东区 河西区 桥东区 桥西区 高新区"
    ).split()
)
_WITH_A_CITY_DISTRICT = frozenset({"1403", "1405", "4415"})
"""阳泉, 晋城 and 汕尾 have a district 城区; elsewhere it is the town itself (成都城区)."""
_SHORT_ROAD = late(
    r"^(?:线|[东西南北中]?[路街](?![口段])|大道|大桥|社区|巷|里弄|小区|花园|酒店|宾馆|饭店|公司|集团|银行|大厦|广场|中学|小学|"
    r"牌|话|菜|米粉|小吃|脐橙|烟|酒|茶|籍|人(?![员民]))"
)
_ORGANISATION = late(
    r"^时间|^发布[”》」]|^铁路(?:局|集团|公安)|^[一-龥]{0,2}航空(?:公司|有限|集团)|^(?:[省市区县]?[^一两二三某家有，。；、]{0,4}?)(?:日报|晚报|早报|都市报|新闻网|网(?=记者|讯|报道|消息|获悉|\d)|(?:轮船|航运|客运|旅游|运输)公司|电视台|卫视|"
    r"广播|大学|学院|医学院|大学附属|银行|证券|保险|股份|集团|籍|号牌|牌照|口音|老乡|客商|商会|"
    r"方言|话(?:说|里)|车牌)"
)
_INSTITUTION = late(
    r"^(?:区|市|县|省)?(?:第?[一二三四五六七八九十]?人民医院|中医院|妇幼|附属|气象台|地震台|城管|"
    r"代表队|队(?=[，夺获])|的货车|监管局|电网|电力)"
)
_ORGAN = late(
    r"(?:应急|消防|公安|交警|交通|卫健|卫生|疾控|政府|委(?!员)|市?监|防汛|抗震|水利|水务|教育|供水|供电|气象局|人民医院|融媒|防总|安监|民政|环保|检察|法院)"
)
"""Behind a name: 卫辉市应急管理局 says that something happened in 卫辉."""
_POLICY = late(r"(?:科教|实业|教育|产业|人才|质量|[“《「](?:平安|网信|健康|文明|最|爱|今日))$")
_AGENT_BEFORE = late(
    r"(?:来自|户籍|籍贯|原籍|祖籍|老家(?:是|在)?|开往|驶往|前往|飞往|发往|运往|赴|转往|销往|支援|"
    r"驰援|从事|借鉴|学习|参照|新华社|中新社|中新网|转(?:至|到)|(?:转|护)送|送(?:往|至|到|去)|像|类似)[^，。；、]{0,2}$"
)
_PASSING_AFTER = late(r"^(?:境内)?(?:被)?(?:抓获|落网|捕获|捉拿|投案|自首)|^被(?:抓|捕|控)|^[返回](?:赣|乡|程|来|区)")
_BORDER_AFTER = late(r"^(?:的)?(?:交界|接壤|毗邻|搭界|相邻|相连)")
_FELT_AFTER = late(
    r"^(?:[、和及与][一-龥]{2,6}){0,4}(?:等地|部分地区|高层)?(?:均|都)?(?:有(?:明显)?(?:震感|有感)|有感)"
)
_TRAVEL_AFTER = late(r"^(?:市|县|省)?(?:(?!一)[一-龥]{0,4}?(?:开往|驶往|驶向|运往|发往)|[东西南北]?往[一-龥]{2,3}方向)")
"""Behind where a vehicle comes from: 南京驶往重庆."""
_HEADING_BEFORE = late(r"[往向朝]$")
_QUOTES = frozenset("“《「")
_DATELINE_AFTER = late(
    r"(?:[\d一二三四五六七八九十]{1,3}月)?[\d一二三四五六七八九十]{1,3}日(?:综合|专)?[电讯]"
    r"|(?:综合|专)?[电讯](?=[ 　：:（(])"
)
_RIVER_AFTER = late(
    r"^[一-龥]{0,7}段(?!落)|^[上中下]游|^水域|^[东西南北]岸|^[江湖河]面|^(?:发生|沉|翻|船|客船|取水|事件)|^[一-龥]{1,3}洲"
)
"""Behind a river where something happened: 长江岳阳段, but no 长江证券."""
_NOT_DIVISION = late(r"^(?:域|别(?!墅)|分|间|块|划|位|长(?:[，。：:说在]|$))")
_OWN_TOWN = late(r"(?![县州市区旗路街])[一-龥]{2,3}(?<![乡城小古重老家各本该我])[镇乡](?=[一-龥])(?!政府|人)")
"""通州西集镇: a county's short name with its town is no common word."""
_SUFFIXES = {"city": "市县区州盟", "county": "市县旗", "country": "州省岛邦县"}
"""With what the text may go on where it writes a name more fully than the table: 武隆县, 玉树州, 苏门答腊岛."""
_SUFFIX_SIGNS = frozenset("市县区旗州盟省岛邦")
_OTHER_WORD = late(r"[料子堆车场厂土混滩门]")
"""Behind a bare name of the district's parts: 沙石料, 沙河滩 are no towns."""
_FACILITY = late(
    r"(?:小学|中学|幼儿园|菜?市场|水库|山塘|变(?:电站|主变)?|冷库|园区|工业园|安置[点区房]|工地|步行街|[车高]?[路站]口|出口|那[个边辆台家位场])"
)
"""Behind the bare name of a village or street: 罗坑小学, 王田水库, 流坑那辆车."""
_HERE = ("一处", "的亲戚", "片区", "这边", "那边", "这里", "那里", "一带", "附近")
_LEADING = frozenset("\n，。：日时许分午晨晚")
_MACHINES = frozenset({"三台", "五台"})
"""三台 and 五台 are counties, but mostly three and five machines."""
_OTHER_BEFORE = {"云霄": "插冲入彻上破", "中山": "云", "水西": "泉", "水东": "泉热", "海地": "小", "海南": "上"}
"""Signs in front of a name that make other words of it: 直插云霄, 矿泉水西瓜, 云中山."""
_WATERS = late(
    r"(?:山(?![区东西南北体上下路火洪坡地村海])|河(?![南北源池边水道堤里上东西]))(?![一-龥]{0,2}[路街巷村镇])"
)
"""Behind a county's short name: 缙云山, 新丰河 are hills and rivers."""
_TOWN_LIKE = frozenset({"city", "county", "neighbour county"})
_NO_TOWN = late(
    r"镇(?:政府|江|海|原|平|安|雄|远|坪|巴|宁|康|赉|党委|长|干部)|乡(?:政府|党委|长|镇|干部|下|里|村|亲|间)"
)
"""晋城镇 is no 晋城."""
_WATER_SIGNS = frozenset("山河")
_TRAIN_FROM = late(
    r"^[东西南北]?站?(?:至|到|开往|→|[-—~]+)[一-龥]{2,4}?[东西南北]?站?的?(?:[DGKTCZYdgktcz]\d|列车|动车|航班|[一-龥]{0,2}客[车机])"
)
_TRAIN_TO = late(r"^[东西南北]?站?的?(?:[DGKTCZYdgktcz]\d|列车|动车|航班)")
_TOWARDS = late(r"[一-龥]{2,4}(?:至|到|开往|→|[-—~])$")
"""北京至福州的D301次: where a train comes from and goes."""
_NO_SUFFIX = frozenset({"市场", "市区", "市群", "市最", "县城", "区域"})


def read(text: str, hit: Hit, before: Named | None, local: bool, roads: bool, posts: bool) -> Named | None:
    place: Place = hit.data
    name = text[hit.start : hit.end]
    end = hit.end
    behind = text[end : end + 1]
    if hit.start and text[hit.start - 1] in _OTHER_BEFORE.get(name, ""):
        return None
    if behind in {"镇", "乡"} and place.short and place.kind in _TOWN_LIKE and not _NO_TOWN.match(text, end):
        return Named(hit.start, end + 1, name + behind, False, "", "street")
    if behind in _WATER_SIGNS and place.short and place.kind == "county" and _WATERS.match(text, end):
        return Named(hit.start, end + 1, name + behind, place.inside, "", "hill")
    if behind in _SUFFIX_SIGNS and _goes_on(place, name, text[end : end + 3]):
        name, end = name + behind, end + 1
    if name[-1] == "市" and behind in {"区", "民"} and len(name) > 2 and not name.startswith("沙"):
        name, end = name[:-1], end - 1  # 泉州市区, 泉州市民
    after = text[end : end + 12]
    named_fully = end > hit.end and (behind not in "市区" or not place.ambiguous or before is not None)
    spoken = posts and _spoken(place, after)
    if not (
        named_fully
        or spoken
        or _opens(text, hit)
        or _leads(text, hit)
        or _writes_from(text, hit)
        or _admissible(place, name, after, before, _around(text, hit, before), local, roads, posts)
    ) or _INSTITUTION.match(after):
        return None
    if place.kind == "river":
        return (
            Named(hit.start, end, name, False, "", "river")
            if _RIVER_AFTER.match(after) or (posts and behind == "边")
            else None
        )
    event = True
    if place.kind in DIVISIONS and place.inside is not True and len(name) > 2 and _ORGAN.match(after):
        name = _without_sign(text, hit.start, name)
        end = hit.start + len(name)
    if place.kind in DIVISIONS:
        ahead = text[max(hit.start - 10, 0) : hit.start]
        if _ORGANISATION.match(after) or _POLICY.search(ahead):
            return None
        if place.short and (after[:1] == "籍" or _SHORT_ROAD.match(after)):
            return None
        bordering = ahead[-1:] in {"与", "和", "同"} and _BORDER_AFTER.match(after)
        passing = _AGENT_BEFORE.search(ahead) or _FELT_AFTER.match(after) or _PASSING_AFTER.match(after)
        event = not (passing or bordering or _only_travelled(ahead, after) or _carries_on(before, hit, after))
    return Named(hit.start, end, name, _inside(place, before, local), place.code, place.kind, event)


def _only_travelled(ahead: str, after: str) -> bool:
    """Whether a vehicle comes from there or goes there, or a report is written there."""
    if after[:2] in {"出发", "启程"} or (("往" in after or "驶" in after) and _TRAVEL_AFTER.match(after)):
        return True
    if ("次" in after or "车" in after or "航" in after) and (
        _TRAIN_FROM.match(after) or (_TRAIN_TO.match(after) and _TOWARDS.search(ahead))
    ):
        return True
    if after[:2] == "方向" and _HEADING_BEFORE.search(ahead):
        return True
    return after[:1] in _DATES and _DATELINE_AFTER.match(after) is not None


_DATES = frozenset("0123456789一二三四五六七八九十综专电讯")


def _carries_on(before: Named | None, hit: Hit, after: str) -> bool:
    """来自湖南省郴州市的客车: what adjoins a name that is not the event's, and lies in it, is not either."""
    if before is None or before.event or before.end != hit.start or not before.code:
        return False
    return str(hit.data.code).startswith(before.code) and _VEHICLE_AFTER.match(after) is not None


_VEHICLE_AFTER = late(r"^[市县区]?的?[^，。；]{0,5}[车船艇]")


def stands(text: str, hit: Hit) -> bool:
    """Whether a name that is mostly a common word is a place here, by what stands behind it."""
    if text[hit.end : hit.end + 1] in _SUFFIX_SIGNS:
        return True
    return _opens(text, hit) or _OWN_TOWN.match(text, hit.end) is not None or _writes_from(text, hit)


def _writes_from(text: str, hit: Hit) -> bool:
    """兖州的，…; 昨晚通州那个…: where a post says it is from, though the name is a word too."""
    if hit.data.kind not in {"county", "city"} or hit.data.inside or text[hit.start : hit.end] in _MERE_WORDS:
        return False
    if hit.start == 0:
        return _FROM_THERE.match(text, hit.end) is not None
    return text[hit.start - 2 : hit.start] in _LATELY and text.startswith(("那个", "那场", "那起", "那边"), hit.end)


_FROM_THERE = late(r"的[，。！ ]|这边|那边")
_LATELY = frozenset({"昨晚", "昨天", "今天", "今晚", "今早", "刚才", "坐标"})
_MERE_WORDS = frozenset({"公安", "通道", "新建", "资源", "大方", "平安", "和平", "城关", "城区", "市中", "东方"})


def _leads(text: str, hit: Hit) -> bool:
    """晋江青阳一路口水管爆裂: a county's short name, no common word, that leads a sentence or follows its time."""
    place: Place = hit.data
    if place.kind != "county" or not place.short or place.ambiguous or place.inside or hit.end - hit.start < 2:
        return False
    if text[hit.start : hit.end] in _MACHINES:
        return False
    return hit.start == 0 or text[hit.start - 1] in _LEADING


def _opens(text: str, hit: Hit) -> bool:
    """富阳发生交通事故: a title that begins with a county's short name."""
    return hit.start == 0 and hit.data.kind == "county" and text.startswith(("发生", "突发"), hit.end)


def _spoken(place: Place, after: str) -> bool:
    """Whether a part of the district is named without its suffix, as its people name it."""
    if not place.short or not place.inside or place.common:
        return False
    if place.kind in {"town", "subdistrict"}:
        return _OTHER_WORD.match(after) is None
    return place.kind in {"village", "community"} and _FACILITY.match(after) is not None


def _without_sign(text: str, start: int, name: str) -> str:
    """What an organ's name says of the place: 河北省民政厅 is of 河北, 卫辉市政府 of 卫辉 where that too is said."""
    if name[-1] == "省":
        return name[:-1]
    if name.endswith("自治区"):
        bare, sign = name[: 3 if name.startswith("内蒙古") else 2], ""
    elif name[-1] == "市":
        bare, sign = name[:-1], "市"
    else:
        return name
    at = text.find(bare)
    while at >= 0:
        end = at + len(bare)
        dateline = _DATELINE_AFTER.match(text, end) or (text[at - 1 : at] in _QUOTES and at > 0)
        if at != start and not dateline and (not sign or not text.startswith(sign, end)):
            return bare
        at = text.find(bare, at + 1)
    return name


def _goes_on(place: Place, name: str, behind: str) -> bool:
    """Whether the text writes the name more fully than the table (武隆 in 武隆县)."""
    if behind[0] not in _SUFFIXES.get(place.kind, "") or name[-1] in "市县区旗州盟":
        return False
    return behind[:2] not in _NO_SUFFIX and not _NOT_DIVISION.match(behind[1:])


def _inside(place: Place, before: Named | None, local: bool) -> bool | None:
    """A river flows through other places too; a street named behind another county's name lies there."""
    if place.shared and not local:
        return None
    elsewhere = before is not None and before.inside is False
    return False if place.inside and elsewhere and place.kind != "district" else place.inside


def _admissible(
    place: Place, name: str, after: str, before: Named | None, around: str, local: bool, roads: bool, posts: bool
) -> bool:
    """The gazetteer's match rules: bare names of streets, villages and counties need their suffix or a neighbour."""
    if name in _MACHINES and before is None:
        return False
    if name == "城区" and around not in _WITH_A_CITY_DISTRICT:
        return False
    if name in _COMMON_NAMES:
        return (before is not None and before.kind == "city") or (local and name == "高新区")
    if not place.short:
        return not (name.endswith("区") and _NOT_DIVISION.match(after))
    match place.kind:
        case "county" if (place.ambiguous or local) and _OWN_TOWN.match(after):
            return True
        case "county" if place.ambiguous or local:
            return place.code.startswith(around)
        case "city" if place.ambiguous:
            return before is not None and before.kind == "province"
        case "subdistrict":
            behind = before is not None and before.inside is True
            here = after.startswith(_HERE) or (after[:1] == "一" and not place.common)
            return behind or (local and after[:1] in {"办", "街", "社", "、"}) or ((local or posts) and here)
        case "town":
            near = local or (before is not None and before.inside is not False)
            return near or after[:1] in {"这", "那", "边"} or (posts and after[:1] in {"的", "片", "一"})
        case "village" | "community":
            road = roads and name.endswith(("路", "街", "大道"))
            named_here = (local or posts) and after.startswith(_HERE)
            return (not place.ambiguous or road or named_here) and not after.startswith(("人", "籍"))
        case _:
            return True


def _around(text: str, hit: Hit, before: Named | None) -> str:
    """The code in which a name behind another lies; in a list (余江至东乡) it lies beside the other."""
    if before is None or not before.code:
        return "none"
    return before.code[: _LISTING.get(text[before.end : hit.start], 6)] if before.kind == "county" else before.code


_LISTING = {"至": 2, "到": 2, "、": 4, "和": 4, "与": 4, "及": 4}
"""Signs of a list, and how much of the code its names share: a line runs through a province."""
