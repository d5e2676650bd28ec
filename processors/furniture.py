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
from processors.plain_edits import Edit
from processors.tables import Tables, table

TABLE = "page_furniture"
KINDS = LABEL, LINE, PHRASE = ("label", "line", "phrase")
"""label: ``来源：…`` and its like, alone in a line or a bracket at the end; line: a whole line; phrase: anywhere."""
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ \u3000T]{0,3}(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?")
_NOTHING = "(?!)"
_COLON = re.compile("[:：]")
_OPENING, _CLOSING, _BLANK = "(（【[", ")）】]", " \u3000|｜/"
_STOP = re.compile("[。，！？；]")
_LINE = re.compile(r"[^\n]+")
_SUBSTANCE = re.compile(r"死|伤|亡|爆|火|塌|淹|溺|失踪|失联|被困|中毒|\d\s?[人名户]")
"""What no credit and no button says: a line with it is kept."""
VALUE, LONGEST = 30, 200
"""Characters of what stands behind a label at most, and of a line that is furniture."""
END_WITHIN, END = 24, 160
"""Characters at the end of a text that hold a colon where it ends in credits, and that hold all of these."""


class Furniture:
    """The compiled table of a district."""

    def __init__(self, labels: str, lines: str, phrases: Sequence[tuple[Sequence[str], re.Pattern[str]]]) -> None:
        self._label = late(rf"(?:{labels})[ \u3000]?[:：]")
        self._lines = late(rf"(?:{lines})[ \u3000。！]*")
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
            pattern = row.compiled("words")
            if row["kind"] == PHRASE:
                if not (anchors := row.parts("anchor")):
                    raise row.error("anchor: a phrase needs characters, one of which is in every text that it is in")
                phrases.append((anchors, pattern))
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
            spans += [line.span() for line in _LINE.finditer(text) if self._is_line(line[0])]
        if _COLON.search(text, len(text) - END_WITHIN) and (start := self._credits(text)) is not None:
            spans.append((start, len(text)))
        return _apart(text, spans) if spans else ()

    def _is_line(self, line: str) -> bool:
        line = line.strip(_BLANK)
        if not line or len(line) > LONGEST or _SUBSTANCE.search(line):
            return False
        return self._is_row(line) or self._lines.fullmatch(line) is not None

    def _is_row(self, line: str) -> bool:
        """Whether a line is nothing but labels with what they name, perhaps behind a day, perhaps in brackets."""
        if line[:1] in _OPENING and line[-1:] in _CLOSING:
            line = line[1:-1]
        if (day := _DATE.match(line)) is not None:
            line = line[day.end() :].lstrip(_BLANK)
        labels = list(self._label.finditer(line))
        if not labels or labels[0].start():
            return False
        ends = [*(label.start() for label in labels[1:]), len(line)]
        values = [line[label.end() : end].strip(_BLANK) for label, end in zip(labels, ends, strict=True)]
        return all(len(value) <= VALUE and not _STOP.search(value) for value in values)

    def _credits(self, text: str) -> int | None:
        """Where credits at the end of the last line begin: in a bracket, or behind the last stop."""
        end = text.rstrip(_BLANK + "。")
        first = max(end.rfind("\n") + 1, len(end) - END)
        marks = _OPENING if end[-1:] in _CLOSING else "。！？”"
        at = max(end.rfind(mark, first) for mark in marks)
        if at < 0:
            return None
        start = at if end[-1:] in _CLOSING else at + 1
        told = end[start:].strip(_BLANK)
        return start if told and self._is_row(told) and not _SUBSTANCE.search(told) else None


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
