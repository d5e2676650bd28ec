"""Issues of bulletins: gapless numbers, errata, withdrawal, archive; number, content and outbox in one transaction.

Writers take turns (stores.py), also those of two processes on one database; a crash
before the commit leaves neither number nor issue, one after it leaves both and the outbox sends (ADR 054).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.accounts import Account, Right, Role
from desk.database import Database
from desk.drafts import Draft, Drafts, State
from desk.mailing import Mailings
from desk.stores import Connection
from desk.uses import Uses
from processors.arranging import changes, entries_of
from processors.bulletin_rules import FILE, BulletinRule, Numbering
from schemas.base import CHINA
from schemas.bulletin import Bulletin
from schemas.errors import DistrictError, FieldError, InvalidItem
from schemas.vocab import BulletinName

SCHEMA = """
CREATE TABLE IF NOT EXISTS bulletin_issues (
    name TEXT NOT NULL, period TEXT NOT NULL, version INTEGER NOT NULL, date TEXT NOT NULL, year INTEGER NOT NULL,
    issue_number INTEGER NOT NULL, total_number INTEGER NOT NULL, withdrawn INTEGER NOT NULL, body TEXT NOT NULL,
    words TEXT NOT NULL, seen TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (name, period, version)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS bulletin_numbers ON bulletin_issues (name, year, issue_number) WHERE version = 1;
CREATE UNIQUE INDEX IF NOT EXISTS bulletin_totals ON bulletin_issues (name, total_number) WHERE version = 1;
CREATE INDEX IF NOT EXISTS bulletin_dates ON bulletin_issues (date);
"""
_LATEST = (
    "version = (SELECT MAX(version) FROM bulletin_issues AS one WHERE one.name = i.name AND one.period = i.period)"
)
NOTHING = Numbering()
SHOWN = 60
"""Issues on a page of the archive."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the archive; empty fields mean all."""

    name: str = ""
    first: str = ""
    last: str = ""
    words: str = ""


class Issuing:
    """Publishing and the archive over the desk's database."""

    def __init__(self, database: Database, rules: Mapping[BulletinName, BulletinRule]) -> None:
        self._database, self._rules = database, rules
        self.drafts = Drafts(database)
        self.mailings = Mailings(database, rules)
        database.ensure(SCHEMA)
        self.uses = Uses(database)
        for rule in rules.values():
            _check_signers(rule)

    def period(self, name: BulletinName, day: date) -> str:
        """The first day covered by the issue that ``day`` belongs to: what an issue is known by."""
        return self._rules[name].covers(day)[0].date().isoformat()

    def may_sign(self, who: Account, name: BulletinName) -> bool:
        """Whether the person is one of those who sign this bulletin; administrators always are."""
        own = who.role.value in self._rules[name].signers or who.role is Role.ADMIN
        return own and who.may(Right.SIGN)

    # -- publishing -----------------------------------------------------------------------------------------------

    def publish(
        self,
        name: BulletinName,
        period: str,
        revision: int,
        *,
        by: str,
        at: datetime,
        signer: str = "",
        editor: str = "",
        known: Numbering = NOTHING,
    ) -> Bulletin:
        """The signed draft as an issue with the next number, or as the next version of the issue that it amends.

        ``signer`` and ``editor``: the names to print; ``known``: numbers given elsewhere, to go on from.
        Raises DraftConflict, InvalidItem.
        """
        with self._database.transaction() as connection:
            draft = self.drafts.at_revision(name, period, revision)
            if draft.state is not State.SIGNED:
                raise InvalidItem([FieldError("action", "is not signed", "还没有签发，不能刊发")])
            before = self.latest(name, period)
            made = self._numbered(connection, draft, before, at, known)
            head = {"signer": signer or made.head.signer, "editor": editor or made.head.editor}
            made = made.model_copy(update={"head": made.head.model_copy(update=head)})
            self._keep(connection, period, made, draft.seen, by)
            self.drafts.drop(connection, draft)
        return made

    def _numbered(
        self, connection: Connection, draft: Draft, before: Bulletin | None, at: datetime, known: Numbering
    ) -> Bulletin:
        issued = without_notes(draft.bulletin).model_copy(update={"draft": False, "made_at": at})
        if before is None:
            dated = issued.model_copy(update={"date": self._dated(issued, at)})
            return dated.model_copy(update=self._next_numbers(connection, dated, known))
        told = self.version(draft.name, draft.period, draft.amends or before.version) or before
        return issued.model_copy(
            update={
                "issue_number": before.issue_number,
                "total_number": before.total_number,
                "version": before.version + 1,
                "changes": changes(told, issued),
                "withdrawn": False,
                "reason": draft.reason,
            }
        )

    def _dated(self, issued: Bulletin, at: datetime) -> str:
        """A daily bulletin bears the day that it covers; one of a half month the day it came out, which lies in it or
        is its last: it was begun on any day of it."""
        rule = self._rules[issued.name]
        if rule.period == "daily":
            return issued.date
        last = (rule.covers(date.fromisoformat(issued.date))[1] - timedelta(days=1)).date()
        return min(at.astimezone(CHINA).date(), last).isoformat()

    def _next_numbers(self, connection: Connection, issued: Bulletin, known: Numbering) -> dict[str, int]:
        start, year = self._rules[issued.name].numbering, date.fromisoformat(issued.date).year
        query = "SELECT MAX(issue_number) FROM bulletin_issues WHERE name = ? AND year = ?"
        (issue,) = connection.execute(query, (issued.name.value, year)).fetchone()
        query = "SELECT MAX(total_number) FROM bulletin_issues WHERE name = ?"
        (total,) = connection.execute(query, (issued.name.value,)).fetchone()
        first = max(one.issues if year == one.year else 0 for one in (start, known))
        return {
            "issue_number": max(first, issue or 0) + 1,
            "total_number": max(start.total, known.total, total or 0) + 1,
        }

    def abandon(self, name: BulletinName, period: str, revision: int) -> None:
        """Drop an erratum that is being arranged. Raises DraftConflict, InvalidItem."""
        with self._database.transaction() as connection:
            draft = self.drafts.at_revision(name, period, revision)
            if draft.amends is None or draft.state is not State.ARRANGING:
                said = "只有编排中的勘误可以放弃；已送签的先撤回送签"
                raise InvalidItem([FieldError("action", "only an erratum that is being arranged", said)])
            self.drafts.drop(connection, draft)

    def withdraw(
        self, name: BulletinName, period: str, version: int, reason: str, *, by: str, at: datetime
    ) -> Bulletin:
        """Take an issue back: its number stays taken, its text goes. Raises InvalidItem."""
        if not reason.strip():
            raise InvalidItem([FieldError("reason", "say why", "请写明撤回的理由")])
        with self._database.transaction() as connection:
            before = self.latest(name, period)
            if before is None or before.withdrawn or before.version != version:
                said = "这一期已有新的版本或已撤回，请刷新后再看"
                raise InvalidItem([FieldError("version", "is not the present version", said)])
            made = before.model_copy(
                update={
                    "version": version + 1, "withdrawn": True, "reason": reason.strip(), "sections": (), "charts": (),
                    "changes": (), "made_at": at, "figures": {},
                }
            )  # fmt: skip
            self._keep(connection, period, made, (), by)
        return made

    def _keep(self, connection: Connection, period: str, made: Bulletin, seen: tuple[str, ...], by: str) -> None:
        year = date.fromisoformat(made.date).year
        values = (
            made.name.value, period, made.version, made.date, year, made.issue_number, made.total_number,
            int(made.withdrawn), made.model_dump_json(), _words(made), json.dumps(seen), by, made.made_at.isoformat(),
        )  # fmt: skip
        connection.execute("INSERT INTO bulletin_issues VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        self.uses.note(connection, period, made)
        event_id = f"bulletin:{made.name.value}:{made.date}:{made.version}"
        self._database.keep_event(connection, event_id, made, made.made_at)
        self.mailings.plan(connection, period, made)

    # -- reading --------------------------------------------------------------------------------------------------

    def latest(self, name: BulletinName, period: str) -> Bulletin | None:
        """The issue as it holds now: its highest version."""
        found = self.versions(name, period)
        return found[-1] if found else None

    def version(self, name: BulletinName, period: str, version: int) -> Bulletin | None:
        """One version of an issue."""
        return next((one for one in self.versions(name, period) if one.version == version), None)

    def versions(self, name: BulletinName, period: str) -> list[Bulletin]:
        """Every version of an issue, oldest first."""
        query = "SELECT body FROM bulletin_issues WHERE name = ? AND period = ? ORDER BY version"
        return [Bulletin.model_validate_json(body) for (body,) in self._database.rows(query, name.value, period)]

    def seen(self, name: BulletinName, period: str) -> frozenset[str]:
        """Items that the editors of an issue were shown."""
        query = "SELECT seen FROM bulletin_issues WHERE name = ? AND period = ?"
        rows = self._database.rows(query, name.value, period)
        return frozenset(item for (seen,) in rows for item in json.loads(seen))

    def archive(self, sought: Sought, limit: int = SHOWN) -> list[Bulletin]:
        """Issues as they hold now, newest first; ``words``: all of them in the text of the issue."""
        clauses = [("i.name = ?", sought.name), ("i.date >= ?", sought.first), ("i.date <= ?", sought.last)]
        clauses += [("i.words LIKE ? ESCAPE '!'", _within(word.casefold())) for word in sought.words.split()]
        held = [(clause, value) for clause, value in clauses if value]
        where = " AND ".join([_LATEST, *(clause for clause, _ in held)])
        query = f"SELECT body FROM bulletin_issues AS i WHERE {where} ORDER BY i.date DESC, i.at DESC LIMIT ?"  # noqa: S608 - clauses are ours
        rows = self._database.rows(query, *(value for _, value in held), limit)
        return [Bulletin.model_validate_json(body) for (body,) in rows]


def _within(word: str) -> str:
    """The pattern of a text that holds the word; its own signs mean nothing."""
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return f"%{word}%"


def _words(issue: Bulletin) -> str:
    """What the archive searches in an issue."""
    lines = [line for one in entries_of(issue) for line in (one.title, one.text, *one.contributors)]
    return "\n".join([*lines, *issue.changes, issue.reason]).casefold()


def without_notes(bulletin: Bulletin) -> Bulletin:
    """Notes are the checker's word to the editors; an issue is printed without them."""
    sections = tuple(
        section.model_copy(update={"entries": tuple(one.model_copy(update={"notes": ()}) for one in section.entries)})
        for section in bulletin.sections
    )
    return bulletin.model_copy(update={"sections": sections})


def _check_signers(rule: BulletinRule) -> None:
    able = {role.value for role in Role if Account("", role).may(Right.SIGN)}
    if not rule.signers <= able:
        raise DistrictError(FILE, 0, f"[{rule.name.value}] signers: one or more of {', '.join(sorted(able))}")
