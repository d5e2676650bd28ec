"""What gives no figure: deaths unproven or uncounted, people who are 其余人员."""

from __future__ import annotations

from processors.facts.predicates import DEATHS, ITS_REMAINS, LOST_TOGETHER, OF_AN_EVENT, THE_REST, UNPROVEN
from processors.facts.statements import Statements
from processors.facts.wholes import last_clause


def drop_unproven(sentence: str, before: str, at: int, end: int, into: Statements) -> None:
    """出现死亡, 死亡情况正在核实: the one death read from the bare word is none."""
    implied = bool(into.found) and into.found[-1].implied and into.found[-1].start == at
    if implied and (UNPROVEN.search(before) or OF_AN_EVENT.match(sentence, end)):
        into.found.pop()


def uncounted(sentence: str, before: str, name: str, end: int) -> bool:
    """Whether the dead and the missing share one number, or those missing are 其余人员 or are found dead."""
    if name == DEATHS:
        return LOST_TOGETHER.match(sentence, end) is not None
    return (
        THE_REST.search(last_clause(before)) is not None
        or before.endswith(("死亡", "遇难", "死亡或", "死亡和", "遇难或"))
        or ITS_REMAINS.match(sentence, end) is not None
    )
