"""The connection to Elasticsearch. Errors of the client become ``IndexUnavailable`` here, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from elastic_transport import ObjectApiResponse, TransportError
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError
from elasticsearch.serializer import JsonSerializer

from schemas.connections import ElasticsearchConnection
from schemas.errors import IndexUnavailable

Answer = TypeVar("Answer")

TOO_LARGE = 413
"""Status of a request that is longer than ``http.max_content_length`` (100 MB by default)."""
LATER = frozenset({408, 429, 502, 503, 504})
"""Status codes that say: the same again, later."""
NOT_ALLOWED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Retry:
    """How long to go on by ourselves before the caller is told. Waits double from ``first_s`` to ``longest_s``."""

    tries: int = 6
    first_s: float = 0.1
    longest_s: float = 5.0

    def waits(self) -> Iterator[float]:
        """Seconds to wait after each try."""
        for number in range(self.tries):
            yield min(self.first_s * 2**number, self.longest_s)


class QuickReader(JsonSerializer):
    """Reads answers with orjson, ten times as fast; writes as the client does."""

    def json_loads(self, data: bytes) -> Any:
        """JSON; what only the tolerant reader takes (a lone surrogate), with that."""
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return super().json_loads(data)


def connect(connection: ElasticsearchConnection) -> AsyncElasticsearch:
    """A client for the connection. It does not repeat by itself: what may be repeated is decided here."""
    options: dict[str, Any] = {}
    if connection.api_key is not None:
        options["api_key"] = connection.api_key.get_secret_value()
    elif connection.username is not None and connection.password is not None:
        options["basic_auth"] = (connection.username, connection.password.get_secret_value())
    if connection.ca_file is not None:
        options["ca_certs"] = str(connection.ca_file)
    return AsyncElasticsearch(
        connection.url,
        request_timeout=connection.timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        serializer=QuickReader(),
        **options,
    )


async def ask(call: Callable[[], Awaitable[Answer]], retry: Retry) -> Answer:
    """Do one request; again where the answer says later.

    Every request made through here may be repeated: reading, or writing with ``create`` or ``if_seq_no``. Raises
    IndexUnavailable where Elasticsearch is away, busy for too long, or does not let us in; other errors of the
    request itself (400, 404, 409, 413) stay ``ApiError`` for the caller who knows what they mean.
    """
    last: Exception | None = None
    for wait in retry.waits():
        try:
            return await call()
        except TransportError as error:
            # The agent keeps its records and comes again; a dead connection is not worth holding them up here.
            raise IndexUnavailable(f"Elasticsearch: {error}", hint="is it running? see `huiyao status`") from error
        except (ApiError, UnsupportedProductError) as error:
            last = _judged(error)
            await asyncio.sleep(wait)
    raise IndexUnavailable(f"Elasticsearch is busy: {last}") from last


async def fetch(call: Callable[[], Awaitable[ObjectApiResponse[Any]]], retry: Retry) -> dict[str, Any]:
    """The body of an answer that is expected to be there; any error is IndexUnavailable."""
    try:
        body: dict[str, Any] = (await ask(call, retry)).body
    except ApiError as error:
        raise IndexUnavailable(f"Elasticsearch: {error}") from error
    return body


def _judged(error: ApiError | UnsupportedProductError) -> Exception:
    """The error if it is worth another try; raised otherwise."""
    if isinstance(error, UnsupportedProductError):
        raise IndexUnavailable(f"not Elasticsearch: {error}", hint="check elasticsearch.url") from error
    status = error.meta.status
    if status in NOT_ALLOWED:
        hint = "check user, password or API key, and its rights on the indices"
        raise IndexUnavailable(f"Elasticsearch refuses us: {error}", hint=hint) from error
    if status not in LATER:
        raise error
    return error
