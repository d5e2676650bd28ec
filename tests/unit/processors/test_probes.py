"""Hard cases in many registers that no model has learned from (probes.tsv: what is expected stands beside each text).

Emergencies told without the usual words, terse phone notes, events abroad, old ones retold, drills and drills that go
wrong, courts, memorials, insurance advertisements, lectures, films, refuted rumours, figures of speech, complaints that
name past harm. A single text may fall either way when models are trained anew; groups and totals must hold.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from huiyao.districts import load_district
from processors.facts.types import EventTypes
from schemas.vocab import Lane
from tests.unit.processors.judgement import ROOT, bench
from training.category.data import short

TABLE = Path(__file__).parent / "probes.tsv"
LEAST_RECALL, MOST_FALSE, LEAST_CATEGORY, LEAST_TYPE, LEAST_GROUP = 0.95, 0.05, 0.9, 0.85, 0.7


class Probe(NamedTuple):
    """A text, what is expected of it, and what was found; empty: not asked."""

    group: str
    expect: str
    category: str
    event_type: str
    text: str
    found: str
    found_category: str
    found_type: str


@lru_cache(maxsize=1)
def probes() -> list[Probe]:
    """All probes, judged."""
    _, *lines = TABLE.read_text("utf-8").splitlines()
    result = []
    for line in lines:
        group, expect, category, event_type, lane, text = line.split("\t")
        event, chosen = bench().judge(text, Lane(lane))
        state = (("emergency", event.is_emergency), ("warning", event.warning), ("closed", event.closed))
        found = next((name for name, holds in state if holds), "none")
        result.append(Probe(group, expect, category, event_type, text, found, chosen.category, event.event_type or ""))
    return result


def _misses(asked: list[Probe], wrong: list[Probe]) -> str:
    return f"{len(wrong)} of {len(asked)}:\n" + "\n".join(f"{one.found} {one.found_category} {one}" for one in wrong)


def test_there_are_enough_of_them() -> None:
    assert len(probes()) >= 200
    assert len({one.text for one in probes()}) == len(probes())


def test_training_has_none_of_them_and_shows_every_event_type() -> None:
    learned = short()
    texts = {one.item.text for one in learned}
    assert len(texts) == len(learned)
    assert not texts & {one.text for one in probes()}
    known = {kind.name for kind in EventTypes.from_tables(load_district(ROOT / "districts" / "zhanggong").tables)}
    assert {one.event_type for one in learned if one.event_type} == known


def test_emergencies_are_found() -> None:
    asked = [one for one in probes() if one.expect == "emergency"]
    wrong = [one for one in asked if one.found != "emergency"]
    assert len(wrong) <= (1 - LEAST_RECALL) * len(asked), _misses(asked, wrong)


def test_nothing_else_is_taken_for_one() -> None:
    asked = [one for one in probes() if one.expect != "emergency"]
    wrong = [one for one in asked if one.found == "emergency"]
    assert len(wrong) <= MOST_FALSE * len(asked), _misses(asked, wrong)


def test_categories() -> None:
    asked = [one for one in probes() if one.category]
    wrong = [one for one in asked if one.found_category != one.category]
    assert len(wrong) <= (1 - LEAST_CATEGORY) * len(asked), _misses(asked, wrong)


def test_event_types() -> None:
    asked = [one for one in probes() if one.event_type and one.found == "emergency"]
    wrong = [one for one in asked if one.found_type != one.event_type]
    assert len(wrong) <= (1 - LEAST_TYPE) * len(asked), _misses(asked, wrong)


def test_no_group_fails_as_a_whole() -> None:
    groups = defaultdict(list)
    for one in probes():
        groups[one.group].append(one)
    for group, asked in groups.items():
        wrong = [one for one in asked if one.found != one.expect]
        assert len(wrong) <= (1 - LEAST_GROUP) * len(asked), group + " " + _misses(asked, wrong)
