"""Set forms of figures: 3死5伤, and what is stated as none (无人员伤亡)."""

from __future__ import annotations

import re
from functools import lru_cache

from processors.facts.numerals import value
from processors.facts.predicates import COMPACT, COUNTED_DEAD, DEATHS, INJURED, MISSING, SERIOUS, TRAPPED
from processors.facts.statements import Found, Statements
from processors.late import late


def read_none(text: str, into: Statements) -> None:
    """Add the fields of which a phrase states that there are none."""
    into.none |= _absent(text)


@lru_cache(maxsize=512)
def _absent(text: str) -> frozenset[str]:
    """Fields of which a phrase (无人员伤亡) states that there are none."""
    none: set[str] = set()
    text = text.replace("车辆被困", "").replace("船只被困", "")
    if "伤亡" in text or "死伤" in text:
        none.add(DEATHS)
        if not re.search(r"其[他它]|别的", text):
            none.add(INJURED)
    if re.search(r"死亡|遇难|死人|没亡", text):
        none.add(DEATHS)
    if "重伤" in text:
        none.add(SERIOUS)
    elif re.search(r"受伤|人伤|伤人|伤到|伤及|没伤|没事|中毒|感染", text) and "伤亡" not in text:
        none.add(INJURED)
    if re.search(r"失联|失踪", text):
        none.add(MISSING)
    if "被困" in text:
        none.add(TRAPPED)
    return frozenset(none)


_COUNTED_BEFORE = late(r"(?:此前|之前|先前|最初|起初|初步)[^，。；]{0,12}(?:统计|公布|通报|数字)[^，。；]{0,4}$")
"""此前统计的数字为3死10伤."""


def read_compact(sentence: str, offset: int, index: int, title: bool, into: Statements) -> list[tuple[int, int]]:
    """3死5伤, 致2死1伤."""
    spans: list[tuple[int, int]] = []
    if not COUNTED_DEAD.search(sentence):
        return spans
    for match in COMPACT.finditer(sentence):
        for group in ("d", "d2", "d3", "d4", "i", "i2", "i3", "i4"):
            kind = DEATHS if group[0] == "d" else INJURED
            if match[group] and (count := value(match[group])) is not None:
                start, end = match.span(group)
                old = _COUNTED_BEFORE.search(sentence, max(match.start() - 18, 0), match.start()) is not None
                into.found.append(
                    Found(kind, int(count), offset + start, offset + end, index, title=title, compact=True, old=old)
                )
                spans.append(match.span())
    return spans
