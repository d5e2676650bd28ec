"""What the desk needs from outside, handed in by the front door."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from elasticsearch import AsyncElasticsearch

from desk.duty_deps import DutyDeps
from desk.filetypes import AttachmentRules
from desk.mailing import IssueSender
from desk.oidc import OidcRules
from desk.people import ONE_TIME
from processors.bulletin_rules import BulletinRule
from processors.departments import Register
from processors.duty.omissions import CaseRules
from processors.instructions.rules import InstructionRules
from producers.health import SourceHealth
from producers.reports import ReportIntake
from schemas.assessment import Assessment
from schemas.bulletin import Bulletin, BulletinHead
from schemas.connections import ElasticsearchConnection
from schemas.decision import Decision
from schemas.item import Item
from schemas.ports import Clock
from schemas.reminder import PushedReceipt
from schemas.subscription import Policy
from schemas.vocab import BulletinName


class OutboxSink(Protocol):
    """Where decisions, issues of bulletins and pushed receipts go: their topics. Blocks until acknowledged."""

    def send(self, event: Decision | Bulletin | PushedReceipt) -> None:
        """Return once the broker has it. Raises BrokerUnavailable."""
        ...


class PhoneCall(Protocol):
    """Makes the decision that a phone call is, from what the duty officer typed."""

    def __call__(self, given: Mapping[str, str], figures: Mapping[str, int | None], by: str, now: datetime) -> Decision:
        """The decision. Raises InvalidItem."""
        ...


class LiveJudge(Protocol):
    """Judges while somebody types; pure."""

    def assess_one(self, item: Item) -> Assessment:
        """The assessment. Raises InvalidItem."""
        ...


@dataclass(frozen=True)
class DeskDeps:
    """Everything the desk works with. ``body_limit`` in bytes; ``first_password_file``: where the administrator's
    one-time password is written at the first start.

    ``rule_names``: what a rule of a verdict is called in Chinese, by the last part of its id.
    """

    district: str
    district_name: str
    district_level: str
    """区级, 县级."""
    register: Register
    intake: ReportIntake
    judge: LiveJudge
    decisions: OutboxSink
    client: AsyncElasticsearch
    elasticsearch: ElasticsearchConnection
    clock: Clock
    database: Path | str
    """A file, or ``postgresql://…``."""
    api_key_file: Path
    first_password_file: Path
    attachments: AttachmentRules
    bulletins: dict[BulletinName, BulletinRule]
    bulletin_head: BulletinHead
    instruction_rules: InstructionRules
    broker_ready: Callable[[], bool]
    source_health: Callable[[], Sequence[SourceHealth]] = field(default=tuple)
    metrics_dir: Path | None = None
    ack_key: bytes = b""
    """Verifies the signed links of alerts; empty: there are none."""
    rule_names: Mapping[str, str] = field(default_factory=dict)
    one_time_password: timedelta = ONE_TIME
    oidc: OidcRules | None = None
    """A provider where people may log in; None: with name and password only."""
    metrics_key: str = ""
    """Reads the metrics and nothing else; empty: administrators only."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    body_limit: int = 4 * 1024 * 1024
    cookie_secure: bool = False
    font_dirs: tuple[Path, ...] = ()
    phone_call: PhoneCall | None = None
    answerable: CaseRules | None = None
    """Who answers for which event; None: nobody is suggested."""
    alert_policy: Policy = field(default_factory=Policy)
    dead_letters: Callable[[], int | None] = lambda: None
    """How many dead letters are kept; None where that cannot be told."""
    event_types: tuple[str, ...] = ()
    duty_phone: str = ""
    """The duty room's number, which the form for emergencies dials; empty: it is named only."""
    issue_mail: IssueSender | None = None
    """Sends issues by mail and message; None: what is to be sent waits."""
    duty: DutyDeps = field(default_factory=DutyDeps)
