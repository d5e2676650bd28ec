"""Any order, any repetition, any restart: the same final ledger, no duty lost and none doubled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.duty.moments import as_of
from processors.incidents import IncidentRules
from processors.incidents import decide as incident_decide
from processors.ledger import Ledger, LedgerRules, applied, decide, opened
from schemas.assessment import AssessedItem
from schemas.decision import Decision
from schemas.incident import Incident
from schemas.ledger import LedgerEntry
from tests.items import at, figures, item, slide

UNITS = {"U1": "甲", "U2": "乙", "U3": "丙"}
RULES = LedgerRules("testqu", UNITS)
DAYS = ["2026-11-19", "2026-11-20", "2026-11-21"]
END = at(days=3)


@st.composite
def reports(draw: st.DrawFn) -> AssessedItem:
    """A version of one of a few reports; the same version always says the same, but may arrive twice."""
    unit, number, version = draw(st.sampled_from(sorted(UNITS))), draw(st.integers(0, 2)), draw(st.integers(0, 2))
    day = (number + version) % 3 - 1
    published = at(60 * version, days=day)
    updated = at(60 * 30 + version, days=day) if version else None
    received = published + timedelta(minutes=draw(st.sampled_from([-5, 0, 400, 600, 1000])))
    kind = "zero" if (number + version) % 2 else None
    return item(f"{unit}-{number}", source=unit, kind=kind, published=published, updated=updated, received=received)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    number = draw(st.integers(0, 4))
    given: dict[str, Any] = {
        "decision_id": f"d{number}",
        "district": "testqu",
        "subject_type": "department",
        "by": "长",
    }
    made = [
        {"subject_id": "U1", "action": "excuse", "details": {"day": DAYS[1]}},
        {"subject_id": "U2", "action": "excuse", "details": {"from": DAYS[0], "until": DAYS[2]}},
        {"subject_id": "*", "action": "set_duty", "details": {"cutoff": "12:00", "from": DAYS[1]}},
        {"subject_id": "U3", "action": "set_duty", "details": {"required": "N", "from": DAYS[2]}},
        {"subject_id": "U2", "action": "undo", "details": {"decision_id": "d1"}},
    ]
    return Decision.model_validate({**given, **made[number], "by": "科长", "at": at(number, days=-1)})


EVENTS = st.lists(st.one_of(reports(), decisions()), max_size=14)


def play(events: Sequence[AssessedItem | Decision], *, restart_after: int | None = None) -> Ledger:
    """The ledger after the events and the clock at the end; everything is read back from what was written."""
    state, written, decided = opened((), (), RULES), list[LedgerEntry](), list[Decision]()
    for number, event in enumerate(events):
        now = event.at if isinstance(event, Decision) else event.received_at
        entries = decide(state, event, now, RULES)
        written += entries
        decided += [event] if isinstance(event, Decision) else []
        state = applied(state, event, entries, RULES)
        if number == restart_after:
            state = opened(written, decided, RULES)
    known = Ledger({**state.entries}, state.homes, state.decisions, state.book)
    first = decide(known, None, END, RULES)
    return applied(state, None, first, RULES)


def content(state: Ledger) -> dict[str, object]:
    return {
        key: (one.state, one.rule, one.explanation, one.reports, one.first_at, one.cutoff, one.decision_id)
        for key, one in state.entries.items()
        if one.day >= min(DAYS) and (one.reports or one.state != "pending")
    }


def whole(events: Sequence[AssessedItem | Decision]) -> dict[str, object]:
    """As the present of ``as_of``: which days exist does not depend on when the ledger first heard of one."""
    state = play(events)
    return {
        f"{one.department}:{day}": (one.state, one.explanation, one.reports)
        for day in DAYS
        for one in as_of(state, day, END, RULES)
    }


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_order(events: list[AssessedItem | Decision], random: Any) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert whole(shuffled) == whole(events)


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_repetition(events: list[AssessedItem | Decision], random: Any) -> None:
    repeated = [*events, *random.choices(events, k=len(events))] if events else []
    assert content(play(repeated)) == content(play(events))
    state = play(events)
    for event in events:
        assert decide(state, event, END, RULES) == []


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.integers(0, 14))
def test_any_restart(events: list[AssessedItem | Decision], after: int) -> None:
    assert play(events, restart_after=after).entries == play(events).entries


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_no_duty_is_lost_and_no_report_counted_twice(events: list[AssessedItem | Decision]) -> None:
    state = play(events)
    counted = [report.item_id for one in state.entries.values() for report in one.reports]
    handed_in = {event.item_id for event in events if isinstance(event, AssessedItem)}
    assert sorted(counted) == sorted(handed_in)
    seen = {(one.department, one.state) for one in as_of(state, DAYS[0], END, RULES)}
    assert {name for name, _ in seen} == set(UNITS)
    assert not any(found == "pending" for _, found in seen)


@settings(max_examples=100, deadline=None)
@given(EVENTS)
def test_the_clock_marks_once(events: list[AssessedItem | Decision]) -> None:
    state = play(events)
    assert decide(state, None, END, RULES) == []


# -- incidents --------------------------------------------------------------------------------------------------------

TOWNS = ["沙石镇", "水南镇", "湖边镇"]


@st.composite
def words(draw: st.DrawFn) -> AssessedItem:
    """One of a few words on three events in three towns; every event has a label and a hamlet of its own."""
    town, number = draw(st.integers(0, 2)), draw(st.integers(0, 4))
    lane, kind, source = [
        ("report", "first", f"T{town}"), ("report", "followup", f"T{town}"), ("report", "final", f"T{town}"),
        ("media", None, "某报"), ("opinion", None, "论坛"),
    ][number]  # fmt: skip
    hamlet = ["龙埠村", "新圩村", "虎岗村"][town]
    facts = figures(injured=town + number + 1, places=[TOWNS[town], hamlet] if lane != "opinion" else [])
    if lane == "opinion":
        facts["event_time"] = None
    label = f"SL-{town}" if lane == "report" else None
    return item(
        f"{town}-{number}", lane=lane, kind=kind, source=source, incident=label, facts=facts, published=at(number * 5),
        title=f"{hamlet}山体滑坡", emergency=slide(level="IV"),
    )  # fmt: skip


def incidents(items: Sequence[AssessedItem], restart_after: int | None = None) -> dict[str, Incident]:
    state: dict[str, Incident] = {}
    for number, one in enumerate(items):
        for changed in incident_decide(state, one, one.received_at, IncidentRules()):
            state[changed.incident] = changed
        if number == restart_after:
            state = {key: Incident.model_validate_json(value.model_dump_json()) for key, value in state.items()}
    return state


def outcome(state: dict[str, Incident]) -> set[object]:
    """What incidents say, whatever they are called (the id is that of the first word)."""
    return {
        (
            frozenset(source.item_id for source in one.sources), one.stage, one.level, one.signed, one.closed,
            one.facts.model_copy(update={"places": tuple(sorted(one.facts.places))}),
        )
        for one in state.values()
        if one.merged_into is None
    }  # fmt: skip


WORDS = st.lists(words(), max_size=12)


@settings(max_examples=150, deadline=None)
@given(WORDS, st.randoms(use_true_random=False))
def test_incidents_in_any_order(items: list[AssessedItem], random: Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert outcome(incidents(shuffled)) == outcome(incidents(items))


@settings(max_examples=100, deadline=None)
@given(WORDS, st.integers(0, 12))
def test_incidents_over_repetition_and_restart(items: list[AssessedItem], after: int) -> None:
    once = incidents(items)
    assert incidents([*items, *items], restart_after=after) == once
    assert incidents(items, restart_after=after) == once
    held = [source.item_id for one in once.values() for source in one.sources]
    assert len(held) == len(set(held))
