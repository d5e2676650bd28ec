"""Reports that are filed at the desk: by whom, with which files, once, and in answer to which request."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from desk.accounts import Account
from desk.attachments import Attachments, Held
from desk.database import Database
from desk.deps import DeskDeps
from desk.outbox import Outbox
from desk.people import People
from desk.requested import Requested
from producers.reports import Prepared, Receipt
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Kind

log = structlog.get_logger("desk.filing")


class Filing:
    """Takes reports in."""

    def __init__(
        self,
        deps: DeskDeps,
        database: Database,
        attachments: Attachments,
        requested: Requested,
        people: People,
        outbox: Outbox,
    ) -> None:
        self._deps, self._database, self._attachments = deps, database, attachments
        self._requested, self._people, self._outbox = requested, people, outbox

    async def submit(
        self,
        payload: bytes | Mapping[str, Any],
        who: Account,
        held: Sequence[Held] = (),
        *,
        named: Sequence[str] = (),
    ) -> tuple[Receipt, bool]:
        """(receipt, whether it is new). The same submission again gives the first receipt and is not sent twice.

        ``held``: files uploaded before, that go with it; ``named``: the same by id. Raises InvalidItem, also where
        a reporter files for another department; BrokerUnavailable.
        """
        return await asyncio.to_thread(self._submit, payload, who, held, named)

    async def submit_for(
        self, request: str, payload: bytes | Mapping[str, Any], who: Account, held: Sequence[Held] = ()
    ) -> tuple[Receipt, bool]:
        """The same for a report that answers a request of the office ("" for none). Raises as :meth:`submit`."""
        if request:
            await self._requested.look()
            await asyncio.to_thread(self._requested.commissions.demand_open, request, who.department)
        receipt, new = await self.submit(payload, who, held)
        if request and who.department:
            answer = self._requested.commissions.answer
            at = receipt.received_at
            try:
                await asyncio.to_thread(answer, request, who.department, receipt.item_id, by=who.name, at=at)
            except InvalidItem:
                # Taken back while the report was on its way: it is filed all the same, and answers nothing.
                log.info("commission.closed_meanwhile", request=request, item_id=receipt.item_id)
                return receipt, new
            self._people.record(who.name, "commissioned", request, "answer")
            self._outbox.wake()
        return receipt, new

    def prepare(self, payload: bytes | Mapping[str, Any], who: Account) -> Prepared:
        """What may be filed by ``who``. Raises InvalidItem."""
        prepared = self._deps.intake.prepare(payload)
        if who.department is not None and prepared.department.id != who.department:
            said = "只能以本单位名义报送"
            raise InvalidItem([FieldError("source", "is not the department of the account", said)])
        return prepared

    def _submit(
        self, payload: bytes | Mapping[str, Any], who: Account, held: Sequence[Held], named: Sequence[str]
    ) -> tuple[Receipt, bool]:
        prepared = self.prepare(payload, who)
        held = held or self._attachments.named(named, who.name, prepared.item_id)
        if held:
            listed = tuple(one.attachment for one in held)
            prepared = replace(prepared, item=prepared.item.model_copy(update={"attachments": listed}))
        digest = submission_digest(prepared)
        first = self._database.receipt(prepared.item_id, digest)
        if first is not None:
            return Receipt.model_validate_json(first), False
        with self._attachments.filed(prepared.item_id, held):
            receipt = self._deps.intake.accept(prepared)
        kept = self._database.keep_receipt(prepared.item_id, digest, receipt.model_dump_json())
        return Receipt.model_validate_json(kept), True


def submission_digest(prepared: Prepared) -> str:
    """What makes two submissions the same: every field of the item but the receipt.

    A zero report is the same all day: the second tap is no new version of nothing. One with an id of the sender's own,
    or with the time of a correction, is taken at its word.
    """
    item = prepared.item
    if item.kind is Kind.ZERO and item.id is None and item.updated_at is None:
        return prepared.item_id
    fields = prepared.item.model_dump_json(exclude={"received_at"})
    return hashlib.sha256(fields.encode()).hexdigest()
