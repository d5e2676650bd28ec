"""Points at the desk: what people may see of them, and what they decide. All facts are decisions.

Points are a department's own business and everybody's who appraises; an appeal holds a deduction until it is decided, a
correction is a new entry beside the old.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.decisions import after_all
from desk.filters import term
from desk.index import Document
from desk.services import Desk
from processors.duty.corrections import check_score
from processors.duty.notice import Notice
from processors.duty.point import Point
from processors.instructions.steps import without_numbers
from schemas.decision import Action, Decision, SubjectType
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.point import PointEntry

REASON_LIMIT = 500
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def department_for(who: Account, wanted: str) -> str:
    """Whose points are shown: a reporter's own whatever is asked. Raises 403 for who has no business with points."""
    if who.may(Right.APPRAISE):
        return wanted
    if who.department is None:
        raise HTTPException(403, f"{who.role.value} may not see points")
    if wanted not in ("", who.department):
        raise HTTPException(403, "only the own department's points")
    return who.department


async def points(desk: Desk, who: Account, *, month: str, department: str = "") -> dict[str, Any]:
    """Entries of a month that count or may count, newest first, and totals by department. Raises InvalidItem."""
    _check_month(month)
    wanted = department_for(who, department)
    filters = [desk.here, term("month", month), term("withdrawn", "false")]
    filters += [term("department", wanted)] if wanted else []
    found = await desk.index.all("points", filters, sort=[{"at": "desc"}, {"entry_id": "asc"}])
    now = desk.deps.clock.now()
    entries = await asyncio.to_thread(lambda: [_shown(desk, one, now) for one in found])
    if not who.may(Right.APPRAISE):  # a department need not know the person
        entries = [one | {"said": [word | {"by": ""} for word in one["said"]]} for one in entries]
    return {"items": entries, "next": None, "total": len(entries), "totals": _totals(entries)}


async def appeal(desk: Desk, entry_id: str, who: Account, reason: str) -> Decision | None:
    """A department appeals against a deduction of its own within the window; None where there is none of its own."""
    found = await _entry(desk, entry_id)
    if found is None or (not who.may(Right.APPRAISE) and found["department"] != who.department):
        return None
    if not reason.strip():
        raise wrong("reason", "say why", "请写明申诉理由")
    return await _keep(desk, found, who, "appeal", reason)


async def decide_appeal(desk: Desk, entry_id: str, who: Account, outcome: str, reason: str) -> Decision | None:
    """Accept or return an appeal; None where there is no such entry. Raises InvalidItem."""
    if outcome not in ("accept", "return"):
        raise wrong("action", "one of: accept, return", "请选择申诉成立或不成立")
    if not reason.strip():
        raise wrong("reason", "say why", "请写明理由")
    found = await _entry(desk, entry_id)
    return (
        None if found is None else await _keep(desk, found, who, "accept" if outcome == "accept" else "return", reason)
    )


async def score(desk: Desk, who: Account, given: Mapping[str, str]) -> Decision:
    """Points by a key of the table, or a correction of an entry by a new one. Raises InvalidItem."""
    department = desk.deps.register.resolve(given.get("department", ""))
    if department is None:
        raise wrong("department", "unknown department", "名录中没有这个单位")
    details = {name: value for name in ("key", "corrects", "points") if (value := given.get(name, "").strip())}
    known: dict[str, Point] = {}
    if "corrects" in details:
        found = await _entry(desk, details["corrects"])
        if found is not None and found["department"] == department.id:
            known = {found["entry_id"]: point_of(PointEntry.model_validate(found))}
    # The button pressed twice is one entry; the same again a minute later is another.
    salt = desk.deps.clock.now().isoformat(timespec="minutes")
    reason = given.get("reason", "").strip()

    def keep() -> Decision:
        with desk.database.transaction() as connection:
            made = new_decision(desk, "points", department.id, "score", who, reason, details, salt)
            _check(desk, made, known)
            desk.database.keep_decision(connection, made)
        return made

    return await _told(desk, await asyncio.to_thread(keep), who)


def point_of(entry: PointEntry) -> Point:
    """The point that an entry of the index is."""
    return Point(
        entry_id=entry.entry_id, department=entry.department, day=entry.day, key=entry.key,
        points=Decimal(entry.exact), ref=entry.ref, why=entry.why, at=entry.at, final_at=entry.final_at,
        version=entry.version, corrects=entry.corrects, appealed=entry.appealed,
    )  # fmt: skip


async def notice(desk: Desk, month: str) -> Notice:
    """The notice (通报) of a month as of now, from Kafka. Raises InvalidItem, BrokerUnavailable."""
    _check_month(month)
    if desk.deps.duty.notice is None:
        raise HTTPException(404, "no notices are made here")
    return await asyncio.to_thread(desk.deps.duty.notice, month, desk.deps.clock.now())


def _shown(desk: Desk, document: Document, now: datetime) -> dict[str, Any]:
    entry = PointEntry.model_validate(document)
    ours = [one for one in desk.database.decisions_on("points", entry.entry_id) if one.action != "score"]
    news = ours[-1] if ours and _is_news(entry, ours[-1]) else None
    appealed = entry.appealed if news is None else news.decision_id if news.action == "appeal" else None
    point = point_of(entry)
    return entry.model_dump(mode="json") | {
        "stands": point.stands(now) and appealed is None,
        "appealed": appealed,
        "pending": news is not None,
        "said": [{"action": one.action, "by": one.by, "at": one.at.isoformat(), "reason": one.reason} for one in ours],
        "may_appeal": point.points < 0 and now <= point.final_at and appealed is None and news is None,
    }


def _is_news(entry: PointEntry, last: Decision) -> bool:
    """Whether the index does not know of a decision yet."""
    if last.action == "appeal":
        return entry.appealed != last.decision_id and entry.changed_at < last.at
    return entry.appealed is not None


def _totals(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By department, the most points first: what stands, what waits, and what was deducted."""
    found: dict[str, dict[str, Any]] = {}
    for one in entries:
        row = found.setdefault(one["department"], {
            "department": one["department"], "department_name": one["department_name"],
            "standing": Decimal(0), "waiting": Decimal(0), "deducted": Decimal(0),
        })  # fmt: skip
        value = Decimal(one["exact"])
        row["standing" if one["stands"] else "waiting"] += value
        row["deducted"] += value if one["stands"] and value < 0 else 0
    rows = sorted(found.values(), key=lambda row: (-row["standing"], row["department"]))
    return [row | {name: _number(row[name]) for name in ("standing", "waiting", "deducted")} for row in rows]


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


async def _entry(desk: Desk, entry_id: str) -> Document | None:
    return await desk.index.one("points", entry_id, [desk.here, term("withdrawn", "false")])


async def _keep(desk: Desk, found: Document, who: Account, action: Action, reason: str) -> Decision:
    if len(reason) > REASON_LIMIT:
        raise wrong("reason", f"at most {REASON_LIMIT}", f"不超过{REASON_LIMIT}个字")
    return await _told(desk, await asyncio.to_thread(_rule, desk, found, who, action, reason.strip()), who)


def _rule(desk: Desk, found: Document, who: Account, action: Action, reason: str) -> Decision:
    """An appeal, or a ruling on one. Of two at once the second sees what the first did. Raises InvalidItem."""
    entry = PointEntry.model_validate(found)
    with desk.database.transaction() as connection:
        shown = _shown(desk, found, desk.deps.clock.now())
        if action == "appeal" and shown["appealed"]:
            raise wrong("action", "there is an open appeal", "已经提出申诉，等待处理")
        if action != "appeal" and not shown["appealed"]:
            raise wrong("action", "nobody has appealed", "这一条没有待处理的申诉")
        made = new_decision(desk, "points", entry.entry_id, action, who, reason, {})
        _check(desk, made, {entry.entry_id: point_of(entry)})
        desk.database.keep_decision(connection, made)
    return made


def _check(desk: Desk, made: Decision, known: Mapping[str, Point]) -> None:
    if desk.deps.duty.scoring is None:
        raise HTTPException(404, "no table of points is loaded here")
    check_score(made, desk.deps.duty.scoring, known)


def new_decision(
    desk: Desk, kind: SubjectType, subject: str, action: Action, who: Account, reason: str, details: Mapping[str, Any],
    salt: str = "",
) -> Decision:  # fmt: skip
    """Within the transaction that keeps it. ``salt``: what makes the same words a second decision; by default what was
    decided on the subject before."""
    reason = without_numbers(reason)  # points say it in the notice
    before = desk.database.decisions_on(kind, subject)
    at, salt = after_all(before, desk.deps.clock.now()), salt or str(len(before))
    identifier = digest("decision", kind, subject, action, who.name, reason, str(dict(details)), salt)
    if (same := next((one for one in before if one.decision_id == identifier), None)) is not None:
        return same  # the button pressed twice
    return Decision(
        decision_id=identifier,
        district=desk.deps.district,
        subject_type=kind,
        subject_id=subject,
        action=action,
        by=who.name,
        at=at,
        reason=reason,
        details=dict(details),
    )


async def _told(desk: Desk, made: Decision, who: Account) -> Decision:
    """What is kept is on the record and goes out."""
    await asyncio.to_thread(desk.people.record, who.name, "decided", made.subject_id, made.action)
    desk.outbox.wake()
    return made


def _check_month(month: str) -> None:
    if not _MONTH.fullmatch(month):
        raise wrong("month", "not a month; write YYYY-MM", "月份写作 2026-11")


def wrong(field: str, message: str, chinese: str) -> InvalidItem:
    """What is wrong with one field of what was decided."""
    return InvalidItem([FieldError(field, message, chinese)])
