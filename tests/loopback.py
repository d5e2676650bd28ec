"""A loopback server for tests that says exactly what it is told to, byte by byte: true, slow, refusing or lying."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Heard:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Gateway:
    """``answers`` are used up one by one, the last one stays. None: takes the request and never answers."""

    answers: list[bytes | None]
    base: str = ""
    heard: list[Heard] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.heard.append(Heard(first, headers, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            await reader.read()  # until the caller hangs up
        else:
            writer.write(answer)
            try:
                await writer.drain()
            except ConnectionError:
                pass
        writer.close()


def said(document: Any, status: int = 200) -> bytes:
    """An HTTP answer with JSON."""
    return raw(json.dumps(document).encode(), status)


def raw(body: bytes, status: int = 200, length: int | None = None) -> bytes:
    """An HTTP answer; ``length`` may claim what is not true."""
    size = len(body) if length is None else length
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, size, body)


@asynccontextmanager
async def gateway(*answers: bytes | None) -> AsyncIterator[Gateway]:
    """A gateway that is up while the block runs."""
    made = Gateway(list(answers))
    async with listening(made.serve) as port:
        made.base = f"http://127.0.0.1:{port}"
        yield made


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A port on loopback where ``serve`` answers while the block runs."""
    tasks: set[asyncio.Task[None]] = set()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
