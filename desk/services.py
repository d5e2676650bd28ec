"""What the desk does, for pages and REST alike: file, list, look, acknowledge, subscribe, draft."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from desk.database import Database
from desk.deps import DeskDeps
from desk.index import Document, Index, Page, Query
from desk.outbox import Outbox
from processors.bulletins import Candidate, draft
from producers.reports import Prepared, Receipt
from schemas.bulletin import Bulletin
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import BulletinName, Category, Lane, Level

ITEM_SORT = ({"received_at": "desc"}, {"item_id": "asc"})
LIST_EXCLUDES = ("first_digest", "version_digest", "origin", "incident_links", "story_record", "reasons")
ITEM_FILTERS = {
    "lane": "lane",
    "category": "category",
    "source": "source",
    "day": "day",
    "story": "story",
    "incident": "incident",
    "status": "status",
    "level": "emergency.level",
    "emergency": "emergency.is_emergency",
    "in_district": "emergency.in_district",
    "abstained": "abstained",
    "doubtful": "emergency.doubtful",
    "timeliness": "timeliness.verdict",
    "check": "findings.check",
}
"""Query parameter to field. Shown in the OpenAPI description of ``GET /items``."""


class Desk:
    """The desk's services over one set of dependencies."""

    def __init__(self, deps: DeskDeps) -> None:
        self.deps = deps
        self.database = Database(deps.database)
        self.index = Index(deps.client, deps.elasticsearch)
        self.outbox = Outbox(self.database, deps.decisions)
        key = deps.api_key_file.read_text("utf-8").strip()
        self.database.add_key(key, "first")

    # -- filing ---------------------------------------------------------------------------------------------------

    async def submit(self, payload: bytes | Mapping[str, Any]) -> tuple[Receipt, bool]:
        """(receipt, whether it is new). The same submission again gives the first receipt and is not sent twice."""
        return await asyncio.to_thread(self._submit, payload)

    def _submit(self, payload: bytes | Mapping[str, Any]) -> tuple[Receipt, bool]:
        prepared = self.deps.intake.prepare(payload)
        digest = submission_digest(prepared)
        first = self.database.receipt(prepared.item_id, digest)
        if first is not None:
            return Receipt.model_validate_json(first), False
        receipt = self.deps.intake.accept(prepared)
        kept = self.database.keep_receipt(prepared.item_id, digest, receipt.model_dump_json())
        return Receipt.model_validate_json(kept), True

    # -- reading --------------------------------------------------------------------------------------------------

    async def items(self, filters: Mapping[str, str], *, text: str, size: int, cursor: str | None) -> Page:
        """Items, newest first."""
        wanted = [term(ITEM_FILTERS[name], value) for name, value in filters.items() if value]
        must: list[Query] = [full_text(text)] if text else []
        return await self.index.page(
            "items",
            [self.here, {"term": {"erased": False}}, *wanted],
            sort=ITEM_SORT,
            size=size,
            cursor=cursor,
            must=must,
            excludes=LIST_EXCLUDES,
        )

    async def item(self, identifier: str) -> Document | None:
        """One item by its id."""
        return await self.index.one("items", identifier)

    async def duty(self, day: str) -> Page:
        """The ledger of a day, by department; departments without an entry are told as not yet reported."""
        check_day(day)
        entries = await self.index.all("duty", [self.here, term("day", day)], sort=[{"department": "asc"}])
        return Page(entries, None, len(entries))

    async def silent(self, day: str) -> list[dict[str, str]]:
        """Departments of the register without any report on the day."""
        entries = {entry["department"]: entry for entry in (await self.duty(day)).items}
        return [
            {"department": one.id, "department_name": one.short_name}
            for one in self.deps.register
            if one.appraisal_class != "免考" and entries.get(one.id, {"state": "missing"})["state"] == "missing"
        ]

    async def alerts(self, *, size: int, cursor: str | None, open_only: bool = False) -> Page:
        """Alerts, newest first, with what became of them; acknowledgements that are on their way are shown at once."""
        filters = [self.here, *([term("acknowledged", "false")] if open_only else [])]
        page = await self.index.page(
            "alerts", filters, sort=[{"raised_at": "desc"}, {"alert_id": "asc"}], size=size, cursor=cursor
        )
        pending = {decision.subject_id for decision in self.database.waiting() if decision.action == "acknowledge"}
        for alert in page.items:
            alert["acknowledgement_pending"] = alert["alert_id"] in pending
        return page

    async def incidents(self, *, open_only: bool, size: int, cursor: str | None = None) -> Page:
        """Incidents, last changed first."""
        filters = [self.here, *([term("closed", "false")] if open_only else [])]
        return await self.index.page(
            "incidents", filters, sort=[{"changed_at": "desc"}, {"incident": "asc"}], size=size, cursor=cursor
        )

    @property
    def here(self) -> Query:
        """Only this district."""
        return term("district", self.deps.district)

    # -- deciding -------------------------------------------------------------------------------------------------

    async def acknowledge(self, alert_id: str, by: str) -> Decision | None:
        """Acknowledge an alert; None where there is none. The decision is safe when this returns."""
        if await self.index.one("alerts", alert_id) is None:
            return None
        decision = Decision(
            decision_id=hashlib.sha256(f"acknowledge\x1f{alert_id}\x1f{by}".encode()).hexdigest()[:32],
            district=self.deps.district,
            subject_type="alert",
            subject_id=alert_id,
            action="acknowledge",
            by=by,
            at=self.deps.clock.now(),
        )
        await asyncio.to_thread(self.database.put_decision, decision)
        self.outbox.wake()
        return decision

    # -- subscriptions --------------------------------------------------------------------------------------------

    async def subscribe(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a subscription; its id is that of its content, so the same one twice is one."""
        text = json.dumps(body, ensure_ascii=False, sort_keys=True)
        identifier = hashlib.sha256(text.encode()).hexdigest()[:16]
        record = {"id": identifier, **body}
        await asyncio.to_thread(self.database.save_subscription, identifier, json.dumps(record, ensure_ascii=False))
        return record

    async def subscriptions(self) -> list[dict[str, Any]]:
        """All subscriptions."""
        return [json.loads(body) for body in await asyncio.to_thread(self.database.subscriptions)]

    # -- bulletins ------------------------------------------------------------------------------------------------

    async def bulletin(self, name: BulletinName, day: date) -> Bulletin:
        """The bulletin as issued, else a draft made now."""
        issued = await self.index.one("bulletins", f"{self.deps.district}:{name.value}:{day.isoformat()}")
        if issued is not None:
            return Bulletin.model_validate(issued)
        return await self.draft(name, day)

    async def draft(self, name: BulletinName, day: date) -> Bulletin:
        """A draft by the rules."""
        rule = self.deps.bulletins[name]
        items = await candidates_between(self.index, self.deps.district, *rule.covers(day))
        return draft(
            rule,
            day,
            items,
            district=self.deps.district,
            head=self.deps.bulletin_head,
            made_at=self.deps.clock.now(),
        )


async def candidates_between(index: Index, district: str, begin: datetime, end: datetime) -> list[Candidate]:
    """What a bulletin may choose from: items received in [begin, end), not erased and not returned."""
    between = {"range": {"received_at": {"gte": begin.isoformat(), "lt": end.isoformat()}}}
    filters = [term("district", district), between, term("erased", "false")]
    items = await index.all("items", filters, sort=ITEM_SORT)
    return [candidate(item) for item in items if item.get("status") != "returned"]


def submission_digest(prepared: Prepared) -> str:
    """What makes two submissions the same: every field of the item but the receipt."""
    fields = prepared.item.model_dump_json(exclude={"received_at"})
    return hashlib.sha256(fields.encode()).hexdigest()


def candidate(item: Document) -> Candidate:
    """An indexed item as a bulletin sees it; a category that a person chose stands above the machine's."""
    emergency, opinion = item.get("emergency") or {}, item.get("opinion") or {}
    doubts = tuple(
        f["message"] for f in item.get("findings") or [] if f["check"] in ("number_mismatch", "impossible_date")
    )
    return Candidate(
        item_id=item["item_id"],
        lane=Lane(item["lane"]),
        category=Category(item.get("category_decided") or item["category"]),
        title=item.get("title") or "",
        text=item.get("text") or "",
        source_name=item.get("source_name") or item.get("source") or "",
        received_at=datetime.fromisoformat(item["received_at"]),
        is_emergency=bool(emergency.get("is_emergency")),
        level=Level(emergency["level"]) if emergency.get("level") else None,
        in_district=emergency.get("in_district"),
        story=item.get("story"),
        incident=item.get("incident"),
        sensitivity=int(opinion.get("sensitivity") or 0),
        kind=item.get("kind"),
        doubts=doubts,
        late=(item.get("timeliness") or {}).get("verdict") == "late",
    )


def term(field: str, value: str) -> Query:
    """An exact filter; ``true`` and ``false`` become booleans, ``null`` asks for what is not there."""
    if value == "null":
        return {"bool": {"must_not": [{"exists": {"field": field}}]}}
    return {"term": {field: {"true": True, "false": False}.get(value, value)}}


def full_text(text: str) -> Query:
    """All words of a search in title or text; a quoted phrase as it stands."""
    return {
        "simple_query_string": {
            "query": text,
            "fields": ["title^2", "text"],
            "default_operator": "and",
            "flags": "AND|OR|NOT|PHRASE|WHITESPACE",
        }
    }


def check_day(day: str) -> date:
    """A calendar day. Raises InvalidItem."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise InvalidItem([FieldError("day", "not a day; write YYYY-MM-DD", "日期格式应为 YYYY-MM-DD")]) from None


def check_filters(filters: Mapping[str, str], allowed: Sequence[str]) -> None:
    """Refuse parameters that mean nothing here, instead of silently returning everything. Raises InvalidItem."""
    unknown = [name for name in filters if name not in allowed]
    if unknown:
        known = ", ".join(allowed)
        raise InvalidItem(
            [FieldError(name, f"unknown parameter; one of: {known}", "未知的查询参数") for name in unknown]
        )
