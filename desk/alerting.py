"""What the desk does for alerts beside showing them: answers, subscriptions, silences, CAP. All facts are decisions."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from desk.decisions import after_all
from desk.index import Document
from desk.services import ALERT_SORT, Desk
from desk.stores import Connection
from processors.alerting.rules import WEB, blanket
from schemas.alert import Alert
from schemas.decision import Action, Decision, SubjectType
from schemas.errors import FieldError, IndexUnavailable, InvalidItem
from schemas.ids import digest
from schemas.subscription import Silence, Subscription

LOOPBACK = ("127.0.0.1", "::1", "localhost")
Answer = Literal["acknowledge", "confirm", "reject"]


async def answer(desk: Desk, alert_id: str, by: str, action: Answer) -> Decision:
    """A person's word on an alert. Safe when this returns; the alert worker acts on it without the index."""
    now = desk.deps.clock.now()
    identity = digest(action, "alert", alert_id, by, now.isoformat(timespec="seconds"))
    decision = _decision(desk, identity, "alert", alert_id, action, by, now, {})
    await asyncio.to_thread(desk.database.put_decision, decision)
    desk.people.record(by, "decided", alert_id, action)
    desk.outbox.wake()
    return decision


async def known(desk: Desk, alert_id: str) -> dict[str, Any] | None:
    """The alert as the index has it; None where it has not."""
    return await desk.index.one("alerts", alert_id, [desk.here])


def by_event(alerts: Sequence[Document]) -> list[list[Document]]:
    """Alerts of one incident together, in the order of the first of each: the news and, under it, what it followed."""
    events: dict[str, list[Document]] = {}
    for one in alerts:
        events.setdefault(one["incident"], []).append(one)
    return list(events.values())


async def shown(desk: Desk, alert_id: str) -> dict[str, Any]:
    """What the page behind a signed link shows: the alert, or its id where the index is away or behind."""
    try:
        found = await known(desk, alert_id)
    except IndexUnavailable:
        found = None
    return found or {"alert_id": alert_id, "title": "预警", "text": "内容暂时无法显示，签收照常有效。", "signed": True}


async def subscribe(desk: Desk, body: Subscription, by: str) -> dict[str, Any]:
    """Keep a subscription and tell the alert worker; the same one twice is one. Raises InvalidItem."""
    check_channel(body.channel, desk.deps.duty.channels)
    content = body.model_dump(mode="json")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    identifier = hashlib.sha256(text.encode()).hexdigest()[:16]
    record = {"id": identifier, **content}

    def keep(connection: Connection) -> bool:
        values = (identifier, json.dumps(record, ensure_ascii=False), datetime.now(UTC).isoformat())
        query = "INSERT INTO subscriptions VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
        connection.execute(query, values)
        return True

    await _together(desk, "subscription", identifier, "subscribe", by, {"subscription": content}, keep)
    return record


def check_channel(channel: str, names: frozenset[str] | None) -> None:
    """A channel of the district, or a web address that messages may be posted to. Raises InvalidItem."""
    if channel.startswith(WEB):
        try:
            scheme, host = urlsplit(channel).scheme, urlsplit(channel).hostname
        except ValueError:
            scheme, host = "", None
        if not host:
            raise InvalidItem([FieldError("channel", "is no address of a host", "订阅地址不完整")])
        if scheme != "https" and host not in LOOPBACK:
            raise InvalidItem([FieldError("channel", "a webhook address must be https", "订阅地址须为 https")])
    elif names is not None and channel not in names:
        known = ", ".join(sorted(names))
        said = f"没有这个通道；可用：{'、'.join(sorted(names))}，或 https 地址"
        raise InvalidItem([FieldError("channel", f"unknown channel; one of: {known}, or an https address", said)])


async def unsubscribe(desk: Desk, identifier: str, by: str) -> bool:
    """Take a subscription back; False where there is none."""
    query = "DELETE FROM subscriptions WHERE id = ?"
    return await _together(desk, "subscription", identifier, "unsubscribe", by, {}, _forgotten(query, identifier))


async def silence(desk: Desk, body: Silence, by: str) -> dict[str, Any]:
    """Keep quiet what matches until its end. Raises InvalidItem for one that names nothing or has ended."""
    wrong = []
    if blanket(body):
        wrong.append(FieldError("", "name what to silence: an empty silence would turn alerts off", "请写明静默对象"))
    if body.ends_at <= desk.deps.clock.now():
        wrong.append(FieldError("ends_at", "has passed", "结束时间已过"))
    elif body.ends_at.year > desk.deps.clock.now().year + 1:  # what has an end in name only turns alerts off
        wrong.append(FieldError("ends_at", "too far away", "结束时间过远，请核对日期"))
    if wrong:
        raise InvalidItem(wrong)
    content = body.model_dump(mode="json")
    identifier = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    record = {"id": identifier, "by": by, **content}

    def keep(connection: Connection) -> bool:
        connection.execute(
            "INSERT INTO silences VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body, ends_at = excluded.ends_at",
            (identifier, json.dumps(record, ensure_ascii=False), record["ends_at"]),
        )
        return True

    await _together(desk, "silence", identifier, "silence", by, {"silence": content}, keep)
    return record


async def unsilence(desk: Desk, identifier: str, by: str) -> bool:
    """End a silence now; False where there is none."""
    query = "DELETE FROM silences WHERE id = ?"
    return await _together(desk, "silence", identifier, "unsilence", by, {}, _forgotten(query, identifier))


async def silences(desk: Desk) -> list[dict[str, Any]]:
    """Those that have not ended, the next to end first."""
    now = desk.deps.clock.now()
    bodies = await asyncio.to_thread(_silences, desk)
    return [one for one in bodies if datetime.fromisoformat(one["ends_at"]) > now]


async def cap_alert(desk: Desk, alert_id: str) -> tuple[Alert, list[Alert]] | None:
    """(the alert, all alerts of its incident); None where there is none."""
    found = await known(desk, alert_id)
    if found is None:
        return None
    alert = Alert.model_validate(found)
    query = [desk.here, {"term": {"incident": alert.incident}}]
    return alert, [Alert.model_validate(one) for one in await desk.index.all("alerts", query, sort=ALERT_SORT)]


async def newest(desk: Desk, size: int) -> list[Alert]:
    """The newest alerts."""
    page = await desk.index.page("alerts", [desk.here], sort=ALERT_SORT, size=size)
    return [Alert.model_validate(one) for one in page.items]


async def _together(
    desk: Desk,
    subject_type: SubjectType,
    subject: str,
    action: Action,
    by: str,
    details: dict[str, Any],
    change: Callable[[Connection], bool],
) -> bool:
    """What the desk lists and what the alert worker hears, both or neither; False where ``change`` changed nothing."""

    def put() -> bool:
        with desk.database.transaction() as connection:
            if not change(connection):
                return False
            before = desk.database.decisions_on(subject_type, subject)
            at = after_all(before, desk.deps.clock.now())
            # Taken back and made again within a second are two decisions, and in this order.
            identity = digest(action, subject_type, subject, by, str(len(before)))
            made = _decision(desk, identity, subject_type, subject, action, by, at, details)
            desk.database.keep_decision(connection, made)
        return True

    done = await asyncio.to_thread(put)
    if done:
        desk.people.record(by, "decided", subject, action)
        desk.outbox.wake()
    return done


def _forgotten(query: str, identifier: str) -> Callable[[Connection], bool]:
    return lambda connection: connection.execute(query, (identifier,)).rowcount > 0


def _decision(
    desk: Desk,
    identity: str,
    subject_type: SubjectType,
    subject: str,
    action: Action,
    by: str,
    at: datetime,
    details: dict[str, Any],
) -> Decision:
    return Decision(
        decision_id=identity, district=desk.deps.district, subject_type=subject_type, subject_id=subject,
        action=action, by=by, at=at, details=details,
    )  # fmt: skip


def _silences(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(body) for (body,) in desk.database.rows("SELECT body FROM silences ORDER BY ends_at, id")]
