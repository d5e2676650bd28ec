"""The Quix Streams contender: an application with a batching sink that judges, produces and indexes, one process."""

from __future__ import annotations

import asyncio

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from schemas.topics import ASSESSED, MEDIA
from tests.bench.common_hop import Work

COMMIT_EVERY = 500


class JudgeSink(BatchingSink):
    """Gets a batch at each commit."""

    def __init__(self, work: Work, app: Application) -> None:
        super().__init__()
        self._work, self._loop = work, asyncio.new_event_loop()
        self._producer = app.get_producer()
        self._producer.__enter__()

    def write(self, batch: SinkBatch) -> None:
        """Judge, produce, flush, bulk."""
        records = self._work.judge([item.value for item in batch])
        topic = self._work.kafka.topic(ASSESSED.name)
        for key, value in records:
            self._producer.produce(topic, value, key)
        self._loop.run_until_complete(self._work.index(records))
        self._producer.flush()


def main() -> None:
    """Until killed."""
    work = Work()
    app = Application(
        broker_address=work.kafka.bootstrap,
        consumer_group="quix",
        auto_offset_reset="earliest",
        commit_every=COMMIT_EVERY,
        commit_interval=1.0,
        loglevel="ERROR",
    )
    topic = app.topic(work.kafka.topic(MEDIA.name), value_deserializer="bytes", key_deserializer="bytes")
    app.dataframe(topic).sink(JudgeSink(work, app))
    app.run()


if __name__ == "__main__":
    main()
