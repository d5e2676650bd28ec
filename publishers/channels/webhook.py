"""The webhook channel: alerts as JSON, signed by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import aiohttp
from standardwebhooks import Webhook

from processors.alerting.resuming import shown
from publishers.channels.gateway import SERVER_ERROR, perhaps
from publishers.channels.message import Message
from schemas.alert import Alert
from schemas.errors import DeliveryError
from schemas.ports import Handed

TIMEOUT_S = 10.0
GONE = 410
TOO_MANY = 429
REDIRECT = 300
BODY_LIMIT = 64 * 1024


class WebhookChannel:
    """Posts alerts to one address. ``secret`` is ``whsec_`` and base64; None sends unsigned (loopback only)."""

    needs_address = False

    def __init__(self, url: str, secret: str | None, *, name: str = "webhook", timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self._url, self._host = url, shown(url)
        self._signer = Webhook(secret) if secret else None
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Post the alert; 2xx is success, 408, 429 and 5xx are worth another try, the rest is not."""
        return await self._post(alert.alert_id, payload(alert, repeated=repeated))

    async def tell(self, message: Message) -> Handed:
        """Post a notice: its alerts as its reader may see them, with purpose and link."""
        return Handed(await self._post(message.notice.notice_id, notice_payload(message)))

    async def _post(self, identity: str, body: str) -> str:
        try:
            async with self._opened().post(
                self._url, data=body.encode(), headers=self._headers(identity, body), allow_redirects=False
            ) as response:
                await _read_off(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            unsure = not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
            raise DeliveryError(f"{self._host}: {type(error).__name__}", recoverable=True, unsure=unsure) from error
        if response.ok and response.status < REDIRECT:
            return f"HTTP {response.status}"
        recoverable = response.status in (408, TOO_MANY) or response.status >= SERVER_ERROR
        unsure = perhaps(response.status)
        raise DeliveryError(f"{self._host}: HTTP {response.status}", recoverable=recoverable, unsure=unsure)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        """Give back connections."""
        if self._session is not None:
            await self._session.close()

    def _headers(self, identity: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.sign(identity, now, body)
        return headers


async def _read_off(response: aiohttp.ClientResponse) -> None:
    """The status is the answer. A short body is read off, so that the connection can be used again."""
    size = 0
    try:
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > BODY_LIMIT:
                return response.close()
    except (aiohttp.ClientError, TimeoutError):
        response.close()
    return None


def payload(alert: Alert, *, repeated: bool) -> str:
    """The body: ``{"type": "alert.raised", "timestamp": …, "data": alert}``; ``repeated``: a second copy (重复)."""
    data = alert.model_dump(mode="json") | {"repeated": repeated}
    return json.dumps(
        {"type": "alert.raised", "timestamp": alert.raised_at.isoformat(), "data": data}, ensure_ascii=False
    )


def notice_payload(message: Message) -> str:
    """``{"type": "alert.notice", "timestamp": …, "data": {…}}``: recipient, purpose, title, text, link, alerts."""
    notice = message.notice
    data = {
        "notice_id": notice.notice_id,
        "recipient": notice.recipient,
        "purpose": notice.purpose.value,
        "title": message.words.title,
        "text": message.words.text,
        "link": message.link,
        "repeated": message.repeated,
        "alerts": [one.model_dump(mode="json") for one in message.alerts],
    }
    return json.dumps({"type": "alert.notice", "timestamp": notice.at.isoformat(), "data": data}, ensure_ascii=False)
