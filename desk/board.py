"""The duty board: open incidents with their clocks, alerts that wait for a person, who is silent, how sources stand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from desk.filters import term
from desk.index import LIST_LIMIT, Document
from desk.services import ALERT_SORT, OPEN_FIRST, Desk
from desk.workers import worker_states
from processors.incident_clocks import shown
from producers.health import SourceHealth
from schemas.alert import AlertReason, NoticeVerdict, Outcome, Purpose
from schemas.base import local_day
from schemas.decision import Action
from schemas.incident import IncidentClock
from schemas.vocab import Side

DEAD_LETTERS_S = 2.0
"""The board does not wait longer for Kafka to say how many dead letters there are."""
_WHY = {
    NoticeVerdict.UNCONFIRMED: "待人核实后再报告", NoticeVerdict.REJECTED: "已判为不属实",
    NoticeVerdict.SILENCED: "静默中", NoticeVerdict.INHIBITED: "有更高级别的预警", NoticeVerdict.DIGEST: "等汇总",
    NoticeVerdict.OUTSIDE_HOURS: "不在接收时段", NoticeVerdict.GROUPED: "与下一条合并",
    NoticeVerdict.RATE_LIMITED: "发送过密，稍后", NoticeVerdict.STALE: "旧消息，不再发送",
    NoticeVerdict.NEVER_TOLD: "未曾告知，不必解除", NoticeVerdict.TOLD: "已告知",
}  # fmt: skip
_KEPT = ("alert_id", "incident", "level", "reason", "title", "text", "doubts", "signed", "raised_at")
UNDECIDED = "undecided"
_ARRIVED = (Outcome.DELIVERED.value, Outcome.RECEIVED.value)


async def board(desk: Desk) -> dict[str, Any]:
    """Everything of the board as plain JSON, as of ``now`` of the instance's clock. Raises IndexUnavailable."""
    now = desk.deps.clock.now()
    day = local_day(now)
    counts, incidents, (alerts, unlisted), silent, letters, workers = await asyncio.gather(
        desk.counts(day),
        desk.incidents(open_only=True, size=LIST_LIMIT),
        _alerts(desk),
        desk.silent(day),
        _dead_letters(desk),
        asyncio.to_thread(worker_states, desk.deps.metrics_dir),
    )
    found = [_incident(one, now) for one in incidents.items if not one.get("merged_into")]
    settled = {one["incident"] for one in incidents.items if one.get("confirmed_by") or one.get("rejected")}
    return {
        "now": now.isoformat(), "day": day, "counts": counts,
        "incidents": sorted(found, key=_next_deadline),
        "alerts": _waiting(desk, alerts, settled), "alerts_unlisted": unlisted,
        "silent": silent,
        "sources": [_source(one, now) for one in desk.deps.source_health()],
        "workers": [asdict(one) for one in workers],
        "dead_letters": letters,
    }  # fmt: skip


async def _dead_letters(desk: Desk) -> int | None:
    try:
        return await asyncio.wait_for(asyncio.to_thread(desk.deps.dead_letters), DEAD_LETTERS_S)
    except TimeoutError:
        return None


# -- incidents --------------------------------------------------------------------------------------------------------


def _incident(one: Document, now: datetime) -> dict[str, Any]:
    clocks = [_clock(IncidentClock.model_validate(clock), now) for clock in one.get("clocks") or []]
    clocks.sort(key=lambda clock: (clock["met"], clock["deadline"]))
    kept = ("incident", "title", "level", "stage", "event_type", "place", "signed", "facts", "changed_at", "next_due")
    doubts = [doubt for source in one.get("sources") or [] for doubt in source.get("doubts") or []]
    return {name: one.get(name) for name in kept} | {
        "clocks": clocks,
        "doubts": doubts,
        "contradictions": [change for change in one.get("changes") or [] if change.get("contradiction")],
        "confirmed": bool(one.get("confirmed_by")),
    }


def _clock(clock: IncidentClock, now: datetime) -> dict[str, Any]:
    return {
        "name": clock.name, "side": clock.side.value, "side_name": clock.side.label, "upward": clock.side is Side.CITY,
        "deadline": clock.deadline.isoformat(), "met": clock.met_at is not None,
        "overdue": clock.met_at is None and now > clock.deadline, "said": shown(clock, now),
    }  # fmt: skip


def _next_deadline(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """What runs out first stands first; without a running clock the last changed."""
    running = [datetime.fromisoformat(clock["deadline"]) for clock in one["clocks"] if not clock["met"]]
    changed = datetime.fromisoformat(one["changed_at"]).timestamp()
    return (not running, min(running).timestamp() if running else 0, -changed)


# -- alerts -----------------------------------------------------------------------------------------------------------


async def _alerts(desk: Desk) -> tuple[list[Document], int]:
    """Alerts that nobody has acknowledged or, after them, that a person may have to confirm, newest first; and of their
    incidents those on which a person has said so. With the number of those for which there is no room."""
    signed_by_a_report = {"terms": {"kinds": [kind.value for kind in desk.deps.alert_policy.declared_kinds]}}
    flagged = {"bool": {"should": [term("signed", "false"), {"bool": {"must_not": [signed_by_a_report]}}]}}
    unsaid = {"bool": {"filter": [term("verdict", "null"), flagged]}}
    waits = {"bool": {"should": [term("acknowledged", "false"), unsaid]}}
    page = await desk.index.page("alerts", [desk.here, waits], sort=OPEN_FIRST, size=LIST_LIMIT)
    found = page.items
    incidents = {"terms": {"incident": sorted({one["incident"] for one in found})}}
    said = [desk.here, incidents, {"exists": {"field": "verdict"}}]
    known = {one["alert_id"] for one in found}
    others = (await desk.index.page("alerts", said, sort=ALERT_SORT, size=LIST_LIMIT)).items if found else []
    listed = [*found, *(one for one in others if one["alert_id"] not in known)]
    return listed, page.total - len(found)


def _waiting(desk: Desk, alerts: list[Document], settled: set[str]) -> list[dict[str, Any]]:
    """Those that wait for a person: what is to be confirmed first, then what nobody acknowledged."""
    ours = {one["alert_id"]: {each.action for each in desk.database.decisions_on("alert", one["alert_id"])}
            for one in alerts}  # fmt: skip
    said = {one["alert_id"]: one.get("verdict") or _said(ours[one["alert_id"]]) for one in alerts}
    done = settled | {one["incident"] for one in alerts if said[one["alert_id"]]}
    rows = []
    for one in alerts:
        acted = ours[one["alert_id"]]
        row = {name: one.get(name) for name in _KEPT} | {
            "acknowledged": bool(one.get("acknowledged")),
            "pending": "acknowledge" in acted and not one.get("acknowledged"),
            "verdict": said[one["alert_id"]],
            "to_confirm": one["incident"] not in done and _to_confirm(desk, one),
            "told": told(one),
            "held": held(one),
        }
        if row["to_confirm"] or not row["acknowledged"]:
            rows.append(row)
    return sorted(rows, key=lambda row: not row["to_confirm"])


def _said(actions: set[Action]) -> str | None:
    return next((word for word in ("confirm", "reject") if word in actions), None)


def _to_confirm(desk: Desk, one: Mapping[str, Any]) -> bool:
    """Whether a person must say that it is so: a machine's word alone, or one that leaders wait for."""
    policy = desk.deps.alert_policy
    if one.get("reason") == AlertReason.ALL_CLEAR:
        return False
    declared = bool(set(one.get("kinds") or ()) & {kind.value for kind in policy.declared_kinds})
    for_leaders = (one.get("level") or UNDECIDED) in policy.leaders_at_once
    return not one.get("signed") or (for_leaders and not declared)


def told(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who was told, why, by which channels, and how it ended; in order of time, the last purpose of each person."""
    attempts: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for attempt in one.get("deliveries") or []:
        attempts.setdefault((attempt.get("notice_id") or "", attempt.get("recipient") or ""), []).append(attempt)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for notice in (notice for plan in one.get("plans") or [] for notice in plan["notices"]):
        own = attempts.pop((notice["notice_id"], notice["recipient"]), [])
        rows[notice["recipient"], notice["purpose"]] = _row(notice["recipient"], notice["purpose"], notice["at"], own)
    for (_, recipient), own in attempts.items():  # of a merged message, or of before plans were kept
        purpose = own[-1].get("purpose") or Purpose.FIRST.value
        name = recipient or f"@{own[-1]['channel']}"
        rows.setdefault((name, purpose), _row(name, purpose, own[0]["at"], own))
    return sorted(rows.values(), key=lambda row: (row["at"], row["recipient"]))


def _row(recipient: str, purpose: str, at: str, attempts: list[Mapping[str, Any]]) -> dict[str, Any]:
    outcomes = [one["outcome"] for one in attempts]
    end = next((one for one in outcomes if one in _ARRIVED), outcomes[-1] if outcomes else "pending")
    return {
        "recipient": recipient.lstrip("@"), "broadcast": recipient.startswith("@"), "at": at, "purpose": purpose,
        "purpose_name": Purpose(purpose).label, "end": end, "arrived": end in _ARRIVED,
        "exhausted": any(one.get("exhausted") for one in attempts) and end not in _ARRIVED,
        "attempts": [{name: one.get(name) for name in ("channel", "outcome", "detail", "at", "tries")}
                     for one in attempts],
    }  # fmt: skip


def held(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who is not told yet and why: the last word on each person who was not told after it."""
    last: dict[str, dict[str, Any]] = {}
    for plan in one.get("plans") or []:
        for notice in plan["notices"]:
            last.pop(notice["recipient"], None)
        for wait in plan["held"]:
            why = _WHY[NoticeVerdict(wait["verdict"])]
            last[wait["recipient"]] = {**wait, "why": why}
    return [last[name] for name in sorted(last)]


# -- sources ----------------------------------------------------------------------------------------------------------


def _source(one: SourceHealth, now: datetime) -> dict[str, Any]:
    """``lag_s``: seconds since the last good try."""
    return {
        "source": one.source, "name": one.name or one.source, "lane": one.lane.value, "state": one.state.value,
        "state_name": one.state.label, "reason": one.reason, "failures": one.failures,
        "last_try": one.last_try.isoformat(), "last_ok": one.last_ok.isoformat() if one.last_ok else None,
        "lag_s": max(0, int((now - one.last_ok).total_seconds())) if one.last_ok else None,
        "next_try": one.next_try.isoformat() if one.next_try else None,
    }  # fmt: skip
