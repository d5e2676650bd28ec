"""A file server on the loopback interface that can cut, refuse and count; and small processes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest


@dataclass
class Repository:
    """What the server serves. ``cut_after``: bytes after which the next answers break off, one entry an answer."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    ranges: bool = True
    seen: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def add(self, path: str, body: bytes, *algorithms: str) -> None:
        """A file and its checksums."""
        self.files[path] = body
        for algorithm in algorithms:
            self.files[f"{path}.{algorithm}"] = hashlib.new(algorithm, body).hexdigest().encode()

    def ranges_asked(self, path: str) -> list[str]:
        """Range headers of the requests for a path."""
        return [asked for seen, asked in self.seen if seen == path]


def _handler(repository: Repository) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            repository.seen.append((self.path, asked))
            body = repository.files.get(self.path)
            if body is None:
                self._answer(404, b"")
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and repository.ranges else 0
            if start >= len(body) > 0:
                self._answer(416, b"")
                return
            self._answer(206 if start else 200, body[start:])

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if len(body) > 200 and repository.cut_after:
                self.wfile.write(body[: repository.cut_after.pop(0)])
                self.wfile.flush()
                self.close_connection = True
            else:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A Maven repository of our own."""
    served = Repository()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as opened:
        yield opened


@pytest.fixture
def python() -> Callable[[str], list[str]]:
    """A command that runs a few lines of Python."""
    return lambda code: [sys.executable, "-I", "-S", "-c", code]


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds; the limit is only there to end a broken run."""

    def wait(condition: Callable[[], object], what: str = "condition", limit_s: float = 60.0) -> None:
        end = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end, f"never came: {what}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def sleeper(python: Callable[[str], list[str]]) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process, in a group of its own."""
    process = subprocess.Popen(python("import time; time.sleep(600)"), start_new_session=True)
    yield process
    process.kill()
    process.wait()
