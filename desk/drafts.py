"""Drafts of bulletins that people arrange: kept with a revision, so that of two editors none loses anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from desk.database import Database
from desk.stores import Connection
from processors.arranging import entries_of
from schemas.base import Event, Time
from schemas.bulletin import Bulletin
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import BulletinName

SCHEMA = """
CREATE TABLE IF NOT EXISTS bulletin_drafts (
    name TEXT NOT NULL, period TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '', PRIMARY KEY (name, period)
) WITHOUT ROWID;
"""
MOST_STEPS = 200
"""Steps remembered of a draft; the newest."""


class State(StrEnum):
    """How far a draft is on its way to an issue."""

    ARRANGING = "arranging"
    PROPOSED = "proposed"
    SIGNED = "signed"

    @property
    def label(self) -> str:
        return {"arranging": "编排中", "proposed": "待签发", "signed": "已签发，待刊"}[self.value]


class Step(Event):
    """What somebody did; ``revision`` is that of the draft afterwards. ``what`` in Chinese, for people."""

    revision: int
    by: str
    at: Time
    what: str


class Draft(Event):
    """A draft as it is kept. ``period``: first day covered; ``seen``: items that editors have been shown, ``seen_at``:
    when they looked last (of a large day not every item is kept that they could have looked at then);
    ``amends``: the version of the issue that this will correct, ``reason`` why."""

    name: BulletinName
    period: str
    revision: int
    bulletin: Bulletin
    seen: tuple[str, ...] = ()
    seen_at: Time | None = None
    state: State = State.ARRANGING
    steps: tuple[Step, ...] = ()
    proposed_by: str = ""
    signed_by: str = ""
    amends: int | None = None
    reason: str = ""
    returned: int = 0
    """Revision of the step by which a signer sent it back; 0 once it is proposed again, and where none did."""

    @property
    def objection(self) -> Step | None:
        """What the signer said who sent it back, until it is proposed again."""
        return next((step for step in self.steps if step.revision == self.returned), None)


Change = Callable[[Draft], Draft]


class DraftConflict(Exception):
    """Somebody changed the draft since the page was made; ``since`` are the steps not seen."""

    def __init__(self, since: Sequence[Step]) -> None:
        super().__init__(f"{len(since)} steps since")
        self.since = tuple(since)


class Drafts:
    """Arranged drafts over the desk's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.ensure(SCHEMA)
        database.add_columns("bulletin_drafts", {"state": "TEXT NOT NULL DEFAULT ''"}, self._fill_states)

    def _fill_states(self, connection: Connection) -> None:
        for name, period, body in self._database.rows("SELECT name, period, body FROM bulletin_drafts"):
            state = Draft.model_validate_json(body).state.value
            connection.execute(
                "UPDATE bulletin_drafts SET state = ? WHERE name = ? AND period = ?", (state, name, period)
            )

    def of(self, name: BulletinName, period: str) -> Draft | None:
        """The draft that is being arranged, if any."""
        rows = self._database.rows("SELECT body FROM bulletin_drafts WHERE name = ? AND period = ?", name.value, period)
        return Draft.model_validate_json(rows[0][0]) if rows else None

    def proposed(self) -> list[Draft]:
        """Drafts that wait for a signature, whatever their date, oldest first."""
        return self._in(State.PROPOSED)

    def returned(self) -> list[Draft]:
        """Drafts that a signer sent back, whatever their date, oldest first."""
        return [one for one in self._in(State.ARRANGING) if one.objection is not None]

    def _in(self, state: State) -> list[Draft]:
        query = "SELECT body FROM bulletin_drafts WHERE state = ? ORDER BY period, name"
        return [Draft.model_validate_json(body) for (body,) in self._database.rows(query, state.value)]

    def begin(self, draft: Draft, by: str, at: datetime, what: str) -> Draft:
        """Keep a new draft; where two begin at once the first one stays and is returned to both."""
        started = draft.model_copy(update={"revision": 1, "steps": (Step(revision=1, by=by, at=at, what=what),)})
        with self._database.transaction() as connection:
            body, state = started.model_dump_json(), started.state.value
            values = (draft.name.value, draft.period, 1, body, at.isoformat(), state)
            connection.execute(
                "INSERT INTO bulletin_drafts (name, period, revision, body, at, state) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                values,
            )
        return self.of(draft.name, draft.period) or started

    def change(
        self, name: BulletinName, period: str, revision: int, change: Change, *, by: str, at: datetime, what: str
    ) -> Draft:
        """Apply a change made on ``revision``. Raises DraftConflict, InvalidItem."""
        with self._database.transaction() as connection:
            before = self.at_revision(name, period, revision)
            changed = change(before)
            step = Step(revision=revision + 1, by=by, at=at, what=what)
            steps = (*before.steps, step)[-MOST_STEPS:]
            made = changed.model_copy(update={"revision": revision + 1, "steps": steps})
            connection.execute(
                "UPDATE bulletin_drafts SET revision = ?, body = ?, at = ?, state = ? WHERE name = ? AND period = ?",
                (made.revision, made.model_dump_json(), at.isoformat(), made.state.value, name.value, period),
            )
        return made

    def at_revision(self, name: BulletinName, period: str, revision: int) -> Draft:
        """The draft, which must be at this revision. Raises DraftConflict; InvalidItem where there is none."""
        found = self.of(name, period)
        if found is None:
            said = "没有编排中的稿子，可能刚刚已经刊发"
            raise InvalidItem([FieldError("revision", "nothing is being arranged; it may just have been issued", said)])
        if found.revision != revision:
            raise DraftConflict([step for step in found.steps if step.revision > revision])
        return found

    def drop(self, connection: Connection, draft: Draft) -> None:
        """Within the transaction that issues it: the draft has become an issue."""
        values = (draft.name.value, draft.period)
        connection.execute("DELETE FROM bulletin_drafts WHERE name = ? AND period = ?", values)


def arranged(change: Callable[[Bulletin], Bulletin]) -> Change:
    """A change of the content; only while it is being arranged."""

    def made(draft: Draft) -> Draft:
        _demand(draft, State.ARRANGING, "已送签，先撤回送签再改")
        return draft.model_copy(update={"bulletin": change(draft.bulletin)})

    return made


def noticed(items: Sequence[str], at: datetime | None = None) -> Change:
    """Items that an editor has been shown, and when."""
    return lambda draft: draft.model_copy(
        update={"seen": tuple(sorted({*draft.seen, *items})), "seen_at": at or draft.seen_at}
    )


def proposed(by: str) -> Change:
    """Handed to those who sign."""

    def made(draft: Draft) -> Draft:
        _demand(draft, State.ARRANGING, "已经送签")
        if not entries_of(draft.bulletin):
            raise InvalidItem([FieldError("action", "an empty bulletin", "本期还没有信息，不能送签")])
        return draft.model_copy(update={"state": State.PROPOSED, "proposed_by": by, "returned": 0})

    return made


def signed(by: str) -> Change:
    """Signed by a second person. Raises InvalidItem where it is the one who proposed it."""

    def made(draft: Draft) -> Draft:
        _demand(draft, State.PROPOSED, "还没有送签，或已经签发")
        if by == draft.proposed_by:
            raise InvalidItem([FieldError("action", "needs a second person", "送签人不能自己签发，须由第二人签发")])
        return draft.model_copy(update={"state": State.SIGNED, "signed_by": by})

    return made


def reopened(draft: Draft) -> Draft:
    """Back to arranging, taken back by the editor."""
    if draft.state is State.ARRANGING:
        raise InvalidItem([FieldError("action", "is being arranged", "正在编排，没有送签")])
    return draft.model_copy(update={"state": State.ARRANGING, "proposed_by": "", "signed_by": ""})


def sent_back(draft: Draft) -> Draft:
    """Back to arranging by the one who signs: editors are told until they propose it again."""
    return reopened(draft).model_copy(update={"returned": draft.revision + 1})


def _demand(draft: Draft, state: State, otherwise: str) -> None:
    if draft.state is not state:
        raise InvalidItem([FieldError("action", f"the draft is {draft.state.value}", otherwise)])
