"""Gateways over HTTP described by data: short messages, and any service that takes a request and says what it did.

What a gateway says counts, not its HTTP status: many answer 200 with an error code in the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from processors.alerting import sms
from publishers.channels.message import Message
from publishers.channels.specs import HttpSpec, ReceiptSpec
from schemas.errors import DeliveryError
from schemas.ports import Handed, Receipt

ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that are read: a gateway's word is short, and a hostile one must not fill the memory."""
RECEIPTS_LIMIT = 4 * 1024 * 1024
SERVER_ERROR, UNAVAILABLE = 500, 503
AGAIN = frozenset({408, 425, 429})
NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class HttpGateway:
    """One gateway."""

    def __init__(self, spec: HttpSpec) -> None:
        self.name, self.needs_address = spec.name, spec.needs_address
        self._spec = spec
        self._client = httpx.AsyncClient(timeout=spec.timeout_s, follow_redirects=False)

    async def tell(self, message: Message) -> Handed:
        """Send, in one request or one for each part. Raises DeliveryError."""
        short = message.words.sms(message.link, self._spec.parts)
        pieces = sms.split(short, self._spec.parts) if self._spec.split else [short]
        handed = Handed()
        for number, piece in enumerate(pieces, start=1):
            identity = message.notice.notice_id if len(pieces) == 1 else f"{message.notice.notice_id}-{number}"
            try:
                handed = await self._send(_values(message, piece, identity))
            except DeliveryError as error:
                error.unsure = error.unsure or number > 1  # the part before has gone out
                raise
        return handed

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

    async def _send(self, values: Mapping[str, str]) -> Handed:
        spec = self._spec
        status, body = await self._ask(
            spec.method, spec.url, spec.headers, values, query=spec.query, body=spec.body, form=spec.form
        )
        return self._read(status, body)

    def _read(self, status: int, body: bytes) -> Handed:
        answer = self._spec.answer
        if status not in answer.status:
            again = status in AGAIN or status >= SERVER_ERROR
            raise DeliveryError(f"{self.name}: HTTP {status}", recoverable=again, unsure=perhaps(status))
        if not answer.path and not answer.reference:
            return Handed(f"HTTP {status}")
        document = _document(self.name, body)
        if answer.path:
            said = _text(pick(document, answer.path))
            if said not in answer.equals:
                raise DeliveryError(f"{self.name}: 网关答复{said or '空'}", recoverable=said in answer.again)
        reference = _text(pick(document, answer.reference)) if answer.reference else ""
        if answer.reference and not reference:
            raise DeliveryError(f"{self.name}: 网关未给出回执编号", recoverable=True, unsure=True)
        return Handed(f"HTTP {status}", reference)

    async def receipts(self) -> Sequence[Receipt]:
        """Delivery receipts that are ready now; states that are neither arrived nor failed are passed over."""
        spec = self._spec.receipts
        if spec is None or not spec.url:
            return ()
        status, body = await self._ask(spec.method, spec.url, spec.headers, {}, body=spec.body, limit=RECEIPTS_LIMIT)
        if status not in self._spec.answer.status:
            raise DeliveryError(f"{self.name}: 回执 HTTP {status}", recoverable=True)
        listed = pick(_document(self.name, body), spec.items) if spec.items else _document(self.name, body)
        found = [read_receipt(self.name, one, spec) for one in listed] if isinstance(listed, list) else []
        return [one for one in found if one is not None]

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        values: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> tuple[int, bytes]:
        request = self._client.build_request(
            method,
            url,
            headers={key: fill(value, values) for key, value in headers.items()},
            params={key: fill(value, values) for key, value in (query or {}).items()} or None,
            content=json.dumps(fill(dict(body), values), ensure_ascii=False).encode() if body is not None else None,
            data={key: fill(value, values) for key, value in form.items()} if form is not None else None,
        )
        if body is not None:
            request.headers.setdefault("content-type", "application/json; charset=utf-8")
        try:
            response = await self._client.send(request, stream=True)
            try:
                return response.status_code, await _capped(self.name, response, limit)
            finally:
                await response.aclose()
        except httpx.HTTPError as error:  # the address may carry a key: it is not repeated
            unsure = not isinstance(error, NOT_CONNECTED)
            raise DeliveryError(f"{self.name}: {type(error).__name__}", recoverable=True, unsure=unsure) from error


async def _capped(name: str, response: httpx.Response, limit: int) -> bytes:
    found = b""
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) > limit:
            raise DeliveryError(f"{name}: 网关答复过长", recoverable=True, unsure=True)
    return found


def perhaps(status: int) -> bool:
    """Whether something may have been done all the same: what stands before a server (502, 504) does not know what the
    server did; 503 is a no."""
    return status >= SERVER_ERROR and status != UNAVAILABLE


def _document(name: str, body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise DeliveryError(f"{name}: 网关答复不是 JSON", recoverable=True, unsure=True) from None


def read_receipt(channel: str, one: Any, spec: ReceiptSpec) -> Receipt | None:
    """One receipt; None for a state that is no end yet."""
    reference, state = _text(pick(one, spec.reference)), _text(pick(one, spec.state))
    if not reference or state not in (*spec.arrived, *spec.failed):
        return None
    return Receipt(channel, reference, state in spec.arrived, state)


def _values(message: Message, short: str, identity: str) -> dict[str, str]:
    level = message.notice.level
    return {
        "address": message.address,
        "text": message.words.text,
        "short": short,
        "title": message.words.title,
        "id": identity,
        "link": message.link,
        "level": level.value if level else "",
    }


def fill(value: Any, values: Mapping[str, str]) -> Any:
    """A template with its placeholders filled; what stands in a value is never filled again."""
    if isinstance(value, str):
        pieces = value.split("{")
        filled = [pieces[0]]
        for piece in pieces[1:]:
            name, brace, rest = piece.partition("}")
            filled.append(values[name] + rest if brace and name in values else "{" + piece)
        return "".join(filled)
    if isinstance(value, dict):
        return {key: fill(inner, values) for key, inner in value.items()}
    return [fill(inner, values) for inner in value] if isinstance(value, list) else value


def pick(document: Any, path: str) -> Any:
    """What stands at a dotted path, numbers for places in lists; None where there is nothing."""
    for part in path.split("."):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
