"""Department reports: checked at the edge, sent, acknowledged, receipted. Used by REST and by the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from producers.ports import Acknowledgement, DepartmentResolver, ItemSink, Judge, Parcel, RegisteredDepartment
from producers.secrecy import secrecy_mark
from producers.validation import NotJson, read_json, validate
from producers.wire import encode, too_large
from schemas.assessment import Finding, Timeliness
from schemas.base import Event, Time
from schemas.errors import ClassifiedItem, FieldError, InvalidItem, ItemTooLarge
from schemas.ids import item_id
from schemas.item import Item
from schemas.ports import Clock
from schemas.topics import INPUT_LIMIT

__all__ = ["IntakeSettings", "NotJson", "Prepared", "Receipt", "ReportIntake"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """``future``: how far ahead of now a report's times may lie (a clerk may date a report at the day's end)."""

    district: str
    future: timedelta = timedelta(days=1)
    max_bytes: int = INPUT_LIMIT


class Receipt(Event):
    """What the sender gets once the broker has the report. ``id`` is the sender's own id, else the item id.

    ``timeliness`` is null and ``findings`` empty where no judge was given.
    """

    id: str
    item_id: str
    received_at: Time
    timeliness: Timeliness | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report that may be sent: the item, its id and the department it comes from."""

    item: Item
    item_id: str
    department: RegisteredDepartment


class ReportIntake:
    """Takes reports. Thread-safe where the sink, the resolver and the judge are."""

    def __init__(
        self,
        sink: ItemSink,
        resolve: DepartmentResolver,
        clock: Clock,
        settings: IntakeSettings,
        judge: Judge | None = None,
    ) -> None:
        self._sink, self._resolve, self._clock, self._settings, self._judge = sink, resolve, clock, settings, judge

    def submit(self, payload: Mapping[str, Any] | bytes) -> Receipt:
        """Check, send, receipt. Raises InvalidItem (NotJson, ClassifiedItem, ItemTooLarge) or BrokerUnavailable."""
        return self.accept(self.prepare(payload))

    def prepare(self, payload: Mapping[str, Any] | bytes) -> Prepared:
        """Everything but the sending, so that the desk can look for a first receipt. Raises InvalidItem."""
        item = validate(self._fields(payload), now=self._clock.now(), future=self._settings.future)
        marked = secrecy_mark(item.title, item.text)
        if marked:
            log.warning("report.classified", field=marked)  # neither content nor sender's words
            raise ClassifiedItem([_CLASSIFIED[marked]], hint="use the channel for classified documents")
        department = self._resolve(item.source)
        if department is None:
            raise InvalidItem([_unknown(item.source)])
        encode(item)
        key = item_id(item, district=self._settings.district, source=department.id)
        return Prepared(item, key, department)

    def accept(self, prepared: Prepared) -> Receipt:
        """Send what was prepared and wait for the broker. Raises BrokerUnavailable."""
        [acknowledged] = self._sink.send([Parcel(prepared.item, prepared.item_id)])
        log.info("report.accepted", item_id=prepared.item_id, department=prepared.department.id)
        return self.receipt(prepared, acknowledged)

    def receipt(self, prepared: Prepared, acknowledged: Acknowledgement) -> Receipt:
        """The receipt. The item is accepted by now, so a judge that fails costs the verdict and not the receipt."""
        item = prepared.item.model_copy(update={"received_at": acknowledged.received_at})
        receipt = Receipt(
            id=item.id or prepared.item_id, item_id=prepared.item_id, received_at=acknowledged.received_at
        )
        if self._judge is None:
            return receipt
        try:
            assessment = self._judge(item)
        except Exception as error:
            log.error("report.judge_failed", item_id=prepared.item_id, reason=type(error).__name__)
            return receipt
        return receipt.model_copy(update={"timeliness": assessment.timeliness, "findings": assessment.findings})

    def _fields(self, payload: Mapping[str, Any] | bytes) -> Mapping[str, Any]:
        if not isinstance(payload, bytes):
            return payload
        if len(payload) > self._settings.max_bytes:
            raise ItemTooLarge([too_large("", len(payload))])
        return read_json(payload)


_CLASSIFIED = {
    field: FieldError(
        field,
        "carries a secrecy mark; this is not a secret system: it was not stored, use the classified channel",
        "带有密级标志。本系统为非涉密系统，内容未保存，请通过涉密渠道报送",
    )
    for field in ("title", "text")
}


def _unknown(source: str) -> FieldError:
    shown = source[:50] or "（空）"
    return FieldError(
        "source",
        f"{shown!r} is not in the register of departments; give its id, official name or short name",
        f"“{shown}”不在单位名录中，请填写单位编号、全称或规范简称",
    )
