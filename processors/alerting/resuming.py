"""The next attempt of a notice, and what a restart does with one of which no end is recorded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from processors.alerting.raising import STALE_AFTER
from schemas.alert import Alert, Delivery, Outcome
from schemas.ids import digest
from schemas.vocab import Level

SEND_AGAIN: frozenset[Level | None] = frozenset({Level.I, Level.II, None})
"""Levels where a second copy is better than none; undecided counts as urgent."""
TRIES_BEFORE_NEXT = 2
"""Tries on a channel that has another behind it (ours, no source): a person is reached sooner by the next one."""


class Resume(StrEnum):
    """What a restart does with an attempt of which no end is recorded."""

    SEND_REPEATED = "send_repeated"
    RECORD_UNKNOWN = "record_unknown"
    RECORD_NOT_SENT = "record_not_sent"
    SETTLED = "settled"


def delivery_id(alert: str, channel: str, tries: int, outcome: Outcome, notice: str = "") -> str:
    """Deterministic over alert, notice, channel, attempt and outcome."""
    return digest("delivery", alert, channel, str(tries), outcome.value, *([notice] if notice else []))


def shown(channel: str) -> str:
    """A channel as it stands in records and logs: an address may carry a key, so of one only host and a digest."""
    if "://" not in channel:
        return channel
    host = channel.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"{host.partition('?')[0]}#{digest(channel)[:6]}"


def next_attempt(channels: Sequence[str], attempts: Sequence[Delivery], most_tries: int) -> tuple[str, int] | None:
    """(channel, number of the try) after the attempts so far; None where it arrived or nothing is left to try.

    A channel with another behind it is tried ``TRIES_BEFORE_NEXT`` times, the last one ``most_tries`` times.
    """
    lost = {one.channel for one in attempts if one.outcome is Outcome.UNDELIVERABLE}
    if any(one.outcome is not Outcome.FAILED and one.channel not in lost for one in attempts):
        return None
    for position, channel in enumerate(channels):
        mine = [one for one in attempts if one.channel == shown(channel)]
        tried = max((one.tries for one in mine), default=0)
        allowed = most_tries if position == len(channels) - 1 else min(TRIES_BEFORE_NEXT, most_tries)
        over = shown(channel) in lost or any(one.final for one in mine)
        if tried < allowed and not over:
            return channel, tried + 1
    return None


def resume(
    alert: Alert,
    attempts: Sequence[Delivery],
    now: datetime,
    *,
    channels: Sequence[str],
    most_tries: int,
    planned_at: datetime | None = None,
    stale_after: timedelta = STALE_AFTER,
) -> Resume:
    """For one notice after a restart. The process may have died between the send and its record.

    Levels I, II and undecided are sent again, marked 重复; III and IV are recorded as unknown. An attempt that failed
    before and has tries left is known not to have arrived, and goes on whatever the level. Old news stays unsent.
    """
    if next_attempt(channels, attempts, most_tries) is None:
        return Resume.SETTLED
    if alert.news_at is not None and alert.raised_at - alert.news_at > stale_after:
        return Resume.RECORD_NOT_SENT
    if now - (planned_at or alert.raised_at) > stale_after:
        return Resume.RECORD_UNKNOWN
    return Resume.SEND_REPEATED if attempts or alert.level in SEND_AGAIN else Resume.RECORD_UNKNOWN
