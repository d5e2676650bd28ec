"""缺报 of days before the ledger was at work: found, taken back by one decision, and nothing else with them."""

from __future__ import annotations

from datetime import timedelta

from processors.duty.repair import began, invented, span
from processors.ledger import Ledger, key_of
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState
from tests.items import item
from tests.unit.processors.test_ledger import CUTOFF, DAY, RULES, decision, play

MORNING = CUTOFF - timedelta(hours=6)
LAST = "2026-11-12"


def missing(department: str, day: str) -> LedgerEntry:
    """As the versions before wrote it: on the day on which the first report came."""
    return LedgerEntry(
        department=department, day=day, district="testqu", state=LedgerState.MISSING, revision=1, rule="no_report",
        cutoff=CUTOFF - timedelta(days=int(DAY[-2:]) - int(day[-2:])), changed_at=MORNING,
    )  # fmt: skip


def spoilt() -> Ledger:
    """A ledger that began on DAY with a report of a week before."""
    state = play(item("old", published=CUTOFF - timedelta(days=8), received=MORNING))
    wrong = [missing(one, f"2026-11-{day}") for day in range(13, 20) for one in RULES.departments]
    entries = {**state.entries, **{key_of(one.department, one.day): one for one in wrong}}
    return play(CUTOFF + timedelta(minutes=1), state=Ledger(entries, state.homes, state.decisions, state.book))


def test_only_what_lies_before_the_ledger_is_invented() -> None:
    state = spoilt()
    found = invented(state.entries.values())
    assert began(state.entries.values()) == DAY
    expected = [(f"2026-11-{day}", one) for day in range(13, 20) for one in RULES.departments]
    assert [(one.day, one.department) for one in found] == expected
    assert state.entries[key_of("U044", DAY)].state is LedgerState.MISSING  # true, and stays


def test_the_decision_takes_them_back_and_nothing_else() -> None:
    state = spoilt()
    first = began(state.entries.values())
    assert first is not None
    since, until = span(invented(state.entries.values()), first)
    assert (since, until) == ("2026-11-13", "2026-11-19")
    details = {"required": "N", "from": since, "until": until, "retroactive": True}
    later = CUTOFF + timedelta(days=1)
    mended = play(decision("set_duty", "*", later, reason="记录有误", **details), state=state)
    assert invented(mended.entries.values()) == []
    assert {one.state for one in mended.entries.values() if since <= one.day <= until} == {LedgerState.EXCUSED}
    assert mended.entries[key_of("U044", DAY)].state is LedgerState.MISSING
    assert mended.entries[key_of("U031", LAST)] == state.entries[key_of("U031", LAST)]


def test_days_of_an_outage_are_not_invented() -> None:
    later = CUTOFF + timedelta(days=3)
    state = play(item("a"), later, state=play(CUTOFF + timedelta(minutes=1)))
    assert any(one.state is LedgerState.MISSING and one.day > DAY for one in state.entries.values())
    assert invented(state.entries.values()) == []


def test_an_empty_ledger_has_nothing_to_repair() -> None:
    assert began([]) is None
    assert invented([]) == []
