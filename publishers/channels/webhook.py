"""The webhook channel: alerts as JSON, signed by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from publishers.channels.message import Message
from schemas.alert import Alert
from schemas.errors import DeliveryError
from schemas.ports import Handed

TIMEOUT_S = 10.0
GONE = 410
TOO_MANY = 429
SERVER_ERROR = 500


class WebhookChannel:
    """Posts alerts to one address. ``secret`` is ``whsec_`` and base64; None sends unsigned (loopback only)."""

    needs_address = False

    def __init__(self, url: str, secret: str | None, *, name: str = "webhook") -> None:
        self.name = name
        self._url = url
        self._signer = Webhook(secret) if secret else None
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Post the alert; 2xx is success, 408, 429 and 5xx are worth another try, the rest is not."""
        return await self._post(alert.alert_id, payload(alert, repeated=repeated))

    async def tell(self, message: Message) -> Handed:
        """Post a notice: its alerts as its reader may see them, with purpose and link."""
        return Handed(await self._post(message.notice.notice_id, notice_payload(message)))

    async def _post(self, identity: str, body: str) -> str:
        try:
            headers = self._headers(identity, body)
            async with self._client.stream("POST", self._url, content=body, headers=headers) as response:
                pass  # the status is the answer; a body, however long, is not read
        except httpx.TransportError as error:
            raise DeliveryError(f"{self._url}: {type(error).__name__}: {error}", recoverable=True) from error
        if response.is_success:
            return f"HTTP {response.status_code}"
        recoverable = response.status_code in (408, TOO_MANY) or response.status_code >= SERVER_ERROR
        raise DeliveryError(f"{self._url}: HTTP {response.status_code}", recoverable=recoverable)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

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
