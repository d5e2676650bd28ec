"""The assessment: every verdict on one item, each with its reason (CONTRACT.md "Assessment")."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.base import Event, Time
from schemas.item import Item
from schemas.vocab import (
    Category,
    Check,
    EventClass,
    Level,
    PiiKind,
    Precision,
    Sentiment,
    TimelinessRule,
    TimelinessVerdict,
)

InputField = Literal["title", "text"]


class Reason(Event):
    """Why: a rule's id and the span it rests on (half-open, code points of ``field``)."""

    rule: str
    field: InputField = "text"
    start: int = 0
    end: int = 0
    text: str = ""


class Emergency(Event):
    """Whether a real event is going on or just over; ``in_district`` is null where it cannot be decided."""

    is_emergency: bool = False
    warning: bool = Field(default=False, description="A warning before an event; not an emergency")
    score: float = Field(default=0.0, description="Probability that this is an emergency, 0 to 1")
    doubtful: bool = Field(default=False, description="Near the decision: a person should look")
    event_class: EventClass | None = None
    event_type: str | None = Field(default=None, description="A name of the district's table of event types")
    level: Level | None = Field(default=None, description="Null where the figures do not decide")
    level_rule: str | None = Field(default=None, description="The threshold that decided, e.g. 火灾 deaths>=1 (S04)")
    in_district: bool | None = None
    sensitive: bool = False
    reasons: tuple[Reason, ...] = ()


class EventTime(Event):
    """Onset of the event, to the precision stated."""

    start: Time
    precision: Precision


class Facts(Event):
    """Figures as stated. Null: not stated. 0: stated as none. Money in 万元."""

    event_time: EventTime | None = None
    places: tuple[str, ...] = ()
    deaths: int | None = None
    injured: int | None = None
    missing: int | None = None
    trapped: int | None = None
    evacuated: int | None = None
    serious_injuries: int | None = None
    direct_loss: float | None = None
    participants: int | None = None
    magnitude: float | None = None
    households: int | None = None
    cases: int | None = None
    area_forest: float | None = None
    hours: float | None = None
    as_of: Time | None = None


class Clock(Event):
    """A further (statutory) clock beside the house rule."""

    rule: str
    name: str
    deadline: Time
    verdict: TimelinessVerdict
    source: str = ""


class Timeliness(Event):
    """Verdict on time; ``explanation`` tells a clerk how it was computed. ``elapsed_s`` in seconds."""

    verdict: TimelinessVerdict
    rule: TimelinessRule
    deadline: Time | None = None
    elapsed_s: int | None = None
    clock_start: str | None = Field(default=None, description="occurred, known, phoned")
    explanation: str = ""
    clocks: tuple[Clock, ...] = ()


class Finding(Event):
    """One doubt about content or wording. ``suggestion`` replaces exactly [start, end). Suggest only."""

    check: Check
    field: InputField = "text"
    start: int = 0
    end: int = 0
    text: str = ""
    message: str = ""
    suggestion: str | None = None
    rule: str = ""


class Pii(Event):
    """Where personal data stands; masks keep the length."""

    kind: PiiKind
    field: InputField = "text"
    start: int
    end: int


class OpinionSignals(Event):
    """Public opinion: tone, topic, sensitivity 0 to 3 (watch_topics.tsv). Never about persons."""

    sentiment: Sentiment = Sentiment.NEUTRAL
    theme: str | None = None
    sensitivity: int = 0


class Assessment(Event):
    """Every verdict on one item. ``id`` is the sender's id where given, else the item id."""

    id: str
    item_id: str
    lane: str
    category: Category
    category_scores: dict[Category, float]
    abstained: bool = False
    reasons: tuple[Reason, ...] = ()
    emergency: Emergency = Emergency()
    facts: Facts = Facts()
    timeliness: Timeliness
    findings: tuple[Finding, ...] = ()
    pii: tuple[Pii, ...] = ()
    opinion: OpinionSignals | None = None
    incident: str | None = None
    story: str | None = None
    rules_version: str


class Origin(Event):
    """Where a record stood: topic, partition, offset."""

    topic: str
    partition: int
    offset: int


class AssessedItem(Event):
    """Value of ``items.assessed``: the masked input fields and the assessment.

    ``version`` orders corrections; ``received_at`` is the arrival (broker time), ``source`` the resolved one.
    """

    item_id: str
    district: str
    version: int
    source: str
    source_name: str = ""
    received_at: Time
    day: str = Field(description="Local day of receipt, YYYY-MM-DD (Asia/Shanghai)")
    input: Item
    assessment: Assessment
    minhash: tuple[int, ...] = Field(default=(), description="Signature for near-duplicates")
    origin: Origin | None = None
