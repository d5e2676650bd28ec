"""Where every record of the input topics ended: in the index, folded into an earlier one, a dead letter, or nowhere.

The figures close: produced = indexed + folded + deadletter + missing; ``missing`` must be 0 when the workers have
caught up. What a desk or a producer refused was never on a topic and is counted there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from elasticsearch import AsyncElasticsearch
from pydantic import ValidationError

from processors.fold import Projection
from schemas import topics
from schemas.assessment import AssessedItem
from schemas.connections import ElasticsearchConnection, KafkaConnection
from schemas.deadletter import DeadLetter
from streams.elastic.client import Retry, connect, fetch
from streams.elastic.log import LogRecord, opened

INPUTS = (topics.REPORTS, topics.MEDIA, topics.OPINION)
SAMPLE = 20
"""Missing records that are named."""
_IDS = 1_000

Identify = Callable[[str, bytes], str | None]
"""From an input topic (without prefix) and a record's bytes to the item id; None where no item can be read."""
Unseal = Callable[[str], bytes]
"""From an encrypted ``original_base64`` to the original bytes; raises ValueError where the key does not fit."""
Place = tuple[str, int, int]
"""Topic, partition, offset."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The count; ``samples`` are places of missing records."""

    produced: int = 0
    indexed: int = 0
    folded: int = 0
    deadletter: int = 0
    missing: int = 0
    samples: tuple[Place, ...] = ()


@dataclass(slots=True)
class _Tally:
    dead: set[Place]
    seen: set[str] = field(default_factory=set)
    produced: int = 0
    indexed: int = 0
    folded: int = 0
    deadletter: int = 0
    missing: list[Place] = field(default_factory=list)

    def count(self, record: LogRecord, name: str | None, present: set[str]) -> None:
        """Tell where one record ended."""
        place = (record.topic, record.partition, record.offset)
        self.produced += 1
        if place in self.dead:
            self.deadletter += 1
        elif name is None or name not in present:
            self.missing.append(place)
        elif name in self.seen:
            self.folded += 1
        else:
            self.indexed += 1
            self.seen.add(name)


async def audit(
    kafka: KafkaConnection,
    elastic: ElasticsearchConnection,
    identify: Identify,
    *,
    unseal: Unseal | None = None,
    retry: Retry | None = None,
) -> Audit:
    """Read the three input topics and the dead letters in full, and look up every item.

    ``unseal`` is needed to trace dead letters of later stages (an assessed item that the index refused) where they
    are encrypted. Raises BrokerUnavailable, IndexUnavailable.
    """
    client, patience = connect(elastic), retry or Retry()
    try:
        alias = elastic.alias(Projection.ITEMS.value)
        await fetch(partial(client.indices.refresh, index=alias, ignore_unavailable=True), patience)
        tally = _Tally(await _dead(kafka, unseal))
        async with opened(kafka, INPUTS) as inputs:
            async for records in inputs.to_end():
                names = [identify(record.topic, record.value) for record in records]
                present = await _present(client, alias, {name for name in names if name}, patience)
                for record, name in zip(records, names, strict=True):
                    tally.count(record, name, present)
    finally:
        await client.close()
    figures = (tally.produced, tally.indexed, tally.folded, tally.deadletter, len(tally.missing))
    return Audit(*figures, tuple(tally.missing[:SAMPLE]))


async def _dead(kafka: KafkaConnection, unseal: Unseal | None) -> set[Place]:
    """Places of input records that are dead letters, themselves or as what was made of them."""
    places: set[Place] = set()
    async with opened(kafka, [topics.DEADLETTER]) as letters:
        async for records in letters.to_end():
            for record in records:
                places.update(_places(record.value, unseal))
    return places


def _places(value: bytes, unseal: Unseal | None) -> Iterable[Place]:
    try:
        letter = DeadLetter.model_validate_json(value)
    except ValidationError:
        return
    yield letter.topic, letter.partition, letter.offset
    if letter.topic in (topics.ASSESSED.name, topics.SIGNALS.name):
        try:
            origin = AssessedItem.model_validate_json(original(letter, unseal)).origin
        except ValueError:  # also pydantic's; what cannot be read cannot be traced
            return
        if origin is not None:
            yield origin.topic, origin.partition, origin.offset


def original(letter: DeadLetter, unseal: Unseal | None) -> bytes:
    """The original bytes of a dead letter. Raises ValueError where they are encrypted and there is no key that fits."""
    if not letter.encrypted:
        return base64.b64decode(letter.original_base64, validate=True)
    if unseal is None:
        raise ValueError("the dead letter is encrypted and no key is set")
    return unseal(letter.original_base64)


async def _present(client: AsyncElasticsearch, alias: str, names: set[str], retry: Retry) -> set[str]:
    """Those ids whose item is in the index; a stub that waits for its item does not count."""
    found: set[str] = set()
    every = sorted(names)
    for start in range(0, len(every), _IDS):
        query = {"bool": {"filter": [{"ids": {"values": every[start : start + _IDS]}}, {"term": {"complete": True}}]}}
        search = partial(
            client.search, index=alias, query=query, size=2 * _IDS, source=False, ignore_unavailable=True,
            allow_partial_search_results=False,
        )  # fmt: skip
        found |= {hit["_id"] for hit in (await fetch(search, retry))["hits"]["hits"]}
    return found
