"""CAP 1.2 documents hold to the schema's rules whatever an alert says; the Atom feed holds to RFC 4287."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publishers import cap
from schemas.alert import Alert, AlertReason
from schemas.vocab import EventClass, Level, Stage
from tests.items import at
from tests.unit.processors.alert_town import alert

SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).parent / "cap-1.2.xsd")))
NS = {"c": cap.CAP, "a": cap.ATOM}
TEXT = st.text(max_size=30)


def said(document: bytes, path: str) -> list[str]:
    return [one.text or "" for one in etree.fromstring(document).findall(path, NS)]


def made(*before: Alert, **changes: Any) -> bytes:
    return cap.document(alert(**changes), before, sender_name="区委办")


@given(
    st.builds(
        alert,
        level=st.sampled_from([*Level, None]), stage=st.sampled_from(Stage), reason=st.sampled_from(AlertReason),
        title=TEXT, text=TEXT, doubts=st.lists(TEXT, max_size=2), places=st.lists(TEXT, max_size=2),
        event_type=st.none() | TEXT, event_class=st.sampled_from([*EventClass, None]), signed=st.booleans(),
        raised_at=st.floats(-1e7, 1e7).map(at),
        district=st.text(max_size=5),
    ),
    st.booleans(),
)  # fmt: skip
def test_every_alert_is_a_valid_document(one: Alert, follows: bool) -> None:
    before = [one.model_copy(update={"alert_version": 0, "alert_id": "earlier"})] if follows else []
    SCHEMA.assertValid(etree.fromstring(cap.document(one, before, sender_name="区委办\x00")))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (b"<status>Actual</status>", b""),
        (b"<severity>Moderate</severity>", b"<severity>Bad</severity>"),
        (b"+08:00</sent>", b"Z</sent>"),
        (b"<urgency>Immediate</urgency><severity>Moderate</severity>",
         b"<severity>Moderate</severity><urgency>Immediate</urgency>"),
        (b"<sender>huiyao.d<", b"<sender>huiyao d<"),
    ],
)  # fmt: skip
def test_the_rules_refuse_what_is_wrong(wrong: bytes, right: bytes) -> None:
    document = made()
    assert wrong in document
    assert not SCHEMA.validate(etree.fromstring(document.replace(wrong, right)))


def test_what_a_document_says() -> None:
    document = made(level="II", raised_at=at(0) + timedelta(microseconds=5))
    assert said(document, "c:sent") == ["2026-11-20T08:00:00+08:00"]
    info = {name: said(document, f"c:info/c:{name}") for name in ("severity", "certainty", "category", "headline")}
    assert info == {
        "severity": ["Severe"], "certainty": ["Observed"], "category": ["Geo"], "headline": ["沙石镇一处山体滑坡"],
    }  # fmt: skip
    assert said(document, "c:info/c:area/c:areaDesc") == ["沙石镇"]
    assert said(document, "c:scope") == ["Restricted"]
    assert said(made(signed=False, level=None), "c:info/c:certainty") == ["Possible"]


def test_an_update_refers_to_what_it_follows_and_an_all_clear_is_one() -> None:
    first = alert()
    document = made(first, alert(9, 99), version=2, minute=30, reason="all_clear")
    assert said(document, "c:msgType") == ["Update"]
    assert said(document, "c:references") == [f"huiyao.d,{first.alert_id},2026-11-20T08:00:00+08:00"]
    assert said(document, "c:info/c:responseType") == ["AllClear"]
    assert said(document, "c:info/c:urgency") == ["Past"]


@pytest.mark.parametrize(
    ("type_", "class_", "category"),
    [
        ("火灾", "事故灾难", "Fire"), ("暴雨", "自然灾害", "Met"), ("道路交通事故", "事故灾难", "Transport"),
        ("传染病", "公共卫生", "Health"), ("群体性事件", "社会安全", "Security"), ("溺水", "事故灾难", "Safety"),
    ],
)  # fmt: skip
def test_categories(type_: str, class_: str, category: str) -> None:
    assert cap.category(alert(event_type=type_, event_class=class_)) == category


def test_the_feed() -> None:
    feed = cap.feed([alert(), alert(2, 30)], base="http://d/api/v1", title="章贡区预警", updated=at(99))
    root = etree.fromstring(feed)
    assert root.tag == f"{{{cap.ATOM}}}feed"
    assert [len(root.findall(f"a:{name}", NS)) for name in ("id", "title", "updated", "author", "entry")] == [
        1,
        1,
        1,
        1,
        2,
    ]
    assert said(feed, "a:updated") == ["2026-11-20T08:30:00+08:00"]
    ids = said(feed, "a:entry/a:id")
    assert len(set(ids)) == 2
    links = [one.get("href") for one in root.findall("a:entry/a:link", NS)]
    assert links == [f"http://d/api/v1/cap/{one.alert_id}" for one in (alert(), alert(2, 30))]
    empty = cap.feed([], base="http://d", title="t", updated=at(99))
    assert said(empty, "a:updated") == [cap.moment(at(99))]
