"""Cases: a candidate for an omission or a concealment, with what was said on both sides, for people to decide."""

from __future__ import annotations

from pydantic import Field

from schemas.base import Event, Time
from schemas.vocab import Labelled, Lane


class CaseKind(Labelled):
    """What does not fit; never what it means."""

    ZERO_CONTRADICTED = "zero_contradicted", "当日零报告，另有渠道反映"
    NOTHING_REPORTED = "nothing_reported", "未见报送，另有渠道反映"
    SMALLER_FIGURES = "smaller_figures", "所报数字小于其他渠道"


class CaseState(Labelled):
    """Where a case stands. Only ``upheld`` and ``unfounded`` are verdicts, and only people give them."""

    OPEN = "open", "待说明"
    EXPLAINED = "explained", "已说明，待认定"
    SECOND_PERSON = "second_person", "待第二人认定"
    """One person has confirmed; a second has to."""
    UPHELD = "upheld", "已认定"
    UNFOUNDED = "unfounded", "不成立"
    SETTLED = "settled", "已自行补正"
    """What did not fit fits now: the department reported, or the figures agree."""


class CaseVerdict(Labelled):
    """What two people may find (SPEC 2.2)."""

    OMITTED = "omitted", "漏报"
    FALSE = "false", "谎报"
    CONCEALED = "concealed", "瞒报"
    LATE = "late", "迟报"


class Evidence(Event):
    """One word on one side, with the figures it gave."""

    item_id: str
    lane: Lane
    source: str
    title: str = ""
    at: Time
    figures: dict[str, int] = Field(default_factory=dict)


class CaseAct(Event):
    """What a person did with the case."""

    decision_id: str
    action: str
    by: str
    at: Time
    reason: str = ""
    verdict: CaseVerdict | None = None
    undone: bool = False


class Case(Event):
    """Value of ``duty.cases`` (key: case id); the highest ``revision`` is the truth.

    ``outside`` and ``department_said`` stand side by side. Nothing in it is a finding against the department before
    ``state`` is ``upheld``, which takes two people.
    """

    case_id: str
    district: str
    kind: CaseKind
    department: str
    department_name: str = ""
    day: str
    incident: str
    event_type: str | None = None
    place: str | None = None
    outside: tuple[Evidence, ...] = ()
    department_said: tuple[Evidence, ...] = ()
    ledger_state: str | None = None
    """What the ledger has for the department on the day."""
    gaps: tuple[str, ...] = ()
    """Figures that differ, in words."""
    state: CaseState = CaseState.OPEN
    verdict: CaseVerdict | None = None
    acts: tuple[CaseAct, ...] = ()
    opened_at: Time
    changed_at: Time
    decided_at: Time | None = None
    revision: int = 1
