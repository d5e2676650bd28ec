"""Emergencies that public posts alone tell of: leads to verify, and no events."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huiyao.districts import load_district
from huiyao.rules import bulletin_head, bulletin_rules
from huiyao.settings import load_settings
from processors.bulletin_candidate import Candidate
from processors.bulletin_rules import BulletinRule, load_rules
from processors.bulletins import draft, leads
from processors.unconfirmed import NOTE, Treatment, reason, unconfirmed
from schemas.bulletin import Bulletin, BulletinEntry
from schemas.errors import DistrictError
from schemas.vocab import BulletinName, Category, Lane, Level

FOLDER = load_district(load_settings().district_dir)
RULES = bulletin_rules(FOLDER)
DAY = date(2026, 11, 20)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
DAILY, DIGEST = RULES[BulletinName.HUIYAO], RULES[BulletinName.YUQING]


def post(number: int, **fields: object) -> Candidate:
    """A post of the district that is held for an emergency."""
    made = Candidate(
        item_id=f"i{number}",
        lane=Lane.OPINION,
        category=Category.URGENT,
        title=f"河边好像有人落水{number}",
        text=f"刚才河边围了很多人，第{number}次看到。",
        source_name="虔城论坛",
        received_at=NOON + timedelta(minutes=number),
        is_emergency=True,
        level=Level.III,
        in_district=True,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def other(number: int, lane: Lane, **fields: object) -> Candidate:
    """What a department or a paper says of it."""
    return post(number, lane=lane, title=f"群众落水获救{number}", source_name="区应急管理局", **fields)


def made(rule: BulletinRule, *items: Candidate, limited: bool = True) -> Bulletin:
    head = bulletin_head(FOLDER)
    return draft(rule, DAY, items, district="zhanggong", head=head, made_at=NOON, limited=limited)


def entries(bulletin: Bulletin, section: str) -> tuple[BulletinEntry, ...]:
    return next(one.entries for one in bulletin.sections if one.name == section)


def titles(bulletin: Bulletin, section: str) -> list[str]:
    return [entry.title for entry in entries(bulletin, section)]


@pytest.mark.parametrize("limited", [True, False])
def test_no_rule_prints_it_among_the_urgent(limited: bool) -> None:
    bulletin = made(DAILY, post(1), post(2, doubtful=True), other(3, Lane.REPORT), limited=limited)
    assert titles(bulletin, "紧急突发") == ["群众落水获救3"]
    assert [entry for one in bulletin.sections for entry in one.entries] == list(entries(bulletin, "紧急突发"))


def test_it_is_offered_with_the_mark_and_the_reason() -> None:
    [(section, entry)] = leads(DAILY, DAY, [post(1, doubtful=True), other(2, Lane.REPORT)])
    assert section == "紧急突发"
    assert entry.title == "【待核实】河边好像有人落水1"
    assert entry.level is None
    assert entry.notes == (NOTE,)
    said = "待核实：只有网络帖文1条，是否突发判读存疑，没有部门报告和媒体报道，事件未经核实"
    assert entry.why.endswith(said)


def test_many_posts_are_no_confirmation() -> None:
    [(_, entry)] = leads(DAILY, DAY, [post(number, story="s") for number in range(5)])
    assert "只有网络帖文5条，没有部门报告" in entry.why
    assert len(entry.item_ids) == 5


@pytest.mark.parametrize("lane", [Lane.REPORT, Lane.MEDIA])
@pytest.mark.parametrize("flagged", [True, False])
def test_a_report_or_a_media_item_of_the_story_lifts_it(lane: Lane, flagged: bool) -> None:
    items = [post(1, story="s", doubtful=True), other(2, lane, story="s", is_emergency=flagged)]
    [entry] = entries(made(DAILY, *items), "紧急突发")
    assert "待核实" not in entry.title + entry.why
    assert entry.level is Level.III
    assert NOTE not in entry.notes
    assert leads(DAILY, DAY, items) == []


def test_one_merged_with_a_report_is_confirmed() -> None:
    items = [post(1), other(2, Lane.REPORT, merged_into="i1")]
    assert titles(made(DAILY, *items), "紧急突发") == ["河边好像有人落水1"]


def test_what_stands_beyond_the_day_lifts_it_too() -> None:
    items = [post(1, incident="n", doubtful=True), post(2, incident="n", vouched=True)]
    assert titles(made(DAILY, *items), "紧急突发") == ["河边好像有人落水2"]
    assert leads(DAILY, DAY, items) == []


def test_a_report_of_another_story_and_a_zero_report_do_not() -> None:
    items = [post(1, story="s"), other(2, Lane.REPORT, story="t"), other(3, Lane.REPORT, story="s", kind="zero")]
    assert titles(made(DAILY, *items), "紧急突发") == ["群众落水获救2"]
    assert [entry.item_ids for _, entry in leads(DAILY, DAY, items)] == [("i1",)]


def test_what_a_person_found_to_be_nothing_says_so() -> None:
    assert reason([post(1, refuted=True)]).endswith("值班员认定并无此事")


def test_a_quiet_post_is_no_lead() -> None:
    assert not unconfirmed([post(1, is_emergency=False, doubtful=True)])
    assert not unconfirmed([])


def test_the_digest_shows_it_as_what_people_say() -> None:
    complaint = post(9, is_emergency=False, level=None, category=Category.PROBLEM, title="电梯停了三天")
    bulletin = made(DIGEST, post(1), complaint)
    [lead, quiet] = entries(bulletin, "涉区舆情")
    assert (lead.title, lead.level) == ("【待核实】河边好像有人落水1", None)
    assert "待核实：只有网络帖文1条" in lead.why
    assert quiet.title == "电梯停了三天"
    assert leads(DIGEST, DAY, [post(1), complaint]) == []


def test_a_rumour_does_not_stand_before_what_is_known() -> None:
    known = other(2, Lane.MEDIA, level=Level.IV)
    bulletin = made(DIGEST, post(1, level=Level.I, sensitivity=3), known)
    assert titles(bulletin, "涉区舆情") == ["群众落水获救2", "【待核实】河边好像有人落水1"]


def test_elsewhere_it_is_no_great_event_but_offered() -> None:
    far = post(1, in_district=False)
    bulletin = made(DIGEST, far, other(2, Lane.MEDIA, in_district=False))
    assert titles(bulletin, "各地重大事件") == ["群众落水获救2"]
    assert titles(bulletin, "涉区舆情") == []
    assert [(section, entry.item_ids) for section, entry in leads(DIGEST, DAY, [far])] == [("各地重大事件", ("i1",))]


def test_leads_are_of_the_time_covered_or_carried_over() -> None:
    early = post(1, received_at=NOON - timedelta(days=1))
    assert leads(DAILY, DAY, [early]) == []
    [(_, entry)] = leads(DAILY, DAY, [], carried=[early])
    assert "上期截稿后收到，待核实" in entry.why


def test_the_gravest_lead_is_offered_first() -> None:
    found = leads(DAILY, DAY, [post(1, level=None), post(2, level=Level.IV), post(3, level=Level.I)])
    assert [entry.item_ids[0] for _, entry in found] == ["i3", "i2", "i1"]


def test_nothing_is_both_printed_and_offered_and_nothing_is_lost() -> None:
    draw = random.Random(7)
    for _ in range(50):
        items = [
            post(
                number,
                lane=draw.choice([Lane.OPINION, Lane.OPINION, Lane.MEDIA]),
                story=draw.choice([None, "s", "t", "u"]),
                in_district=draw.choice([True, False]),
                vouched=draw.random() < 0.1,
            )
            for number in range(8)
        ]
        bulletin = made(DIGEST, *items, limited=False)
        printed = [item for one in bulletin.sections for entry in one.entries for item in entry.item_ids]
        offered = [item for _, entry in leads(DIGEST, DAY, items, without=set(printed)) for item in entry.item_ids]
        assert sorted([*printed, *offered]) == sorted(item.item_id for item in items)


def raw(**section: object) -> dict[str, object]:
    values: dict[str, object] = {
        "name": "急", "show_order": 1, "lanes": ["opinion"], "emergency": "true", "scope": "any", "limit": 5,
        "text_limit": 99,
    }  # fmt: skip
    return {"title": "内参", "period": "daily", "sections": [values | section]}


@pytest.mark.parametrize(
    ("treatment", "printed", "offered"), [("print", "河边", 0), ("mark", "【待查】", 0), ("offer", "", 1)]
)
def test_treatment_and_mark_are_data(treatment: str, printed: str, offered: int) -> None:
    given = raw(unconfirmed=treatment) | {"unconfirmed_mark": "待查"}
    rule = load_rules({"huiyao": given})[BulletinName.HUIYAO]
    shown = titles(made(rule, post(1)), "急")
    assert [one[: len(printed)] for one in shown] == ([printed] if printed else [])
    assert len(leads(rule, DAY, [post(1)])) == offered


def test_without_a_word_it_is_marked_and_a_bad_one_is_told() -> None:
    [section] = load_rules({"huiyao": raw()})[BulletinName.HUIYAO].sections
    assert (section.unconfirmed, section.mark) == (Treatment.MARK, "待核实")
    for fault in (raw(unconfirmed="drop"), raw() | {"unconfirmed_mark": ""}):
        with pytest.raises(DistrictError, match=r"\[huiyao\]"):
            load_rules({"huiyao": fault})
