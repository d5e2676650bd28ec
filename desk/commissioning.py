"""约稿: what editors ask departments for, and what came of it. Facts are decisions on ``request:ID`` (see
:mod:`processors.duty.commissioned`, which also gives the points); the words of the asking stay in the desk's database.

Requests may be made elsewhere (``huiyao duty ask``, another desk): the index tells of them (:meth:`Commissions.learn`),
and they are shown, answered and taken back like those made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from desk.database import Database
from desk.decisions import after_all
from desk.index import Document
from processors.duty.commissioned import Commission, Outcome, commissions
from processors.instructions.steps import masked
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest

SCHEMA = """
CREATE TABLE IF NOT EXISTS commissions (
    request TEXT PRIMARY KEY, topic TEXT NOT NULL, text TEXT NOT NULL, about TEXT NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS commissions_at ON commissions (at);
"""
TOPIC_LIMIT, TEXT_LIMIT, DEPARTMENTS_LIMIT = 100, 1000, 300
SOON = timedelta(hours=24)
YEARS_AHEAD = 2
"""Deadlines beyond are slips of the pen."""
KEPT = 500
"""Requests that the page looks back on."""
OPEN = (Outcome.WAITING, Outcome.MISSED)


@dataclass(frozen=True, slots=True)
class Asking:
    """What an editor asks. ``about``: the item it came from, "" for none; ``deadline`` with or without a zone."""

    topic: str
    text: str
    deadline: str
    departments: Sequence[str]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at one department, as pages show it. ``soon``: due within a day."""

    commission: Commission
    text: str
    about: str
    by: str
    soon: bool

    @property
    def urgent(self) -> bool:
        """Whether it belongs on the list of those to remind."""
        return self.commission.outcome is Outcome.MISSED or self.soon


class Commissions:
    """Requests over the desk's database and outbox."""

    def __init__(self, database: Database, district: str, departments: Sequence[str]) -> None:
        self._database, self._district, self._departments = database, district, frozenset(departments)
        self._elsewhere: Mapping[str, tuple[Decision, ...]] = {}
        database.ensure(SCHEMA)

    def learn(self, requests: Iterable[Document]) -> None:
        """Take the index's word of every request that is not long over; documents as in the alias ``requests``."""
        found: dict[str, tuple[Decision, ...]] = {}
        for document in requests:
            subject = {"district": self._district, "subject_type": "request", "subject_id": document["request"]}
            found[document["request"]] = tuple(
                Decision.model_validate({**one, **subject}) for one in document["decisions"]
            )
        self._elsewhere = found

    def _on(self, request: str) -> list[Decision]:
        """Every decision on a request, of this desk and of the index."""
        here = self._database.decisions_on("request", request)
        known = {one.decision_id for one in here}
        both = [*here, *(one for one in self._elsewhere.get(request, ()) if one.decision_id not in known)]
        return sorted(both, key=lambda one: (one.at, one.decision_id))

    def ask(self, asking: Asking, *, by: str, now: datetime) -> Decision:
        """Keep a request, personal data masked. Raises InvalidItem naming every wrong field."""
        # It is kept for good and read by those of whom somebody may have complained.
        asking = replace(asking, topic=masked(asking.topic), text=masked(asking.text))
        deadline, departments = self._checked(asking, now)
        request = uuid4().hex[:12]
        details: dict[str, Any] = {
            "topic": asking.topic.strip(),
            "deadline": deadline.isoformat(),
            "departments": list(departments),
        }
        details |= {"item_id": asking.about} if asking.about else {}
        made = self._decision(uuid4().hex, request, "request", by, now, details)
        row = (request, asking.topic.strip(), asking.text.strip(), asking.about, by, now.isoformat())
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO commissions VALUES (?, ?, ?, ?, ?, ?)", row)
            self._database.keep_decision(connection, made)
        return made

    def answer(self, request: str, department: str, item_id: str, *, by: str, at: datetime) -> Decision:
        """A department's report answers a request; the same report again is the same answer. ``at``: its receipt.

        Raises InvalidItem where the department was not asked, or the request was taken back.
        """
        details = {"department": department, "item_id": item_id}
        with self._database.transaction() as connection:
            self.demand_open(request, department)
            moment = after_all(self._on(request), at)
            identifier = digest("answer", request, department, item_id)
            made = self._decision(identifier, request, "answer", by, moment, details)
            self._database.keep_decision(connection, made)
        return made

    def close(self, request: str, reason: str, *, by: str, now: datetime) -> Decision:
        """Take a request back. Raises InvalidItem where there is none, or it is taken back already."""
        with self._database.transaction() as connection:
            before = self._on(request)
            if not before or any(one.action == "close" for one in before):
                raise InvalidItem([FieldError("request", "is not open", "没有这件约稿，或已撤回")])
            if len(reason) > TEXT_LIMIT:
                raise InvalidItem([FieldError("reason", f"at most {TEXT_LIMIT}", f"理由不超过{TEXT_LIMIT}个字")])
            made = self._decision(uuid4().hex, request, "close", by, after_all(before, now), {}, reason.strip())
            self._database.keep_decision(connection, made)
        return made

    def demand_open(self, request: str, department: str | None) -> None:
        """Raises InvalidItem where the department was not asked for it, or it was taken back."""
        before = self._on(request)
        asked = [one for one in before if one.action == "request" and department in _asked_of(one)]
        if not asked or any(one.action == "close" for one in before):
            raise InvalidItem([FieldError("request", "was not asked of you", "没有向本单位约过这篇稿，或已撤回")])

    def all(self, now: datetime, department: str | None = None) -> list[Asked]:
        """The newest requests at every department (or at one): what is open first, by deadline, then what is done."""
        query = "SELECT request, text, about, by FROM commissions ORDER BY at DESC LIMIT ?"
        rows = self._database.rows(query, KEPT)
        kept = {str(request): (str(text), str(about), str(by)) for request, text, about, by in rows}
        names = dict.fromkeys([*kept, *self._elsewhere])
        here = self._database.decisions_on_all("request", list(names))
        decisions = [
            one for name in names for one in [*here.get(name, ()), *self._elsewhere.get(name, ())]
        ]  # the same decision twice is one
        for one in decisions:
            if one.action == "request":
                kept.setdefault(one.subject_id, ("", str(one.details.get("item_id") or ""), one.by))
        now = max([now, *(one.at for one in decisions)])  # their times rise whatever the clock does
        found = [
            Asked(one, *kept[one.request], one.outcome is Outcome.WAITING and one.deadline - now <= SOON)
            for one in commissions(decisions, now)
            if department is None or one.department == department
        ]
        waiting = [one for one in found if one.commission.outcome in OPEN]
        return [*waiting, *[one for one in found if one.commission.outcome not in OPEN][::-1]]

    def topics(self, requests: Sequence[str]) -> dict[str, str]:
        """The topics of requests made at this desk, by request."""
        if not requests:
            return {}
        marks = ", ".join("?" * len(requests))
        query = f"SELECT request, topic FROM commissions WHERE request IN ({marks})"  # noqa: S608 - marks only
        return {str(request): str(topic) for request, topic in self._database.rows(query, *requests)}

    def open_for(self, department: str, now: datetime) -> list[Asked]:
        """What a department still owes."""
        return [one for one in self.all(now, department) if one.commission.outcome in OPEN]

    def _checked(self, asking: Asking, now: datetime) -> tuple[datetime, tuple[str, ...]]:
        wrong = []
        if not 0 < len(asking.topic.strip()) <= TOPIC_LIMIT:
            wrong.append(FieldError("topic", f"1 to {TOPIC_LIMIT} characters", f"题目应为1至{TOPIC_LIMIT}个字"))
        if len(asking.text) > TEXT_LIMIT:
            wrong.append(FieldError("text", f"at most {TEXT_LIMIT}", f"要求不超过{TEXT_LIMIT}个字"))
        departments = tuple(dict.fromkeys(asking.departments))
        if not departments or len(departments) > DEPARTMENTS_LIMIT or not self._departments.issuperset(departments):
            wrong.append(FieldError("departments", "departments of the register", "请选择名册里的约稿单位"))
        try:
            given = datetime.fromisoformat(asking.deadline)
            deadline = given.replace(tzinfo=CHINA) if given.tzinfo is None else given
        except ValueError:
            deadline = now
        if deadline <= now:
            wrong.append(FieldError("deadline", "must be a time to come", "交稿时限须晚于现在"))
        elif deadline.year > now.year + YEARS_AHEAD:  # the last days of the calendar cannot be shown in every zone
            wrong.append(FieldError("deadline", "too far away", "交稿时限过远，请核对日期"))
        if wrong:
            raise InvalidItem(wrong)
        return deadline, departments

    def _decision(
        self,
        identifier: str,
        request: str,
        action: Literal["request", "answer", "close"],
        by: str,
        at: datetime,
        details: dict[str, Any],
        reason: str = "",
    ) -> Decision:
        return Decision(
            decision_id=identifier, district=self._district, subject_type="request", subject_id=request,
            action=action, by=by, at=at, details=details, reason=reason,
        )  # fmt: skip


def _asked_of(asked: Decision) -> list[Any]:
    given = asked.details.get("departments")
    return given if isinstance(given, list) else []
