"""The leader's page: today's bulletins, what is urgent with its doubts, and the instructions given."""

from __future__ import annotations

import asyncio
from typing import Any

from desk.accounts import Account, Right
from desk.filters import check_day
from desk.index import Document
from desk.mornings import incidents_of
from desk.services import Desk
from processors.instructions.model import ABOVE
from schemas.base import local_day
from schemas.bulletin import Bulletin
from schemas.errors import IndexUnavailable
from schemas.vocab import Lane

MOST_INCIDENTS, MOST_ITEMS, MOST_TITLES = 8, 5, 3
"""Each of the first two brings a form with every department, and the page is read on a phone."""


async def leading(desk: Desk, who: Account) -> dict[str, Any]:
    """Everything of the page. Without the index: what the desk's database knows, and ``away``."""
    day = local_day(desk.deps.clock.now())
    listing = await desk.instructions.listed(who)
    every = not who.may(Right.INSTRUCT)
    own = [one for one in listing.instructions if every or one.by == who.name or one.level in ABOVE]
    try:
        bulletins, urgent = await asyncio.gather(_bulletins(desk, day), _urgent(desk, day))
        away = listing.away
    except IndexUnavailable:
        bulletins, urgent, away = [], [], True
    return {"day": day, "instructions": own, "bulletins": bulletins, "urgent": urgent, "away": away}


async def _bulletins(desk: Desk, day: str) -> list[dict[str, Any]]:
    """Today's, before them those of other days that wait for a signature: yesterday's is signed this morning."""
    wanted = check_day(day)
    found: list[Bulletin] = await asyncio.gather(*(desk.bulletin(name, wanted) for name in desk.deps.bulletins))
    shown = {(one.name, desk.bulletins.issuing.period(one.name, wanted)) for one in found}
    waiting = [one for one in desk.bulletins.issuing.drafts.proposed() if (one.name, one.period) not in shown]
    return [*(_issue(desk, one.bulletin, one.bulletin.date) for one in waiting),
            *(_issue(desk, one, day) for one in found)]  # fmt: skip


def _issue(desk: Desk, one: Bulletin, day: str) -> dict[str, Any]:
    kept = desk.bulletins.kept(one.name, check_day(day))
    titles = [entry.title for section in one.sections for entry in section.entries]
    state = "已撤回" if one.withdrawn else "已刊发" if not one.draft else kept.state.label if kept else "草稿"
    return {
        "name": one.name.value, "title": one.title, "date": day, "state": state,
        "issued": not one.draft and not one.withdrawn,
        "to_sign": kept is not None and kept.state.value == "proposed", "issue_number": one.issue_number,
        "entries": len(titles), "titles": titles[:MOST_TITLES], "path": f"/bulletins/{one.name.value}/{day}",
    }  # fmt: skip


async def _urgent(desk: Desk, day: str) -> list[dict[str, Any]]:
    """Incidents that are open or moved in the last 24 hours, the gravest first, each with the item that an instruction
    would be on; then urgent items of no incident."""
    incidents, alone = await asyncio.gather(
        incidents_of(desk),
        desk.items({"emergency": "true", "day": day, "incident": "null"}, text="", size=MOST_ITEMS, cursor=None),
    )
    found = [_incident(desk, one) for one in incidents[:MOST_INCIDENTS]]
    return [*found, *(_item(desk, one) for one in alone.items if one["emergency"].get("in_district") is not False)]


def _incident(desk: Desk, one: Document) -> dict[str, Any]:
    sources = one.get("sources") or []
    reports = [source for source in sources if source["lane"] == Lane.REPORT]
    on = (reports or sources or [None])[0]
    names = list(dict.fromkeys(desk.source_names.get(source["source"], source["source"]) for source in reports))
    confirmed = [f"{'、'.join(names)}已报告"] if names else []
    callers = dict.fromkeys(call["department"] for call in one.get("calls") or [])
    confirmed += [f"{'、'.join(desk.source_names.get(name, name) for name in callers)}电话报告"] if callers else []
    if one.get("confirmed_by"):
        confirmed.append("值班员已核实")
    doubts = [doubt for source in sources for doubt in source.get("doubts") or []]
    doubts += [] if confirmed else ["只有媒体或网络消息，未经单位证实"]
    about = {"emergency": {"event_type": one.get("event_type")}, "facts": {"places": [one.get("place") or ""]},
             "lane": on and on["lane"], "source": on and on["source"]}  # fmt: skip
    return {
        "title": one["title"], "closed": bool(one.get("closed")), "path": f"/incidents/{one['incident']}",
        "level": one.get("level"),
        "kind": one.get("event_type"), "place": one.get("place"), "at": one["changed_at"], "facts": one.get("facts"),
        "confirmed": confirmed, "doubts": doubts,
        "contradictions": [change for change in one.get("changes") or [] if change.get("contradiction")],
        "item_id": on["item_id"] if on else None, "suggested": desk.instructions.suggested(about),
    }  # fmt: skip


def _item(desk: Desk, one: Document) -> dict[str, Any]:
    emergency, signed = one["emergency"], one["lane"] == Lane.REPORT
    doubts = [finding["message"] for finding in one.get("findings") or [] if finding["check"] in _DOUBTS]
    doubts += ["是否突发事件存疑"] if emergency.get("doubtful") else []
    doubts += [] if signed else ["只有媒体或网络消息，未经单位证实"]
    name = one.get("source_name") or one.get("source")
    return {
        "title": one.get("title") or one["text"][:42], "closed": False, "path": f"/items/{one['item_id']}",
        "level": emergency.get("level"), "kind": emergency.get("event_type"),
        "place": "、".join((one.get("facts") or {}).get("places") or []), "at": one["received_at"],
        "facts": one.get("facts"), "confirmed": [f"{name}已报告"] if signed else [], "doubts": doubts,
        "contradictions": [], "item_id": one["item_id"], "suggested": desk.instructions.suggested(one),
    }  # fmt: skip


_DOUBTS = ("number_mismatch", "impossible_date")
