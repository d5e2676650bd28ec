"""One chaos run: topics and indices of its own, what was produced and acknowledged, and where every item ended."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.testing import Running
from schemas.assessment import AssessedItem
from schemas.base import CHINA, local_day
from schemas.connections import KafkaConnection
from schemas.deadletter import DeadLetter
from schemas.ids import item_id
from schemas.item import Item
from schemas.topics import ALL, ASSESSED, DEADLETTER, DEADLETTER_LIMIT, INPUT_BY_LANE, TopicSpec
from streams.restore import read_to_end
from streams.testing import DISTRICT, SCRIPT
from streams.topics_admin import ensure_topics, topic_config
from tests.chaos.fleet import Fleet

START = datetime(2026, 11, 20, 8, 0, tzinfo=CHINA)


def item_of(
    number: int, *, lane: str = "report", script: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """An input item; ``script`` tells the stand-in judge what to do with it."""
    text = f"第{number}条：社区工作人员上门走访，排查隐患。" + (SCRIPT + json.dumps(script) if script else "")
    published = START + timedelta(seconds=number)
    return {
        "id": f"n{number}", "lane": lane, "source": "U031", "title": f"走访第{number}户", "text": text,
        "published_at": published.isoformat(), **fields,
    }  # fmt: skip


@dataclass
class Settled:
    """Where the acknowledged items are."""

    indexed: set[str] = field(default_factory=set)
    buried: set[str] = field(default_factory=set)
    documents: int = 0


class Plant:
    """A run under a prefix of its own. ``indexed=False``: no index worker; ``items.assessed`` counts instead."""

    def __init__(
        self, engines: Running, folder: Path, name: str, *, indexed: bool = True, elasticsearch: str | None = None,
        topics: Iterable[TopicSpec] = ALL,
    ) -> None:  # fmt: skip
        token = f"{name}-{uuid.uuid4().hex[:6]}"
        self.kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"{token}.")
        self.engines, self.folder, self.indexed = engines, folder, indexed
        self.index_prefix = f"{token}-"
        self.acknowledged: dict[str, dict[str, Any]] = {}
        asyncio.run(ensure_topics(self.kafka, list(topics)))
        self.common = {
            "kafka": engines.kafka, "prefix": self.kafka.prefix, "index_prefix": self.index_prefix,
            "elasticsearch": elasticsearch or engines.elasticsearch,
        }  # fmt: skip

    def ensure(self, topics: Iterable[TopicSpec]) -> None:
        """Create topics that differ from ours."""
        asyncio.run(ensure_topics(self.kafka, list(topics)))

    def widen(self, spec: TopicSpec) -> None:
        """Give an existing topic the limits it should have."""

        async def alter() -> None:
            client = AIOKafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
            await client.start()
            resource = ConfigResource(ConfigResourceType.TOPIC, self.kafka.topic(spec.name), topic_config(spec))
            await client.alter_configs([resource])
            await client.close()

        asyncio.run(alter())

    def today(self, days: int = 0) -> str:
        """The real local day, some days away."""
        return local_day(datetime.now(CHINA) + timedelta(days=days))

    def fleet(self, **common: Any) -> Fleet:
        """Workers of this run."""
        return Fleet(self.folder, {**self.common, **common})

    def produce(self, items: Iterable[dict[str, Any]], *, rate: float = 0.0) -> None:
        """Write items (at ``rate`` a second) and note those that the broker acknowledged."""
        asyncio.run(self._produce(items, rate))

    async def _produce(self, items: Iterable[dict[str, Any]], rate: float) -> None:
        waiting: list[tuple[str, dict[str, Any], asyncio.Future[Any]]] = []
        async with self._producer() as producer:
            for raw in items:
                identity = identity_of(raw)
                topic = self.kafka.topic(INPUT_BY_LANE[Item.model_validate(raw).lane].name)
                future = await producer.send(topic, json.dumps(raw).encode(), key=identity.encode())
                waiting.append((identity, raw, future))
                if rate:
                    await asyncio.sleep(1 / rate)
            outcomes = await asyncio.gather(*(future for _, _, future in waiting), return_exceptions=True)
        for (identity, raw, _), outcome in zip(waiting, outcomes, strict=True):
            if not isinstance(outcome, BaseException):
                self.acknowledged[identity] = raw

    def produce_raw(self, topic: str, values: Iterable[bytes]) -> None:
        """Write bytes as they are; noted by topic, partition and offset."""

        async def send() -> None:
            async with self._producer() as producer:
                for value in values:
                    placed = await producer.send_and_wait(self.kafka.topic(topic), value, key=b"?")
                    self.acknowledged[f"{topic}:{placed.partition}:{placed.offset}"] = {}

        asyncio.run(send())

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.kafka.bootstrap, acks="all", enable_idempotence=True,
            max_request_size=DEADLETTER_LIMIT, request_timeout_ms=30_000,
        )  # fmt: skip

    def load(self, items: Iterable[dict[str, Any]], rate: float) -> threading.Thread:
        """The same beside the test; join the thread to wait for its end."""
        thread = threading.Thread(target=self.produce, args=(items,), kwargs={"rate": rate}, daemon=True)
        thread.start()
        return thread

    def settled(self) -> Settled:
        """Where the items are now."""
        found = Settled(buried=set(self.letters_by_key()))
        if self.indexed:
            identities = list(self.documents())
            found.documents, found.indexed = len(identities), set(identities)
        else:
            identities = [one.item_id for one in self.events(ASSESSED, AssessedItem)]
            found.documents, found.indexed = len(set(identities)), set(identities)
        return found

    def wait(self, timeout_s: float = 90.0, since: float | None = None) -> str:
        """Wait until every acknowledged id is in the index or a dead letter; the line of figures. Fails on a loss."""
        started, deadline = since or time.monotonic(), time.monotonic() + timeout_s
        while True:
            found = self.settled()
            missing = set(self.acknowledged) - found.indexed - found.buried
            if not missing or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        duplicates = found.documents - len(found.indexed)
        line = (
            f"produced={len(self.acknowledged)} indexed={len(found.indexed)} deadletter={len(found.buried)} "
            f"missing={len(missing)} duplicates={duplicates} recovery_s={time.monotonic() - started:.1f}"
        )
        print(line, flush=True)
        assert not missing, f"{line}\nfor example {sorted(missing)[:3]}"
        assert duplicates == 0, line
        return line

    def events(self, spec: TopicSpec, model: Any) -> list[Any]:
        """All events of a topic."""

        async def read() -> list[Any]:
            return [model.model_validate_json(value) async for value in read_to_end(self.kafka, spec)]

        return asyncio.run(read())

    def letters_by_key(self) -> dict[str, DeadLetter]:
        """Dead letters by the id of the item they hold (the bytes' own hash where they are no item)."""
        letters = {}
        for letter in self.events(DEADLETTER, DeadLetter):
            letters[self._identity(base64.b64decode(letter.original_base64), letter)] = letter
        return letters

    def _identity(self, original: bytes, letter: DeadLetter) -> str:
        try:
            raw = json.loads(original)
            return str(raw["item_id"]) if "item_id" in raw else identity_of(raw)
        except (ValueError, KeyError):
            return f"{letter.topic}:{letter.partition}:{letter.offset}"

    def documents(self) -> dict[str, dict[str, Any]]:
        """All documents of ``items`` by ``_id``; a second document of one id gets a mark and counts as a duplicate."""
        alias, url = f"{self.index_prefix}items", self.engines.elasticsearch
        with httpx.Client(base_url=url, timeout=30) as client:
            if client.post(f"/{alias}/_refresh").status_code == httpx.codes.NOT_FOUND:
                return {}
            found: dict[str, dict[str, Any]] = {}
            after: list[Any] = []
            for _ in itertools.count():
                body: dict[str, Any] = {"size": 1000, "sort": [{"item_id": "asc"}, {"version": "asc"}]}
                if after:
                    body["search_after"] = after
                answer = client.post(f"/{alias}/_search", json=body)
                hits = answer.raise_for_status().json()["hits"]["hits"]
                if not hits:
                    return found
                for hit in hits:
                    key = hit["_id"] if hit["_id"] not in found else f"{hit['_id']}#{hit['_index']}"
                    found[key] = hit["_source"]
                after = hits[-1]["sort"]
            return found


def identity_of(raw: dict[str, Any]) -> str:
    """The item id that the pipeline gives to an input item."""
    item = Item.model_validate(raw)
    return item_id(item, district=DISTRICT, source=item.source)
