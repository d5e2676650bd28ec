"""Items of the invented day, with the verdicts that the streams would have given them; nothing is judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from schemas.assessment import (
    AssessedItem,
    Assessment,
    Emergency,
    EventTime,
    Facts,
    Finding,
    OpinionSignals,
    Pii,
    Reason,
    Timeliness,
)
from schemas.base import CHINA
from schemas.ids import digest
from schemas.item import Item
from schemas.vocab import (
    Category,
    Check,
    EventClass,
    Kind,
    Lane,
    Level,
    PiiKind,
    Precision,
    Sentiment,
    TimelinessRule,
    TimelinessVerdict,
)

DISTRICT, DAY = "zhanggong", "2026-11-20"
NOW = datetime(2026, 11, 20, 10, 40, tzinfo=CHINA)
SLIDE, FIRE, FLOOD = "slide-jibu", "fire-market", "gas-road"
SLIDE_TEXT = (
    "11月20日6时40分许，受前期连续降雨影响，沙石镇吉埠村上排组一处切坡建房点发生山体滑坡，塌方量约三百立方米，"
    "造成3人受伤（其中1人重伤，联系电话138****2046），无人员死亡，两间杂物房被埋。接报后镇党委、政府主要领导立即带队"
    "赶赴现场，会同区应急、自然资源、消防等部门开展救援，6时58分伤者全部送医，周边14户56人转移至村小学安置。"
    "据说是屋后排水沟堵塞引起。目前现场已拉设警戒线，技术人员正在排查次生灾害隐患，有关情况续报。"
)


def at(clock: str) -> datetime:
    """A time of the day, ``HH:MM``."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, 20, int(hour), int(minute), tzinfo=CHINA)


def key(name: str) -> str:
    """The id of the item of that name."""
    return digest("desk-day", name)


def reasons(text: str, *rules: tuple[str, str], field: str = "text") -> tuple[Reason, ...]:
    """Reasons from (rule, words): the words must be in the text."""
    found = [(rule, words, text.index(words)) for rule, words in rules]
    return tuple(Reason(rule=r, field=field, start=i, end=i + len(w), text=w) for r, w, i in found)


def finding(text: str, words: str, check: Check, message: str, suggestion: str | None = None) -> Finding:
    """A finding on words of the text."""
    start = text.index(words)
    end = start + len(words)
    return Finding(check=check, start=start, end=end, text=words, message=message, suggestion=suggestion)


def item(
    name: str,
    lane: Lane,
    source: tuple[str, str],
    clock: str,
    category: Category,
    title: str,
    text: str,
    *,
    sure: float = 0.96,
    kind: Kind | None = None,
    verdict: TimelinessVerdict = TimelinessVerdict.ON_TIME,
    explanation: str = "当天事当天报，按时",
    url: str | None = None,
    **judged: Any,
) -> AssessedItem:
    """An item received at ``clock``, ``source`` as (id, name)."""
    report = lane is Lane.REPORT
    other = next(one for one in Category if one is not category)
    scores = dict.fromkeys(Category, 0.0) | {category: sure, other: round(1 - sure, 4)}
    timeliness = Timeliness(
        verdict=verdict if report else TimelinessVerdict.NOT_APPLICABLE,
        rule=TimelinessRule.SAME_DAY if report else TimelinessRule.NONE,
        explanation=explanation if report else "",
    )
    published = at(clock) - timedelta(minutes=4)
    values = {"category_scores": scores, "timeliness": timeliness, "abstained": sure < 0.6} | judged
    return AssessedItem(
        item_id=key(name),
        district=DISTRICT,
        version=1,
        source=source[0],
        source_name=source[1],
        received_at=at(clock),
        day=DAY,
        input=Item(
            id=name, lane=lane, source=source[0], title=title, text=text, published_at=published, kind=kind, url=url
        ),
        assessment=Assessment.model_validate(
            {"id": name, "item_id": key(name), "lane": lane, "category": category, "rules_version": "1"} | values
        ),
    )


def slide_items() -> list[AssessedItem]:
    """The landslide: first report, an outlet, a post with another figure, a follow-up."""
    slide = {"is_emergency": True, "event_class": EventClass.NATURAL, "event_type": "山体滑坡", "in_district": True}
    rule = "地质灾害(灾情)：死亡0人，0人以上、不足3人为一般（W16）"
    onset = EventTime(start=at("6:40"), precision=Precision.MINUTE)
    facts = {"event_time": onset, "places": ("沙石镇", "吉埠村"), "deaths": 0, "injured": 3}
    phone = SLIDE_TEXT.index("138")
    first = item(
        "slide-1",
        Lane.REPORT,
        ("U064", "沙石镇"),
        "07:04",
        Category.URGENT,
        "沙石镇吉埠村发生山体滑坡致3人受伤",
        SLIDE_TEXT,
        kind=Kind.FIRST,
        sure=0.992,
        explanation="事发11月20日06:40，紧急情况应在30分钟内报告（无电话记录），时限11月20日07:10，收到11月20日07:04，按时",
        emergency=Emergency(
            **slide,
            level=Level.IV,
            level_rule=rule,
            score=0.997,
            reasons=reasons(
                SLIDE_TEXT, ("event.ev_strong", "山体滑坡"), ("evidence.harm", "受伤"), ("evidence.num_moved", "转移")
            ),
        ),
        facts=Facts(**facts, serious_injuries=1, evacuated=56, households=14),
        reasons=reasons(
            SLIDE_TEXT,
            ("category.clock_time", "6时40分许"),
            ("category.response", "赶赴现场"),
            ("category.progress", "续报"),
        ),
        findings=(
            finding(
                SLIDE_TEXT, "据说", Check.VAGUE_SOURCE, "“据说”没有可查的出处，请写明由谁认定，或改为“原因正在调查”。"
            ),
            finding(SLIDE_TEXT, "约三百立方米", Check.NUMBER_USAGE, "计量用阿拉伯数字（GB/T 15835）。", "约300立方米"),
        ),
        pii=(Pii(kind=PiiKind.PHONE, start=phone, end=phone + 11),),
    )
    news = "今晨，沙石镇一村民房后山体滑坡，记者从现场了解到，4名受伤村民已送往医院，救援人员正清理塌方。"
    media = item(
        "slide-2",
        Lane.MEDIA,
        ("榕城观察", "榕城观察"),
        "07:46",
        Category.URGENT,
        "沙石镇一处山体滑坡 4人受伤送医",
        news,
        url="https://news.example/20261120/slide",
        emergency=Emergency(
            **slide, level=Level.IV, level_rule=rule, score=0.98, reasons=reasons(news, ("event.ev_strong", "山体滑坡"))
        ),
        facts=Facts(places=("沙石镇",), injured=4),
    )
    post = "老家吉埠那边山塌了，听到轰的一声，出村的路堵了一半，大家先别往里面开车。"
    opinion = item(
        "slide-3",
        Lane.OPINION,
        ("章江论坛", "章江论坛"),
        "07:20",
        Category.URGENT,
        "吉埠上排那边山塌了",
        post,
        sure=0.58,
        emergency=Emergency(**slide, score=0.71, doubtful=True, reasons=reasons(post, ("event.ev_middle", "山塌"))),
        opinion=OpinionSignals(sentiment=Sentiment.NEGATIVE, theme="灾害事故", sensitivity=2),
    )
    again = "截至9时30分，3名伤者生命体征平稳，塌方点清理过半，周边16户61人已妥善安置，暂无新增险情。"
    follow = item(
        "slide-4",
        Lane.REPORT,
        ("U064", "沙石镇"),
        "09:41",
        Category.URGENT,
        "沙石镇吉埠村山体滑坡处置情况续报",
        again,
        kind=Kind.FOLLOW_UP,
        verdict=TimelinessVerdict.NOT_APPLICABLE,
        explanation="续报，不计时限",
        emergency=Emergency(**slide, level=Level.IV, level_rule=rule, score=0.95),
        facts=Facts(places=("沙石镇", "吉埠村"), injured=3, evacuated=61, households=16),
    )
    return [first, media, opinion, follow]


def other_items() -> list[AssessedItem]:
    """The rest of the morning, in the six categories and beside them."""
    report, media, opinion = Lane.REPORT, Lane.MEDIA, Lane.OPINION
    fire = "10时许，南外街道一建材市场冒出浓烟，多辆消防车赶到，有商户称货物被烧，是否有人受伤尚不清楚。"
    gas = "红旗大道中段施工挖破燃气管道，抢修人员已到场关阀，周边两栋楼居民暂时撤到楼下，约2小时恢复供气。"
    school = "11月19日，区教体局会同区市监局检查学校食堂26所，发现问题9个，现场整改7个，其余2个限期整改。"
    wage = "我们在水西那边做了三个月，工钱一直没结，老板说月底，月底又说下个月，找了两个部门都说不归他管。"
    fire_facts: dict[str, Any] = {"is_emergency": True, "event_class": EventClass.ACCIDENT, "in_district": True}
    return [
        item(
            "fire-1",
            media,
            ("南岸快讯", "南岸快讯"),
            "10:21",
            Category.URGENT,
            "南外一建材市场突发火情",
            fire,
            sure=0.9,
            emergency=Emergency(
                **fire_facts, event_type="火灾", score=0.88, reasons=reasons(fire, ("event.ev_strong", "浓烟"))
            ),
            facts=Facts(places=("南外街道",), event_time=EventTime(start=at("10:00"), precision=Precision.HOUR)),
        ),
        item(
            "gas-1",
            report,
            ("U025", "区住建局"),
            "08:52",
            Category.URGENT,
            "红旗大道施工挖断燃气管道",
            gas,
            kind=Kind.FIRST,
            verdict=TimelinessVerdict.LATE,
            explanation="事发11月20日08:05，紧急情况应在30分钟内报告，收到11月20日08:52，超时17分钟",
            emergency=Emergency(
                **fire_facts,
                event_type="燃气事故",
                level=Level.IV,
                level_rule="燃气事故：无人员伤亡，为一般（W21）",
                score=0.93,
            ),
            facts=Facts(places=("红旗大道",), deaths=0, injured=0, evacuated=48),
        ),
        item(
            "school-1",
            report,
            ("U015", "区教体局"),
            "08:30",
            Category.WORK_NEWS,
            "我区开展校园食品安全专项检查",
            school,
            verdict=TimelinessVerdict.LATE,
            explanation="11月19日的事，11月20日收到，迟报",
        ),
        item(
            "grid-1",
            report,
            ("U062", "水南街道"),
            "09:05",
            Category.PRACTICE,
            "水南街道“楼栋管家”推动小事不出楼",
            "水南街道在32个小区选出楼栋管家418名，上门听、当天转、三天回，今年以来办结邻里诉求1126件，办结率98.2%。",
        ),
        item(
            "flood-1",
            report,
            ("U056", "气象局"),
            "07:05",
            Category.ANALYSIS,
            "本周后期天气形势分析",
            "预计22日至24日我区还有一次中雨过程，累计雨量25至40毫米。前期土壤含水量偏高，沙石、水东切坡建房点风险较大。",
        ),
        item(
            "drain-1",
            report,
            ("U028", "区水利局"),
            "08:12",
            Category.PROBLEM,
            "部分小型水库溢洪道杂草淤积亟待清理",
            "巡查发现4座小型水库溢洪道杂草淤积，影响行洪。建议由属地镇街月底前完成清理，区级按工作量给予补助。",
        ),
        item(
            "lead-1",
            report,
            ("U014", "区发改委"),
            "09:32",
            Category.LEADER_THINKING,
            "关于以场景开放带动产业升级的思考",
            "当前我区产业正处于转换关口。要把城市治理、文旅消费等场景向企业开放，以应用促研发，以小切口带动大产业。",
            sure=0.83,
        ),
        item(
            "wage-1",
            opinion,
            ("章江论坛", "章江论坛"),
            "09:18",
            Category.PROBLEM,
            "干了三个月拿不到工钱，该找谁？",
            wage,
            sure=0.91,
            opinion=OpinionSignals(sentiment=Sentiment.NEGATIVE, theme="欠薪", sensitivity=2),
        ),
        item(
            "drill-1",
            media,
            ("榕城观察", "榕城观察"),
            "09:50",
            Category.WORK_NEWS,
            "“失火”商场，三分钟疏散两百人",
            "昨天下午，一场没有脚本的演练在商场展开，烟雾弹点燃后广播响起，顾客按指引疏散。",
            sure=0.52,
            emergency=Emergency(score=0.46, doubtful=True),
        ),
        item(
            "food-1",
            opinion,
            ("城南生活圈", "城南生活圈"),
            "10:05",
            Category.OTHER,
            "求推荐三康庙附近的早餐",
            "刚搬来，想吃点热的，有没有六点就开门的？",
            sure=0.97,
            opinion=OpinionSignals(sentiment=Sentiment.NEUTRAL, sensitivity=0),
        ),
        item(
            "zero-1",
            report,
            ("U038", "区医保局"),
            "08:01",
            Category.OTHER,
            "零报告",
            "区医保局11月20日零报告：今日无紧急重要信息。",
            kind=Kind.ZERO,
            verdict=TimelinessVerdict.NOT_APPLICABLE,
            explanation="零报告，不计时限",
        ),
        item(
            "visit-1",
            report,
            ("U012", "区政府办"),
            "10:12",
            Category.WORK_NEWS,
            "区领导调研冬季安全生产工作",
            "20日上午，区领导到沙石镇、水东镇调研冬季安全生产，强调要盯紧切坡建房、燃气、消防等重点，把隐患排查在前面。",
        ),
    ]
