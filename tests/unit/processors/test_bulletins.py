"""Drafts of the bulletins: sections, order, one entry for each story, reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiyao.districts import load_district
from huiyao.rules import bulletin_head, bulletin_rules
from huiyao.settings import load_settings
from processors.bulletin_candidate import Candidate
from processors.bulletin_rules import BulletinRule, load_rules
from processors.bulletins import draft, shorten
from schemas.bulletin import Bulletin, BulletinEntry
from schemas.errors import DistrictError
from schemas.vocab import BulletinName, Category, Lane

FOLDER = load_district(load_settings().district_dir)
RULES = bulletin_rules(FOLDER)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


def item(number: int, **fields: object) -> Candidate:
    values: dict[str, object] = {
        "item_id": f"i{number}",
        "lane": Lane.REPORT,
        "category": Category.WORK_NEWS,
        "title": f"标题{number}",
        "text": f"第{number}条内容。",
        "source_name": "区水利局",
        "received_at": NOON + timedelta(minutes=number),
    }
    return Candidate(**(values | fields))  # type: ignore[arg-type]


def made(name: str, *items: Candidate, day: str = "2026-11-20") -> Bulletin:
    rule = RULES[BulletinName(name)]
    return draft(rule, date.fromisoformat(day), items, district="zhanggong", head=bulletin_head(FOLDER), made_at=NOON)


def titles(bulletin: Bulletin, section: str) -> list[str]:
    return [entry.title for part in bulletin.sections if part.name == section for entry in part.entries]


def test_the_daily_bulletin_has_its_sections_in_order() -> None:
    names = [section.name for section in made("huiyao").sections]
    assert names == ["班子成员活动", "领导批示", "区内动态", "紧急突发"]


def test_items_go_where_they_belong() -> None:
    bulletin = made(
        "huiyao",
        item(1, category=Category.URGENT, is_emergency=True, in_district=True, level="IV"),
        item(2, text="区委书记赴沙石镇调研乡村振兴工作。"),
        item(3, text="市长在《关于内涝的报告》上作出批示，要求尽快整改。"),
        item(4),
        item(5, kind="zero", category=Category.OTHER),
    )
    assert titles(bulletin, "紧急突发") == ["标题1"]
    assert titles(bulletin, "班子成员活动") == ["标题2"]
    assert titles(bulletin, "领导批示") == ["标题3"]
    assert titles(bulletin, "区内动态") == ["标题4"]


def test_one_entry_for_a_story_led_by_the_department() -> None:
    bulletin = made(
        "huiyao",
        item(1, lane=Lane.MEDIA, source_name="虔城晚报", story="s", category=Category.URGENT, is_emergency=True),
        item(2, story="s", category=Category.URGENT, is_emergency=True, doubts=("4与3不符",)),
        item(3, lane=Lane.MEDIA, source_name="赣江网", story="s", category=Category.URGENT, is_emergency=True),
    )
    [entry] = next(section for section in bulletin.sections if section.name == "紧急突发").entries
    assert entry.title == "标题2"
    assert entry.item_ids == ("i1", "i2", "i3")
    assert entry.contributors == ("虔城晚报", "区水利局", "赣江网")
    assert entry.notes == ("4与3不符",)
    assert "共3条" in entry.why


def test_graver_events_come_first() -> None:
    urgent = {"category": Category.URGENT, "is_emergency": True}
    bulletin = made("huiyao", item(1, **urgent), item(2, level="II", **urgent), item(3, level="IV", **urgent))
    assert titles(bulletin, "紧急突发") == ["标题2", "标题3", "标题1"]


def test_opinion_digest_tells_here_from_elsewhere() -> None:
    post = {"lane": Lane.OPINION, "source_name": "虔城论坛"}
    bulletin = made(
        "yuqing",
        item(1, category=Category.PROBLEM, sensitivity=1, **post),
        item(2, category=Category.PROBLEM, sensitivity=3, **post),
        item(3, category=Category.URGENT, is_emergency=True, in_district=False, lane=Lane.MEDIA),
        item(4, category=Category.OTHER, **post),
    )
    assert titles(bulletin, "涉区舆情") == ["标题2", "标题1"]
    assert titles(bulletin, "各地重大事件") == ["标题3"]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-11-10", "2026-11-01", "2026-11-16"),
        ("2026-11-15", "2026-11-01", "2026-11-16"),
        ("2026-11-16", "2026-11-16", "2026-12-01"),
        ("2026-02-28", "2026-02-16", "2026-03-01"),
        ("2026-12-31", "2026-12-16", "2027-01-01"),
    ],
)
def test_the_half_monthly_bulletin_covers_half_a_month(day: str, first: str, last: str) -> None:
    bulletin = made("xinxi", day=day)
    assert (bulletin.covers_from.date().isoformat(), bulletin.covers_to.date().isoformat()) == (first, last)


def test_items_of_another_day_stay_out() -> None:
    bulletin = made("huiyao", item(1, received_at=NOON - timedelta(days=1)), item(2))
    assert titles(bulletin, "区内动态") == ["标题2"]


def test_texts_are_cut_at_sentences() -> None:
    assert shorten("一句话。两句话。三句话。", 9) == "一句话。两句话。"
    assert shorten("没有句号的长句子", 5) == "没有句号…"
    assert shorten("短", 5) == "短"


def test_carried_entries_say_so_and_limits_can_be_lifted() -> None:
    rule = RULES[BulletinName.HUIYAO]
    yesterday = item(1).received_at - timedelta(hours=17)
    carried = [item(0, received_at=yesterday)]
    own = [item(number) for number in range(1, 25)]
    day, head = date(2026, 11, 20), bulletin_head(FOLDER)

    def drafted(limited: bool) -> list[BulletinEntry]:
        bulletin = draft(
            rule, day, own, district="zhanggong", head=head, made_at=NOON, carried=carried, limited=limited
        )
        return [entry for section in bulletin.sections for entry in section.entries]

    assert (len(drafted(True)), len(drafted(False))) == (20, 25)
    why = {entry.item_ids[0]: entry.why for entry in drafted(False)}
    assert why["i0"].endswith("上期截稿后收到")
    assert "上期" not in why["i1"]
    assert not any("i0" in entry.item_ids for entry in drafted_without_carried(rule, day, own))


def drafted_without_carried(rule: BulletinRule, day: date, own: list[Candidate]) -> list[BulletinEntry]:
    early = [*own, item(0, received_at=NOON - timedelta(hours=17))]
    bulletin = draft(rule, day, early, district="zhanggong", head=bulletin_head(FOLDER), made_at=NOON)
    return [entry for section in bulletin.sections for entry in section.entries]


def test_when_an_issue_closes_and_what_was_before_it() -> None:
    daily, half = RULES[BulletinName.HUIYAO], RULES[BulletinName.XINXI]
    assert str(daily.closes(date(2026, 11, 20))) == "2026-11-20 17:30:00+08:00"
    assert str(half.closes(date(2026, 11, 3))) == "2026-11-15 17:30:00+08:00"
    assert replace(daily, cutoff=None).closes(date(2026, 11, 20)) is None
    assert half.before(date(2026, 12, 9)) == date(2026, 11, 30)


def test_head_numbers_and_signers_are_data() -> None:
    section = {"name": "甲", "show_order": 1, "lanes": ["report"], "emergency": "any", "scope": "any"}
    raw = {
        "title": "内参",
        "period": "daily",
        "sections": [section | {"limit": 1, "text_limit": 9}],
        "recipients": ["区长"],
        "mark": "秘书处",
        "cutoff": "08:00",
        "signers": ["editor"],
        "numbering": {"year": 2026, "issues": 7, "total": 70},
    }
    rule = load_rules({"huiyao": raw})[BulletinName.HUIYAO]
    head = rule.head(bulletin_head(FOLDER))
    assert (head.recipients, head.mark) == (("区长",), "秘书处")
    assert head.office == bulletin_head(FOLDER).office
    assert (rule.signers, rule.numbering.total) == (frozenset({"editor"}), 70)
    for fault in ({"cutoff": "25:00"}, {"numbering": {"years": 1}}):
        with pytest.raises(DistrictError, match=r"\[huiyao\]"):
            load_rules({"huiyao": raw | fault})
