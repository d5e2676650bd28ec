"""The writer on a real Elasticsearch: documents are what folding says, whatever happens on the way."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.testing import Running
from processors.fold import Document, Projection, fold
from schemas import topics
from schemas.assessment import AssessedItem
from schemas.base import CHINA, Event
from schemas.connections import ElasticsearchConnection
from schemas.errors import IndexUnavailable
from schemas.incident import Incident
from schemas.vocab import Category
from streams.ports import IndexRecord
from tests.elastic_index import Index, fresh
from tests.generated import ANY_MOMENT, MOMENTS, models
from tests.index_events import DISTRICT, NOON, assessed, decision, incident, item_id, records, story

pytestmark = pytest.mark.integration


def folded(*events: Any) -> Document:
    document: Document | None = None
    for event in events:
        document = fold(document, event)
    assert document is not None
    return document


@pytest.fixture
async def index(engines: Running) -> AsyncIterator[Index]:
    async with fresh(engines.elasticsearch) as made:
        yield made


async def test_every_kind_of_event_becomes_the_document_that_folding_says(index: Index) -> None:
    one, two = assessed(1), assessed(2, received=NOON + timedelta(days=20))
    events = [one, two, story(1, "s1"), incident(1, 1, 2), decision(1, "accept", 1, item_id(1), on_version=1),
              decision(2, "acknowledge", 2, "i1", "incident")]  # fmt: skip
    assert await index.writer().apply(records(events)) == []
    items = await index.all()
    assert set(items) == {("items-zhanggong-2026.11", item_id(1)), ("items-zhanggong-2026.12", item_id(2))}
    document = await index.one(1)
    assert (document["incident"], document["story"], document["status"]) == ("i1", "s1", "accepted")
    assert await index.all(Projection.INCIDENTS) == {("incidents-000001", "i1"): folded(events[3], events[5])}


async def test_replays_duplicates_and_overtaken_versions_write_nothing(index: Index) -> None:
    events = [assessed(1, 2), assessed(2), story(1, "s1"), incident(1, 1, 2), incident(2, 1)]
    writer = index.writer(refresh=True)
    await writer.apply(records(events))
    before = await seq_numbers(index)
    await writer.apply(records([*events, assessed(1, 2), assessed(1, 1, NOON + timedelta(hours=1))], start=5))
    await index.writer().apply(records([*reversed(events), *events]))
    assert await seq_numbers(index) == before


async def seq_numbers(index: Index) -> dict[str, int]:
    found = await index.client.search(index=f"{index.connection.prefix}*", seq_no_primary_term=True, size=100)
    return {hit["_id"]: hit["_seq_no"] for hit in found["hits"]["hits"]}


async def test_a_correction_next_month_stays_in_the_month_of_first_receipt(index: Index) -> None:
    await index.writer().apply(records([assessed(1)]))
    december = datetime(2026, 12, 3, 9, 0, tzinfo=CHINA)
    # A writer of its own, as after a restart, and nothing was refreshed in between.
    await index.writer().apply(records([assessed(1, 2, december, "更正")], start=7))
    (place,) = await index.all()
    assert place == ("items-zhanggong-2026.11", item_id(1))
    document = await index.one(1)
    assert (document["text"], document["day"], document["timeliness"]["verdict"]) == ("更正", "2026-11-20", "on_time")


async def test_the_same_writer_finds_what_is_not_refreshed_yet_in_another_month(index: Index) -> None:
    writer = index.writer()
    december = datetime(2026, 12, 3, 9, 0, tzinfo=CHINA)
    await writer.apply(records([assessed(1), assessed(2)]))
    await writer.apply(records([assessed(1, 2, december)], start=2))
    await writer.apply(records([story(2, "s1", 24 * 14)]))
    assert {name for name, _ in await index.all()} == {"items-zhanggong-2026.11"}


async def test_events_that_overtake_their_item_wait_in_a_stub(index: Index) -> None:
    writer = index.writer()
    await writer.apply(records([story(1, "s1"), decision(1, "accept", 1, item_id(1)), incident(1, 1)]))
    assert (await index.one(1))["complete"] is False
    await writer.apply(records([assessed(1)]))
    document = await index.one(1)
    assert (document["complete"], document["story"], document["incident"], document["status"]) == (
        True,
        "s1",
        "i1",
        "accepted",
    )


async def test_two_workers_around_midnight_of_the_first_make_one_document(index: Index) -> None:
    midnight = datetime(2026, 12, 1, 0, 0, tzinfo=CHINA)
    first, second = index.writer(), index.writer()
    await second.apply(records([story(9, None)]))  # so that it has refreshed already
    await first.apply(records([assessed(1, received=midnight - timedelta(milliseconds=5))]))
    hours = (midnight - NOON) / timedelta(hours=1) + 0.001
    await second.apply(records([story(9, None), story(1, "s1", hours)])[1:])
    assert (await index.one(1))["story"] == "s1"


async def test_a_document_that_exists_twice_is_joined_and_one_is_left(index: Index) -> None:
    writer = index.writer()
    await writer.prepare(DISTRICT, NOON)
    await writer.prepare(DISTRICT, NOON + timedelta(days=15))
    for name, event in (("11", assessed(1)), ("12", story(1, "s1"))):
        target = f"{index.connection.prefix}items-zhanggong-2026.{name}"
        await index.client.index(index=target, id=item_id(1), document=fold(None, event), refresh=True)
    await writer.apply(records([decision(1, "accept", 1, item_id(1))]))
    assert set(await index.all()) == {("items-zhanggong-2026.11", item_id(1))}
    assert (await index.one(1)) == folded(assessed(1), story(1, "s1"), decision(1, "accept", 1, item_id(1)))


async def test_what_is_refused_is_told_and_the_rest_goes_on(index: Index) -> None:
    writer = index.writer()
    await writer.prepare(DISTRICT, NOON)
    long_id = assessed(3).model_copy(update={"item_id": "x" * 513})
    unreadable = IndexRecord(topics.ASSESSED.name, b"{}", 0, 7)
    strange = IndexRecord("no.such", b"{}", 0, 7)
    made = [*records([assessed(1), long_id]), unreadable, strange, *records([assessed(2)], start=9)]
    failures = await writer.apply(made)
    assert {failure.record for failure in failures} == {made[1], unreadable, strange}
    assert all(failure.reason for failure in failures)
    assert {name for _, name in await index.all()} == {item_id(1), item_id(2)}


async def test_of_several_events_of_a_document_only_the_refused_one_fails(index: Index) -> None:
    writer = index.writer()
    deep: Any = []
    for _ in range(1_100):  # deeper than the JSON reader of Elasticsearch goes
        deep = [deep]
    poison = decision(2, "edit", 2, item_id(1))
    value = poison.model_dump_json().replace('"details":{}', '"details":{"deep":' + "[" * 1100 + "]" * 1100 + "}")
    good = records([assessed(1), story(1, "s1"), decision(1, "accept", 1, item_id(1))])
    bad = IndexRecord(topics.DECISIONS.name, value.encode(), 0, 1)
    failures = await writer.apply([*good, bad])
    assert [failure.record for failure in failures] == [bad]
    assert await index.one(1) == folded(assessed(1), story(1, "s1"), decision(1, "accept", 1, item_id(1)))


async def test_an_erased_item_keeps_no_word_of_its_text(index: Index) -> None:
    writer = index.writer()
    await writer.apply(
        records([assessed(1, text="张三的电话"), decision(1, "erase", 1, item_id(1)), assessed(1, 2, text="张三")])
    )
    left = json.dumps(list((await index.all()).values()), ensure_ascii=False)
    assert "张三" not in left
    assert "滑坡" not in left
    assert (await index.one(1))["erased"] is True


async def test_an_item_left_by_an_incident_is_no_longer_linked(index: Index) -> None:
    writer = index.writer()
    await writer.apply(records([assessed(1), assessed(2), incident(1, 1, 2)]))
    await writer.apply(records([incident(2, 1)], start=1))
    assert [(await index.one(number))["incident"] for number in (1, 2)] == ["i1", None]


async def test_while_a_rebuild_closes_the_index_nothing_is_lost(index: Index) -> None:
    writer = index.writer()
    await writer.apply(records([assessed(1)]))
    await index.client.indices.put_settings(
        index=index.connection.alias("items"), settings={"index.blocks.write": True}
    )
    with pytest.raises(IndexUnavailable, match="rebuild"):
        await writer.apply(records([assessed(2)], start=1))
    with pytest.raises(IndexUnavailable, match="rebuild"):  # a new month beside the closed ones
        await writer.apply(records([assessed(3, received=NOON + timedelta(days=30))], start=2))
    await index.client.indices.put_settings(
        index=index.connection.alias("items"), settings={"index.blocks.write": None}
    )
    await writer.apply(records([assessed(2), assessed(3, received=NOON + timedelta(days=30))], start=1))
    assert {name for _, name in await index.all()} == {item_id(1), item_id(2), item_id(3)}


async def test_a_time_out_is_told_and_the_same_records_again_do_no_harm(engines: Running, index: Index) -> None:
    impatient = index.connection.model_copy(update={"timeout_s": 0.5})
    patient = index.writer()
    await patient.apply(records([assessed(1)]))
    writer = index.writer(connection=impatient)
    await writer.prepare()
    engines.elasticsearch_engine.pause()
    try:
        with pytest.raises(IndexUnavailable):
            await writer.apply(records([assessed(2), story(1, "s1")], start=1))
    finally:
        engines.elasticsearch_engine.resume()
    await patient.apply(
        records([assessed(2), story(1, "s1")], start=1)
    )  # what was on its way may arrive before or after
    assert {name for _, name in await index.all()} == {item_id(1), item_id(2)}
    assert (await index.one(1)) == folded(assessed(1), story(1, "s1"))


async def test_an_index_that_is_away_is_told(index: Index) -> None:
    nobody = ElasticsearchConnection(url="http://127.0.0.1:9", prefix=index.connection.prefix)
    with pytest.raises(IndexUnavailable, match="Elasticsearch"):
        await index.writer(connection=nobody).apply(records([assessed(1)]))
    await index.writer().prepare()


async def test_chinese_is_found_by_pairs_and_single_characters(index: Index) -> None:
    await index.writer(refresh=True).apply(records([assessed(1), assessed(2, text="坡上种茶，滑雪场开业")]))

    async def hits(words: str) -> list[str]:
        query = {"match": {"text": {"query": words, "operator": "and"}}}
        answer = await index.client.search(
            index=index.connection.alias("items"), query=query, highlight={"fields": {"text": {}}}
        )
        return [hit["highlight"]["text"][0] for hit in answer["hits"]["hits"]]

    (found,) = await hits("滑坡")
    assert "<em>滑坡</em>" in found
    assert len(await hits("坡")) == 2
    assert len(await hits("发生滑坡")) == 1
    assert await hits("滑雪坡") == []


def anything(spec: topics.TopicSpec) -> st.SearchStrategy[Event]:
    """Events of a topic with every field at random; ids short, and months few, since each is an index."""
    fixed: dict[str, Any] = {}
    if spec.model is AssessedItem:
        fixed = {"received_at": MOMENTS, "district": DISTRICT}
    elif "district" in spec.model.model_fields:
        fixed = {"district": DISTRICT}
    if spec is topics.STORIES:
        fixed["assigned_at"] = MOMENTS
    if spec is topics.DECISIONS:
        fixed |= {"at": MOMENTS, "subject_id": "x"}
    if spec.model is Incident:
        fixed["sources"] = ()
    ids = {name for name in ("item_id", "incident", "alert_id", "department") if name in spec.model.model_fields}
    return models(spec.model, moments=ANY_MOMENT, **dict.fromkeys(ids, st.sampled_from(["a", "b", "c"])), **fixed)


INDEXED = [spec for spec in topics.ALL if spec.model in {
    topics.ASSESSED.model, topics.STORIES.model, topics.INCIDENTS.model, topics.ALERTS.model, topics.DELIVERIES.model,
    topics.LEDGER.model, topics.DECISIONS.model, topics.BULLETINS.model, topics.PLANS.model}
    and spec is not topics.SIGNALS]  # fmt: skip


@pytest.mark.parametrize("spec", INDEXED, ids=lambda spec: spec.name)
async def test_the_mapping_takes_whatever_the_models_can_hold(engines: Running, spec: topics.TopicSpec) -> None:
    drawn: list[Event] = []

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(anything(spec))
    def draw(event: Event) -> None:
        drawn.append(event)

    draw()
    async with fresh(engines.elasticsearch) as index:
        made = [IndexRecord(spec.name, event.model_dump_json().encode(), 0, n) for n, event in enumerate(drawn)]
        assert await index.writer().apply(made) == []


def test_scores_have_a_field_for_each_category() -> None:
    document = fold(None, assessed(1))
    assert set(document["category_scores"]) == {category.value for category in Category}
