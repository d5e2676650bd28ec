"""Stand-ins for the ports of the workers. They judge nothing: an item says itself what its verdict shall be."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.alert import Alert, Notice
from schemas.assessment import AssessedItem, Assessment, Emergency, Facts, Finding, Timeliness
from schemas.base import CHINA, local_day
from schemas.errors import DeliveryError, FieldError, InvalidItem
from schemas.ids import item_id, version
from schemas.ports import Handed, Receipt
from schemas.reminder import Reminder
from schemas.story import StoryAssigned, StorySignature
from schemas.vocab import Category, TimelinessRule, TimelinessVerdict
from streams.ports import AssessInput

SCRIPT = "#script:"
"""A text may go on, after this mark, with JSON: ``emergency``, ``facts``, ``findings`` as in an assessment, ``raise``
(the judge fails), ``invalid`` (the judge refuses the item), ``sleep_s`` (it takes its time)."""
DISTRICT = "testqu"


class ScriptedJudge:
    """Gives each item the verdict written in it, else that of an unremarkable item."""

    def __init__(self, district: str = DISTRICT) -> None:
        self._district = district

    def assess(self, items: Sequence[AssessInput]) -> list[AssessedItem | InvalidItem]:
        """See SCRIPT."""
        return [self._one(one) for one in items]

    def _one(self, one: AssessInput) -> AssessedItem | InvalidItem:
        script = script_of(one.item.text)
        if "sleep_s" in script:
            time.sleep(float(script["sleep_s"]))
        if "raise" in script:
            raise RuntimeError(script["raise"])
        if "invalid" in script:
            return InvalidItem([FieldError("text", script["invalid"], script["invalid"])])
        identity = item_id(one.item, district=self._district, source=one.item.source)
        return AssessedItem(
            item_id=identity,
            district=self._district,
            version=version(one.item),
            source=one.item.source,
            received_at=one.received_at,
            day=local_day(one.received_at),
            input=one.item,
            assessment=_assessment(one, identity, script),
            origin=one.origin,
        )


def script_of(text: str) -> dict[str, Any]:
    """The instructions in a text; none in an ordinary one."""
    _, mark, script = text.partition(SCRIPT)
    found: dict[str, Any] = json.loads(script) if mark else {}
    return found


def _assessment(one: AssessInput, identity: str, script: dict[str, Any]) -> Assessment:
    return Assessment(
        id=one.item.id or identity,
        item_id=identity,
        lane=one.item.lane.value,
        category=Category.OTHER,
        category_scores={category: 1.0 if category is Category.OTHER else 0.0 for category in Category},
        emergency=Emergency.model_validate(script.get("emergency", {})),
        facts=Facts.model_validate(script.get("facts", {})),
        findings=tuple(Finding.model_validate(finding) for finding in script.get("findings", ())),
        timeliness=Timeliness(verdict=TimelinessVerdict.NOT_APPLICABLE, rule=TimelinessRule.NONE),
        rules_version="scripted",
    )


class LoneMatcher:
    """Every item stands alone; remembers what it assigned, as the port asks."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], StoryAssigned] = {}

    def restore(self, events: Iterable[StoryAssigned]) -> None:
        """Take earlier assignments back."""
        self.known |= {(event.item_id, event.version): event for event in events}

    def assign(self, item: AssessedItem) -> StoryAssigned:
        """The assignment the item had, else ``alone``."""
        return self.known.setdefault((item.item_id, item.version), _alone(item))


def _alone(item: AssessedItem) -> StoryAssigned:
    signature = StorySignature(lane=item.input.lane.value, title=item.input.title, published_at=item.input.published_at)
    return StoryAssigned(
        item_id=item.item_id,
        district=item.district,
        version=item.version,
        story=None,
        relation="alone",
        assigned_at=item.received_at,
        signature=signature,
    )


@dataclass
class MovableClock:
    """Shows what it is told; maps real moments by a fixed shift (a machine whose clock is a day off)."""

    shift: timedelta = timedelta()
    fixed: datetime | None = None

    def now(self) -> datetime:
        """The fixed time, else the real one shifted."""
        return self.fixed or datetime.now(CHINA) + self.shift

    def at(self, real: datetime) -> datetime:
        """A real moment shifted."""
        return real.astimezone(CHINA) + self.shift


@dataclass
class RecordingChannel:
    """A channel that keeps what it was given, and fails as often as it is told to."""

    name: str = "recorder"
    failures: int = 0
    recoverable: bool = True
    hang_s: float = 0.0
    sent: list[tuple[Alert, bool]] = field(default_factory=list)

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Keep the alert, or fail."""
        if self.hang_s:
            await asyncio.sleep(self.hang_s)
        if self.failures > 0:
            self.failures -= 1
            raise DeliveryError("测试：通道不通", recoverable=self.recoverable)
        self.sent.append((alert, repeated))
        return "ok"


@dataclass
class RecordingSwitchboard:
    """Tells nobody: keeps what it was to say to whom by which channel. ``down``: channels that take nothing.

    ``hangs``: never answers, as a process that dies between a send and its record sees it.
    """

    down: set[str] = field(default_factory=set)
    recoverable: bool = True
    hangs: bool = False
    said: list[tuple[str, str, str, bool]] = field(default_factory=list)
    """(recipient, purpose, channel, repeated)"""
    waiting: list[Receipt] = field(default_factory=list)

    async def deliver(self, notice: Notice, alerts: Sequence[Alert], channel: str, *, repeated: bool) -> Handed:
        """Keep it, or fail."""
        if channel in self.down:
            raise DeliveryError(f"测试：{len(alerts)}件未发出", recoverable=self.recoverable)
        self.said.append((notice.recipient, notice.purpose.value, channel, repeated))
        if self.hangs:
            await asyncio.sleep(3600)
        return Handed("ok", f"{channel}-{len(self.said)}")

    async def remind(self, notice: Notice, reminder: Reminder, channel: str, *, repeated: bool) -> Handed:
        """Keep it, or fail."""
        del reminder
        return await self.deliver(notice, (), channel, repeated=repeated)

    async def receipts(self) -> list[Receipt]:
        """Those that were put here."""
        found, self.waiting = self.waiting, []
        return found
