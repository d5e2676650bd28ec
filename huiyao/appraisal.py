"""Cases, points, commissioned items and the monthly notice, from what stands on Kafka."""

from __future__ import annotations

from datetime import datetime

from huiyao.deciding import events_of, make_decision, newest_of
from huiyao.duty import ledger_now, rules_of
from huiyao.settings import Settings
from huiyao.wiring import district_of
from processors.duty.cases import decided
from processors.duty.corrections import check_score
from processors.duty.notice import Notice, notice
from processors.duty.point import Point
from processors.duty.points import Record, points
from processors.duty.scoring import Scoring
from schemas.bulletin import Bulletin
from schemas.case import Case
from schemas.decision import Action, Decision
from schemas.errors import FieldError, InvalidItem
from schemas.topics import BULLETINS, CASES, DECISIONS

TITLE = "信息报送情况通报"


def cases_now(settings: Settings) -> dict[str, Case]:
    """The newest state of every case, by id."""
    return newest_of(settings, CASES, Case, lambda one: (one.case_id, one.revision))


def case_of(cases: dict[str, Case], beginning: str) -> Case:
    """The case whose id begins so. Raises InvalidItem where none or several do."""
    found = [one for key, one in cases.items() if key.startswith(beginning)]
    if len(found) != 1:
        raise InvalidItem(
            [FieldError("case", f"{len(found)} cases begin with {beginning!r}", "线索编号不唯一或不存在")]
        )
    return found[0]


def case_decision(
    settings: Settings,
    beginning: str,
    action: Action,
    by: str,
    *,
    reason: str,
    details: dict[str, object],
    now: datetime,
) -> Decision:
    """A checked decision on a case. Raises InvalidItem where it cannot be carried out."""
    cases = cases_now(settings)
    subject = case_of(cases, beginning).case_id
    made = make_decision(settings, ("case", subject), action, by, reason=reason, details=details, now=now)
    decided(cases, made)
    return made


def scoring_of(settings: Settings) -> Scoring:
    """The district's table of points."""
    return Scoring.from_tables(district_of(settings).tables)


def record_of(settings: Settings) -> Record:
    """All that points follow from. Raises BrokerUnavailable."""
    register = district_of(settings).register

    def resolve(name: str) -> str | None:
        found = register.resolve(name)
        return found.id if found else None

    return Record(
        entries=list(ledger_now(settings).entries.values()),
        cases=list(cases_now(settings).values()),
        bulletins=events_of(settings, BULLETINS, Bulletin),
        decisions=events_of(settings, DECISIONS, Decision),
        resolve=resolve,
    )


def points_now(settings: Settings, now: datetime) -> list[Point]:
    """Every entry as of ``now``."""
    return points(record_of(settings), now, scoring_of(settings))


def notice_of(settings: Settings, month: str, now: datetime) -> Notice:
    """The notice of a month as of ``now``."""
    record, rules = record_of(settings), rules_of(settings)
    book = rules.book.with_decisions([one for one in record.decisions if one.subject_type == "department"])
    return notice(record, month, now, book, scoring_of(settings), title=f"{district_of(settings).name}{TITLE}")


def score_decision(
    settings: Settings, subject: str, action: Action, by: str, *, reason: str, details: dict[str, object], now: datetime
) -> Decision:
    """Points that people enter, correct or appeal against, checked. Raises InvalidItem."""
    given = {name: value for name, value in details.items() if value not in ("", None)}
    made = make_decision(settings, ("points", subject), action, by, reason=reason, details=given, now=now)
    check_score(made, scoring_of(settings), {one.entry_id: one for one in points_now(settings, now)})
    return made
