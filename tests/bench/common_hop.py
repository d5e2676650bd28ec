"""What the contenders share: the judgement, the wire format and the bulk writer of the product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from schemas.assessment import AssessedItem, Origin
from schemas.item import Item
from schemas.topics import ASSESSED
from streams.elastic.writer import ElasticWriter
from streams.ports import AssessInput, IndexRecord

SETTINGS = load_settings()
RECEIVED = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


class Work:
    """Judge values, give keys and values for the next topic, and write them to the index."""

    def __init__(self) -> None:
        self.kafka = SETTINGS.kafka_connection()
        self.writer = ElasticWriter(SETTINGS.elasticsearch_connection())
        self._judge = build_judge(SETTINGS)

    def judge(self, values: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """(key, value) for ``items.assessed``."""
        inputs = [
            AssessInput(Item.model_validate_json(value), RECEIVED, Origin(topic="", partition=0, offset=0))
            for value in values
        ]
        judged = [one for one in self._judge.assess(inputs) if isinstance(one, AssessedItem)]
        return [(one.item_id.encode(), one.model_dump_json().encode()) for one in judged]

    async def index(self, records: Sequence[tuple[bytes, bytes]]) -> None:
        """Bulk into Elasticsearch."""
        await self.writer.apply([IndexRecord(ASSESSED.name, value, 0, 0) for _, value in records])
