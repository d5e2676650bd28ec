"""The body of an answer, decompressed with a bound on every step."""

from __future__ import annotations

import zlib

import httpx

from producers.web.urls import without_user
from schemas.errors import SourceError

_CHUNK = 64 * 1024


class FetchError(SourceError):
    """A fetch failed. ``status`` where the site answered; ``retry_after_s`` where it said when to come back."""

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status, self.retry_after_s = status, retry_after_s


async def read_body(url: str, response: httpx.Response, limit: int, cut: bool) -> bytes:
    """At most ``limit`` bytes after decompression; one 64 kB chunk of gzip may hold 64 MB, so httpx does not unpack.

    With ``cut`` a longer body is cut, else it is refused. Raises FetchError, zlib.error, httpx.HTTPError.
    """
    decoder = _decoder(url, response.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw(_CHUNK):
        data = decoder.feed(chunk, limit + 1 - size)
        parts.append(data)
        size += len(data)
        if size > limit:
            if cut:
                return b"".join(parts)[:limit]
            raise FetchError(f"{without_user(url)}: more than {limit} bytes", hint="raise the size cap")
    if not decoder.complete:
        raise FetchError(f"{without_user(url)}: the compressed body is cut off")
    return b"".join(parts)


class _Plain:
    complete = True

    def feed(self, data: bytes, room: int) -> bytes:
        return data[:room]


class _Inflate:
    """gzip (of several members too), zlib or raw deflate; never gives more than asked for."""

    def __init__(self, window: int) -> None:
        self._window, self._inner, self._fresh = window, zlib.decompressobj(window), True

    @property
    def complete(self) -> bool:
        return self._fresh or self._inner.eof

    def feed(self, data: bytes, room: int) -> bytes:
        parts = b""
        while data and len(parts) < room:
            if self._inner.eof:
                self._inner = zlib.decompressobj(self._window)
            parts += self._decompress(data, room - len(parts))
            self._fresh = False
            data = self._inner.unused_data
        return parts

    def _decompress(self, data: bytes, room: int) -> bytes:
        try:
            return self._inner.decompress(data, room)
        except zlib.error:
            if not self._fresh or self._window != zlib.MAX_WBITS:
                raise
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers send raw deflate under the name deflate
            return self._inner.decompress(data, room)


def _decoder(url: str, encoding: str) -> _Plain | _Inflate:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Inflate(16 + zlib.MAX_WBITS)
    if name == "deflate":
        return _Inflate(zlib.MAX_WBITS)
    raise FetchError(f"{without_user(url)}: content encoding {name!r} was not asked for")
