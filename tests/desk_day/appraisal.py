"""What the day has of cases, points and reminders."""

from __future__ import annotations

from datetime import timedelta

from schemas.alert import Outcome
from schemas.base import Event
from schemas.case import Case, CaseAct, CaseKind, CaseState, Evidence
from schemas.point import PointEntry
from schemas.reminder import Reminder, ReminderAttempt, ReminderKind
from schemas.vocab import Lane
from tests.desk_day.items import DAY, DISTRICT, FIRE, SLIDE, at, key


def cases() -> list[Case]:
    """One that waits for the department's word, one that was explained."""
    fire = Case(
        case_id="case-fire", district=DISTRICT, kind=CaseKind.NOTHING_REPORTED, department="U060",
        department_name="南外街道", day=DAY, incident=FIRE, event_type="火灾", place="南外街道",
        outside=(Evidence(item_id=key("fire-1"), lane=Lane.MEDIA, source="榕城观察", title="南外街道一建材市场火情",
                          at=at("10:21")),),
        ledger_state="reported", opened_at=at("10:35"), changed_at=at("10:35"),
    )  # fmt: skip
    slide = Case(
        case_id="case-slide", district=DISTRICT, kind=CaseKind.SMALLER_FIGURES, department="U064",
        department_name="沙石镇", day=DAY, incident=SLIDE, event_type="山体滑坡", place="沙石镇吉埠村",
        outside=(Evidence(item_id=key("slide-3"), lane=Lane.MEDIA, source="南岸快讯", title="吉埠村滑坡致4人受伤",
                          at=at("08:10"), figures={"injured": 4}),),
        department_said=(Evidence(item_id=key("slide-1"), lane=Lane.REPORT, source="U064", title="沙石镇吉埠村山体滑坡",
                                  at=at("07:04"), figures={"injured": 3, "deaths": 0}),),
        gaps=("受伤：单位报3，其他渠道称4",), state=CaseState.EXPLAINED, opened_at=at("09:10"), changed_at=at("10:02"),
        acts=(CaseAct(decision_id="told", action="explain", by="editor", at=at("10:02"),
                      reason="镇政府答复：媒体所称第4人为擦伤自行离开，未计入。"),),
    )  # fmt: skip
    return [fire, slide]


def points() -> list[PointEntry]:
    """Two of one department, one of another."""
    given = (
        ("p1", "U025", "区委组织部", "late_迟报", -2.0, "首报超时17分钟", timedelta(days=5)),
        ("p2", "U064", "沙石镇", "adopt.daily_汇要", 2.0, "《今日章贡汇要》采用：沙石镇吉埠村山体滑坡", timedelta()),
        ("p3", "U064", "沙石镇", "request_约稿.done", 1.0, "约稿“秋粮收购”按期完成", timedelta()),
    )
    return [
        PointEntry(
            entry_id=name, district=DISTRICT, department=unit, department_name=shown, day=DAY, month=DAY[:7], key=row,
            points=value, exact=f"{value:g}", ref=f"ledger:{unit}:{DAY}", why=why, at=at("09:30"),
            final_at=at("09:30") + window, version="2026", changed_at=at("09:30"),
        )
        for name, unit, shown, row, value, why, window in given
    ]  # fmt: skip


def reminders() -> list[Event]:
    """One that arrived, one list."""
    before = Reminder(
        reminder_id="before", district=DISTRICT, kind=ReminderKind.BEFORE, day=DAY, cutoff=at("09:00"),
        departments=("U065",), names=("沙河镇",), title="沙河镇今日信息尚未报送", text="请报送。", at=at("08:00"),
    )  # fmt: skip
    silent = Reminder(
        reminder_id="silent", district=DISTRICT, kind=ReminderKind.SILENT, day=DAY, cutoff=at("09:00"),
        departments=("U065",), names=("沙河镇",), title="1个单位09:00前未报送", text="沙河镇。", at=at("09:05"),
    )  # fmt: skip
    ends = [
        ReminderAttempt(
            delivery_id=f"{one.reminder_id}-1", alert_id=one.reminder_id, incident=one.subject, channel="sms",
            outcome=outcome, tries=1, at=one.at, recipient=who, reference=one.reminder_id,
        )
        for one, who, outcome in ((before, "联络员:U065", Outcome.RECEIVED), (silent, "值班员", Outcome.DELIVERED))
    ]  # fmt: skip
    return [before, silent, *ends]
