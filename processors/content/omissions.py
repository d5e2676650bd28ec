"""What an item leaves out: time, place, result (LABELS "Content findings")."""

from __future__ import annotations

from collections.abc import Sequence

from processors.document import Document
from processors.late import late
from processors.scan import Scan, ScannerBuilder
from processors.story_rules import INNER_TYPES
from processors.tables import Tables
from schemas.assessment import Finding
from schemas.vocab import Category, Check, Kind, Lane

TAG = "content:place"
_GENERIC = late(r"(?:街道(?:办事处)?|[镇乡村]|社区)$")
_MONTHS = r"[0-9一二三四五六七八九十]{1,3}"
_DATED = late(
    rf"(?<![0-9.]){_MONTHS}月(?:份|[上中下]旬|底|初|{_MONTHS}[日号]|以来|起|中)|(?<![0-9.])[0-9]{{1,2}}[日号](?![线楼栋院口厂])|"
    r"今[天日早晨晚夜]|明[天日]|昨[天日晚夜]|前[天日]晚?|当[天日晚]|今起|即日起|凌晨|早上|上午|正午|中午|下午|傍晚|晚上|早晨|清晨|"
    r"(?:半|[0-9一二两三四五六七八九十几]+个?)(?:多)?(?:小时|个钟头|钟头)(?:之)?前|"
    r"(?:周|星期|礼拜)[一二三四五六日天末]|双休|春节|元旦|元宵|清明|五一|端午|国庆|中秋|重阳|冬至|除夕|正月|腊月|农历|儿童节|教师节|"
    r"(?<![0-9])[0-9]{1,2}[:：][0-9]{2}|[0-9一二两三四五六七八九十]+点(?:半|多|钟|出头|来钟|过|[0-9一二三四五]+分|左右|许|前后)|[0-9]{1,2}时(?:许|[0-9]{1,2}分|左右)?|[0-9]+·[0-9]+"
)
_PERIOD = late(
    r"(?:高考|中考|国庆|春节|假期|开学)[^，。；]{0,3}(?:第[一二三]天|首日|期间)|正在发生|今年|明年|(?:本|上|这|下)个?(?:周|星期|礼拜|月|季度|半年|学期)|[一二三四]季度|上半年|下半年|年初|年底|年末|年内|去年|前年|全年|[0-9]{4}年|"
    r"暑[假期]|寒假|开学|春[季耕运]|夏[季至]|秋[季收]|冬[季闲]|汛期|高考期间"
)
_PART_OF_DAY = late(r"(?<![今明昨前当天日])(?:凌晨|早上|上午|正午|中午|下午|傍晚|晚上|早晨|清晨)")
_JUST_NOW = late(r"刚才|刚刚")
"""The moment of writing, in a live post: several hands take it for a time."""
_VAGUE = late(r"近日|日前|近期|不久前|前段时间|前不久")
_THAT_DAY = late(
    r"(?:那|每|某|有一|平|整|一)(?:个)?(?:天)?(?:早上|上午|中午|下午|傍晚|晚上|晚|清晨|凌晨|日|天)|近日|日前|近期|最近|不久前|连日来|前段时间|前不久|"
    r"(?:晚上|早上|下午|上午|凌晨|夜里|中午)[0-9一二三四五六七八九十]+点(?:到|至|—|-)|[昨前][天日晚][^，。；0-9]{1,3}的(?=[一-龥])"
)
_FOLLOW_UP = late(
    r"续报|终报|续[一二三四五]|后续|(?:情况)?通报（?[二三四五六七八②③④⑤⑥]|最新(?:进展|情况|消息)|追踪|（续）|续：|[:：]续"
)
_LOOKING_BACK = late(
    r"那(?:位|场|条评论|条消息|个帖子?)|来说(?:一下|明一下|句话)|(?:不用|不要|别|请勿|大家别)再(?:发|传|转|编|问|打电话)|"
    r"(?:人|孩子|娃|老人|胳膊)(?:都|也|全)?(?:拿|救|抬|送)?出来了|(?:保住|接上|救回来|醒过来)了|^更正|原稿已"
)
"""A post or a correction that looks back at what everybody knows by then."""
_REPORTER = late(
    r"^[^，。；：:]{2,14}?(?:值班|首报|快报|专报|急报|报|电话|来电|讯)?(?:[0-9]{1,2}[:：][0-9]{2})?(?:电话|报|来电)?[:：](?![0-9])"
)
"""Who reports (解放街道报：): where the office is, not where it happened."""
_OWN = late(r"[我本全][省市区县镇乡村街院校]")
"""我区, 全镇: no place."""
_PLACE = late(
    r"[一-龥]{2,6}(?:村(?!民|里|干|委|级|镇|口|组|医|两委)|社区(?!居民|群众|干部|矫正)|镇(?!里|政府|村|上|街|长|干|派)|乡(?!亲|里|下|镇|村|政府)|街道(?!办|干部)|大道|步行街|小区(?!居民|业主)|花园|广场|公园|医院|小学|中学|学院|大学|幼儿园|"
    r"工业园|产业园|开发区|高新区|经开区|水库|码头|火车站|汽车站|高铁站|机场|高速|国道|省道|隧道|大桥|博物馆|纪念[碑馆]|体育馆|图书馆|文化馆|中心小学|公交站|地铁站|站台|服务中心|会议中心|矿区|林场|景区|宋城|古城|商场|市场|酒店)"
    r"|[一-龥]{2,4}(?:路|街|巷|桥|河|江|山|湖|岭|坝)(?![边上人口旁])|[东南西北]门|(?:区|市|县|省)(?:人民医院|中医院|妇保院|政务|行政服务|委党校|党校|政府|烈士|博物|图书|文化|体育|会议)"
)
_FUNCTION_WORD = late(
    r"[一三四五六七八九十某该这那本我各几多每有到在从个处家间里的和及与了是往去把被座名报接刚于全两头上下内外附近些级时期了次绕进对用来条垮]|^所|发生|"
    r"寄宿制|重点|维修|农村|乡村|无?物业|年货|中小|老旧|辖区|部分|同一|多个|老旧|普通|居民|所在|事发|路边|学校|单位"
)
"""Cuts what runs into a name: “司机在区医院” leaves “区医院”, which names nothing."""
_BARE = late(
    r"^[省市区县镇乡]?(?:村|社区|镇|乡|街道|大道|步行街|小区|花园|广场|公园|医院|小学|中学|学院|大学|幼儿园|工业园|产业园|水库|码头|车站|火车站|机场|高速|国道|省道|隧道|大桥|市场|商场|酒店|景区|林场|路|街|巷|桥|河|江|山|湖|岭|坝)$"
)
_UNKNOWN = (
    r"(?!处理|发现|查处|整改|[我你他这那哪同某另每今昨现其该本隔对楼屋村街路河门外家厂店校园工单附旁前后左右东西南北上下里边老小新有也又还就先后一两三在])"
    r"[一-龥](?!在)[一-龥]"
)
"""Two characters where only a name fits (寒亭那边, 在延庆坠落)."""
_VENUE = late(
    r"在(?!全|我|各|建|编|册|职|岗|读|售|[江河湖路街田地]边|街头|田头|一[条个座所片]|本|一些|部分|多个|有关|相关|重点|一处|一家|某|这|那|此|活动|会|年|春|夏|秋|冬)[一-龥A-Za-z0-9“”]{2,14}?(?:举办|举行|召开|开展|组织|进行|设|摆|集中|参加)|“[^”]{2,10}”(?:购房|小区|楼盘|业主|项目)|法院|检察院|法庭|行政中心|看守所|派出所"
    r"|[区市县][一-龥]{1,7}(?:局|院|中心|公司|所|馆)[一-龥]{0,4}(?:大厅|门诊|门口|大院|办公楼|窗口|现场|机房|车间)"
    rf"|(?:^|[。！？；，,\n0-9日时分许]){_UNKNOWN}(?:那边|这边|方向|一带|一处|一家)|在{_UNKNOWN}(?:坠[落机毁]|起火|失联|侧翻|失踪|沉没|倒塌|垮塌|被困)"
)
_SCOPE = late(
    r"全(?:区|市|镇|街道|乡|县)|各(?:镇|街|村|社区|乡|单位|部门|水|学校|中小学)|辖区|我(?:区|镇|街道|乡|社区|村|校|院|园区)|线上|网上(?!反映|流传|举报|投诉)|视频会议|电话(?:会|回访|调查|抽查|培训)|来[我]?区|在区"
)
_ON_SITE = late(
    r"走访|巡查|巡河|实地|抽测|夜查|现场(?:核查|检查|督查|会|观摩|教学|办公|咨询)|慰问|义诊|演练|拉练|比武|竞赛|比赛|大赛|技能赛|对接会|招聘会|推介会|展销|开业|揭牌|奠基|(?<![月年底])开工|文艺|演出|"
    r"志愿服务|比武|进(?:乡村|社区|校园|企业)活动|试运行|清扫|大扫除|植树|检查|督查|督导|调研|考察|参观|观摩|宣传活动|摆摊|签约仪式|整治|防治|统防|养护|复核|下田|田间|田头|查封|执法|劝离|暂扣|排查|巡视|巡线|抢修|一堂|(?<!电话)抽查|暗访|看望|清淤|走堤|拆除|[加安]装(?!了?监控平台)|走了一圈"
)
_MEETING_ONLY = late(r"会议|动员会|调度会|部署会|推进会|工作会|座谈会|印发|上线|出台|启动|评审|公开听证|常委会|专题会")
_RESULT = late(
    r"[0-9]+(?:\.[0-9]+)?(?:余|多)?(?:个百分点|%|％|‰|万|亿|倍|成(?!员)|元|吨|亩|公里|件|起|次|人次|人(?!民)|户|家|名|单|宗|份|例|场|处|辆|盏|台|个|分钟|小时|天|对|项|岁|公斤|斤|头|批|条|座|间|所|方|套|栋|班|位|张|封)"
    r"|[一二三四五六七八九十两]成|下降[一二三四五六七八九]|翻[了]?[一两几]?番|减少?一半|少了一半|一半以上|过半|零(?:投诉|上访|事故|火灾|警情|溺亡|纠纷|增长|差错|信访|发案|违规)|"
    r"[一二两三四五六七八九十百千]+(?:余|多)?(?:户|件|起|人次|万|千|百)|未再|再未|再没|没再|不再(?!是)|未发生|没有?发生|为零|清零|全部(?:落实|搬|签|拆|装|纳入|化解(?!在萌芽)|办结)|"
    r"(?:获|获评|荣获|被)[^，。；]{0,16}(?:表彰|推广|刊发|转发|称号|试点|示范|肯定|先进|采纳)|入选|全省推广|全市推广"
)
_SCHEDULE = late(  # looks at one character first: thirteen branches are not tried at every one
    r"(?=[0-9早晚上下凌中“每一二三四五六七八九十第不])(?:[0-9]{4}年|[0-9]{1,2}月(?:[0-9]{1,2}日)?|[0-9]{1,2}[日号]|(?:早|晚|上午|下午|晚上|早上|凌晨|中午)?[0-9]{1,2}(?:点|时|[:：][0-9]{2})(?:半|[0-9]{1,2}分)?|[0-9]{1,2}[:：][0-9]{2}|24小时|[0-9]{1,2}分钟(?:内|响应|办|生活圈|到场)|"
    r"“[^”]{1,12}”|[0-9]+\+[0-9N]+(?:\+[0-9N]+)*|每[周月天年日季人户个次][0-9一二三四五六七八九十]*[次个场]?|[一二三四五六七八九十]个?(?:机制|平台|中心|机构|环节|步骤|举措)|第[一二三四五六七八九十0-9]+|"
    r"不超过?[0-9]+(?:\.[0-9]+)?[万元桌个人%]+)"
)
_MEANS = late(
    r"(?:配备|配置|设立|设置|增设|建立|组建|投入|安装|划分|聘请|选聘|招募|成立|开设|发放|张贴|悬挂|召开|举办|开展|组织|培训|印发|制定|梳理出?|整合|"
    r"下辖|辖区|共有|现有|抽调|选派|分为|分成|实行|建有|配有|明确|推出|出台|规定)了?[^，。；0-9]{0,10}[0-9一二两三四五六七八九十]+(?:余|多)?[一-龥]"
)
"""What was put in (teams, leaflets, meetings) is no effect."""
_TARGETS = late(r"(?:计划|拟|力争|预计|目标|将|到[^，。]{0,6}底)[^，。；]{0,30}")

FIRST = 12
"""Characters after which a full stop ends the sentence that says what was done; what follows are its results."""

MESSAGES = {
    Check.MISSING_TIME: "没有写明时间（“近日”“日前”不算），请补上年月日，突发事件写到时分。",
    Check.MISSING_PLACE: "没有写明地点，请补上镇街、村（社区）或具体场所。",
    Check.MISSING_RESULT: "只有做法，没有可核对的成效，请补充数字、前后对比或评价出处。",
}


def register_places(tables: Tables, builder: ScannerBuilder) -> None:
    """Put the short names of the district's towns, villages and roads into the common scan: 水南河边 is a place."""
    for row in tables.get("gazetteer", ()):
        if row.get("type") in INNER_TYPES:
            for name in (row["name"].split("(")[0], *row.parts("aliases")):
                short = _GENERIC.sub("", name)
                builder.literal(TAG, short if len(short) > 1 else name)


def find_omissions(
    doc: Document, scan: Scan, category: Category, *, is_emergency: bool, has_time: bool, places: Sequence[str]
) -> list[Finding]:
    """Findings without a span (start = end = 0). ``places``: where it happened, as far as the facts tell."""
    if doc.item.kind is Kind.ZERO:
        return []
    checks = []
    if category is Category.PRACTICE and doc.item.lane is not Lane.OPINION and not has_result(doc.norm):
        checks.append(Check.MISSING_RESULT)
    work = category is Category.WORK_NEWS and doc.item.lane is Lane.REPORT
    if (is_emergency or work) and not is_follow_up(doc):
        told = _REPORTER.match(doc.norm, doc.shift)
        body = told.end() if told else 0
        office = doc.norm[:body]
        has_place = any(place not in office or place in doc.norm[body:] for place in places if not _OWN.match(place))
        live = doc.item.lane is Lane.OPINION and _JUST_NOW.search(doc.norm)
        if not has_time and not live and not names_time(doc.norm):
            checks.append(Check.MISSING_TIME)
        if (
            not has_place
            and (is_emergency or _happens_on_site(doc.norm))
            and not (any(hit.start >= body for hit in scan.hits(TAG)) or names_place(doc.norm[body:]))
        ):
            checks.append(Check.MISSING_PLACE)
    return [Finding(check=check, message=MESSAGES[check], rule=f"content.{check}") for check in checks]


def _happens_on_site(norm: str) -> bool:
    """An activity that took place somewhere; a meeting, or what goes on all over the district, needs no place."""
    stop = norm.find("。", FIRST)
    first = norm if stop < 0 else norm[:stop]
    return bool(_ON_SITE.search(first)) and not _SCOPE.search(first) and not _MEETING_ONLY.search(norm)


def is_follow_up(doc: Document) -> bool:
    """A follow-up or final report, by its kind or its own words: what came before need not be told again."""
    if doc.item.kind in (Kind.FOLLOW_UP, Kind.FINAL):
        return True
    head = doc.norm[: doc.shift + 60]
    later = doc.item.lane is not Lane.REPORT and _LOOKING_BACK.search(head)
    return bool(later or _FOLLOW_UP.search(head))


def names_time(norm: str) -> bool:
    """Whether a day, hour or period is named; 近日, 刚刚 are none (a quarter beside is its matter), nor 那天中午."""
    plain = _THAT_DAY.sub("□", norm)
    if _VAGUE.search(norm):
        return bool(_DATED.search(_PART_OF_DAY.sub("□", plain)))
    return bool(_DATED.search(plain) or _PERIOD.search(norm))


def names_place(norm: str) -> bool:
    """Whether a place with a name stands there."""
    return bool(_VENUE.search(norm)) or any(_is_name(match[0]) for match in _PLACE.finditer(norm))


def _is_name(found: str) -> bool:
    name = _FUNCTION_WORD.split(found)[-1]
    return len(name) >= 3 and not _BARE.match(name)


def has_result(norm: str) -> bool:
    """Whether an effect that can be checked is told: a count, a comparison, an award; opening hours are none."""
    return bool(_RESULT.search(_MEANS.sub("□", _TARGETS.sub("□", _SCHEDULE.sub("□", norm)))))
