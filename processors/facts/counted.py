"""Numbers with their units as a text counts them: exact or not, and to which place they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.facts.numerals import NUMBER, value
from processors.facts.quantities import UNIT
from processors.late import late

PEOPLE = frozenset("人名位例")
_AMOUNT = late(rf"(?P<n>{NUMBER})(?P<u>件次|{UNIT}|盘|份|%)")
_NEAR = 10
"""Characters before a number that may say how it is meant."""
_INEXACT = late(r"(?:(?<![签违履预合条相])约|近|超过?|逾|不足|不到|每|第|上|达到?了?近|大约|将近)$")
_MORE = late(r"^[余多]|^(?:以上|以下|左右|上下)")
_MOVED = late(
    r"(?:同比|环比|比|较|增|减|降|升|涨|跌|少|多|高|低|增长|上升|下降|提前|缩短|提高)[了出达为至到]*$|(?<!理)由$|从$"
)
_MOVED_ENDS = frozenset("比较增减降升涨跌少多高低长前短了出达为至到由从\n")
"""With what every match of _MOVED ends; its end may stand in front of a last line break."""
_AVERAGE = late(r"[人户平]均")
_WRITTEN = late(r"[\d,]+(?:\.(?P<places>\d+))?(?P<scale>[万亿]?)")
_SCALES = {"": 1.0, "万": 1e4, "亿": 1e8}


class Amount:
    """A number with its unit.

    ``label`` is what stands between the one before and it; ``step`` the last place written (2.46亿: a million); a
    whole number of things has 0. ``moved``: it tells a change, not a size. What takes a pattern to see (``step``,
    ``exact``, ``moved``) is read when asked for: most amounts are alone with their unit and are asked nothing.
    """

    __slots__ = ("_ahead", "_exact", "_match", "_moved", "_step", "end", "label", "number", "start", "unit")

    def __init__(self, match: re.Match[str], number: float, unit: str, label: str, ahead: str | None = None) -> None:
        """``ahead``: what stands in front of the number, where ``label`` is not that."""
        self._match, self.number, self.unit, self.label = match, number, unit, label
        self.start, self.end = match.span()
        self._ahead = label if ahead is None else ahead
        self._step: float | None = None
        self._exact: bool | None = None
        self._moved: bool | None = None

    @property
    def step(self) -> float:
        """The last place written."""
        if self._step is None:
            self._step = _step(self._match["n"])
        return self._step

    @property
    def exact(self) -> bool:
        """Whether the number is neither rounded nor a bound."""
        if self._exact is None:
            rounded = self._match["n"].endswith(("万", "亿")) and not (self.unit == "元" and self.step > 0)
            behind = self._match.string[self.end : self.end + 2]
            self._exact = not (rounded or _INEXACT.search(self._ahead[-_NEAR:]) or _MORE.match(behind))
        return self._exact

    @property
    def moved(self) -> bool:
        """Whether it tells a change or a mean."""
        if self._moved is None:
            mean = "均" in self._ahead and _AVERAGE.search(self._ahead)
            may = self._ahead[-1:] in _MOVED_ENDS
            self._moved = bool(mean or (may and _MOVED.search(self._ahead[-_NEAR:])))
        return self._moved

    def labelled(self, label: str) -> Amount:
        """The same amount with another label."""
        return Amount(self._match, self.number, self.unit, label, self._ahead)


Slip = tuple[int, int, str]
"""First and last character of what does not fit, and why."""


def amounts(sentence: str) -> list[Amount]:
    """All numbers with a unit, in order."""
    found: list[Amount] = []
    last = 0
    for match in _AMOUNT.finditer(sentence):
        written, unit = match.group("n", "u")
        number = value(written)
        if number is not None:
            found.append(Amount(match, number, "人" if unit in PEOPLE else unit, sentence[last : match.start()]))
        last = match.end()
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
