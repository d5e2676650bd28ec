"""What a page sets around a text: credits, buttons, counts, links. It is no part of what a medium or a writer says.

Left out of what is judged (not of what is kept, nor of where personal data is looked for): a day of publication is not
the day of an event, and “来源：某某日报” makes no complaint a report of work. Departments' reports keep their head and
foot, for the rules ask for who signed and whom to call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Self

from processors.late import late
from processors.tables import Tables, table
from processors.tidy import Edit

TABLE = "page_furniture"
KINDS = LABEL, LINE, PHRASE = ("label", "line", "phrase")
"""label: ``来源：…`` and its like, alone in a line or a bracket at the end; line: a whole line; phrase: anywhere."""
_DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ \u3000T]*(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?)"
_NOTHING = "(?!)"
_VALUE = r"[^。，！？；\n]{0,30}?"
_BETWEEN, _COLON = r"[ \u3000|｜/]*", re.compile("[:：]")
END_WITHIN, END = 24, 160
"""Characters at the end of a text that hold a colon where it ends in credits, and that hold all of these."""


class Furniture:
    """The compiled table of a district."""

    def __init__(self, labels: str, lines: str, phrases: Sequence[tuple[Sequence[str], re.Pattern[str]]]) -> None:
        label = rf"(?:{labels})[ \u3000]*[:：]"
        row = (
            rf"(?:{_DATE}{_BETWEEN})?"
            rf"(?:{label}{_VALUE}(?={_BETWEEN}{label}|[ \u3000]*[)）】\]]?[ \u3000]*$){_BETWEEN})+"
        )
        self._lines = late(rf"(?m)^[ \u3000]*(?:[(（【\[]?{row}[)）】\]]?|{lines})[ \u3000。！]*$")
        self._end = late(rf"(?:[(（【\[]{row}[)）】\]]|(?<=[。！？”]){row})[ \u3000。]*\Z")
        self._phrases = phrases

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """A folder without the table leaves nothing out. Raises DistrictError for a bad row."""
        if TABLE not in tables:
            return cls(_NOTHING, _NOTHING, ())
        rows = table(tables, TABLE, ["kind", "words", "anchor", "meaning", "source"])
        found: dict[str, list[str]] = {LABEL: [], LINE: []}
        phrases = []
        for row in rows:
            try:
                pattern = re.compile(row["words"])
            except re.error as error:
                raise row.error(f"words: {error}") from None
            if row["kind"] == PHRASE:
                if not row["anchor"]:
                    raise row.error("anchor: a phrase needs characters, one of which is in every text that it is in")
                phrases.append((row["anchor"].split("|"), pattern))
            elif row["kind"] in found:
                found[row["kind"]].append(row["words"])
            else:
                raise row.error(f"kind: {row['kind']!r}; one of {', '.join(KINDS)}")
        return cls("|".join(found[LABEL]) or _NOTHING, "|".join(found[LINE]) or _NOTHING, phrases)

    def edits(self, text: str) -> Sequence[Edit]:
        """What is left out, in order; never all of a text."""
        spans = [
            match.span()
            for anchors, pattern in self._phrases
            if any(anchor in text for anchor in anchors)
            for match in pattern.finditer(text)
        ]
        if "\n" in text:
            spans += [match.span() for match in self._lines.finditer(text)]
        if _COLON.search(text, len(text) - END_WITHIN) and (end := self._end.search(text, len(text) - END)) is not None:
            spans.append(end.span())
        return _apart(text, spans) if spans else ()


def _apart(text: str, spans: list[tuple[int, int]]) -> list[Edit]:
    """Those of ``spans`` that begin after the one before has ended, if enough of the text is left."""
    chosen: list[Edit] = []
    for start, end in sorted(spans):
        if end > start and (not chosen or start >= chosen[-1][1]):
            chosen.append((start, end, ""))
    left = len(text) - sum(end - start for start, end, _ in chosen)
    return chosen if left >= LEAST_LEFT else []


LEAST_LEFT = 4
"""Characters that must be left: what is nothing but furniture is judged as it stands."""
