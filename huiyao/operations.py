"""Operating an instance: audit, rebuild, erasure, dead letters. Wiring only; the work is in ``streams.elastic``."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from huiyao.secrets import Seal
from huiyao.settings import Settings
from huiyao.wiring import clock_of, district_of
from processors.instructions.model import ERASED
from schemas.decision import Decision
from schemas.errors import IndexUnavailable
from schemas.ids import item_id
from schemas.item import Item
from schemas.topics import LANE_BY_INPUT
from schemas.vocab import Lane


@dataclass(frozen=True, slots=True)
class Audit:
    """Where every record of the input topics ended, and how many alerts were raised."""

    produced: int
    indexed: int
    folded: int
    deadletter: int
    missing: int
    samples: tuple[tuple[str, int, int], ...]
    alerts: int
    by_lane: dict[str, int]


class Identifier:
    """From an input record to its item id, as judgement would give it, without judging."""

    def __init__(self, settings: Settings) -> None:
        folder = district_of(settings)
        self._district, self._register = folder.id, folder.register

    def __call__(self, topic: str, value: bytes) -> str | None:
        """None where no item can be read, or where its lane or department does not fit: a dead letter by right."""
        try:
            item = Item.model_validate_json(value)
        except ValidationError:
            return None
        if LANE_BY_INPUT.get(topic) is not item.lane:
            return None
        source = item.source
        if item.lane is Lane.REPORT:
            department = self._register.resolve(item.source)
            if department is None:
                return None
            source = department.id
        return item_id(item, district=self._district, source=source)


async def run_audit(settings: Settings) -> Audit:
    """Account for every record. Raises BrokerUnavailable, IndexUnavailable."""
    from desk.index import Index
    from streams.elastic.audit import audit
    from streams.elastic.client import connect

    connection = settings.elasticsearch_connection()
    found = await audit(
        settings.kafka_connection(), connection, Identifier(settings), unseal=Seal(settings.data_dir).unseal
    )
    client = connect(connection)
    try:
        await client.indices.refresh(index=f"{connection.alias('alerts')},{connection.alias('items')}")
        index = Index(client, connection)
        alerts = await index.counts("alerts", [], [])
        lanes = await index.counts("items", [], ["lane"])
    finally:
        await client.close()
    return Audit(
        produced=found.produced,
        indexed=found.indexed,
        folded=found.folded,
        deadletter=found.deadletter,
        missing=found.missing,
        samples=found.samples,
        alerts=alerts[""]["total"],
        by_lane=lanes["lane"],
    )


@dataclass(frozen=True, slots=True)
class Erased:
    """The decision, and those by which instructions and requests lose the topic that came from the item. ``away``: the
    index could not be asked for instructions that this desk's database does not know."""

    decision: Decision
    topics: tuple[Decision, ...]
    away: bool


def erase(settings: Settings, identifier: str, reason: str, by: str) -> Erased:
    """Erase an item: the decision is on Kafka when this returns, the desk's wordings of it are gone, and the topics of
    instructions on it and of requests that came from it.

    Raises BrokerUnavailable.
    """
    from desk.erasing import erasure
    from huiyao.desk import forget_wordings
    from huiyao.outbox import KafkaOutbox

    decision = Decision(
        decision_id=hashlib.sha256(f"erase\x1f{identifier}".encode()).hexdigest()[:32],
        district=district_of(settings).id,
        subject_type="item",
        subject_id=identifier,
        action="erase",
        by=by,
        at=clock_of(settings).now(),
        reason=reason,
    )
    sink = KafkaOutbox(settings.kafka_connection())
    sink.send(decision)
    topics = forget_wordings(settings, decision, sink)
    try:
        known = asyncio.run(_instructions_on(settings, identifier))
    except IndexUnavailable:
        return Erased(decision, tuple(topics), away=True)
    for one in sorted(known - {topic.subject_id for topic in topics}):
        # Given at a desk whose database is lost or elsewhere; one that is told twice is the same decision.
        topics.append(erasure("instruction", one, decision))
        sink.send(topics[-1])
    return Erased(decision, tuple(topics), away=False)


async def _instructions_on(settings: Settings, identifier: str) -> set[str]:
    """Instructions on an item whose topic is still in the index. Raises IndexUnavailable."""
    from desk.filters import term
    from desk.index import Index
    from streams.elastic.client import connect

    connection = settings.elasticsearch_connection()
    client = connect(connection)
    try:
        ours = [term("district", district_of(settings).id), term("item_id", identifier)]
        sort = ({"issued_at": "desc"}, {"instruction": "asc"})
        found = await Index(client, connection).all("instructions", ours, sort=sort)
    finally:
        await client.close()
    return {str(one["instruction"]) for one in found if one.get("topic") != ERASED}


def audit_now(settings: Settings) -> Audit:
    """``run_audit`` for callers without a loop."""
    return asyncio.run(run_audit(settings))
