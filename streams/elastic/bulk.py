"""One bulk request, with every item of its answer read and given a name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import orjson
from elasticsearch import ApiError, AsyncElasticsearch

from processors.fold import Document
from schemas.errors import IndexUnavailable
from streams.elastic.client import LATER, NOT_ALLOWED, TOO_LARGE, Retry, ask

CHUNK_WRITES = 1_000
CHUNK_BYTES = 4 * 1024 * 1024
"""Elastic's own advice is 5 to 15 MB a request; smaller keeps one request short for what waits behind it."""

_CONFLICT, _MISSING = 409, 404
_OK_BELOW, _FAULT_FROM = 300, 500
_KEPT = ["items.*.status", "items.*.error.type", "items.*.error.reason", "items.*.error.caused_by.reason"]


class Verdict(StrEnum):
    """What became of one write."""

    DONE = "done"
    CONFLICT = "conflict"
    """Somebody else wrote the document meanwhile: read and fold again."""
    GONE = "gone"
    """The index is not there any more: the aliases were switched, or the month's retention is over."""
    LATER = "later"
    """The same again later: 429, 503."""
    CLOSED = "closed"
    """Writing is blocked: a rebuild is switching the indices."""
    REFUSED = "refused"
    """Never: the document does not fit the mapping, or is too large."""


@dataclass(frozen=True, slots=True)
class Write:
    """One document to write. Without ``at`` it must be new; else it must be as it was at (seq_no, primary_term).

    ``document`` None removes it.
    """

    index: str
    id: str
    document: Document | None
    at: tuple[int, int] | None = None

    def lines(self) -> bytes:
        """The write as lines of a bulk request."""
        meta: dict[str, Any] = {"_index": self.index, "_id": self.id}
        if self.at is not None:
            meta |= {"if_seq_no": self.at[0], "if_primary_term": self.at[1]}
        if self.document is None:
            return encoded({"delete": meta})
        return encoded({"index" if self.at else "create": meta}) + b"\n" + encoded(self.document)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a write, and why."""

    verdict: Verdict
    reason: str = ""


def encoded(value: Document) -> bytes:
    """JSON on one line; integers beyond 64 bits, which orjson refuses, go the slow way."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False).encode()


async def send(
    client: AsyncElasticsearch, writes: Sequence[Write], retry: Retry, *, refresh: bool | str = False
) -> list[Answer]:
    """Write all; one answer for each, in order. Raises IndexUnavailable."""
    answers: list[Answer] = []
    for chunk in _chunks([write.lines() for write in writes]):
        answers.extend(await _request(client, chunk, retry, refresh))
    return answers


def _chunks(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        if chunk and (len(chunk) >= CHUNK_WRITES or size + len(line) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line)
    if chunk:
        yield chunk


async def _request(client: AsyncElasticsearch, lines: list[bytes], retry: Retry, refresh: bool | str) -> list[Answer]:
    ready: Any = lines  # the client passes bytes through as they are
    call = partial(client.bulk, operations=ready, refresh=refresh, filter_path=_KEPT)
    try:
        answer = await ask(call, retry)
    except ApiError as error:
        if error.meta.status == TOO_LARGE:
            return await _halves(client, lines, retry, refresh)
        raise IndexUnavailable(f"Elasticsearch did not take a bulk request: {error}") from error
    return [_answer(next(iter(item.values()))) for item in answer.body["items"]]


async def _halves(client: AsyncElasticsearch, lines: list[bytes], retry: Retry, refresh: bool | str) -> list[Answer]:
    if len(lines) == 1:
        return [Answer(Verdict.REFUSED, f"{len(lines[0])} bytes are more than Elasticsearch takes")]
    middle = len(lines) // 2
    first = await _request(client, lines[:middle], retry, refresh)
    return first + await _request(client, lines[middle:], retry, refresh)


def _answer(item: dict[str, Any]) -> Answer:
    status, error = int(item["status"]), item.get("error") or {}
    cause = (error.get("caused_by") or {}).get("reason", "")
    reason = f"{status} {error.get('type', '')}: {error.get('reason', '')} {cause}".strip()
    if status < _OK_BELOW:
        return Answer(Verdict.DONE)
    if status == _CONFLICT:
        return Answer(Verdict.CONFLICT, reason)
    if status == _MISSING:
        return Answer(Verdict.GONE, reason)
    if status in NOT_ALLOWED:
        return Answer(Verdict.CLOSED, reason)
    later = status in LATER or status >= _FAULT_FROM
    return Answer(Verdict.LATER if later else Verdict.REFUSED, reason)
