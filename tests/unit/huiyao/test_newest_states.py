"""What topics hold, read back."""

from __future__ import annotations

import pytest

from huiyao import deciding
from huiyao.deciding import newest_of
from huiyao.settings import load_settings
from schemas.base import Event
from schemas.topics import CASES


class State(Event):
    name: str
    number: int


def test_the_newest_state_counts_in_whatever_order_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [("a", 2), ("b", 1), ("a", 1), ("b", 1)]
    states = [State(name=name, number=number) for name, number in told]
    monkeypatch.setattr(deciding, "events_of", lambda *_: states)
    found = newest_of(load_settings(), CASES, State, lambda one: (one.name, one.number))
    assert {name: one.number for name, one in found.items()} == {"a": 2, "b": 1}
    assert found["b"] is states[3]
