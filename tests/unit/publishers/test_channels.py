"""Channels against real loopback servers: taken, refused, down; signatures that verify."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from publishers.channels.log import LogChannel
from publishers.channels.webhook import WebhookChannel
from schemas.alert import Alert
from schemas.errors import DeliveryError
from tests.loopback import gateway, raw
from tests.unit.publishers.messages import message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
ALERT = Alert(
    alert_id="a1",
    incident="i1",
    alert_version=1,
    district="zhanggong",
    level="III",
    stage="first",
    reason="new",
    title="沙石镇山体滑坡",
    text="沙石镇山体滑坡，3人受伤",
    raised_at=NOON,
)


@contextmanager
def server(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server that answers with ``status`` and keeps what it got."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/hook", got
    finally:
        http.shutdown()
        http.server_close()


async def test_a_webhook_is_signed_and_verifies() -> None:
    with server(204) as (url, got):
        channel = WebhookChannel(url, SECRET)
        assert await channel.send(ALERT, repeated=True) == "HTTP 204"
        await channel.close()
    [(headers, body)] = got
    assert headers["webhook-id"] == "a1"
    message = Webhook(SECRET).verify(body.decode(), headers)
    assert message["data"]["repeated"] is True
    assert message["data"]["title"] == "沙石镇山体滑坡"
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(body.decode().replace("3人", "0人"), headers)


async def test_a_notice_is_signed_and_an_old_copy_of_it_does_not_verify() -> None:
    """Standard Webhooks: id and time are under the signature, so that a receiver can refuse a replay."""
    with server(204) as (url, got):
        channel = WebhookChannel(url, SECRET)
        await channel.tell(message(link="http://d/a/x"))
        await channel.close()
    [(headers, body)] = got
    assert headers["webhook-id"] == "n1"
    told = Webhook(SECRET).verify(body.decode(), headers)
    assert (told["type"], told["data"]["purpose"], told["data"]["link"]) == ("alert.notice", "first", "http://d/a/x")
    old = str(int(headers["webhook-timestamp"]) - 600)
    with pytest.raises(Exception, match="too old"):
        Webhook(SECRET).verify(body.decode(), headers | {"webhook-timestamp": old})
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(body.decode(), headers | {"webhook-id": "n2"})


async def test_a_half_open_webhook_and_an_endless_answer() -> None:
    async with gateway(None) as silent:
        channel = WebhookChannel(silent.base, None, timeout_s=0.3)
        with pytest.raises(DeliveryError) as caught:
            await channel.send(ALERT, repeated=False)
        await channel.close()
    assert caught.value.recoverable
    async with gateway(raw(b"x" * 1_000_000, length=10**9)) as chatty:
        channel = WebhookChannel(chatty.base, None, timeout_s=0.3)
        assert await channel.send(ALERT, repeated=False) == "HTTP 200"
        await channel.close()


@pytest.mark.parametrize(("status", "recoverable"), [(500, True), (429, True), (408, True), (404, False), (410, False)])
async def test_refusals_say_whether_to_try_again(status: int, recoverable: bool) -> None:
    with server(status) as (url, _):
        channel = WebhookChannel(url, None)
        with pytest.raises(DeliveryError, match=f"HTTP {status}") as caught:
            await channel.send(ALERT, repeated=False)
        await channel.close()
    assert caught.value.recoverable is recoverable


async def test_a_dead_server_is_worth_another_try() -> None:
    with server(204) as (url, _):
        pass  # gone now
    channel = WebhookChannel(url, None)
    with pytest.raises(DeliveryError) as caught:
        await channel.send(ALERT, repeated=False)
    await channel.close()
    assert caught.value.recoverable


async def test_the_log_channel_leaves_one_line() -> None:
    with capture_logs() as lines:
        assert await LogChannel().send(ALERT, repeated=False) == "logged"
    [line] = lines
    assert (line["log_level"], line["alert_id"], line["level"], line["repeated"]) == ("warning", "a1", "III", False)
