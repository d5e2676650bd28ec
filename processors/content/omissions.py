"""What an item leaves out: time, place, result (LABELS "Content findings")."""

from __future__ import annotations

from collections.abc import Sequence

from processors.content.named import Named
from processors.document import Document
from processors.late import late
from processors.scan import Scan, ScannerBuilder
from processors.story_rules import INNER_TYPES
from processors.tables import Tables
from schemas.assessment import Finding
from schemas.vocab import Category, Check, Kind, Lane

TAG, COUNTY_TAG = "content:place", "content:county"
_LEADING = frozenset(" \n，。！？；：:、【（“#日时分许晨晚天夜在于到从据离")
_GENERIC = late(r"(?:街道(?:办事处)?|[镇乡村]|社区)$")
_FOLLOW_UP = late(
    r"续报|终报|续[一二三四五]|后续|(?:情况)?通报（?[二三四五六七八②③④⑤⑥]|最新(?:进展|情况|消息)|追踪|（续）|续：|[:：]续"
)
_LOOKING_BACK = late(
    r"那(?:位|条评论|条消息|个帖子?)|来说(?:一下|明一下|句话)|(?:不用|不要|别|请勿|大家别)(?:再(?:发|传|转|编|问|打电话|说)|[瞎乱]?传了?)|"
    r"(?:人|孩子|娃|老人|胳膊)(?:都|也|全)?(?:拿|救|抬|送)?出来了|(?:保住|接上|救回来|醒过来)了|^更正|原稿已|"
    r"^[^，。！？；]{0,8}(?:找到|找回来|拉回来|接回来|救下来|散|劝下来)了|(?:死亡|遇难|伤亡|受伤)(?:人数|者)?[^，。；]{0,6}(?:升|增|上升|增加|核定|更正)(?:到|至|为)|"
    r"搜救(?:工作)?(?:已)?(?:结束|终止)|全部找到|事故(?:现场)?指挥部"
)
"""A post, a correction or a later figure that looks back at what everybody knows by then."""
_REPORTER = late(
    r"^[^，。；：:]{2,14}?(?:值班|首报|快报|专报|急报|报|电话|来电|讯)?(?:[0-9]{1,2}[:：][0-9]{2})?(?:电话|报|来电)?[:：](?![0-9])"
)
"""Who reports (解放街道报：): where the office is, not where it happened."""
_NO_OFFICE = late(r"居民|村民|业主|养殖户|群众|[村区]支|村|社区|疫情|事故|火灾|灾|事件|滑坡|爆")
"""In such a head: people call from where they live, or the event is named."""
_OWN = late(r"[我本全][省市区县镇乡村街院校]")
"""我区, 全镇: no place."""
_SCOPE = late(
    r"全(?:区|市|镇|街道|乡|县)|各(?:镇|街|村|社区|乡|单位|部门|水|学校|中小学)|我区|线上|网上(?!反映|流传|举报|投诉)|视频会议|电话(?:会|回访|调查|抽查|培训)|来[我]?区|在区"
)
_ON_SITE = late(
    r"走访|巡查|巡河|实地|抽测|夜查|现场(?:核查|检查|督查|会|观摩|教学|办公|咨询)|慰问|义诊|演练|拉练|比武|竞赛|比赛|大赛|技能赛|对接会|招聘会|推介会|展销|开业|揭牌|奠基|(?<![月年底])开工|文艺|演出|"
    r"志愿服务|比武|进(?:乡村|社区|校园|企业)活动|试运行|清扫|大扫除|植树|检查|督查|督导|调研|考察|参观|观摩|宣传活动|摆摊|签约仪式|整治|防治|统防|养护|复核|下田|田间|田头|查封|执法|劝离|暂扣|排查|巡视|巡线|抢修|一堂|(?<!电话)抽查|暗访|看望|清淤|走堤|拆除|清查|走进|上门|自查|走航|咨询台|夜巡|联合检|体检|端掉|[加安]装(?!了?监控平台)|走了一圈"
)
_MEETING_ONLY = late(r"会议|动员会|调度会|部署会|推进会|工作会|座谈会|印发|上线|出台|启动|评审|公开听证|常委会|专题会")
_RESULT = late(
    r"[0-9]+(?:\.[0-9]+)?(?:余|多)?(?:个百分点|%|％|‰|万|亿|倍|成(?!员)|元|吨|亩|公里|件|起|次|人次|人(?!民)|户|家|名|单|宗|份|例|场|处|辆|盏|台|个|分钟|小时|天|对|项|岁|公斤|斤|头|批|条|座|间|所|方|套|栋|班|位|张|封|秒|句|棵|株|米|篇)"
    r"|[一二三四五六七八九十两]成|下降[一二三四五六七八九]|翻[了]?[一两几]?番|减少?一半|少了一半|一半以上|过半|零(?:投诉|上访|事故|火灾|警情|溺亡|纠纷|增长|差错|信访|发案|违规)|"
    r"[一二两三四五六七八九十百千]*(?:[十百千][一二三四五六七八九]|[二两三四五六七八九][十百千])(?:余|多|来)?(?:户|件|起|个|人次?|万|千|百|条|处|名|家)|"
    r"[一二两三四五六七八九](?:人次|万|千|百)|(?:没有?|未|无)[^，。；]{0,4}一(?:户|件|起|例(?!外)|人|次|宗)|没有再|未再|再未|再没|没再|不再(?!是)|未发生|没有?发生|为零|清零|全部(?:落实|搬|签|拆|装|纳入|化解(?!在萌芽)|办结)|"
    r"(?:获|获评|荣获|被)[^，。；]{0,16}(?:表彰|推广|刊发|转发|称号|试点|示范|肯定|先进|采纳)|入选|全省推广|全市推广"
)
_SCHEDULE = late(  # looks at one character first: thirteen branches are not tried at every one
    r"(?=[0-9早晚上下凌中“每一二三四五六七八九十第不])(?:[0-9]{4}年|[0-9]{1,2}月(?:[0-9]{1,2}日)?|[0-9]{1,2}[日号]|(?:早|晚|上午|下午|晚上|早上|凌晨|中午)?[0-9]{1,2}(?:点|时|[:：][0-9]{2})(?:半|[0-9]{1,2}分)?|[0-9]{1,2}[:：][0-9]{2}|24小时|[0-9]{1,2}分钟(?:内|响应|办|生活圈|到场)|[0-9]{1,2}(?:天|日|小时|个工作日)(?:之)?内|"
    r"“[^”]{1,12}”|[0-9]+\+[0-9N]+(?:\+[0-9N]+)*|每[周月天年日季人户个次][0-9一二三四五六七八九十]*[次个场]?|[一二三四五六七八九十]个?(?:机制|平台|中心|机构|环节|步骤|举措)|第[一二三四五六七八九十0-9]+|"
    r"不超过?[0-9]+(?:\.[0-9]+)?[万元桌个人%]+)"
)
_MEANS = late(
    r"(?:配备|配置|设立|设置|增设|建立|组建|投入|安装|划分|聘请|选聘|招募|成立|开设|发放|张贴|悬挂|召开|举办|开展|组织|培训|印发|制定|梳理出?|整合|"
    r"下辖|辖区|共有|现有|抽调|选派|分为|分成|实行|建有|配有|明确|推出|出台|规定|建起|派|给(?=[0-9])|\+)了?[^，。；0-9]{0,20}[0-9一二两三四五六七八九十]+(?:余|多)?[一-龥]"
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
    """Put the short names of the district's towns, villages and roads into the common scan (水南河边 is a place), and
    those of counties and cities elsewhere that are no common words; a village whose name is a word (楼梯村) in full."""
    for row in tables.get("gazetteer", ()):
        if row.get("type") in INNER_TYPES:
            full = row.get("type") == "village" and row.get("ambiguous") == "Y"
            for name in (row["name"].split("(")[0], *(() if full else row.parts("aliases"))):
                short = name if full else _GENERIC.sub("", name)
                builder.literal(TAG, short if len(short) > 1 else name)
    words = {row["first"] + second for row in tables.get("common_bigrams", ()) for second in row["seconds"]}
    for row in tables.get("places", ()):
        name = row.get("short") or row["name"]
        if row["type"] in {"county", "city", "province", "country"} and len(name) > 1 and name not in words:
            builder.literal(COUNTY_TAG, name)


def find_omissions(
    doc: Document,
    scan: Scan,
    named: Named,
    category: Category,
    *,
    is_emergency: bool,
    has_time: bool,
    places: Sequence[str],
) -> list[Finding]:
    """Findings without a span (start = end = 0). ``named``: the district's words for times and places; ``places``:
    where it happened, as far as the facts tell."""
    if doc.item.kind is Kind.ZERO:
        return []
    checks = []
    if category is Category.PRACTICE and doc.item.lane is not Lane.OPINION and not has_result(doc.norm):
        checks.append(Check.MISSING_RESULT)
    work = category is Category.WORK_NEWS and doc.item.lane is Lane.REPORT
    if (is_emergency or work) and not is_follow_up(doc):
        body = _body(doc)
        office = doc.norm[:body]
        has_place = any(place not in office or place in doc.norm[body:] for place in places if not _OWN.match(place))
        live = doc.item.lane is Lane.OPINION and named.is_live(doc.norm)
        if not has_time and not live and not named.names_time(doc.norm, work=work):
            checks.append(Check.MISSING_TIME)
        if (
            not has_place
            and (is_emergency or _happens_on_site(doc.norm))
            and not (
                any(hit.start >= body for hit in scan.hits(TAG))
                or any(hit.start >= body and _leads(doc.norm, hit.start) for hit in scan.hits(COUNTY_TAG))
                or named.names_place(doc.norm[body:])
            )
        ):
            checks.append(Check.MISSING_PLACE)
    return [Finding(check=check, message=MESSAGES[check], rule=f"content.{check}") for check in checks]


def _body(doc: Document) -> int:
    """Where the text begins behind the office that reports it; a paper's headline is none."""
    told = None if doc.item.lane is Lane.MEDIA else _REPORTER.match(doc.norm, doc.shift)
    return told.end() if told and not _NO_OFFICE.search(told[0]) else 0


def _leads(norm: str, start: int) -> bool:
    """Whether a name stands where a clause begins or right behind a time or 在."""
    return start == 0 or norm[start - 1] in _LEADING


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


def has_result(norm: str) -> bool:
    """Whether an effect that can be checked is told: a count, a comparison, an award; opening hours are none."""
    return bool(_RESULT.search(_MEANS.sub("□", _TARGETS.sub("□", _SCHEDULE.sub("□", norm)))))
