"""Issues sent by mail and message: who is to get what is kept with the issue's number, what was sent with each step.

The intent is written before the send and the outcome after it. A desk that is killed in between leaves ``sending``;
whether that went out is unknown, so it is shown to people and never sent again by itself: nothing goes out twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import structlog

from desk.database import Database
from processors.bulletin_rules import TO, BulletinRule
from schemas.bulletin import Bulletin
from schemas.errors import DeliveryError, FieldError, InvalidItem
from schemas.vocab import BulletinName

SCHEMA = """
CREATE TABLE IF NOT EXISTS bulletin_mails (
    name TEXT NOT NULL, period TEXT NOT NULL, version INTEGER NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL,
    tries INTEGER NOT NULL, due_at TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (name, period, version, recipient)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bulletin_mails_due ON bulletin_mails (state, due_at);
"""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=4))
"""Until the next try, where the server said later; after the last one it is given up."""
PAUSE_S = 2.0
log = structlog.get_logger("desk.mailing")
_COLUMNS = "name, period, version, recipient, state, tries, at, detail"


class MailState(StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        return {
            "waiting": "待发", "sending": "正在发", "sent": "已发", "failed": "没有发出", "unknown": "是否发出不明",
            "superseded": "未发，已有新版",
        }[self.value]  # fmt: skip


AGAIN = (MailState.FAILED, MailState.UNKNOWN)
_OUT = (MailState.SENT.value, MailState.UNKNOWN.value, MailState.SENDING.value)


@dataclass(frozen=True, slots=True)
class Mailed:
    """One mail or message of one version to one recipient. ``at``: of the last step."""

    name: BulletinName
    period: str
    version: int
    recipient: str
    state: MailState
    tries: int
    at: str
    detail: str

    @property
    def channel(self) -> str:
        """``mail``, or the channel of a message."""
        return self.recipient.partition(TO)[0] if TO in self.recipient else "mail"

    @property
    def to(self) -> str:
        """Who gets it; "" for a group."""
        return self.recipient.partition(TO)[2] if TO in self.recipient else self.recipient


class IssueSender(Protocol):
    """Sends one issue to one recipient."""

    async def send(self, bulletin: Bulletin, recipient: str) -> str:
        """What the other side said. Raises DeliveryError, ``unsure`` where it may have taken it."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class Mailings:
    """The record, in the desk's database."""

    def __init__(self, database: Database, rules: Mapping[BulletinName, BulletinRule]) -> None:
        self._database, self._rules = database, rules
        database.ensure(SCHEMA)

    def plan(self, connection: Any, period: str, made: Bulletin) -> None:
        """Who is to get a version, in the transaction that numbers it.

        A version that is not out yet, or failed, is not sent any more. A withdrawal goes to those whom an earlier one
        reached.
        """
        name = made.name.value
        query = f"SELECT DISTINCT recipient FROM bulletin_mails WHERE name = ? AND period = ? AND state IN {_OUT}"  # noqa: S608 - constants
        told = {recipient for (recipient,) in connection.execute(query, (name, period)).fetchall()}
        connection.execute(
            "UPDATE bulletin_mails SET state = ?, at = ? WHERE name = ? AND period = ? AND state IN (?, ?)",
            (MailState.SUPERSEDED.value, _now(), name, period, MailState.WAITING.value, MailState.FAILED.value),
        )
        for recipient in self._rules[made.name].post_to:
            if made.withdrawn and recipient not in told:
                continue
            values = (name, period, made.version, recipient, MailState.WAITING.value, 0, _now(), _now(), "")
            connection.execute("INSERT INTO bulletin_mails VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def claim(self) -> Mailed | None:
        """The next mail that is due, marked as being sent; nobody else gets it."""
        with self._database.transaction() as connection:
            query = (
                f"SELECT {_COLUMNS} FROM bulletin_mails WHERE state = ? AND due_at <= ?"  # noqa: S608 - constants
                " ORDER BY due_at, name, period, version, recipient LIMIT 1"
            )
            found = connection.execute(query, (MailState.WAITING.value, _now())).fetchone()
            if found is None:
                return None
            one = _mailed(found)
            self._set(connection, one, MailState.SENDING, "")
        return one

    def recover(self) -> int:
        """After a start: what was being sent when the desk before ended may be out or not. How many."""
        with self._database.transaction() as connection:
            left = connection.execute(
                f"SELECT {_COLUMNS} FROM bulletin_mails WHERE state = ?",  # noqa: S608 - constants
                (MailState.SENDING.value,),
            ).fetchall()
            for row in left:
                self._set(connection, _mailed(row), MailState.UNKNOWN, "发送时系统中断")
        return len(left)

    def outcome(self, one: Mailed, state: MailState, detail: str) -> None:
        """What became of a try."""
        with self._database.transaction() as connection:
            self._set(connection, one, state, detail, tries=one.tries + 1)

    def later(self, one: Mailed, detail: str) -> None:
        """Another try after a pause; given up after the last, or where a newer version is there."""
        if one.tries >= len(PAUSES):
            self.outcome(one, MailState.FAILED, detail)
            return
        with self._database.transaction() as connection:
            # What came out while this one was being sent could not supersede it then; it must not go out after it.
            newest = max(other.version for other in self.of(one.name, one.period))
            state = MailState.WAITING if one.version == newest else MailState.SUPERSEDED
            due = (datetime.now(UTC) + PAUSES[one.tries]).isoformat()
            self._set(connection, one, state, detail, tries=one.tries + 1, due=due)

    def again(self, name: BulletinName, period: str, version: int, recipient: str) -> None:
        """A person wants a mail sent (again) that failed or whose fate is unknown. Raises InvalidItem."""
        with self._database.transaction() as connection:
            one = next((o for o in self.of(name, period) if (o.version, o.recipient) == (version, recipient)), None)
            newest = max((o.version for o in self.of(name, period)), default=0)
            if one is None or one.state not in AGAIN or version != newest:
                said = "这封不需要再发：已经发出、正在发，或已有新版"
                raise InvalidItem([FieldError("recipient", "is not one to send again", said)])
            self._set(connection, one, MailState.WAITING, "重发", due=_now())

    def of(self, name: BulletinName, period: str) -> list[Mailed]:
        """Everything sent of an issue, newest version first."""
        query = (
            f"SELECT {_COLUMNS} FROM bulletin_mails WHERE name = ? AND period = ?"  # noqa: S608 - constants
            " ORDER BY version DESC, recipient"
        )
        return [_mailed(row) for row in self._database.rows(query, name.value, period)]

    def _set(
        self, connection: Any, one: Mailed, state: MailState, detail: str, *, tries: int | None = None, due: str = ""
    ) -> None:
        connection.execute(
            "UPDATE bulletin_mails SET state = ?, detail = ?, tries = ?, due_at = ?, at = ?"
            " WHERE name = ? AND period = ? AND version = ? AND recipient = ?",
            (state.value, detail[:200], one.tries if tries is None else tries, due or _now(), _now(),
             one.name.value, one.period, one.version, one.recipient),
        )  # fmt: skip


class Mailer:
    """Sends what waits, one after the other, while the desk lives."""

    def __init__(self, mailings: Mailings, issues: Issues, sender: IssueSender) -> None:
        self._mailings, self._issues, self._sender = mailings, issues, sender

    async def run(self) -> None:
        """Until cancelled."""
        left = await asyncio.to_thread(self._mailings.recover)
        if left:
            log.warning("mails.unknown", count=left)
        while True:
            try:
                while await self.one():
                    pass
            except Exception:
                log.exception("mails.failed")
            await asyncio.sleep(PAUSE_S)

    async def one(self) -> bool:
        """Send one that is due; whether there was one."""
        found = await asyncio.to_thread(self._mailings.claim)
        if found is None:
            return False
        issue = await asyncio.to_thread(self._issues.version, found.name, found.period, found.version)
        if issue is None:
            await asyncio.to_thread(self._mailings.outcome, found, MailState.FAILED, "没有这一版")
            return True
        await self._send(found, issue)
        return True

    async def _send(self, found: Mailed, issue: Bulletin) -> None:
        keep = self._mailings.outcome
        try:
            said = await self._sender.send(issue, found.recipient)
        except DeliveryError as error:
            if error.unsure:
                await asyncio.to_thread(keep, found, MailState.UNKNOWN, str(error))
            elif error.recoverable:
                await asyncio.to_thread(self._mailings.later, found, str(error))
            else:
                await asyncio.to_thread(keep, found, MailState.FAILED, str(error))
        except Exception as error:
            await asyncio.to_thread(keep, found, MailState.UNKNOWN, type(error).__name__)
            raise
        else:
            await asyncio.to_thread(keep, found, MailState.SENT, said)
        log.info("mail.tried", bulletin=found.name.value, period=found.period, version=found.version)


class Issues(Protocol):
    """Where the versions of issues are."""

    def version(self, name: BulletinName, period: str, version: int) -> Bulletin | None:
        """One version."""
        ...


def _mailed(row: tuple[Any, ...]) -> Mailed:
    name, period, version, recipient, state, tries, at, detail = row
    return Mailed(BulletinName(name), period, version, recipient, MailState(state), tries, at, detail)


def _now() -> str:
    return datetime.now(UTC).isoformat()
