"""Files that come with reports: kept under the hash of their content, never shown or run by the desk.

Pictures are opened once, on their way in, and kept without what the camera wrote into them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import structlog

from desk.database import Database
from desk.filetypes import MEDIA_TYPES, AttachmentRules, clean_name, kind_of
from desk.pictures import FORMATS, without_metadata
from schemas.errors import FieldError, InvalidItem
from schemas.item import Attachment

SCHEMA = """
CREATE TABLE IF NOT EXISTS attachments (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    by TEXT NOT NULL, at TEXT NOT NULL, item_id TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachments_item ON attachments (item_id);
CREATE INDEX IF NOT EXISTS attachments_sha256 ON attachments (sha256);
"""
MOST_WAITING = 20
"""Files that one account may have uploaded without filing."""
WAITS = timedelta(days=1)
"""How long a file waits for a report that was not filed (a wrong field, Kafka away)."""
_COLUMNS = "id, name, media_type, size, sha256"
log = structlog.get_logger("desk.attachments")


@dataclass(frozen=True, slots=True)
class Held:
    """An uploaded file that no report carries yet; ``id`` names it in the form."""

    id: str
    attachment: Attachment


class Attachments:
    """Files on disk, and who uploaded which for what, in the desk's database."""

    def __init__(self, database: Database, rules: AttachmentRules) -> None:
        self._database, self.rules = database, rules
        self._picture = Lock()
        """One picture at a time: unpacked it is large."""
        database.ensure(SCHEMA)

    def held(self, ids: Sequence[str], by: str) -> list[Held]:
        """Files that ``by`` uploaded before and no report carries; unknown ids are passed over."""
        query = f"SELECT {_COLUMNS} FROM attachments WHERE id = ? AND by = ? AND item_id = ''"  # noqa: S608 - constants
        return [_held(row) for one in dict.fromkeys(ids) for row in self._database.rows(query, one, by)]

    def waiting(self, by: str) -> list[Held]:
        """Every file that ``by`` uploaded and no report carries, in the order of their coming."""
        query = f"SELECT {_COLUMNS} FROM attachments WHERE by = ? AND item_id = '' ORDER BY at, id"  # noqa: S608
        return [_held(row) for row in self._database.rows(query, by)]

    def named(self, ids: Sequence[str], by: str, item_id: str) -> list[Held]:
        """Files that a program wants to go with a report: waiting, or with this very report already, so that whoever
        sends again after a lost answer gets the first receipt. Raises InvalidItem for any other id."""
        query = f"SELECT {_COLUMNS} FROM attachments WHERE id = ? AND by = ? AND item_id IN ('', ?)"  # noqa: S608
        found = [_held(row) for one in dict.fromkeys(ids) for row in self._database.rows(query, one, by, item_id)]
        if unknown := set(ids) - {one.id for one in found}:
            text = f"not uploaded by you, or gone: {', '.join(sorted(unknown))[:200]}"
            raise InvalidItem([FieldError("attachment", text, "没有这个待报送的附件，请重新上传")])
        self.check_together(found)
        return found

    def remove(self, identifier: str, by: str) -> bool:
        """Take a file back before its report is filed; whether ``by`` had it waiting."""
        found = self.held([identifier], by)
        return bool(found) and self._drop("id = ? AND item_id = ''", identifier) > 0

    def keep(self, name: str, data: bytes, by: str) -> Held:
        """Keep a file until its report is filed. Raises InvalidItem."""
        kind = kind_of(name, data, self.rules)
        if kind in FORMATS:
            with self._picture:
                data = without_metadata(clean_name(name, ""), kind, data, self.rules.most_pixels)
        made = Attachment(
            name=clean_name(name, kind),
            media_type=MEDIA_TYPES[kind],
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )
        held = Held(uuid4().hex, made)
        # The row comes first: a sweep removes only files that no row names.
        with self._database.transaction() as connection:
            self._demand_room(by)
            connection.execute(
                "INSERT INTO attachments (id, sha256, name, media_type, size, by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (held.id, made.sha256, made.name, made.media_type, made.size, by, datetime.now(UTC).isoformat()),
            )
        try:
            self._write(made.sha256, data)
        except OSError as error:
            self._drop("id = ?", held.id)
            log.error("attachment.not_kept", reason=str(error))
            said = "附件暂时存不下，请稍后再试，或先不带附件报送"
            raise InvalidItem([FieldError("files", "cannot be stored now; try later or file without", said)]) from error
        return held

    def _demand_room(self, by: str) -> None:
        """Within the transaction that keeps a file: of two uploads at once the second counts the first."""
        waiting = self._database.rows("SELECT COUNT(*) FROM attachments WHERE by = ? AND item_id = ''", by)
        if waiting[0][0] >= MOST_WAITING:
            said = "您有太多上传后没有报送的附件，一天后会自动清除，请稍后再试"
            raise InvalidItem([FieldError("files", "too many uploaded and not filed; wait a day", said)])

    def check_together(self, held: Sequence[Held]) -> None:
        """How many and how large together. Raises InvalidItem."""
        total = sum(one.attachment.size for one in held)
        if len(held) > self.rules.most or total > self.rules.total_bytes:
            raise InvalidItem([self.too_many])

    @property
    def too_many(self) -> FieldError:
        """More than goes with one report."""
        return FieldError("files", "too many or too large together", f"附件过多：{self.rules.words}")

    @contextmanager
    def filed(self, item_id: str, held: Sequence[Held]) -> Iterator[None]:
        """While the report is sent: its files are its own before the broker has it, and wait again where it has not."""
        taken = self._assign(held, "", item_id)
        try:
            yield
        except BaseException:
            self._assign(taken, item_id, "")
            raise

    def _assign(self, held: Sequence[Held], before: str, item_id: str) -> list[Held]:
        """Those that changed hands: of a form sent twice at once only one takes the files, and may let them go."""
        if not held:
            return []
        query = "UPDATE attachments SET item_id = ? WHERE id = ? AND item_id = ?"
        with self._database.transaction() as connection:
            return [one for one in held if connection.execute(query, (item_id, one.id, before)).rowcount > 0]

    def path(self, sha256: str) -> Path | None:
        """The file with this content, None where it is not on this machine."""
        found = self._place(sha256)
        return found if found.is_file() else None

    def forget(self, item_id: str) -> None:
        """The files of an item that is erased."""
        self._drop("item_id = ?", item_id)

    def sweep(self, now: datetime) -> None:
        """Remove what was uploaded and never filed."""
        self._drop("item_id = '' AND at < ?", (now - WAITS).isoformat())

    def _drop(self, clause: str, value: str) -> int:
        """Rows, and their files where no other report has the same. How many rows."""
        with self._database.transaction() as connection:
            rows = connection.execute(f"SELECT sha256 FROM attachments WHERE {clause}", (value,)).fetchall()  # noqa: S608 - clauses are ours
            connection.execute(f"DELETE FROM attachments WHERE {clause}", (value,))  # noqa: S608
            for sha256 in {str(row[0]) for row in rows}:
                others = connection.execute("SELECT COUNT(*) FROM attachments WHERE sha256 = ?", (sha256,)).fetchone()
                if others[0] == 0:
                    self._place(sha256).unlink(missing_ok=True)
        return len(rows)

    def _place(self, sha256: str) -> Path:
        return self.rules.folder / sha256[:2] / sha256

    def _write(self, sha256: str, data: bytes) -> None:
        """Whole or not at all, readable by the owner only, never executable."""
        place = self._place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unready = place.with_name(f".{uuid4().hex}")
        descriptor = os.open(unready, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unready.replace(place)
        except OSError:
            unready.unlink(missing_ok=True)
            raise


def _held(row: Sequence[Any]) -> Held:
    return Held(row[0], Attachment(name=row[1], media_type=row[2], size=row[3], sha256=row[4]))
