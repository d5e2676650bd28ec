"""The duty ledger from the command line: any day as of any moment, who waits, rates, and changes of the rules."""

from __future__ import annotations

import stat
from datetime import datetime
from typing import Any

from huiyao.deciding import department_of, events_of, make_decision
from huiyao.rules import ledger_rules
from huiyao.settings import Settings
from huiyao.wiring import district_of
from processors.duty.liaisons import FILE, Liaison, load_liaisons
from processors.duty.register import rule_of
from processors.ledger import Ledger, LedgerRules, opened
from processors.tables import parse_table
from schemas.decision import Action, Decision
from schemas.errors import SettingsError
from schemas.ledger import LedgerEntry
from schemas.topics import DECISIONS, LEDGER


def rules_of(settings: Settings) -> LedgerRules:
    """The district's duties, without what people decided."""
    return ledger_rules(district_of(settings))


def ledger_now(settings: Settings) -> Ledger:
    """The ledger as it stands on Kafka. Raises BrokerUnavailable."""
    entries = events_of(settings, LEDGER, LedgerEntry)
    return opened(entries, events_of(settings, DECISIONS, Decision), rules_of(settings))


def duty_decision(
    settings: Settings, action: Action, who: str, by: str, *, reason: str, details: dict[str, Any], now: datetime
) -> Decision:
    """A checked change of a duty. ``who``: ``*``, ``class:…``, ``kind:…`` or a department. Raises InvalidItem."""
    subject = who if who == "*" or who.startswith(("class:", "kind:")) else department_of(settings, who)
    given = {name: value for name, value in details.items() if value}
    made = make_decision(settings, ("department", subject), action, by, reason=reason, details=given, now=now)
    if action != "undo":
        rule_of(made, rules_of(settings).book.members)
    return made


def liaisons(settings: Settings) -> tuple[Liaison, ...]:
    """The private list of liaison officers; () where there is none. Refuses a file that others can read."""
    path = settings.data_dir / FILE
    if not path.is_file():
        return ()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} can be read by others", hint=f"chmod 600 {path}")
    return load_liaisons(parse_table(path.name, path.read_text("utf-8")), district_of(settings).register)
