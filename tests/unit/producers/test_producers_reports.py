"""The intake of reports: what is refused, what is sent, what the receipt says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.fakes import FakeSink, FixedClock
from producers.reports import IntakeSettings, NotJson, ReportIntake
from schemas.assessment import Assessment, Finding, Timeliness
from schemas.errors import BrokerUnavailable, ClassifiedItem, FieldError, InvalidItem, ItemTooLarge
from schemas.ids import digest
from schemas.item import TEXT_LIMIT, Item
from schemas.vocab import Category, Check, TimelinessRule, TimelinessVerdict

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REPORT: dict[str, Any] = {
    "id": "2026-117",
    "lane": "report",
    "source": "区应急局",
    "title": "沙石镇山体滑坡",
    "text": "11月20日8时许，沙石镇一处山体滑坡，转移56人，暂无伤亡。",
    "published_at": "2026-11-20T16:30:00+08:00",
    "kind": "first",
}


class Department(NamedTuple):
    id: str


def resolve(source: str) -> Department | None:
    return {"U034": Department("U034"), "区应急局": Department("U034")}.get(source)


def intake(sink: FakeSink, judge: Any = None) -> ReportIntake:
    return ReportIntake(sink, resolve, FixedClock(NOW), IntakeSettings("zhanggong"), judge)


def refusal(payload: Any) -> InvalidItem:
    sink = FakeSink()
    with pytest.raises(InvalidItem) as caught:
        intake(sink).submit(payload)
    assert sink.parcels == []
    return caught.value


def test_an_accepted_report_is_keyed_by_its_department_and_receipted(sink: FakeSink) -> None:
    receipt = intake(sink).submit(REPORT)
    assert receipt.item_id == digest("zhanggong", "report", "U034", "2026-117")
    assert (receipt.id, receipt.received_at) == ("2026-117", sink.received_at)
    [parcel], [value] = sink.parcels, sink.values
    assert parcel.item_id == receipt.item_id
    assert json.loads(value)["text"] == REPORT["text"]


def test_bytes_and_mapping_and_names_of_one_department_are_one_item(sink: FakeSink) -> None:
    first = intake(sink).submit(REPORT)
    assert intake(sink).submit(json.dumps(REPORT).encode()).item_id == first.item_id
    assert intake(sink).submit(REPORT | {"source": "U034"}).item_id == first.item_id


def test_without_an_id_the_receipt_carries_the_item_id(sink: FakeSink) -> None:
    receipt = intake(sink).submit({name: value for name, value in REPORT.items() if name != "id"})
    assert receipt.id == receipt.item_id


def test_a_senders_received_at_is_ignored(sink: FakeSink) -> None:
    receipt = intake(sink).submit(REPORT | {"received_at": "nonsense"})
    assert receipt.received_at == sink.received_at
    assert b"received_at" not in sink.values[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sauce": "x"}, "sauce"),
        ({"source": "区外星局"}, "source"),
        ({"source": ""}, "source"),
        ({"lane": "media"}, "lane"),
        ({"lane": "letter"}, "lane"),
        ({"kind": "urgent"}, "kind"),
        ({"text": 5}, "text"),
        ({"text": " ", "title": ""}, "text"),
        ({"published_at": "昨天"}, "published_at"),
        ({"published_at": "20261120"}, "published_at"),
        ({"published_at": 1795462200}, "published_at"),
        ({"published_at": True}, "published_at"),
        ({"published_at": "2027-11-20T08:00:00+08:00"}, "published_at"),
        ({"published_at": "1970-01-01T08:00:00+08:00"}, "published_at"),
        ({"phoned_at": "2027-01-01T00:00:00+08:00"}, "phoned_at"),
        ({"updated_at": "2026-11-19T08:00:00+08:00"}, "updated_at"),
        ({"text": "a\ud800b"}, "text"),
        ({"id": "x" * 501}, "id"),
    ],
)
def test_each_fault_names_its_field_in_both_languages(change: dict[str, Any], field: str) -> None:
    [error] = refusal(REPORT | change).errors
    assert error.field == field
    assert error.message.isascii() or field == "source"
    assert any("\u4e00" <= character <= "\u9fff" for character in error.message_zh)


def test_every_fault_is_named_at_once() -> None:
    errors = refusal({"lane": "report", "kind": "x", "extra": 1, "published_at": "7"}).errors
    assert {error.field for error in errors} == {"source", "text", "kind", "extra", "published_at"}


def test_a_time_without_zone_is_of_china(sink: FakeSink) -> None:
    intake(sink).submit(REPORT | {"published_at": "2026-11-20T16:30:00"})
    assert sink.parcels[0].item.published_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"5", b"\xff\xfe", b'{"a":1}{"b":2}', b"[" * 100_000])
def test_what_is_not_one_json_object_is_a_fault_of_syntax(data: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        intake(FakeSink()).submit(data)
    assert caught.value.status == 400


def test_too_large_by_text_and_by_bytes() -> None:
    for payload in (REPORT | {"text": "汉" * (TEXT_LIMIT + 1)}, b"x" * (8 * 1024 * 1024 + 1)):
        error = refusal(payload)
        assert isinstance(error, ItemTooLarge)
        assert error.status == 413


def test_the_largest_text_is_taken(sink: FakeSink) -> None:
    intake(sink).submit(REPORT | {"text": "汉" * TEXT_LIMIT})
    assert len(sink.values[0]) > 3 * TEXT_LIMIT


def test_classified_is_refused_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    error = refusal(REPORT | {"text": "机密★1年\n某地某事的详情甲乙丙"})
    assert isinstance(error, ClassifiedItem)
    told = str(error) + repr(error.errors) + capsys.readouterr().out
    assert "甲乙丙" not in told
    assert "机密★" not in told


def test_running_text_about_secrets_is_taken(sink: FakeSink) -> None:
    intake(sink).submit(REPORT | {"text": "开展商业秘密保护和国家秘密宣传活动，120人参加。"})
    assert len(sink.parcels) == 1


def test_a_broker_that_is_away_gives_no_receipt(sink: FakeSink) -> None:
    sink.down = True
    with pytest.raises(BrokerUnavailable):
        intake(sink).submit(REPORT)


def assessment(item: Item) -> Assessment:
    assert item.received_at is not None
    late = item.received_at > item.published_at + timedelta(minutes=30)
    verdict = TimelinessVerdict.LATE if late else TimelinessVerdict.ON_TIME
    return Assessment(
        id="x",
        item_id="x",
        lane=item.lane,
        category=Category.URGENT,
        category_scores={Category.URGENT: 1.0},
        timeliness=Timeliness(verdict=verdict, rule=TimelinessRule.EMERGENCY_NOW),
        findings=(Finding(check=Check.MISSING_PLACE),),
        rules_version="test",
    )


def test_the_receipt_carries_the_verdict_of_the_judge_on_the_brokers_time() -> None:
    published = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    for minutes, verdict in ((30, TimelinessVerdict.ON_TIME), (31, TimelinessVerdict.LATE)):
        sink = FakeSink(published + timedelta(minutes=minutes))
        receipt = intake(sink, assessment).submit(REPORT)
        assert receipt.timeliness is not None
        assert receipt.timeliness.verdict is verdict
        assert [finding.check for finding in receipt.findings] == [Check.MISSING_PLACE]


def test_a_judge_that_fails_does_not_cost_the_receipt(sink: FakeSink) -> None:
    def broken(item: Item) -> Assessment:
        raise RuntimeError(item.lane)

    receipt = intake(sink, broken).submit(REPORT)
    assert receipt.timeliness is None
    assert len(sink.parcels) == 1


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.text(max_size=3))


@given(st.dictionaries(st.sampled_from([*Item.model_fields, "other"]), JSON, max_size=4))
def test_any_payload_is_taken_or_refused_in_words(payload: dict[str, Any]) -> None:
    sink = FakeSink()
    refused: tuple[FieldError, ...] | None = None
    try:
        intake(sink).submit(REPORT | payload)
    except InvalidItem as error:
        refused = error.errors
    assert len(sink.parcels) == (refused is None)
    assert refused is None or (refused and all(found.message and found.message_zh for found in refused))


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    with pytest.raises(InvalidItem):
        intake(FakeSink()).submit(data)
