"""What the desk does, for pages and REST alike: list, look, acknowledge, subscribe, draft; the rest is put together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import Any

from desk.accounts import Account, Right
from desk.attachments import Attachments
from desk.broker import BrokerWatch
from desk.bulletins import Bulletins
from desk.candidates import ITEM_SORT
from desk.commissioning import Commissions
from desk.database import Database
from desk.decisions import Choice, ItemDecisions
from desk.deps import DeskDeps
from desk.duty import DutyDesk, page_of
from desk.filing import Filing
from desk.filters import full_text, item_filters, term
from desk.index import LIST_LIMIT, Document, Index, Page, Query
from desk.instructions import Instructions
from desk.oidc import Provider
from desk.outbox import Outbox
from desk.outside import Outside
from desk.people import FIRST_KEY, People
from desk.pulse import Look, Pulse
from desk.requested import Requested
from desk.searches import Searches
from desk.touching import Touches
from desk.uses import Use
from schemas.base import local_day
from schemas.bulletin import Bulletin
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.vocab import BulletinName, Lane

_OF_A_TIME = frozenset({"day", "story", "incident"})
"""What has these lies close together, and may be long ago."""
LIST_EXCLUDES = ("first_digest", "version_digest", "origin", "incident_links", "story_record", "reasons")
EXPORT_EXCLUDES = (
    "first_digest",
    "version_digest",
    "origin",
    "incident_links",
    "story_record",
    "category_scores",
    "facts",
)
ALERT_EXCLUDES = ("plans",)
"""Whom an alert is to tell is the duty board's; two hundred subscribers make it longer than the rest."""
ALERT_SORT = ({"raised_at": "desc"}, {"alert_id": "asc"})
OPEN_FIRST = ({"acknowledged": "asc"}, *ALERT_SORT)
"""What nobody acknowledged before everything else, however old; the newest of each first."""
LEDGER_SHOWN = 14


class Desk:
    """The desk's services over one set of dependencies."""

    def __init__(self, deps: DeskDeps) -> None:
        self.deps = deps
        self.database = Database(deps.database)
        self.index = Index(deps.client, deps.elasticsearch)
        self.outbox = Outbox(self.database, deps.decisions)
        self.pulse: Pulse[Look] = Pulse(self.look)
        self.engines = Pulse(self._engines_away)
        self.broker = BrokerWatch(deps.broker_ready)
        self.source_names = {one.id: one.short_name for one in deps.register}
        key = deps.api_key_file.read_text("utf-8").strip()
        self.database.add_key(key, FIRST_KEY)
        self.people = People(self.database, deps.one_time_password)
        self.people.first_administrator(deps.first_password_file)
        self.provider = Provider(deps.oidc) if deps.oidc else None
        self.outside = Outside(self.database, self.people, deps.oidc, self._department) if deps.oidc else None
        self.attachments = Attachments(self.database, deps.attachments)
        self.decisions = ItemDecisions(self.database, deps.district)
        self.touches = Touches(self.database)
        self.ledger = DutyDesk(deps, self.index)
        self.searches = Searches(self.database)
        self.commissions = Commissions(self.database, deps.district, [one.id for one in deps.register])
        self.requested = Requested(deps, self.index, self.commissions)
        self.filing = Filing(deps, self.database, self.attachments, self.requested, self.people, self.outbox)
        self.instructions = Instructions(deps, self.database, self.index, self.outbox)
        self.bulletins = Bulletins(deps, self.database, self.index, self.decisions, self.outbox)

    async def _engines_away(self) -> list[str]:
        """Engines that do not answer; anybody may ask, so they are asked once a second."""
        broker, index = await asyncio.gather(asyncio.to_thread(self.deps.broker_ready), self.index.ready())
        return [name for name, up in (("kafka", broker), ("elasticsearch", index)) if not up]

    def _department(self, name: str) -> str | None:
        found = self.deps.register.resolve(name)
        return found.id if found else None

    # -- reading --------------------------------------------------------------------------------------------------

    def scope(self, who: Account | None) -> list[Query]:
        """What a person sees of the items: all, or the reports of the own department. None is the desk itself."""
        if who is None or who.may(Right.READ):
            return [self.here]
        return [self.here, term("lane", Lane.REPORT.value), term("source", who.department or "")]

    async def items(
        self,
        filters: Mapping[str, str],
        *,
        text: str,
        size: int,
        cursor: str | None,
        snippets: bool = False,
        who: Account | None = None,
        includes: Sequence[str] = (),
        excludes: Sequence[str] = LIST_EXCLUDES,
    ) -> Page:
        """Items that ``who`` may see, newest first; ``snippets``: what the search found in them.

        ``includes``: the only fields that are read; ``excludes``: fields that are not. Raises InvalidItem.
        """
        page = await self.index.page(
            "items",
            [*self.scope(who), term("erased", "false"), *item_filters(filters)],
            sort=ITEM_SORT,
            size=size,
            cursor=cursor,
            must=[full_text(text)] if text else [],
            includes=includes,
            excludes=excludes,
            highlight=snippets and bool(text),
            newest=None if _OF_A_TIME & filters.keys() else self.deps.clock.now(),
        )
        return Page(self.decisions.shown_all(page.items), page.next, page.total)

    async def item(self, identifier: str, who: Account | None = None) -> Document | None:
        """One item by its id, where ``who`` may see it; of an erased one the tombstone."""
        found = await self.index.one("items", identifier, self.scope(who))
        return None if found is None else self.decisions.shown(found)

    async def item_and(
        self, identifier: str, others: Sequence[Query], *, size: int, sort: Sequence[Mapping[str, Any]]
    ) -> tuple[Document | None, list[Document]]:
        """The same for the office, with the first items of the district that ``others`` find, in one search."""
        found, more = await self.index.one_and("items", identifier, [self.here], others, size=size, sort=sort)
        return None if found is None else self.decisions.shown(found), self.decisions.shown_all(more)

    async def used(self, items: Sequence[Document]) -> dict[str, list[str]]:
        """Where each item was printed, in words: 《今日章贡汇要》第12期（11月20日）. By item id, of those that were."""
        found = await self.database.reading(self.bulletins.issuing.uses.of, [str(item["item_id"]) for item in items])
        return {item: [self._printed(use) for use in uses] for item, uses in found.items()}

    def _printed(self, use: Use) -> str:
        day, this_year = date.fromisoformat(use.date), self.deps.clock.now().year
        year = "" if day.year == this_year else f"{day.year}年"
        return f"《{self.deps.bulletins[use.name].title}》{year}第{use.issue_number}期（{day.month}月{day.day}日）"

    async def duty(self, day: str) -> Page:
        """The ledger of a day, by department; see :mod:`desk.duty` for moments and silent departments."""
        return page_of(await self.ledger.entries(day))

    async def ledger_of(self, department: str) -> list[Document]:
        """The last entries of one department, newest day first."""
        filters = [self.here, term("department", department)]
        sort = [{"day": "desc"}, {"department": "asc"}]
        return (await self.index.page("duty", filters, sort=sort, size=LEDGER_SHOWN, cursor=None)).items

    async def silent(self, day: str) -> list[dict[str, Any]]:
        """Departments that must report on the day and have not."""
        return await self.ledger.silent(day)

    async def alerts(self, *, size: int, cursor: str | None, open_only: bool = False) -> Page:
        """Alerts, newest first, with what became of them; acknowledgements that are on their way are shown at once."""
        filters = [self.here, *([term("acknowledged", "false")] if open_only else [])]
        page = await self.index.page(
            "alerts", filters, sort=ALERT_SORT, size=size, cursor=cursor, excludes=ALERT_EXCLUDES
        )
        return Page([self.with_pending(alert) for alert in page.items], page.next, page.total)

    async def alerts_after(self, alert_id: str) -> list[Document] | None:
        """Alerts raised after the one named, oldest first; None where it is unknown."""
        last = await self.index.one("alerts", alert_id, [self.here])
        if last is None:
            return None
        since = {"range": {"raised_at": {"gte": last["raised_at"]}}}
        found = await self.index.all("alerts", [self.here, since], sort=ALERT_SORT)
        later = takewhile(lambda alert: alert["alert_id"] != alert_id, found)
        return [self.with_pending(alert) for alert in later][::-1]

    def with_pending(self, alert: Document) -> Document:
        """Decisions of ours that the index does not know yet: on their way to Kafka, or from there to the index."""
        known = {one["decision_id"] for one in alert.get("decisions") or []}
        ours = self.database.decisions_on("alert", alert["alert_id"])
        waits = any(one.action == "acknowledge" and one.decision_id not in known for one in ours)
        return alert | {"acknowledgement_pending": waits and not alert.get("acknowledged")}

    async def incidents(self, *, open_only: bool, size: int, cursor: str | None = None) -> Page:
        """Incidents, last changed first."""
        filters = [self.here, *([term("closed", "false")] if open_only else [])]
        return await self.index.page(
            "incidents", filters, sort=[{"changed_at": "desc"}, {"incident": "asc"}], size=size, cursor=cursor
        )

    async def look(self) -> tuple[list[Document], dict[str, Any]]:
        """The newest alerts and the day's counts, for everybody who listens."""
        alerts = await self.alerts(size=LIST_LIMIT, cursor=None)
        return alerts.items, await self.counts(local_day(self.deps.clock.now()))

    async def counts(self, day: str) -> dict[str, Any]:
        """What happened on a day, in numbers; incidents and alerts are those open now."""
        listed = [self.here, term("day", day), term("erased", "false")]
        found, incidents, alerts = await asyncio.gather(
            self.index.counts("items", listed, ["lane", "category"]),
            self.incidents(open_only=True, size=1),
            self.alerts(size=1, cursor=None, open_only=True),
        )
        return {
            "day": day,
            "items": found[""]["total"],
            "by_lane": found["lane"],
            "by_category": found["category"],
            "open_incidents": incidents.total,
            "open_alerts": alerts.total,
        }

    def person(self, account: str) -> str:
        """What pages call somebody; the instance's own key has no person."""
        found = self.people.account(account)
        return found.shown if found else "首个密钥" if account == FIRST_KEY else account

    @property
    def here(self) -> Query:
        """Only this district."""
        return term("district", self.deps.district)

    # -- deciding -------------------------------------------------------------------------------------------------

    async def acknowledge(self, alert_id: str, by: str) -> Decision | None:
        """Acknowledge an alert; None where there is none. The decision is safe when this returns."""
        alert = await self.index.one("alerts", alert_id, [self.here])
        if alert is None:
            return None
        # The button pressed twice is one decision; after an undo it is a new one.
        undone = sum(one["action"] == "undo" for one in alert.get("decisions") or [])
        decision = Decision(
            decision_id=digest("acknowledge", alert_id, by, str(undone)),
            district=self.deps.district,
            subject_type="alert",
            subject_id=alert_id,
            action="acknowledge",
            by=by,
            at=self.deps.clock.now(),
        )
        await asyncio.to_thread(self.database.put_decision, decision)
        self.people.record(by, "decided", alert_id, "acknowledge")
        self.outbox.wake()
        return decision

    async def decide(self, identifier: str, choice: Choice, who: Account) -> Decision | None:
        """An editor's decision on an item; None where there is none. Raises InvalidItem or Conflict."""
        item = await self.index.one("items", identifier, [self.here, term("erased", "false")])
        if item is None:
            return None
        if choice.action == "merge" and choice.into:
            await self._demand_kept(identifier, choice.into)
        at = self.deps.clock.now()
        decision = await asyncio.to_thread(self.decisions.decide, item, choice, by=who.name, at=at)
        self.people.record(who.name, "decided", identifier, choice.action)
        self.outbox.wake()
        return decision

    async def _demand_kept(self, identifier: str, into: str) -> None:
        """What an item is merged into must be another one that is there and stands by itself. Raises InvalidItem."""
        found = None if into == identifier else await self.item(into)
        if found is None or found.get("erased"):
            raise InvalidItem([FieldError("into", "no such other item", "没有这条信息，或者就是本条")])
        if found["merged_into"]:
            raise InvalidItem([FieldError("into", "is merged itself", "那一条已并入别的信息，请并入它所在的那一条")])

    # -- subscriptions --------------------------------------------------------------------------------------------

    async def subscriptions(self) -> list[dict[str, Any]]:
        """All subscriptions."""
        return [json.loads(body) for body in await asyncio.to_thread(self.database.subscriptions)]

    # -- bulletins ------------------------------------------------------------------------------------------------

    async def bulletin(self, name: BulletinName, day: date) -> Bulletin:
        """The bulletin as issued, else as editors have arranged it, else a draft made now by the rules."""
        return await self.bulletins.current(name, day)
