"""Incidents that people merge, split, report upward, or take a decision back on. Checked by the incident's own rules.

The decision is made on the document as the index has it and checked with the same function by which the incident worker
carries it out, so that what cannot be done is said at once and not found among the dead letters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from desk.accounts import Account
from desk.decisions import Conflict
from desk.filters import term
from desk.services import Desk
from desk.touching import said
from processors.incident_people import decided
from processors.instructions.steps import without_numbers
from schemas.decision import Action, Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.incident import Incident, IncidentAct

OFFERED = 30
"""Others offered for a merge."""
RECENT = timedelta(days=7)
UNDOABLE = frozenset({"merge", "split", "confirm", "reject", "close", "reopen", "report_up"})


async def others(desk: Desk, one: Incident) -> list[dict[str, Any]]:
    """Incidents of these days that could be the same event; those of the same type or place first."""
    if one.merged_into is not None:
        return []
    since = {"range": {"changed_at": {"gte": (one.changed_at - RECENT).isoformat()}}}
    page = await desk.index.page(
        "incidents", [desk.here, since, term("merged_into", "null")],
        sort=[{"changed_at": "desc"}, {"incident": "asc"}], size=OFFERED,
    )  # fmt: skip
    found = [other for other in page.items if other["incident"] != one.incident]
    return sorted(found, key=lambda other: -_likeness(one, other))


def undoable(one: Incident) -> list[IncidentAct]:
    """Decisions that can be taken back, the newest first; of a split or merge the one on its own incident."""
    held = [act for act in one.acts if not act.undone and act.action in UNDOABLE]
    return held[::-1]


async def merge(desk: Desk, who: Account, incident: str, wanted: Sequence[str], reason: str = "") -> Decision | None:
    """``wanted`` become part of the incident; None where there is no such incident. Raises InvalidItem, Conflict."""
    names = [one for one in dict.fromkeys(wanted) if one and one != incident]
    if not names:
        raise _wrong("incidents", "name the incidents to merge", "请选择要并入的事件")
    return await _decide(desk, who, incident, "merge", {"incidents": names}, reason, names)


async def split(desk: Desk, who: Account, incident: str, items: Sequence[str], reason: str = "") -> Decision | None:
    """``items`` leave for an incident of their own; None where there is no such incident."""
    names = [one for one in dict.fromkeys(items) if one]
    if not names:
        raise _wrong("item_ids", "name the sources that leave", "请选择要拆出的来源")
    return await _decide(desk, who, incident, "split", {"item_ids": names}, reason)


async def report_up(desk: Desk, who: Account, incident: str, side: str, reason: str = "") -> Decision | None:
    """The incident was reported to the city, or told to the public."""
    return await _decide(desk, who, incident, "report_up", {"side": side}, reason)


async def undo(desk: Desk, who: Account, incident: str, decision: str, reason: str = "") -> Decision | None:
    """Take a decision back; a merge gives every incident back what it brought."""
    found = await _found(desk, incident)
    if found is None:
        return None
    act = next((act for act in undoable(found[0]) if act.decision_id == decision), None)
    touched = list(act.incidents) if act is not None else []
    return await _decide(desk, who, incident, "undo", {"decision_id": decision}, reason, touched)


async def _decide(
    desk: Desk,
    who: Account,
    incident: str,
    action: Action,
    details: dict[str, Any],
    reason: str,
    touched: Sequence[str] = (),
) -> Decision | None:
    found = await _found(desk, incident)
    if found is None:
        return None
    one, _ = found
    if one.merged_into is not None:
        raise _wrong("incident", f"was merged into {one.merged_into}", "这起事件已并入另一起，请到那一起上处理")
    state, known = {incident: one}, {incident: found[1]}
    for name in touched:
        other = await _found(desk, name)
        if other is None:
            raise _wrong("incidents", f"not known: {name}", f"没有这起事件：{name}")
        if action == "merge" and other[0].merged_into is not None:
            raise _wrong("incidents", f"was merged already: {name}", "所选事件已并入另一起")
        state[name], known[name] = other
    made = Decision(
        decision_id=digest("decision", "incident", incident, action, who.name, str(details), str(one.version)),
        district=desk.deps.district,
        subject_type="incident",
        subject_id=incident,
        action=action,
        by=who.name,
        at=desk.deps.clock.now(),
        on_version=one.version,
        reason=without_numbers(reason),
        details=details,
    )
    decided(state, made)  # raises for what cannot be done
    unseen = await asyncio.to_thread(_keep, desk, state, known, made)
    if unseen:
        raise Conflict(unseen, await words_of(desk, unseen, state))
    desk.people.record(who.name, "decided", incident, action)
    desk.outbox.wake()
    return made


def _keep(
    desk: Desk, state: Mapping[str, Incident], known: Mapping[str, frozenset[str]], made: Decision
) -> list[Decision]:
    """Nothing is decided on what somebody has just changed and the index does not show yet, on the incident itself or
    on one that it touches: those decisions, [] where it was kept."""
    with desk.database.transaction() as connection:
        ours = [one for name in state for one in desk.database.decisions_on("incident", name)]
        unseen = {one.decision_id: one for one in ours if one.decision_id not in known[one.subject_id]}
        acts = {name: [act.decision_id for act in one.acts] for name, one in state.items()}
        unseen |= {one.decision_id: one for one in desk.touches.unsettled(acts, made.at)}
        unseen.pop(made.decision_id, None)  # the button pressed twice
        if not unseen:
            desk.database.keep_decision(connection, made)
            desk.touches.note(connection, made, state)
        return list(unseen.values())


async def words_of(
    desk: Desk, unseen: Sequence[Decision], state: Mapping[str, Incident] = MappingProxyType({})
) -> dict[str, str]:
    """What each was, by its id, with the names of the incidents it joined; ``state``: those that are known already."""
    titles = {name: one.title or "" for name, one in state.items()}
    joined = {str(name) for one in unseen for name in _named(one)}
    for name in ({one.subject_id for one in unseen} | joined) - titles.keys():
        document = await desk.index.one("incidents", name, [desk.here])
        titles[name] = str((document or {}).get("title") or "")
    return {one.decision_id: said(one, titles) for one in unseen}


def _named(decision: Decision) -> Sequence[object]:
    names = decision.details.get("incidents")
    return names if isinstance(names, list) else ()


async def _found(desk: Desk, incident: str) -> tuple[Incident, frozenset[str]] | None:
    """The incident, and the decisions on it that the index has."""
    document = await desk.index.one("incidents", incident, [desk.here])
    if document is None:
        return None
    known = frozenset(str(one["decision_id"]) for one in document.get("decisions") or ())
    return Incident.model_validate(document), known


def _likeness(one: Incident, other: dict[str, Any]) -> int:
    type_ = one.event_type is not None and one.event_type == other.get("event_type")
    place = one.place is not None and one.place == other.get("place")
    return 2 * place + type_


def _wrong(field: str, message: str, chinese: str) -> InvalidItem:
    return InvalidItem([FieldError(field, message, chinese)])
