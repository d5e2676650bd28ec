"""One run of the media collector: ``python -m tests.chaos.collector_main '{…}'``; hangs after a batch where told to."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from producers.kafka import KafkaSink
from producers.media.collector import MediaCollector
from producers.ports import Acknowledgement, Parcel
from producers.sources import FeedSource
from producers.visit import CollectorSettings
from producers.web.fetch import Fetcher, FetchSettings
from schemas.connections import KafkaConnection
from streams.testing import DISTRICT, MovableClock


class HangingSink:
    """Hands on the first batch and then never comes back: the moment between fetch and acknowledgement."""

    def __init__(self, sink: KafkaSink, marker: Path) -> None:
        self._sink, self._marker, self._sent = sink, marker, 0

    def send(self, parcels: Sequence[Parcel]) -> Sequence[Acknowledgement]:
        """The first batch is acknowledged, the second never."""
        if self._sent:
            self._marker.touch()
            time.sleep(600)
        self._sent += 1
        return self._sink.send(parcels)


def main() -> int:
    """Poll once; 0 if the feed could be used and Kafka took everything."""
    config = json.loads(sys.argv[1])
    clock = MovableClock()
    sink = KafkaSink(KafkaConnection(bootstrap=config["kafka"], prefix=config["prefix"]), clock)
    used = HangingSink(sink, Path(config["marker"])) if "marker" in config else sink
    fetch = FetchSettings(contact="mailto:test@office.example", allow_private_hosts=frozenset({"127.0.0.1"}))
    settings = CollectorSettings(district=DISTRICT, data_dir=Path(config["data_dir"]), fetch=fetch)
    feed = FeedSource(id="test", name="某报", url=config["url"])

    async def run() -> int:
        polls = await MediaCollector([feed], used, clock, settings, Fetcher(fetch)).poll_once()
        print(polls)
        return 0 if all(poll.ok for poll in polls) else 1

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
