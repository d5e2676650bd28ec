"""Index: every topic that the index shows -> the index writer. The only writer of the index."""

from __future__ import annotations

from collections.abc import Sequence

from streams.ports import IndexRecord, IndexWriter
from streams.records import Dead, Record, Result, StatelessHandler


class IndexHandler(StatelessHandler):
    """Hands records to the writer; ``IndexUnavailable`` passes through and the batch waits."""

    name = "index"

    def __init__(self, writer: IndexWriter) -> None:
        self._writer = writer

    async def handle(self, batch: Sequence[Record]) -> Result:
        """Nothing to send; what the index will never take is a dead letter."""
        by_place = {(record.topic, record.partition, record.offset): record for record in batch}
        wanted = [IndexRecord(record.topic, record.value, record.partition, record.offset) for record in batch]
        failures = [(one.record, one.reason) for one in await self._writer.apply(wanted)]
        return Result(
            dead=[
                Dead(by_place[record.topic, record.partition, record.offset], self.name, reason)
                for record, reason in failures
            ]
        )

    async def release(self) -> None:
        """The writer keeps its connections; ``work`` closes it at the end."""
