"""A small web for the collectors: real HTTP on loopback, with behaviours set by each test."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from producers.fakes import FakeSink, FixedClock

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
Handler = Callable[["Request"], None]


class Request(http.server.BaseHTTPRequestHandler):
    """One request; ``self.web`` is the test's web."""

    web: Web
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.web.asked.append((self.path, dict(self.headers)))
        handler = self.web.pages.get(self.path.partition("?")[0]) or self.web.pages.get("*")
        try:
            (handler or (lambda request: request.answer(404)))(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def handle(self) -> None:
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):  # the other side leaves as the test wants it to
            super().handle()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass
class Web:
    """A site: ``pages`` maps paths to handlers, ``asked`` lists (path, headers) of every request."""

    address: str = ""
    pages: dict[str, Handler] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    server: http.server.ThreadingHTTPServer | None = None

    @property
    def host(self) -> str:
        return "127.0.0.1"

    def page(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = lambda request: request.answer(status, data, **headers)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@pytest.fixture
def web() -> Iterator[Web]:
    site = Web()
    handler = type("Bound", (Request,), {"web": site})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site.server = server
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield site
    site.stop.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def sink() -> FakeSink:
    return FakeSink()
