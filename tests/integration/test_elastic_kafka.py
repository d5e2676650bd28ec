"""Rebuild, audit and dead letters on a real Kafka and a real Elasticsearch."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet, InvalidToken

from deploy.testing import Running
from processors.fold import Document, Projection
from schemas import topics
from schemas.alert import Alert, AlertReason, Delivery, Held, Outcome, Plan
from schemas.assessment import Origin
from schemas.base import Event
from schemas.bulletin import Bulletin, BulletinHead
from schemas.connections import KafkaConnection
from schemas.deadletter import DeadLetter
from schemas.errors import IndexUnavailable
from schemas.ledger import LedgerEntry
from schemas.vocab import BulletinName, LedgerState, Stage
from streams.elastic.audit import Audit, audit
from streams.elastic.deadletters import letters, replay, show
from streams.elastic.layout import REFRESH_INTERVAL
from streams.elastic.log import opened
from streams.elastic.rebuild import Progress, rebuild
from streams.elastic.rebuild import Stage as Step
from streams.outbox import Outbox
from streams.ports import IndexRecord
from streams.records import Output
from streams.topics_admin import ensure_topics
from tests.elastic_index import Index, fresh
from tests.index_events import DISTRICT, NOON, after, assessed, decision, incident, item_id, records, story, topic_of

pytestmark = pytest.mark.integration


@pytest.fixture
async def index(engines: Running) -> AsyncIterator[Index]:
    async with fresh(engines.elasticsearch) as made:
        yield made


@pytest.fixture
async def kafka(engines: Running) -> KafkaConnection:
    connection = KafkaConnection(bootstrap=engines.kafka, prefix=f"t{uuid4().hex[:10]}.")
    await ensure_topics(connection)
    return connection


async def produce(kafka: KafkaConnection, made: Sequence[tuple[str, bytes, bytes]]) -> None:
    """Put (topic, key, value) on the topics."""
    outbox = Outbox(kafka)
    try:
        await outbox.send([Output(topics.BY_NAME[topic], key, value) for topic, key, value in made])
    finally:
        await outbox.stop()


def keyed(event: Event) -> tuple[str, bytes, bytes]:
    """The event on its topic, under the key of its topic."""
    fields = event.model_dump()
    names = {"decisions.made": ("subject_type", "subject_id"), "duty.ledger": ("department", "day")}
    single = next(name for name in ("item_id", "incident", "name", "decision_id", "department") if name in fields)
    key = ":".join(str(fields[name]) for name in names.get(topic_of(event), (single,)))
    return topic_of(event), key.encode(), event.model_dump_json().encode()


async def consumed(kafka: KafkaConnection) -> list[IndexRecord]:
    """All records for the index, as a worker would read them."""
    specs = [spec for spec in topics.ALL if spec.name in NAMES]
    found: list[IndexRecord] = []
    async with opened(kafka, specs) as log:
        async for some in log.to_end():
            found += [IndexRecord(one.topic, one.value, one.partition, one.offset) for one in some]
    return found


NAMES = {
    "items.assessed", "stories.assigned", "incidents.changed", "alerts.raised", "alerts.delivered", "duty.ledger",
    "decisions.made", "bulletins.issued", "alerts.planned",
}  # fmt: skip


def a_day() -> list[Event]:
    """Events of every kind, with corrections, duplicates, an erasure and a split."""
    alert = Alert(
        alert_id="a1", incident="i1", alert_version=1, district=DISTRICT, level=None, stage=Stage.FIRST,
        reason=AlertReason.NEW, title="山体滑坡", text="沙石镇山体滑坡", raised_at=NOON,
    )  # fmt: skip
    attempt = Delivery(
        delivery_id="x1", alert_id="a1", incident="i1", channel="log", outcome=Outcome.DELIVERED, tries=1, at=after(1)
    )
    entries = [
        LedgerEntry(
            department="D01", day="2026-11-20", district=DISTRICT, state=state, revision=revision, cutoff=after(5),
            changed_at=after(revision),
        )
        for revision, state in enumerate((LedgerState.MISSING, LedgerState.LATE))
    ]  # fmt: skip
    issued = Bulletin(
        name=BulletinName.HUIYAO, title="今日章贡汇要", date="2026-11-20", district=DISTRICT,
        head=BulletinHead(office="办"), sections=(), covers_from=NOON, covers_to=after(24), made_at=after(20),
        draft=False, figures={"条": 3},
    )  # fmt: skip
    order = {"owner": "D01", "text": "请核实。", "item_id": item_id(1), "deadline": after(48).isoformat()}
    items: list[Event] = [assessed(number, received=NOON + timedelta(hours=number)) for number in range(300)]
    return [
        *items, *items[:40], assessed(3, 2, after(24 * 20), "更正"),
        *(story(number, f"s{number // 3}") for number in range(300)),
        incident(1, 1, 2, 3), incident(2, 1, 2), incident(1, 3, name="i2"), alert, attempt, *entries, issued,
        decision(1, "accept", 1, item_id(1)), decision(2, "erase", 2, item_id(7)),
        decision(3, "acknowledge", 3, "a1", "alert"),
        decision(4, "excuse", 4, "D01:2026-11-20", "department"),
        Plan(incident="i1", alert_id="a1", at=after(0.5), held=(Held(recipient="主要领导", verdict="unconfirmed"),)),
        decision(5, "instruct", 5, "n1", "instruction", details=order),
        decision(6, "answer", 6, "n1", "instruction", reason="已核实。", details={"final": True}),
    ]  # fmt: skip


async def documents(index: Index) -> dict[Projection, dict[str, Document]]:
    return {one: {name: document for (_, name), document in (await index.all(one)).items()} for one in Projection}


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


async def test_a_rebuild_makes_the_same_documents_and_leaves_only_new_indices(
    index: Index, kafka: KafkaConnection
) -> None:
    await produce(kafka, [keyed(event) for event in a_day()])
    # The live worker saw the topics in another order than a rebuild does.
    await index.writer().apply([one for one in reversed(await consumed(kafka)) if one.topic != "incidents.changed"])
    await index.writer().apply([one for one in await consumed(kafka) if one.topic == "incidents.changed"])
    before, old = await documents(index), set(await index.all())
    told: list[Progress] = []
    report = await rebuild(kafka, index.connection, progress=told.append, batch=97)
    after_it = await documents(index)
    assert text(after_it) == text(before)
    assert {name: len(found) for name, found in after_it.items()} == report.documents
    assert (report.generation, report.refused, told[-1].done) == (2, (), len(a_day()))
    assert told[0].stage is Step.REPLAY
    assert {name for name, _ in await index.all()} == {
        "items-zhanggong-2026.11-000002",
        "items-zhanggong-2026.12-000002",
    }
    assert not {name for name, _ in old} & {name for name, _ in await index.all()}
    present = await index.client.indices.get(index=f"{index.connection.prefix}*", features="aliases")
    assert {name.rpartition("-")[2] for name in present} == {"000002"}
    found = await index.client.indices.get_settings(index=f"{index.connection.prefix}*", flat_settings=True)
    assert {one["settings"]["index.refresh_interval"] for one in found.values()} == {REFRESH_INTERVAL}


async def test_workers_may_go_on_during_a_rebuild(index: Index, kafka: KafkaConnection) -> None:
    day = a_day()
    await produce(kafka, [keyed(event) for event in day[:400]])
    worker = index.writer()
    await worker.apply(await consumed(kafka))
    late = [assessed(1000 + number, received=after(24 * 40)) for number in range(50)]

    async def go_on() -> None:
        for number, event in enumerate([*day[400:], *late]):
            await produce(kafka, [keyed(event)])
            record = IndexRecord(topic_of(event), event.model_dump_json().encode(), 9, number)
            while True:
                with suppress(IndexUnavailable):
                    await worker.apply([record])
                    break
                await asyncio.sleep(0.01)

    working = asyncio.create_task(go_on())
    await rebuild(kafka, index.connection, batch=50)
    await working
    live = await documents(index)
    await rebuild(kafka, index.connection)
    assert text(await documents(index)) == text(live)
    assert len(live[Projection.ITEMS]) == 350


async def test_a_stopped_rebuild_changes_nothing_and_can_be_run_again(index: Index, kafka: KafkaConnection) -> None:
    await produce(kafka, [keyed(event) for event in a_day()])
    worker = index.writer()
    await worker.apply(await consumed(kafka))
    before = await documents(index)

    def stop(progress: Progress) -> None:
        if progress.stage is Step.SWITCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(kafka, index.connection, progress=stop)
    assert text(await documents(index)) == text(before)
    assert await worker.apply(records([assessed(5000)], start=10_000)) == []  # the old indices are open again
    await index.client.indices.add_block(index=index.connection.alias("items"), block="write")  # as after kill -9
    report = await rebuild(kafka, index.connection)
    assert report.generation == 2
    assert text(await documents(index)) == text(before)
    assert await worker.apply(records([assessed(5000)], start=10_001)) == []
    present = await index.client.indices.get(index=f"{index.connection.prefix}*", features="aliases")
    assert all(one["aliases"] for one in present.values())


def sent(number: int) -> tuple[str, bytes, bytes]:
    return topics.REPORTS.name, item_id(number).encode(), assessed(number).input.model_dump_json().encode()


def letter(topic: str, partition: int, offset: int, content: bytes, seal: Fernet | None = None) -> bytes:
    original = seal.encrypt(content).decode() if seal else base64.b64encode(content).decode()
    return DeadLetter(
        original_base64=original, encrypted=seal is not None, topic=topic, partition=partition, offset=offset,
        stage="assess", reason="text: missing", tries=1, at=NOON,
    ).model_dump_json().encode()  # fmt: skip


def identify(_topic: str, value: bytes) -> str | None:
    try:
        return item_id(int(json.loads(value)["id"].removeprefix("R-")))
    except (ValueError, KeyError):
        return None


async def places(kafka: KafkaConnection) -> dict[bytes, list[tuple[str, int, int]]]:
    """Where the inputs stand, by their bytes."""
    found: dict[bytes, list[tuple[str, int, int]]] = {}
    async with opened(kafka, [topics.REPORTS]) as log:
        async for some in log.to_end():
            for one in some:
                found.setdefault(one.value, []).append((one.topic, one.partition, one.offset))
    return found


async def test_an_audit_tells_where_every_record_ended(index: Index, kafka: KafkaConnection) -> None:
    key = Fernet(Fernet.generate_key())
    await produce(
        kafka, [*(sent(number) for number in range(8)), sent(1), sent(2), (topics.REPORTS.name, b"k", b"{no json")]
    )
    where = await places(kafka)
    # 0 to 4 reach the index; 5 dies when judged, 6 when indexed; 7 is lost; the unreadable one is a dead letter.
    await index.writer().apply(records([*(assessed(number) for number in range(5)), story(7, None)]))
    refused = assessed(6).model_copy(
        update={"origin": Origin(**dict(zip(("topic", "partition", "offset"), where[sent(6)[2]][0], strict=True)))}
    )
    await produce(
        kafka,
        [
            (topics.DEADLETTER.name, b"k", letter(*where[b"{no json"][0], b"{no json")),
            (topics.DEADLETTER.name, b"k", letter(*where[sent(5)[2]][0], sent(5)[2], key)),
            (topics.DEADLETTER.name, b"k", letter(topics.ASSESSED.name, 0, 4, refused.model_dump_json().encode(), key)),
        ],
    )
    found = await audit(kafka, index.connection, identify, unseal=lambda token: key.decrypt(token))
    assert found == Audit(11, 5, 2, 3, 1, (where[sent(7)[2]][0],))
    blind = await audit(kafka, index.connection, identify)
    assert (blind.deadletter, blind.missing) == (2, 2)


async def test_dead_letters_are_listed_shown_masked_and_replayed(kafka: KafkaConnection) -> None:
    key = Fernet(Fernet.generate_key())
    content = sent(1)[2]
    made = [letter(topics.REPORTS.name, 0, 7, content, key), letter(topics.MEDIA.name, 0, 8, b"\xff\xfe"),
            b"not a letter", letter("gone.topic", 0, 9, b"x")]  # fmt: skip
    await produce(kafka, [(topics.DEADLETTER.name, b"key", one) for one in made])
    assert [one.id async for one in letters(kafka)] == ["0:0", "0:1", "0:3"]

    def unseal(token: str) -> bytes:
        try:
            return key.decrypt(token)
        except InvalidToken as error:
            raise ValueError("wrong key") from error

    shown = await show(kafka, ["0:0", "0:1"], lambda plain: plain.replace("沙石镇", "＊＊＊"), unseal=unseal)
    assert "＊＊＊山体滑坡" in shown[0].text
    assert "沙石镇" not in shown[0].text
    assert (shown[1].readable, shown[1].text) == (False, "（2 字节，不是文本）")
    assert not (await show(kafka, ["0:0"], str))[0].readable

    done = await replay(kafka, unseal=unseal)
    assert [(one.id, bool(one.problem)) for one in done] == [("0:0", False), ("0:1", False), ("0:3", True)]
    async with opened(kafka, [topics.REPORTS, topics.MEDIA]) as log:
        found = [(one.topic, one.key, one.value) async for some in log.to_end() for one in some]
    assert found == [(topics.REPORTS.name, b"key", content), (topics.MEDIA.name, b"key", b"\xff\xfe")]
    assert (await replay(kafka, ["0:0"]))[0].problem
