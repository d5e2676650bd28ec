"""Loopback servers of the sample day: the sites that are collected, and a webhook that takes alerts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from huiyao.demo.day import PageVersion

LOOPBACK = "127.0.0.1"


class Server:
    """An HTTP server in a thread; ``with`` starts and stops it."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer((LOOPBACK, 0), handler)
        self._server.daemon_threads = True
        self.base = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def site(pages: Sequence[PageVersion], now: Callable[[], datetime], asked: list[str]) -> Server:
    """Serves each path as it looked at ``now``; ``asked`` collects the paths asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            moment = now()
            versions = [page for page in pages if page.path == self.path and page.at <= moment]
            if not versions:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            page = max(versions, key=lambda version: version.at)
            body = page.file.read_bytes().replace(b"{base}", server.base.encode())
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{page.file.name}"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = Server(Handler)
    return server


def alert_receiver(received: list[dict[str, Any]]) -> Server:
    """Takes alerts as a duty room's gateway would."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            received.append(json.loads(body) | {"at": time.time()})
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Server(Handler)
