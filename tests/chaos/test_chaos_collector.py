"""A collector dies between fetching a feed and Kafka's acknowledgement: the next run sends what was not taken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from schemas.item import Item
from schemas.topics import MEDIA
from tests.chaos.fleet import Fleet
from tests.chaos.plant import Plant, identity_of

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

ENTRIES = 250
"""More than two batches of the collector."""


def rss() -> bytes:
    """A feed of ENTRIES articles."""
    entry = (
        "<item><title>社区第{n}次便民服务</title><link>http://news.example/{n}</link><guid>http://news.example/{n}</guid>"
        "<description>第{n}次便民服务今天举行。</description><pubDate>Fri, 20 Nov 2026 08:00:00 +0800</pubDate></item>"
    )
    entries = "".join(entry.format(n=n) for n in range(ENTRIES))
    channel = f"<channel><title>某报</title>{entries}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()


@pytest.fixture
def feed() -> Iterator[str]:
    """The address of the feed, which knows its ETag."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match") == '"v1"'
            self.send_response(304 if known else 200)
            self.send_header("ETag", '"v1"')
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.end_headers()
            if not known:
                self.wfile.write(rss())

        def log_message(self, format: str, *args: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed.xml"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_collector_killed_before_the_acknowledgement(plant: Callable[..., Plant], feed: str, tmp_path: Path) -> None:
    run = plant("collector", indexed=False)
    marker = tmp_path / "hanging"
    common = {**run.common, "url": feed, "data_dir": str(tmp_path / "data")}
    with Fleet(tmp_path, common, "tests.chaos.collector_main") as fleet:
        killed = fleet.start("collector", restart=False, marker=str(marker))
        deadline = time.monotonic() + 60
        while not marker.exists():
            assert time.monotonic() < deadline, fleet.log("collector")[-3000:]
            time.sleep(0.1)
        fleet.kill(killed)
        some = _identities(run)
        assert 0 < len(some) < ENTRIES
        assert fleet.exit_code(fleet.start("collector", restart=False), 60) == 0, fleet.log("collector")[-3000:]
        identities = _identities(run)
        assert fleet.exit_code(fleet.start("collector", restart=False), 60) == 0
    print(f"collector: before the kill={len(set(some))} produced={ENTRIES} missing={ENTRIES - len(set(identities))}")
    assert len(set(identities)) == ENTRIES
    assert len(_identities(run)) == len(identities), "a feed that has not changed is sent again"


def _identities(run: Plant) -> list[str]:
    return [identity_of(item.model_dump()) for item in run.events(MEDIA, Item)]
