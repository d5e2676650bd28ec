"""Numbers with their units as a text counts them: exact or not, and to which place they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from processors.facts.numerals import NUMBER, value
from processors.facts.parts import UNIT

PEOPLE = frozenset("人名位例")
_AMOUNT = re.compile(rf"(?P<n>{NUMBER})(?P<u>件次|{UNIT}|盘|份|%)")
_NEAR = 10
"""Characters before a number that may say how it is meant."""
_INEXACT = re.compile(r"(?:(?<![签违履预合条相])约|近|超过?|逾|不足|不到|每|第|上|达到?了?近|大约|将近)$")
_MORE = re.compile(r"^[余多]|^(?:以上|以下|左右|上下)")
_MOVED = re.compile(
    r"(?:同比|环比|比|较|增|减|降|升|涨|跌|少|多|高|低|增长|上升|下降|提前|缩短|提高)[了出达为至到]*$|(?<!理)由$|从$"
)
_AVERAGE = re.compile(r"[人户平]均")
_WRITTEN = re.compile(r"[\d,]+(?:\.(?P<places>\d+))?(?P<scale>[万亿]?)")
_SCALES = {"": 1.0, "万": 1e4, "亿": 1e8}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit.

    ``label`` is what stands between the one before and it; ``step`` the last place written (2.46亿: a million); a
    whole number of things has 0. ``moved``: it tells a change, not a size.
    """

    number: float
    unit: str
    start: int
    end: int
    label: str
    exact: bool
    moved: bool
    step: float


Slip = tuple[int, int, str]
"""First and last character of what does not fit, and why."""


def amounts(sentence: str) -> list[Amount]:
    """All numbers with a unit, in order."""
    found: list[Amount] = []
    last = 0
    for match in _AMOUNT.finditer(sentence):
        number = value(match["n"])
        label = sentence[last : match.start()]
        last = match.end()
        if number is None:
            continue
        near = label[-_NEAR:]
        unit = "人" if match["u"] in PEOPLE else match["u"]
        step = _step(match["n"])
        exact = (not match["n"].endswith(("万", "亿")) or (step > 0 and unit == "元")) and not (
            _INEXACT.search(near) or _MORE.match(sentence[match.end() : match.end() + 2])
        )
        moved = bool(_MOVED.search(near) or ("均" in label and _AVERAGE.search(label)))
        found.append(Amount(number, unit, match.start(), match.end(), label, exact, moved, step))
    return found


def _step(text: str) -> float:
    written = _WRITTEN.fullmatch(text)
    if written is None or not (written["places"] or written["scale"]):
        return 0.0
    return float(_SCALES[written["scale"]] * 10.0 ** -len(written["places"] or ""))


def same(one: float, other: float, parts: Sequence[Amount]) -> bool:
    """Whether two sums agree as far as their parts are written out."""
    step = place(parts)
    return abs(one - other) <= (0.51 * step * len(parts) if step else 1e-6)


def place(parts: Sequence[Amount]) -> float:
    """The smallest place written in any of them; 0 for whole things."""
    return min((part.step for part in parts if part.step), default=0.0)


def one_digit(gap: float, step: float) -> bool:
    """Whether one wrong digit explains the difference, or two that changed places."""
    units = round(gap / (step or 1.0))
    while units and units % 10 == 0:
        units //= 10
    return 0 < units < 10 or (units < 100 and units % 9 == 0)
