"""Bulletins: issue, sections and entries; one model for every output format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from schemas.base import Event, Time
from schemas.vocab import BulletinName, Level


class BulletinEntry(Event):
    """One piece of a bulletin. ``why`` says why the rules picked it."""

    item_ids: tuple[str, ...]
    title: str
    text: str
    contributors: tuple[str, ...] = ()
    level: Level | None = None
    notes: tuple[str, ...] = ()
    why: str = ""


class BulletinSection(Event):
    """A section; ``empty_text`` is printed when it has no entry."""

    name: str
    entries: tuple[BulletinEntry, ...] = ()
    empty_text: str = "（无）"


class BulletinHead(Event):
    """The head and foot of a bulletin (SPEC 5.2)."""

    office: str
    mark: str = "内部资料 注意保存"
    recipients: tuple[str, ...] = ()
    signer: str = ""
    editor: str = ""


class BulletinChart(Event):
    """A chart as figures, so that every output format draws the same: ``values`` in ``unit``, one for each label."""

    title: str
    form: Literal["bar", "line"]
    labels: tuple[str, ...]
    values: tuple[float, ...]
    unit: str = "条"


class Bulletin(Event):
    """Value of ``bulletins.issued`` (key: ``name:date``). ``issue_number`` is null for a draft.

    ``version`` 2 and up are errata under the same number; ``changes`` lists what they change, ``reason`` says why, also
    of a ``withdrawn`` issue, whose number stays taken.
    """

    name: BulletinName
    title: str
    date: str
    district: str
    issue_number: int | None = None
    total_number: int | None = None
    head: BulletinHead
    sections: tuple[BulletinSection, ...]
    charts: tuple[BulletinChart, ...] = ()
    covers_from: Time
    covers_to: Time
    made_at: Time
    draft: bool = True
    figures: dict[str, int] = Field(default_factory=dict)
    version: int = 1
    changes: tuple[str, ...] = ()
    withdrawn: bool = False
    reason: str = ""


class BulletinLead(Event):
    """An emergency that public posts alone tell of: no section prints it unless a person takes it (待核实).

    ``section``: where it would stand.
    """

    section: str
    entry: BulletinEntry


class ToldBulletin(Bulletin):
    """A bulletin as it is asked for, with what its document never holds. Not on any topic."""

    leads: tuple[BulletinLead, ...] | None = Field(
        default=(), description="Of a draft: what waits to be verified, first what ranks first; null where unknown"
    )

    @classmethod
    def of(cls, bulletin: Bulletin, leads: Iterable[tuple[str, BulletinEntry]] | None = ()) -> Self:
        """``leads``: (section, entry); None where nobody could say."""
        given = {name: getattr(bulletin, name) for name in Bulletin.model_fields}
        told = None if leads is None else tuple(BulletinLead(section=name, entry=entry) for name, entry in leads)
        return cls(**given, leads=told)
