"""What became of the items: incidents, alerts, the ledger, decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from processors.alerting import alert_id, delivery_id
from producers.health import SourceHealth, SourceState
from schemas.alert import Alert, AlertReason, Covered, Delivery, Held, Notice, NoticeVerdict, Outcome, Plan, Purpose
from schemas.assessment import (
    AssessedItem,
    Facts,
)
from schemas.base import Event
from schemas.decision import Decision
from schemas.ids import digest
from schemas.incident import FigureChange, Incident, IncidentClock, IncidentSource
from schemas.ledger import LedgerEntry, LedgerReport
from schemas.story import StoryAssigned, StorySignature
from schemas.vocab import (
    EventClass,
    Lane,
    LedgerState,
    Level,
    Side,
    Stage,
)
from tests.desk_day.items import DAY, DISTRICT, FIRE, FLOOD, SLIDE, at, key, other_items, slide_items


def source(one: AssessedItem, doubts: tuple[str, ...] = ()) -> IncidentSource:
    """An item as a source of an incident."""
    return IncidentSource(
        item_id=one.item_id,
        version=1,
        lane=one.input.lane,
        kind=one.input.kind,
        source=one.source,
        title=one.input.title,
        received_at=one.received_at,
        facts=one.assessment.facts,
        doubts=doubts,
    )


def clock(rule: str, side: Side, name: str, deadline: str, met: str = "") -> IncidentClock:
    """A deadline of an incident, met or not."""
    return IncidentClock(
        rule=rule, side=side, name=name, started="known", started_at=at("07:04"), deadline=at(deadline),
        met_at=at(met) if met else None,
    )  # fmt: skip


def incidents() -> list[Incident]:
    """Three that are open."""
    first, media, opinion, follow = slide_items()
    others = {one.assessment.id: one for one in other_items()}
    slide = {"event_class": EventClass.NATURAL, "event_type": "山体滑坡", "level": Level.IV, "place": "沙石镇吉埠村"}
    base = {"district": DISTRICT, "version": 4, "alert_version": 2, "in_district": True}
    change = FigureChange(figure="injured", before=3, after=4, item_id=media.item_id, contradiction=True)
    made = [
        base
        | slide
        | {
            "incident": SLIDE,
            "stage": Stage.FOLLOW_UP,
            "title": "沙石镇吉埠村山体滑坡",
            "signed": True,
            "level_rule": first.assessment.emergency.level_rule,
            "changes": (change,),
            "opened_at": at("07:04"),
            "facts": Facts(deaths=0, injured=3, serious_injuries=1, evacuated=61),
            "changed_at": at("09:41"),
            "clocks": (
                clock("written", Side.DEPARTMENT, "书面首报（事发后60分钟）", "07:40", "07:04"),
                clock("next_IV", Side.DEPARTMENT, "续报（重点时段每小时一次）", "10:41"),
                clock("city_written", Side.CITY, "向市值班室书面报告（接报后60分钟）", "08:04", "07:52"),
                clock("city_disaster", Side.CITY, "自然灾害灾情统计上报（事发后2小时）", "08:40"),
            ),
            "sources": (source(first), source(opinion), source(media, ("标题4人，单位报送3人",)), source(follow)),
        },
        base
        | {
            "incident": FIRE,
            "stage": Stage.PROVISIONAL,
            "title": "南外街道一建材市场火情",
            "event_type": "火灾",
            "event_class": EventClass.ACCIDENT,
            "place": "南外街道",
            "opened_at": at("10:21"),
            "changed_at": at("10:21"),
            "sources": (source(others["fire-1"]),),
        },
        base
        | {
            "incident": FLOOD,
            "stage": Stage.FIRST,
            "title": "红旗大道施工挖断燃气管道",
            "event_type": "燃气事故",
            "event_class": EventClass.ACCIDENT,
            "level": Level.IV,
            "place": "红旗大道",
            "signed": True,
            "level_rule": "燃气事故：无人员伤亡，为一般（W21）",
            "facts": Facts(deaths=0, injured=0, evacuated=48),
            "opened_at": at("08:52"),
            "changed_at": at("08:52"),
            "clocks": (clock("city_accident", Side.CITY, "安全生产事故逐级上报（接报后2小时）", "10:52"),),
            "sources": (source(others["gas-1"]),),
        },
    ]
    return [Incident.model_validate(one) for one in made]


def alert(incident: str, version: int, clock: str, title: str, text: str, **changes: Any) -> Alert:
    """An alert raised at ``clock``."""
    values = {
        "alert_id": alert_id(incident, version),
        "incident": incident,
        "alert_version": version,
        "district": DISTRICT,
        "level": Level.IV,
        "stage": Stage.FIRST,
        "reason": AlertReason.NEW,
        "title": title,
        "text": text,
        "signed": True,
        "raised_at": at(clock),
    }
    return Alert.model_validate(values | changes)


def delivery(one: Alert, channel: str, outcome: Outcome, tries: int = 1) -> Delivery:
    """An attempt, seconds after the alert."""
    return Delivery(
        delivery_id=delivery_id(one.alert_id, channel, tries, outcome),
        alert_id=one.alert_id,
        incident=one.incident,
        channel=channel,
        outcome=outcome,
        tries=tries,
        at=one.raised_at + timedelta(seconds=10 * tries),
    )


def notice(name: str, recipient: str, one: Alert) -> Notice:
    """Somebody is to be told of an alert."""
    covers = (Covered(incident=one.incident, alert_id=one.alert_id, alert_version=one.alert_version),)
    return Notice(
        notice_id=name, recipient=recipient, channels=("短信",), purpose=Purpose.FIRST, covers=covers, at=one.raised_at
    )


def plan(one: Alert, *parts: Notice | Held) -> Plan:
    """Whom to tell of an alert, and who waits."""
    return Plan(
        incident=one.incident, alert_id=one.alert_id, at=one.raised_at,
        notices=tuple(each for each in parts if isinstance(each, Notice)),
        held=tuple(each for each in parts if isinstance(each, Held)),
    )  # fmt: skip


def instructions(by: str) -> list[Event]:
    """Instructions of the days before, given by the account ``by``: one overdue, one answered, one closed."""
    order = "请逐点核查滑坡隐患，落实专人值守。"
    given = {
        "past": ("U064", "U064", "沙石镇吉埠村山体滑坡隐患点排查", order, 17, 19),
        "answered": ("U026", "", "老旧小区二次供水水质", "请查明原因，三日内向居民公布检测结果。", 18, 23),
        "closed": ("U028", "U028", "章江河堤夜间施工噪声", "请依法处置并回访群众。", 16, 19),
    }  # fmt: skip
    on = {"past": "slide-1", "answered": "visit-1", "closed": "gas-1"}
    made = [
        step(name, "instruct", by, day, 9, owner=owner, credited=credited, topic=topic, text=text, level="district",
             item_id=key(on[name]), deadline=at("17:30").replace(day=due).isoformat())
        for name, (owner, credited, topic, text, day, due) in given.items()
    ]  # fmt: skip
    over = f"overdue@{made[0].details['deadline']}"
    said = "已完成水箱清洗和第三方检测，结果合格并在小区公示，后续每季度检测一次。"
    return [
        *made,
        step("past", "acknowledge", "沙石镇", 17, 10),
        step("past", "remind", "system", 18, 17, "距办理时限不足24小时，请按时反馈", step="before_24h@x"),
        step("past", "remind", "system", 19, 18, "已过办理时限，请立即反馈", step=over),
        step("answered", "acknowledge", "区城管局", 18, 11),
        step("answered", "answer", "区城管局", 19, 16, said, final=True),
        step("closed", "answer", "区水利局", 18, 15, "已约谈施工单位，夜间停止打桩。", final=True),
        step("closed", "check", "督查员", 19, 9, "群众表示满意", satisfied=True),
        step("closed", "close", "督查员", 19, 9),
    ]


def step(name: str, action: str, by: str, day: int, hour: int, reason: str = "", **details: Any) -> Decision:
    """A decision on the instruction of that name."""
    return Decision.model_validate(
        {"decision_id": digest(name, action, by, str(day), str(hour)), "district": DISTRICT,
         "subject_type": "instruction", "subject_id": digest("instruction", name), "action": action, "by": by,
         "at": at(f"{hour}:00").replace(day=day), "reason": reason, "details": details}
    )  # fmt: skip


def alerts() -> list[Event]:
    """Four alerts, what became of them, and who has seen one."""
    slide = alert(
        SLIDE,
        1,
        "07:05",
        "【一般】沙石镇吉埠村山体滑坡，受伤3",
        "沙石镇首报：6时40分许滑坡，3人受伤（重伤1），转移56人，正在救援。",
    )
    more = alert(
        SLIDE,
        2,
        "09:42",
        "【一般】沙石镇吉埠村山体滑坡，转移61",
        "续报：伤者生命体征平稳，安置增至61人，无新增险情。",
        reason=AlertReason.FIGURES_CHANGED,
        stage=Stage.FOLLOW_UP,
        doubts=("媒体称受伤4人，单位报送3人",),
    )
    gas = alert(FLOOD, 1, "08:53", "【一般】红旗大道施工挖断燃气管道", "已关阀，疏散48人，无伤亡，预计2小时恢复供气。")
    fire = alert(
        FIRE,
        1,
        "10:22",
        "【级别未定】南外街道一建材市场火情",
        "仅媒体消息，未经单位证实；伤亡不明。",
        level=None,
        stage=Stage.PROVISIONAL,
        signed=False,
    )
    seen = Decision(
        decision_id="seen",
        district=DISTRICT,
        subject_type="alert",
        subject_id=slide.alert_id,
        action="acknowledge",
        by="值班员",
        at=at("07:08"),
    )
    done = Outcome.DELIVERED
    sms = {"recipient": "值班员", "purpose": Purpose.FIRST, "notice_id": "n-fire"}
    return [
        slide,
        more,
        gas,
        fire,
        seen,
        plan(fire, notice("n-fire", "值班员", fire), Held(recipient="主要领导", verdict=NoticeVerdict.UNCONFIRMED)),
        delivery(fire, "短信", done).model_copy(update=sms),
        delivery(slide, "值班室", done),
        delivery(more, "值班室", done),
        delivery(gas, "值班室", Outcome.FAILED),
        delivery(gas, "值班室", done, 2),
        delivery(fire, "值班室", done),
        delivery(fire, "短信网关", Outcome.UNKNOWN),
    ]


REPORTED = "U004 U006 U014 U015 U018 U023 U026 U055 U028 U032 U034 U036 U040 U052 U054 U056 U059 U060 U062 U064".split()
ZERO = "U005 U009 U016 U021 U035 U038 U044 U047 U050".split()
LATE = {"U025": "首报超时17分钟", "U027": "首次报送晚于截止时间9:00"}


def ledger(names: dict[str, str]) -> list[LedgerEntry]:
    """The ledger in the middle of the morning; ``names`` by department."""
    states = dict.fromkeys(REPORTED, LedgerState.REPORTED) | dict.fromkeys(ZERO, LedgerState.ZERO)
    entries = []
    for place, (department, state) in enumerate((states | dict.fromkeys(LATE, LedgerState.LATE)).items()):
        moment = at("07:30") + timedelta(minutes=place * 4)
        said = {"reported": "9:00前报送，按时", "zero": "零报告，按时", "late": LATE.get(department, "")}[state.value]
        report = LedgerReport(
            item_id=key(f"report-{department}"),
            version=1,
            received_at=moment,
            kind="zero" if state is LedgerState.ZERO else "normal",
        )
        entries.append(
            LedgerEntry(
                department=department,
                department_name=names[department],
                day=DAY,
                district=DISTRICT,
                state=state,
                revision=1,
                explanation=said,
                cutoff=at("09:00"),
                first_at=moment,
                reports=(report,),
                changed_at=moment,
            )
        )
    return entries


def sources() -> list[SourceHealth]:
    """Sources that are collected: most are well."""
    well = [("榕城观察", Lane.MEDIA), ("南岸快讯", Lane.MEDIA), ("章江论坛", Lane.OPINION)]
    good = [
        SourceHealth(
            source=name,
            name=name,
            lane=lane,
            state=SourceState.OK,
            last_try=at("10:35"),
            last_ok=at("10:35"),
            seen=20,
            sent=3,
        )
        for name, lane in well
    ]
    return [
        *good,
        SourceHealth(
            source="城南生活圈",
            name="城南生活圈",
            lane=Lane.OPINION,
            state=SourceState.FAILING,
            reason="页面结构变了：列表里没有找到帖子",
            last_try=at("10:31"),
            last_ok=at("08:31"),
            failures=2,
        ),
    ]


def events(names: dict[str, str]) -> list[Event]:
    """Everything of the day; ``names`` of the departments by id."""
    slides = slide_items()
    stories = [
        StoryAssigned(
            item_id=one.item_id,
            district=DISTRICT,
            version=1,
            story=digest("story", "slide"),
            relation="same_event",
            assigned_at=one.received_at,
            signature=StorySignature(lane=one.input.lane, published_at=one.received_at),
        )
        for one in slides
    ]
    accepted = Decision(
        decision_id="accepted",
        district=DISTRICT,
        subject_type="item",
        subject_id=slides[0].item_id,
        action="accept",
        by="王编辑",
        at=at("07:12"),
        on_version=1,
        reason="报区委办，编入今日汇要",
    )
    return [*slides, *other_items(), *stories, *incidents(), *alerts(), *ledger(names), accepted]
