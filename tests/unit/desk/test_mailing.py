"""Issues by mail: over a real SMTP server, with a real process that is killed between send and record."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from desk import mailing
from desk.drafts import proposed, signed
from desk.issuing import Issuing
from desk.mailing import Mailer, MailState
from publishers.channels.specs import MailSpec
from publishers.issue_mail import IssueMail
from schemas.bulletin import Bulletin
from schemas.errors import DeliveryError, InvalidItem, UnsureDelivery
from tests.unit.desk.test_issuing import HUIYAO, NOON, begun, issue, opened, step

DAY = "2026-11-20"
ADDRESSES = {"市委办公室": "city@zg.example", "区四套班子": "leaders@zg.example"}
PATIENCE_S = 60.0


class Postbox:
    """Keeps what it takes. While not ``open`` it takes, and does not answer."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, EmailMessage]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.refuse = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse
        made = message_from_bytes(envelope.content, policy=policy.default)
        self.kept.append((envelope.rcpt_tos[0], made))
        await self.open.wait()
        return "250 taken"

    def to(self) -> list[str]:
        return sorted(address.partition("@")[0] for address, _ in self.kept)


@asynccontextmanager
async def post(box: Postbox) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="test"), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def sender(port: int, timeout_s: float = 5.0) -> IssueMail:
    spec = MailSpec(
        kind="mail", name="mail", host="127.0.0.1", port=port, tls="none", sender="信息部 <info@zg.example>",
        timeout_s=timeout_s,
    )  # fmt: skip
    return IssueMail(spec, lambda: ADDRESSES)


async def drained(issuing: Issuing, mail: Any) -> list[tuple[int, str, str]]:
    mailer = Mailer(issuing.mailings, issuing, mail)
    while await mailer.one():
        pass
    return states(issuing)


def states(issuing: Issuing) -> list[tuple[int, str, str]]:
    return [(one.version, one.recipient, one.state.value) for one in issuing.mailings.of(HUIYAO, DAY)]


async def test_an_issue_its_erratum_and_its_withdrawal(tmp_path: Path) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    async with post(box) as port:
        made = issue(issuing, DAY)
        assert states(issuing) == [(1, "区四套班子", "waiting"), (1, "市委办公室", "waiting")]
        await drained(issuing, sender(port))
        await drained(
            opened(tmp_path / "desk.sqlite3"), sender(port)
        )  # another desk on the same file finds nothing to do
        assert box.to() == ["city", "leaders"]
        _, first = box.kept[0]
        assert first["Subject"] == "《今日章贡汇要》第1期（总第1期）2026年11月20日"
        body = first.get_body(("plain",))
        assert body is not None
        assert "沙石镇边坡滑塌" in body.get_content()
        pdf = next(first.iter_attachments())
        assert pdf.get_filename() == "huiyao-2026-11-20.pdf"
        assert pdf.get_content().startswith(b"%PDF")

        draft = begun(issuing, DAY)
        draft = step(issuing, step(issuing, draft, proposed("wang")), signed("li"), by="li")
        issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON)
        await drained(issuing, sender(port))
        assert box.to() == ["city", "city", "leaders", "leaders"]
        assert box.kept[2][1]["Subject"].startswith("【勘误】第2次印发 《今日章贡汇要》第1期")
        assert box.kept[2][1]["In-Reply-To"] in {one["Message-ID"] for _, one in box.kept[:2]}

        issuing.withdraw(HUIYAO, DAY, 2, "引用有误", by="li", at=NOON)
        await drained(issuing, sender(port))
        last = box.kept[-1][1]
        assert last["Subject"].startswith("【撤回】")
        assert "引用有误" in last.get_content()
        assert "沙石镇" not in last.get_content()
        assert len(box.kept) == 6
    assert made.issue_number == 1
    assert "zg.example" not in json.dumps([one.detail for one in issuing.mailings.of(HUIYAO, DAY)])


async def test_what_was_not_sent_yet_is_not_sent_once_a_newer_version_is_out(tmp_path: Path) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    issue(issuing, DAY)
    issuing.withdraw(HUIYAO, DAY, 1, "不该发", by="li", at=NOON)
    async with post(box) as port:
        assert await drained(issuing, sender(port)) == [
            (1, "区四套班子", "superseded"),
            (1, "市委办公室", "superseded"),
        ]
    assert box.kept == []  # nobody is told of the withdrawal of what nobody got


class Withdrawing:
    """A server that says later, while somebody withdraws the issue."""

    def __init__(self, issuing: Issuing) -> None:
        self.issuing = issuing
        self.sent: list[tuple[int, str]] = []

    async def send(self, bulletin: Bulletin, recipient: str) -> str:
        self.sent.append((bulletin.version, recipient))
        if len(self.sent) == 1:
            self.issuing.withdraw(HUIYAO, DAY, 1, "不该发", by="li", at=NOON)
            raise DeliveryError("451 later", recoverable=True)
        return "250 taken"


async def test_what_is_withdrawn_while_it_is_sent_does_not_go_out_after_its_withdrawal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "PAUSES", (timedelta(0), timedelta(0)))
    issuing = opened(tmp_path / "desk.sqlite3")
    issue(issuing, DAY)
    server = Withdrawing(issuing)
    found = await drained(issuing, server)
    assert [version for version, _ in server.sent] == [1, 2]  # the first may have arrived in part: it is told
    assert [state for version, _, state in found if version == 1] == ["superseded", "superseded"]


async def test_what_failed_is_not_sent_again_once_the_issue_is_withdrawn(tmp_path: Path) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    box.refuse = "550 no"
    issue(issuing, DAY)
    async with post(box) as port:
        assert {state for _, _, state in await drained(issuing, sender(port))} == {"failed"}
    issuing.withdraw(HUIYAO, DAY, 1, "不该发", by="li", at=NOON)
    with pytest.raises(InvalidItem):
        issuing.mailings.again(HUIYAO, DAY, 1, "市委办公室")


async def test_later_refused_and_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    box.refuse = "451 later"
    monkeypatch.setattr(mailing, "PAUSES", (timedelta(0), timedelta(0)))
    issue(issuing, DAY)
    async with post(box) as port:
        assert {state for _, _, state in await drained(issuing, sender(port))} == {"failed"}
        assert {one.tries for one in issuing.mailings.of(HUIYAO, DAY)} == {3}
        box.refuse = ""
        issuing.mailings.again(HUIYAO, DAY, 1, "市委办公室")
        assert (1, "市委办公室", "sent") in await drained(issuing, sender(port))
        with pytest.raises(InvalidItem):
            issuing.mailings.again(HUIYAO, DAY, 1, "市委办公室")
    assert box.to() == ["city"]
    nobody = IssueMail(None, lambda: {})
    issuing.mailings.again(HUIYAO, DAY, 1, "区四套班子")
    assert (1, "区四套班子", "failed") in await drained(issuing, nobody)
    with pytest.raises(DeliveryError, match="没有设置邮件通道"):
        await nobody.send(issue(issuing, "2026-11-21"), "区四套班子")


async def test_a_line_that_breaks_after_the_message_leaves_it_open(tmp_path: Path) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    made = issue(issuing, DAY)
    box.open.clear()
    async with post(box) as port:
        with pytest.raises(UnsureDelivery):
            await sender(port, timeout_s=0.5).send(made, "市委办公室")
        box.open.set()
    with pytest.raises(DeliveryError) as caught:
        await sender(port).send(made, "市委办公室")  # nobody listens any more
    assert caught.value.recoverable


async def test_killed_between_send_and_record_nothing_is_sent_twice(tmp_path: Path) -> None:
    issuing, box = opened(tmp_path / "desk.sqlite3"), Postbox()
    issue(issuing, DAY)
    box.open.clear()
    async with post(box) as port:
        first = start(tmp_path, port)
        await until(lambda: len(box.kept) == 1)
        first.kill()
        first.wait()
        assert [state for _, _, state in states(issuing)].count("sending") == 1
        box.open.set()
        second = start(tmp_path, port)
        await until(lambda: {state for _, _, state in states(issuing)} == {"unknown", "sent"})
        second.kill()
        second.wait()
        assert box.to() == ["city", "leaders"]
        # A person asked the recipient, and has it sent again: on the record, under the same id.
        left = next(one for one in issuing.mailings.of(HUIYAO, DAY) if one.state is MailState.UNKNOWN)
        issuing.mailings.again(HUIYAO, DAY, 1, left.recipient)
        assert {state for _, _, state in await drained(issuing, sender(port))} == {"sent"}
    ids = [one["Message-ID"] for _, one in box.kept]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    arguments = [str(folder / "desk.sqlite3"), str(port), json.dumps(ADDRESSES)]
    return subprocess.Popen([sys.executable, "-m", "tests.mailer_main", *arguments])


async def until(done: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not done():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.05)
