"""A loopback proxy before Elasticsearch that answers wrongly on request, also after having applied the request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import httpx

HOP = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "content-encoding"}
AFTER = "after"
"""The request is applied, and the answer does not come in time."""


class FaultProxy:
    """``fault`` is None, a status code that ``_bulk`` gets instead of an answer, or AFTER."""

    def __init__(self, target: str, late_s: float = 4.0) -> None:
        self._client = httpx.Client(base_url=target, timeout=30)
        self._late_s = late_s
        self.fault: int | str | None = None
        self.faults: Counter[int | str] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def url(self) -> str:
        """Where clients go."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def during(self, fault: int | str, count: int, timeout_s: float = 60.0) -> None:
        """Be faulty until ``count`` bulk requests have met it."""
        self.fault, deadline = fault, time.monotonic() + timeout_s
        while self.faults[fault] < count:
            assert time.monotonic() < deadline, f"nobody met the fault {fault}: {self.faults}"
            time.sleep(0.05)
        self.fault = None

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body for one request."""
        fault = self.fault if "_bulk" in path else None
        if isinstance(fault, int):
            self.faults[fault] += 1
            return (
                fault,
                [("content-type", "application/json"), ("x-elastic-product", "Elasticsearch")],
                b'{"error": "test"}',
            )
        passed = {name: value for name, value in headers.items() if name.lower() not in HOP}
        reply = self._client.request(method, path, headers=passed, content=body)
        if fault == AFTER:
            self.faults[fault] += 1
            time.sleep(self._late_s)
        kept = [(name, value) for name, value in reply.headers.items() if name.lower() not in HOP]
        return reply.status_code, kept, reply.content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                try:
                    status, headers, content = proxy.answer(self.command, self.path, self.headers, body)
                except httpx.HTTPError:
                    status, headers, content = 502, [], b""
                try:
                    self.send_response(status)
                    for name, value in headers:
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(content)
                except OSError:
                    pass  # the client has given up on us, as it should

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = serve  # noqa: N815 - names of the standard library

            def log_message(self, format: str, *args: object) -> None:
                """Be quiet."""

        return Handler
