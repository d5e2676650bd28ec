"""Reminders of the duty to report and of instructions: the intent, written before any send, and each attempt's end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from schemas.alert import Delivery, Notice
from schemas.base import Event, Time
from schemas.ids import digest
from schemas.vocab import Labelled

if TYPE_CHECKING:
    from schemas.ports import Receipt


class ReminderKind(Labelled):
    """Who is told of what."""

    BEFORE = "before", "报送提醒"
    """A department's liaison, before the cut-off: nothing has come yet."""
    SILENT = "silent", "未报清单"
    """Who is on duty, after the cut-off: the departments that were silent."""
    INSTRUCTION = "instruction", "批示催办"
    """The liaison of the department that owes an answer to an instruction (批示)."""


class Reminder(Event):
    """Value of ``duty.reminders`` (key: ``subject``).

    ``reminder_id`` is deterministic over district, department, day and lead time (or day and cut-off of a list), so
    that the same reminder never goes out twice. ``notices``: whom by which channels; no address. Of an instruction its
    id is in ``instruction``, ``cutoff`` is its deadline and the id is that of instruction and day.
    """

    reminder_id: str
    district: str
    kind: ReminderKind
    day: str
    cutoff: Time
    departments: tuple[str, ...]
    names: tuple[str, ...] = ()
    title: str
    text: str
    notices: tuple[Notice, ...] = ()
    at: Time
    instruction: str = ""

    @property
    def subject(self) -> str:
        """``department:day`` of a reminder, ``silent:day`` of a list, ``instruction:ID``."""
        if self.kind is ReminderKind.INSTRUCTION:
            return f"instruction:{self.instruction}"
        return f"{self.departments[0] if self.kind is ReminderKind.BEFORE else 'silent'}:{self.day}"

    @property
    def alert_id(self) -> str:
        """What an attempt is recorded for."""
        return self.reminder_id

    @property
    def incident(self) -> str:
        """The key of its attempts."""
        return self.subject


class ReminderAttempt(Delivery):
    """Value of ``duty.reminder_attempts``: as a delivery of an alert; ``alert_id`` is the reminder's id."""


class PushedReceipt(Event):
    """Value of ``alerts.receipts`` (key: ``channel:reference``): what a gateway said became of a message.

    ``receipt_id`` is deterministic over channel, reference and word, so that the same word twice is one.
    """

    receipt_id: str
    channel: str
    reference: str
    arrived: bool
    detail: str = ""
    at: Time

    @classmethod
    def of(cls, receipt: Receipt, at: datetime) -> PushedReceipt:
        """The event of a receipt."""
        return cls(
            receipt_id=digest("receipt", receipt.channel, receipt.reference, str(receipt.arrived), receipt.detail),
            channel=receipt.channel,
            reference=receipt.reference,
            arrived=receipt.arrived,
            detail=receipt.detail,
            at=at,
        )
