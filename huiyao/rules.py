"""A district's rules for each part of the work, from the tables and files of its folder alone."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING

from huiyao.districts import DistrictFolder
from schemas.errors import DistrictError

if TYPE_CHECKING:
    from processors.bulletin_rules import BulletinRule
    from processors.duty.omissions import CaseRules
    from processors.duty.register import DutyBook
    from processors.duty.reminding import ReminderRules
    from processors.incidents import IncidentRules
    from processors.instructions.rules import InstructionRules
    from processors.ledger import LedgerRules
    from schemas.bulletin import BulletinHead
    from schemas.vocab import BulletinName
    from streams.roles.points import PointRules


def ledger_rules(folder: DistrictFolder) -> LedgerRules:
    """Who must report by when, from district.toml and the register."""
    from processors.ledger import LedgerRules

    duty = folder.config.get("duty", {})
    exempt = set(duty.get("exempt", []))
    try:
        cutoff = time.fromisoformat(duty.get("cutoff", "17:30"))
    except ValueError as error:
        raise DistrictError("district.toml", 0, f"duty.cutoff: {error}") from None
    departments = {d.id: d.short_name for d in folder.register if d.id not in exempt}
    book = duty_book(folder, departments, cutoff) if "duties" in folder.tables else None
    return LedgerRules(district=folder.id, departments=departments, cutoff=cutoff, given=book)


def duty_book(folder: DistrictFolder, departments: Collection[str], cutoff: time) -> DutyBook:
    """Duties by department and kind of day, from duties.tsv and calendar.tsv."""
    from processors.duty.register import DutyBook

    members = [one for one in folder.register if one.id in departments]
    return DutyBook.from_tables(members, folder.tables["duties"], folder.tables.get("calendar"), cutoff=cutoff)


def incident_rules(folder: DistrictFolder) -> IncidentRules:
    """When two words speak of one event, what each stage must tell, and the deadlines; from the district's tables."""
    from processors.content.elements import Elements
    from processors.home import Home
    from processors.incident_clocks import load_incident_clocks
    from processors.incident_links import LinkRules
    from processors.incidents import IncidentRules

    names = [folder.config[key] for key in ("name", "full_name", "city", "province")]
    wide = {*names, *(name.rstrip("省市区县") for name in names), *folder.config.get("wide_names", ())}
    wide |= Home.from_tables(folder.tables).itself
    return IncidentRules(
        LinkRules(wide=frozenset(wide)), load_incident_clocks(folder.tables), Elements.from_tables(folder.tables)
    )


def instruction_rules(folder: DistrictFolder) -> InstructionRules:
    """Deadlines, phrases and reminders of instructions, from instructions.toml and calendar.tsv."""
    from processors.duty.calendar import Calendar
    from processors.instructions.rules import FILE, read_rules

    path, own = folder.path / FILE, folder.tables.get("calendar")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DistrictError(FILE, 0, str(error)) from None
    return read_rules(content, Calendar.from_table(own) if own else Calendar())


def case_rules(folder: DistrictFolder) -> CaseRules:
    """Who answers for which event, from departments.tsv and event_types.tsv, and the written deadline of the clocks."""
    from processors.duty.omissions import WRITTEN, CaseRules
    from processors.facts.types import EventTypes
    from processors.incident_clocks import load_incident_clocks

    exempt = set(folder.config.get("duty", {}).get("exempt", []))
    departments = tuple(one for one in folder.register if one.id not in exempt)
    types = {kind.name: kind for kind in EventTypes.from_tables(folder.tables)}
    limits = [one.limit for one in load_incident_clocks(folder.tables) if one.rule == WRITTEN]
    if not limits:
        raise DistrictError("incident_clocks.tsv", 0, f"no rule '{WRITTEN}': when is silence noticed?")
    return CaseRules(departments, types, grace=min(limits))


def point_rules(folder: DistrictFolder) -> PointRules:
    """The table of points, and whose name in a bulletin is whose."""
    from processors.duty.scoring import Scoring
    from streams.roles.points import PointRules

    def resolve(name: str) -> str | None:
        found = folder.register.resolve(name)
        return found.id if found else None

    return PointRules(Scoring.from_tables(folder.tables), {one.id: one.short_name for one in folder.register}, resolve)


def reminder_rules(folder: DistrictFolder, personal: Sequence[str]) -> ReminderRules:
    """Who is reminded of what duty, by which of the channels that are set up here, and when not."""
    from huiyao import alerting
    from processors.alerting.rules import AlertRules
    from processors.duty.reminding import ReminderRules
    from schemas.subscription import ReminderPolicy

    file = alerting.alert_file(folder)
    policy = file.reminders if file else ReminderPolicy()
    return ReminderRules(
        ledger_rules(folder),
        alerting.alert_rules(folder, (), personal) or AlertRules(),
        channels=policy.channels,
        hours=policy.hours,
        silent_after=timedelta(minutes=policy.silent_after),
        silent_within=timedelta(minutes=policy.silent_within),
    )


def bulletin_rules(folder: DistrictFolder) -> dict[BulletinName, BulletinRule]:
    """The bulletins of the district, from bulletins.toml."""
    from processors.bulletin_rules import FILE, load_rules
    from processors.place_table import local_names

    path = folder.path / FILE
    try:
        return load_rules(tomllib.loads(path.read_text("utf-8")), local_names(folder.tables))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DistrictError(FILE, 0, str(error)) from None


def bulletin_head(folder: DistrictFolder) -> BulletinHead:
    """Head and foot of the bulletins."""
    from schemas.bulletin import BulletinHead

    config = folder.config.get("bulletins", {})
    return BulletinHead(
        office=folder.config.get("office", folder.name),
        recipients=tuple(config.get("recipients", [])),
        signer=config.get("signer", ""),
        editor=config.get("editor", ""),
    )
