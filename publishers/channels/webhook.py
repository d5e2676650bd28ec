"""The webhook channel: alerts as JSON, signed by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from schemas.alert import Alert
from schemas.errors import DeliveryError

TIMEOUT_S = 10.0
GONE = 410
TOO_MANY = 429
SERVER_ERROR = 500


class WebhookChannel:
    """Posts alerts to one address. ``secret`` is ``whsec_`` and base64; None sends unsigned (loopback only)."""

    def __init__(self, url: str, secret: str | None, *, name: str = "webhook") -> None:
        self.name = name
        self._url = url
        self._signer = Webhook(secret) if secret else None
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Post the alert; 2xx is success, 408, 429 and 5xx are worth another try, the rest is not."""
        body = payload(alert, repeated=repeated)
        try:
            response = await self._client.post(self._url, content=body, headers=self._headers(alert, body))
        except httpx.TransportError as error:
            raise DeliveryError(f"{self._url}: {type(error).__name__}: {error}", recoverable=True) from error
        if response.is_success:
            return f"HTTP {response.status_code}"
        recoverable = response.status_code in (408, TOO_MANY) or response.status_code >= SERVER_ERROR
        raise DeliveryError(f"{self._url}: HTTP {response.status_code}", recoverable=recoverable)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

    def _headers(self, alert: Alert, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": alert.alert_id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.sign(alert.alert_id, now, body)
        return headers


def payload(alert: Alert, *, repeated: bool) -> str:
    """The body: ``{"type": "alert.raised", "timestamp": …, "data": alert}``; ``repeated``: a second copy (重复)."""
    data = alert.model_dump(mode="json") | {"repeated": repeated}
    return json.dumps(
        {"type": "alert.raised", "timestamp": alert.raised_at.isoformat(), "data": data}, ensure_ascii=False
    )
