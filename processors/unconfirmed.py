"""What only public posts tell of as an emergency: a lead to verify, no event until somebody stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from schemas.vocab import Lane

if TYPE_CHECKING:
    from processors.bulletin_candidate import Candidate

MARK = "待核实"
"""Where a bulletin names no mark of its own."""
NOTE = "只有网络帖文，未经单位证实"
"""Beside the entry while it is arranged and signed; what is printed has the mark in its title."""


class Treatment(StrEnum):
    """What a section does with a lead: prints it as anything else, prints it with the mark, or only offers it."""

    PRINT = "print"
    MARK = "mark"
    OFFER = "offer"


def unconfirmed(group: Sequence[Candidate]) -> bool:
    """Whether what these items tell of is an emergency that no report, no media item and no incident stands for.

    However many posts there are: a rumour has many.
    """
    flagged = any(item.is_emergency for item in group)
    return flagged and all(item.lane is Lane.OPINION and not item.vouched for item in group)


def reason(group: Sequence[Candidate]) -> str:
    """Why it is to be verified, in words for the editor."""
    parts = [f"只有网络帖文{len(group)}条"]
    if any(item.is_emergency and item.doubtful for item in group):
        parts.append("是否突发判读存疑")
    parts.append("没有部门报告和媒体报道")
    parts.append("值班员认定并无此事" if any(item.refuted for item in group) else "事件未经核实")
    return "，".join(parts)
