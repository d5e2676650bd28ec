"""What people send about instructions: one that is given, one that came from above, a step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """What a leader gives. ``deadline``: a preset of the district, or a time."""

    item_id: str
    owner: str
    text: str
    deadline: str


@dataclass(frozen=True, slots=True)
class Received(Order):
    """What came from above and is entered here, with where it comes from. ``item_id`` may be "": then ``topic``."""

    level: str
    giver: str
    given_on: str
    reference: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A step on an instruction. ``revision``: how many decisions on it the person has seen."""

    action: str
    revision: int
    words: str = ""
    final: bool = False
    satisfied: bool | None = None
    deadline: str = ""
