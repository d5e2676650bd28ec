"""Decisions of people on items: made on what the person saw, kept in order, brought to Kafka by the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from desk.database import Database
from processors.fold_items import CATEGORIES, standing
from processors.fold_parts import by_time_and_id, decided, in_force
from processors.instructions.steps import without_numbers
from schemas.decision import Action, Decision
from schemas.errors import FieldError, InvalidItem

ITEM_ACTIONS: tuple[Action, ...] = (
    "accept",
    "return",
    "reject",
    "reopen",
    "categorise",
    "edit",
    "merge",
    "split",
    "undo",
)
"""What an editor may do with an item on the desk."""
NEED_REASON = frozenset({"return", "reject"})
REASON_LIMIT = 500
EDIT_LIMIT = 20_000

SCHEMA = """
CREATE TABLE IF NOT EXISTS edits (
    edit_id TEXT PRIMARY KEY, item_id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edits_item ON edits (item_id);
CREATE TABLE IF NOT EXISTS item_merges (item_id TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_merges_kept ON item_merges (kept);
"""


class Conflict(Exception):
    """Somebody decided on the same thing since the page was made; ``since`` are the decisions not seen, ``words`` what
    some of them were, by id, where more can be said than their names.
    """

    def __init__(self, since: Sequence[Decision], words: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{len(since)} decisions since")
        self.since, self.words = tuple(since), dict(words or {})


@dataclass(frozen=True, slots=True)
class Choice:
    """What an editor sends. ``revision``: how many decisions the page knew of; ``title`` and ``text`` of an edit;
    ``into``: the item it is merged into.
    """

    action: str
    revision: int
    reason: str = ""
    category: str = ""
    title: str = ""
    text: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """An editor's wording of an item; the original stays as it is."""

    edit_id: str
    title: str
    text: str
    by: str
    at: str


class ItemDecisions:
    """Decisions on items over the desk's database. Every one passes here, so a count tells what a page has not seen."""

    def __init__(self, database: Database, district: str) -> None:
        self._database, self._district = database, district
        database.ensure(SCHEMA)

    def revision(self, item_id: str) -> int:
        """How many decisions there are on an item."""
        return len(self._database.decisions_on("item", item_id))

    def revisions(self, item_ids: Sequence[str]) -> dict[str, int]:
        """The same for many items."""
        found = self._database.decisions_on_all("item", item_ids)
        return {identifier: len(found.get(identifier, ())) for identifier in item_ids}

    def decide(self, item: Mapping[str, Any], choice: Choice, *, by: str, at: datetime) -> Decision:
        """Keep a decision and what it needs, all or nothing. Raises InvalidItem or Conflict."""
        checked = _checked(choice)
        identifier = str(item["item_id"])
        # Browsers send the lines of a form with CRLF; the original has LF, and a line end is no change.
        text = choice.text.replace("\r\n", "\n").strip()
        edit = Edit(uuid4().hex, choice.title.strip(), text, by, at.isoformat())
        with self._database.transaction() as connection:
            before = self._database.decisions_on("item", identifier)
            if len(before) != checked.revision:
                raise Conflict(before[checked.revision :])
            decision = Decision(
                decision_id=uuid4().hex,
                district=self._district,
                subject_type="item",
                subject_id=identifier,
                action=_action(checked.action),
                by=by,
                at=after_all(before, at),
                on_version=item.get("version"),
                reason=without_numbers(checked.reason),
                details=_details(checked, edit, before),
            )
            if checked.action in ("merge", "undo"):
                self._demand_no_circle(item, decision)
            if checked.action == "edit":
                row = (edit.edit_id, identifier, edit.title, edit.text, edit.by, edit.at)
                connection.execute("INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?)", row)
            self._database.keep_decision(connection, decision)
            stands = standing(by_time_and_id([decided(one) for one in [*before, decision]]), None)
            connection.execute("DELETE FROM item_merges WHERE item_id = ?", (identifier,))
            if stands["merged_into"] is not None:
                connection.execute("INSERT INTO item_merges VALUES (?, ?)", (identifier, stands["merged_into"]))
        return decision

    def merged_here(self, kept: str) -> list[str]:
        """Ids of items that were merged into one at this desk, also of a moment ago."""
        rows = self._database.rows("SELECT item_id FROM item_merges WHERE kept = ? ORDER BY item_id", kept)
        return [str(identifier) for (identifier,) in rows]

    def _demand_no_circle(self, item: Mapping[str, Any], decision: Decision) -> None:
        """What is kept must not itself be shown, by whatever way, under what is merged into it. Raises InvalidItem."""
        first = str(item["item_id"])
        known = [*self.shown(item)["decisions"], decided(decision)]
        passed, above = {first}, standing(by_time_and_id(known), None)["merged_into"]
        while above is not None:
            if above in passed:
                said = "那一条已并入本条，不能再反过来并入"
                raise InvalidItem([FieldError("into", "is itself merged into this item", said)])
            passed.add(above)
            ours = [decided(one) for one in self._database.decisions_on("item", above)]
            above = standing(by_time_and_id(ours), None)["merged_into"]

    def undoable(self, item_id: str) -> Action | None:
        """What an undo would take back: the last decision made here that is in force."""
        held = in_force([decided(one) for one in self._database.decisions_on("item", item_id)])
        return _action(held[-1]["action"]) if held else None

    def shown(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The item with decisions that are on their way to the index, as if they were there."""
        return self.shown_all([item])[0]

    def shown_all(self, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same for a list, with one look into the database for all."""
        ours = self._database.decisions_on_all("item", [str(one["item_id"]) for one in items])
        return [_shown(one, ours.get(str(one["item_id"]), [])) for one in items]

    def touched_since(self, moment: datetime) -> list[str]:
        """Ids of items that were decided on here since then, with two days to spare for clocks and zones."""
        return self._database.subjects_since("item", (moment - timedelta(days=2)).date())

    def forget(self, item_id: str) -> None:
        """What people wrote about an item that is erased: their wordings, and reasons that Kafka has by now."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM edits WHERE item_id = ?", (item_id,))
            self._database.blank_reasons(connection, "item", item_id)

    def edit_of(self, item: Mapping[str, Any]) -> Edit | None:
        """The wording that holds: of the last edit that was not undone."""
        held = [one for one in in_force(list(item.get("decisions") or [])) if one["action"] == "edit"]
        if not held:
            return None
        wanted = (held[-1].get("details") or {}).get("edit_id")
        rows = self._database.rows("SELECT edit_id, title, text, by, at FROM edits WHERE edit_id = ?", wanted)
        return Edit(*rows[0]) if rows else None


def _shown(item: Mapping[str, Any], made: Sequence[Decision]) -> dict[str, Any]:
    held = item.get("decisions") or []
    if item.get("erased") or not (made or held):
        return {"status": "new", "merged_into": None, "apart": False, "decisions": [], "pending": False, **item}
    ours, known = [decided(one) for one in made], {one["decision_id"] for one in held}
    decisions = by_time_and_id([*held, *ours])
    stands = standing(decisions, item.get("version"))
    told = item.get("story") or (item.get("story_record") or {}).get("story") or item.get("story_stated")
    pending = any(one["decision_id"] not in known for one in ours)
    joined = {"story": None if stands["apart"] else told, "decisions": decisions, "pending": pending}
    return dict(item) | stands | joined


def after_all(before: Sequence[Decision], at: datetime) -> datetime:
    """Later than every decision before it: their order is that of their times, whatever the clock does."""
    return max([at, *(one.at + timedelta(microseconds=1) for one in before)])


def _checked(choice: Choice) -> Choice:
    if choice.action not in ITEM_ACTIONS:
        raise InvalidItem([FieldError("action", f"one of: {', '.join(ITEM_ACTIONS)}", "没有这种处理方式")])
    if choice.action in NEED_REASON and not choice.reason.strip():
        raise InvalidItem([FieldError("reason", "say why, the department reads it", "请写明理由，报送单位会看到")])
    if len(choice.reason) > REASON_LIMIT:
        raise InvalidItem([FieldError("reason", f"at most {REASON_LIMIT}", f"理由不超过{REASON_LIMIT}个字")])
    if choice.action == "categorise" and choice.category not in CATEGORIES:
        raise InvalidItem([FieldError("category", "is none of the categories", "请选择类别")])
    if choice.action == "merge" and not choice.into:
        raise InvalidItem([FieldError("into", "name the item that is kept", "请选择并入哪一条")])
    if choice.action == "edit" and not 0 < len(choice.text.strip()) <= EDIT_LIMIT:
        raise InvalidItem([FieldError("text", f"1 to {EDIT_LIMIT} characters", f"正文应为1至{EDIT_LIMIT}个字")])
    return choice


def _details(choice: Choice, edit: Edit, before: Sequence[Decision]) -> dict[str, Any]:
    if choice.action == "categorise":
        return {"category": choice.category}
    if choice.action == "edit":
        return {"edit_id": edit.edit_id}
    if choice.action == "merge":
        return {"into": choice.into}
    if choice.action == "undo":
        held = in_force([decided(one) for one in before])
        if not held:
            raise InvalidItem([FieldError("action", "nothing to undo", "没有可以撤销的处理")])
        return {"decision_id": held[-1]["decision_id"]}
    return {}


def _action(name: str) -> Action:
    return next(one for one in ITEM_ACTIONS if one == name)
