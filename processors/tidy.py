"""An item as its words read: what the way of a text to us put between its characters is left out for judgement.

Web pages set spaces between Chinese and figures (``造成 3 人受伤``), chats and editors leave characters that nobody
sees, feeds leave tags and entities, mail and PDF break lines inside a sentence. Rules and models know none of it.
Spans of verdicts are led back to the text as given, which is what is stored and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from processors.assemble import changed
from processors.pii import Span
from processors.plain_edits import Edit, is_plain, line_breaks, markup, spaces, unseen
from schemas.assessment import Assessment, Finding, Reason
from schemas.item import Item

Q = TypeVar("Q", Finding, Reason)


@dataclass(frozen=True, slots=True)
class Field:
    """A text as judged; ``offsets`` and ``ends`` are where its characters begin and end in the text as given.

    None: it is the same text.
    """

    text: str
    offsets: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the text as given; one of nothing (what is missing) stays so."""
        if self.offsets is None or self.ends is None:
            return start, end
        return (self.offsets[start], self.ends[end - 1]) if end > start else (0, 0)

    def edited(self, edits: Iterable[Edit]) -> Field:
        """With stretches replaced, by nothing or by one character; ``edits`` in order."""
        parts: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        given = range(len(self.text)) if self.offsets is None else self.offsets
        until = range(1, len(self.text) + 1) if self.ends is None else self.ends
        last = 0
        for start, end, instead in edits:
            parts += self.text[last:start], instead
            begins.extend(given[last:start])
            ends.extend(until[last:start])
            if instead:
                begins.append(given[start])
                ends.append(until[end - 1])
            last = end
        if not parts:
            return self
        begins.extend(given[last:])
        ends.extend(until[last:])
        return Field("".join((*parts, self.text[last:])), begins, ends)

    def spans(self, found: Sequence[Span]) -> list[Span]:
        """Where personal data stands in the text as given."""
        if self.offsets is None:
            return list(found)
        return [Span(one.kind, *self.span(one.start, one.end)) for one in found]


@dataclass(frozen=True, slots=True)
class Tidied:
    """An item as judged, and the way back to what was given; ``whole`` still has what a page sets around the text."""

    given: Item
    item: Item
    title: Field
    text: Field
    whole: Field

    @property
    def same(self) -> bool:
        """Whether nothing was left out."""
        return self.title.offsets is None and self.text.offsets is None

    def led_back(self, assessment: Assessment) -> Assessment:
        """The assessment with spans and quotes of the item as given."""
        if self.same:
            return assessment
        back = {"title": (self.title, self.given.title), "text": (self.text, self.given.text)}
        reasons = tuple(_led_back(one, *back[one.field]) for one in assessment.reasons)
        why = tuple(_led_back(one, *back[one.field]) for one in assessment.emergency.reasons)
        findings = tuple(_led_back(one, *back[one.field]) for one in assessment.findings)
        emergency = changed(assessment.emergency, {"reasons": why})
        return changed(assessment, {"reasons": reasons, "emergency": emergency, "findings": findings})


def tidy(item: Item, around: Callable[[str], Iterable[Edit]] = lambda _: ()) -> Tidied:
    """The item for judgement, itself where nothing is left out; ``around`` finds what a page sets around its text."""
    title, whole = tidied(item.title), tidied(item.text)
    text = whole.edited(around(whole.text))
    if text is not whole:
        text = text.edited(spaces(text.text))
    found = Tidied(item, item, title, text, whole)
    if found.same:
        return found
    return Tidied(item, changed(item, {"title": title.text, "text": text.text}), title, text, whole)


def _led_back(told: Q, field: Field, given: str) -> Q:
    start, end = field.span(told.start, told.end)
    return changed(told, {"start": start, "end": end, "text": given[start:end]})


def tidied(text: str) -> Field:
    """One text as it reads."""
    if is_plain(text):
        return Field(text)
    field = Field(text)
    for reading in (markup, unseen, spaces, line_breaks):
        field = field.edited(reading(field.text))
    return field
