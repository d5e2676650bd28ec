"""Folding: any order and any repetition of events gives the same document, and it says what happened."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.fold import Document, IncidentLink, Projection, bulletin_id, duty_id, fold, join, links, target
from schemas.alert import Alert, Delivery, Outcome
from schemas.assessment import AssessedItem, Assessment, Facts, Reason, Timeliness
from schemas.base import CHINA
from schemas.bulletin import Bulletin, BulletinHead
from schemas.case import Case
from schemas.decision import Decision
from schemas.incident import Incident, IncidentSource
from schemas.item import Item
from schemas.ledger import LedgerEntry
from schemas.point import PointEntry
from schemas.reminder import Reminder, ReminderAttempt
from schemas.story import StoryAssigned, StorySignature
from schemas.vocab import BulletinName, Category, Lane, Stage, TimelinessRule, TimelinessVerdict
from tests.generated import MOMENTS, models

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)
ITEM = "a" * 32
SMALL = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def assessed(
    version: int = 1, received: datetime = NOON, text: str = "沙石镇发生山体滑坡", **changes: Any
) -> AssessedItem:
    late = TimelinessVerdict.LATE if received > NOON else TimelinessVerdict.ON_TIME
    values: dict[str, Any] = {
        "id": "R-1", "item_id": ITEM, "lane": "report", "category": Category.URGENT,
        "category_scores": {Category.URGENT: 1.0}, "facts": Facts(places=("沙石镇",), injured=version),
        "reasons": (Reason(rule="L01", text="山体滑坡", start=5, end=9),),
        "timeliness": Timeliness(verdict=late, rule=TimelinessRule.EMERGENCY_NOW), "rules_version": "1",
    }  # fmt: skip
    return AssessedItem(
        item_id=ITEM, district="zhanggong", version=version, source="D01", source_name="应急局", received_at=received,
        day=received.astimezone(CHINA).strftime("%Y-%m-%d"),
        input=Item(id="R-1", lane=Lane.REPORT, source="应急局", title="滑坡", text=text, published_at=NOON, url="http://x/1"),
        assessment=Assessment.model_validate(values | changes),
    )  # fmt: skip


def story(name: str | None, hours: float, version: int = 1) -> StoryAssigned:
    signature = StorySignature(lane="report", published_at=NOON)
    return StoryAssigned(
        item_id=ITEM, district="zhanggong", version=version, story=name, relation="same_event",
        assigned_at=after(hours), signature=signature,
    )  # fmt: skip


def decision(number: int, action: str, hours: float, subject: str = ITEM, kind: str = "item", **more: Any) -> Decision:
    return Decision.model_validate(
        {
            "decision_id": f"d{number}", "district": "zhanggong", "subject_type": kind, "subject_id": subject,
            "action": action, "by": "王编辑", "at": after(hours), **more,
        }
    )  # fmt: skip


def folded(*events: Any) -> Document:
    document: Document | None = None
    for event in events:
        document = fold(document, event)
    assert document is not None
    return document


def the_same(one: Document, other: Document) -> None:
    assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def item_events() -> st.SearchStrategy[Any]:
    """Events of one item: what its id is made from is the same in all of them."""
    sent = models(Item, lane=Lane.REPORT, source="D01")
    judged = models(Assessment, item_id=ITEM, lane="report")
    same = {"item_id": ITEM, "district": "zhanggong"}
    few = st.integers(1, 3)
    moments = st.one_of(MOMENTS, st.sampled_from([NOON, after(1)]))
    numbered = st.integers(1, 4).flatmap(
        lambda number: st.sampled_from(["accept", "return", "undo", "categorise", "erase", "edit"]).map(
            lambda action: decision(number * 10 + len(action), action, number, reason="因故", details={"n": number})
        )
    )
    return st.one_of(
        models(AssessedItem, source="D01", version=few, input=sent, assessment=judged, received_at=moments,
               day="d", **same),
        models(StoryAssigned, version=few, **same),
        st.builds(
            IncidentLink, item_id=st.just(ITEM), district=st.just("zhanggong"), incident=st.sampled_from(["i1", "i2"]),
            version=few, at=moments, received_at=moments, linked=st.booleans(),
        ),
        numbered,
    )  # fmt: skip


@SMALL
@given(st.lists(item_events(), min_size=1, max_size=6), st.data())
def test_any_order_and_repetition_of_an_items_events_gives_the_same_document(
    events: list[Any], data: st.DataObject
) -> None:
    others = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    the_same(folded(*events), folded(*others))


@SMALL
@given(st.lists(item_events(), min_size=2, max_size=6), st.integers(1, 5))
def test_two_documents_of_an_item_join_to_what_all_events_give(events: list[Any], cut: int) -> None:
    cut = min(cut, len(events) - 1)
    the_same(join(Projection.ITEMS, folded(*events[:cut]), folded(*events[cut:])), folded(*events))


def other_events() -> st.SearchStrategy[list[Any]]:
    few = st.integers(1, 3)

    def decisions(kind: str, subject: str) -> st.SearchStrategy[Any]:
        return st.integers(1, 5).map(
            lambda number: decision(number, ["acknowledge", "undo", "close"][number % 3], number, subject, kind)
        )

    incidents = models(Incident, incident="i1", district="zhanggong", version=few) | decisions("incident", "i1")
    alerts = (
        models(Alert, alert_id="a1", district="zhanggong")
        | models(Delivery, alert_id="a1", delivery_id=st.sampled_from("xyz"))
        | decisions("alert", "a1")
    )
    entries = models(LedgerEntry, department="D01", day="2026-11-20", district="zhanggong", revision=few) | decisions(
        "department", "D01:2026-11-20"
    )
    issued = models(Bulletin, name=BulletinName.HUIYAO, date="2026-11-20", district="zhanggong") | decisions(
        "bulletin", "huiyao:2026-11-20"
    )
    cases = models(Case, case_id="c1", district="zhanggong", revision=few)
    points = models(PointEntry, entry_id="p1", district="zhanggong", revision=few)
    reminders = models(Reminder, reminder_id="m1", district="zhanggong") | models(
        ReminderAttempt, alert_id="m1", delivery_id=st.sampled_from("xyz")
    )
    lasting = st.integers(1, 5).map(lambda number: decision(number, "set_duty", number, "D01", "department"))
    kinds = (incidents, alerts, entries, issued, cases, points, reminders, lasting)
    return st.one_of(*(st.lists(kind, min_size=1, max_size=5) for kind in kinds))


@SMALL
@given(other_events(), st.data())
def test_any_order_and_repetition_of_other_events_gives_the_same_document(
    events: list[Any], data: st.DataObject
) -> None:
    others = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    the_same(folded(*events), folded(*others))


def test_all_events_of_a_thing_have_the_same_target() -> None:
    where = target(decision(1, "excuse", 0, "D01:2026-11-20", "department"))
    named = target(decision(1, "excuse", 0, "D01", "department", details={"day": "2026-11-20"}))
    assert where is not None
    assert named is not None
    assert where.id == named.id == duty_id("zhanggong", "D01", "2026-11-20")
    issued = target(decision(1, "confirm", 0, "huiyao:2026-11-20", "bulletin"))
    assert issued is not None
    assert issued.id == bulletin_id("zhanggong", BulletinName.HUIYAO, "2026-11-20")
    lasting = target(decision(1, "set_duty", 0, "D01", "department"))
    assert lasting is not None
    assert lasting.id == "zhanggong:D01"
    assert target(decision(1, "confirm", 0, "c1", "case")) is None
    with pytest.raises(ValueError, match="no document"):
        fold(None, decision(1, "confirm", 0, "c1", "case"))


def test_the_document_has_the_contracts_fields() -> None:
    document = folded(assessed())
    expected = {"lane": "report", "source": "D01", "source_name": "应急局", "source_id": "R-1", "category": "急情要事",
                "status": "new", "complete": True, "erased": False, "day": "2026-11-20", "story": None,
                "story_key": ITEM, "title": "滑坡"}  # fmt: skip
    assert expected.items() <= document.items()
    assert document["facts"]["injured"] == 1
    assert document["facts"]["deaths"] is None
    assert document["timeliness"]["verdict"] == "on_time"


def test_a_correction_wins_and_the_first_receipt_keeps_its_timeliness() -> None:
    document = folded(assessed(2, after(20), "更正：伤2人"), assessed(1, NOON))
    assert document["text"] == "更正：伤2人"
    assert document["facts"]["injured"] == 2
    assert document["timeliness"]["verdict"] == "on_time"
    assert (document["received_at"], document["day"]) == ("2026-11-20T12:00:00+08:00", "2026-11-20")


def test_a_story_is_never_relabelled_and_a_named_one_beats_none() -> None:
    assert folded(assessed(), story("s2", 3), story(None, 1), story("s1", 2))["story"] == "s1"
    assert folded(story(None, 1), assessed())["story"] is None


def test_what_overtakes_its_item_is_a_stub_until_the_item_comes() -> None:
    stub = folded(story("s1", 1), decision(1, "accept", 2))
    assert (stub["complete"], stub["story"], stub["status"]) == (False, "s1", "accepted")
    whole = fold(stub, assessed())
    assert (whole["complete"], whole["story"], whole["status"], whole["lane"]) == (True, "s1", "accepted", "report")


@pytest.mark.parametrize(
    ("decisions", "status"),
    [
        ([(1, "accept", 1, {})], "accepted"),
        ([(2, "return", 2, {}), (1, "accept", 1, {})], "returned"),
        ([(1, "accept", 1, {}), (2, "undo", 2, {})], "new"),
        ([(1, "accept", 1, {}), (2, "return", 2, {}), (3, "undo", 3, {"decision_id": "d1"})], "returned"),
        ([(1, "accept", 1, {}), (2, "undo", 2, {}), (3, "undo", 3, {"decision_id": "d2"})], "accepted"),
        ([(1, "accept", 1, {}), (2, "return", 2, {}), (3, "undo", 3, {}), (4, "undo", 4, {})], "new"),
    ],
)  # fmt: skip
def test_the_status_is_what_the_last_decision_that_holds_says(decisions: list[Any], status: str) -> None:
    events = [decision(number, action, hours, details=details) for number, action, hours, details in decisions]
    assert folded(assessed(), *events)["status"] == status


def test_a_correction_after_a_decision_is_marked() -> None:
    accepted = decision(1, "accept", 1, on_version=1)
    assert folded(assessed(1), accepted)["changed_since_decision"] is False
    assert folded(assessed(1), accepted, assessed(2))["changed_since_decision"] is True


def test_a_person_may_choose_another_category() -> None:
    chosen = decision(1, "categorise", 1, details={"category": "工作动态"})
    wrong = decision(2, "categorise", 2, details={"category": "没有这一类"})
    odd = decision(3, "categorise", 3, details={"category": ["工作动态"]})
    document = folded(assessed(), chosen, wrong, odd)
    assert (document["category"], document["category_decided"]) == ("急情要事", "工作动态")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_an_erased_item_leaves_a_tombstone_that_nothing_fills_again(order: tuple[int, ...]) -> None:
    text = "张三电话中说沙石镇"
    events = [assessed(1, text=text), decision(1, "erase", 1, reason="本人要求"), assessed(2, text=text)]
    document = folded(
        *(events[number] for number in order), decision(2, "edit", 2, reason="张三", details={"t": "张三"})
    )
    assert document["erased"] is True
    assert document["status"] == "erased"
    assert (document["lane"], document["source"], document["day"]) == ("report", "D01", "2026-11-20")
    left = json.dumps(document, ensure_ascii=False)
    assert not [word for word in ("张三", "沙石", "滑坡", "http", "R-1", "应急局", "急情要事") if word in left]
    assert "本人要求" in left
    undone = fold(document, decision(3, "undo", 3, details={"decision_id": "d1"}))
    assert undone["erased"] is True


def incident(version: int, *items: str) -> Incident:
    sources = tuple(
        IncidentSource(item_id=item, version=1, lane=Lane.REPORT, source="D01", received_at=NOON) for item in items
    )
    return Incident(
        incident="i1", district="zhanggong", version=version, alert_version=1, stage=Stage.FIRST, title="山体滑坡",
        sources=sources, opened_at=NOON, changed_at=after(version),
    )  # fmt: skip


def test_an_incident_links_the_sources_that_came_and_unlinks_those_that_went() -> None:
    first, second = incident(1, "x", "y"), incident(2, "y", "z")
    assert [(one.item_id, one.linked) for one in links(None, first)] == [("x", True), ("y", True)]
    document = fold(None, first)
    assert [(one.item_id, one.linked) for one in links(document, second)] == [("z", True), ("x", False)]
    assert links(fold(document, second), first) == []
    assert links(fold(document, second), second) == []


def test_an_item_belongs_to_the_incident_that_took_it_last() -> None:
    def link(name: str, version: int, hours: float, linked: bool = True) -> IncidentLink:
        return IncidentLink(ITEM, "zhanggong", name, version, after(hours), NOON, linked)

    moved = folded(assessed(), link("i1", 1, 1), link("i2", 1, 2), link("i1", 2, 2, linked=False))
    assert moved["incident"] == "i2"
    assert folded(assessed(), link("i1", 1, 1), link("i1", 2, 2, linked=False))["incident"] is None
    assert folded(assessed(incident="stated"))["incident"] == "stated"


def test_an_alert_tells_what_became_of_it() -> None:
    raised = Alert(
        alert_id="a1", incident="i1", alert_version=1, district="zhanggong", level=None, stage=Stage.FIRST,
        reason="new", title="t", text="t", raised_at=NOON,
    )  # fmt: skip

    def attempt(number: int, outcome: Outcome) -> Delivery:
        return Delivery(
            delivery_id=f"x{number}", alert_id="a1", incident="i1", channel="sms", outcome=outcome, tries=number,
            at=after(number),
        )  # fmt: skip

    assert folded(raised)["delivery_state"] == "pending"
    failed = folded(attempt(1, Outcome.FAILED), raised)
    assert (failed["delivery_state"], failed["complete"]) == ("failed", True)
    document = folded(
        attempt(2, Outcome.DELIVERED), decision(1, "acknowledge", 3, "a1", "alert"), attempt(1, Outcome.FAILED)
    )
    assert (document["complete"], document["delivery_state"], document["acknowledged_by"]) == (
        False,
        "delivered",
        "王编辑",
    )
    assert [one["tries"] for one in document["deliveries"]] == [1, 2]
    assert document["delivered_at"] == "2026-11-20T14:00:00+08:00"


def test_a_bulletin_that_was_issued_stands_above_any_draft() -> None:
    def made(hours: float, draft: bool) -> Bulletin:
        return Bulletin(
            name=BulletinName.HUIYAO, title=str(hours), date="2026-11-20", district="zhanggong", sections=(),
            head=BulletinHead(office="办"), covers_from=NOON, covers_to=NOON, made_at=after(hours), draft=draft,
        )  # fmt: skip

    assert folded(made(3, draft=True), made(1, draft=False), made(2, draft=True))["title"] == "1"
    assert folded(made(1, draft=False), made(2, draft=False))["title"] == "2"


def test_of_the_same_version_the_earlier_receipt_counts() -> None:
    for number in range(8):  # whatever the digests are
        late, early = assessed(1, after(5), f"后到{number}"), assessed(1, NOON, f"先到{number}")
        assert folded(late, early)["text"] == folded(early, late)["text"] == f"先到{number}"
