"""A light receiver of webhooks: keeps connections, answers 204, notes when what came. In a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def receiver(received: list[tuple[float, bytes]]) -> Iterator[str]:
    """Its address; ``received`` gets (moment, body)."""
    loop = asyncio.new_event_loop()
    ready: list[str] = []
    started = threading.Event()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                body = await reader.readexactly(size)
                received.append((time.time(), body))
                writer.write(_DONE)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(client, "127.0.0.1", 0, backlog=512)
        ready.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        started.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    started.wait(10)
    yield ready[0]
    loop.call_soon_threadsafe(loop.stop)


def items_told(body: bytes) -> tuple[str, str, list[str]]:
    """(type of the webhook, who is told, ids of the items it tells of)."""
    document: dict[str, Any] = json.loads(body)
    data = document["data"]
    alerts = data.get("alerts", [data])
    return document["type"], data.get("recipient", ""), [identifier for one in alerts for identifier in one["item_ids"]]
