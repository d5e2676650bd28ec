"""E-mail against a real SMTP server on loopback: taken, refused, later, half-open, and one that is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from publishers.channels.mail import MailChannel
from publishers.channels.specs import MailSpec
from schemas.errors import DeliveryError
from tests.loopback import listening
from tests.unit.processors.alert_town import alert
from tests.unit.publishers.messages import message


class Postbox:
    """Keeps what it takes; says what it is told to."""

    def __init__(self, rcpt: str = "", data: str = "") -> None:
        self.rcpt, self.data = rcpt, data
        self.kept: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if not self.rcpt:
            envelope.rcpt_tos.append(address)
        return self.rcpt or "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if not self.data:
            self.kept.append(envelope)
        return self.data or "250 taken as 42"


@asynccontextmanager
async def post(box: Postbox) -> AsyncIterator[MailChannel]:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="test"), "127.0.0.1", 0)
    try:
        yield channel(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


def channel(port: int) -> MailChannel:
    return MailChannel(
        MailSpec(kind="mail", name="mail", host="127.0.0.1", port=port, tls="none", sender="值班 <duty@zg.example>",
                 timeout_s=0.5)
    )  # fmt: skip


async def test_the_message_as_it_arrives() -> None:
    box = Postbox()
    async with post(box) as mail:
        told = message(alert(level="I"), address="who@zg.example", link="http://d/a/x", repeated=True)
        handed = await mail.tell(told)
    (envelope,) = box.kept
    got = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["who@zg.example"]
    assert got["Subject"] == "【重复】沙石镇一处山体滑坡"
    assert got["Message-ID"] == "<n1@zg.example>"
    assert (got["X-Priority"], got["Auto-Submitted"]) == ("1", "auto-generated")
    assert got.get_content().splitlines() == ["山体滑坡；3人受伤。", "", "签收：http://d/a/x"]
    assert "taken as 42" in handed.detail


@pytest.mark.parametrize(
    ("box", "again"),
    [
        pytest.param(Postbox(rcpt="550 no such user"), False, id="nobody of that name"),
        pytest.param(Postbox(rcpt="450 mailbox busy"), True, id="busy"),
        pytest.param(Postbox(data="554 refused"), False, id="takes the person and refuses the text"),
        pytest.param(Postbox(data="451 later"), True, id="later"),
    ],
)
async def test_a_server_that_does_not_take_it(box: Postbox, again: bool) -> None:
    async with post(box) as mail:
        with pytest.raises(DeliveryError) as caught:
            await mail.tell(message(address="who@zg.example"))
    assert caught.value.recoverable is again
    assert "who@zg.example" not in str(caught.value)


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"220 x\r\n"], ids=["silent", "other", "stuck"])
async def test_a_server_that_says_nothing_or_is_none(greeting: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()

    async with listening(serve) as port:
        with pytest.raises(DeliveryError) as caught:
            await channel(port).tell(message(address="who@zg.example"))
    assert caught.value.recoverable


async def test_a_subject_cannot_smuggle_a_header() -> None:
    box = Postbox()
    async with post(box) as mail:
        await mail.tell(message(alert(title="坍塌\r\nBcc: x@y.example"), address="who@zg.example"))
    got = message_from_bytes(box.kept[0].content, policy=policy.default)
    assert got["Bcc"] is None
    assert box.kept[0].rcpt_tos == ["who@zg.example"]
