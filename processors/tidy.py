"""An item as its words read: what the way of a text to us put between its characters is left out for judgement.

Web pages set spaces between Chinese and figures (``造成 3 人受伤``), chats and editors leave characters that nobody
sees, feeds leave tags and entities, mail and PDF break lines inside a sentence. Rules and models know none of it.
Spans of verdicts are led back to the text as given, which is what is stored and shown.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TypeVar

from processors.assemble import changed
from processors.late import late
from processors.pii import Span
from schemas.assessment import Assessment, Finding, Reason
from schemas.item import Item

Q = TypeVar("Q", Finding, Reason)
Edit = tuple[int, int, str]
"""Start, end, and what is read instead."""

_HAN, _STOPS = r"\u3400-\u9fff", "，。、；：？！"
_GAP = r"[ \t\u00a0\u2000-\u200a\u202f\u205f]+"
_UNSEEN = (
    r"[\u00ad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]+"  # not what joins parts of a picture sign
)
_SPACED = late(
    rf"[{_HAN}{_STOPS}]{_GAP}\d[\d.,:%~-]*{_GAP}[{_HAN}]|\d{_GAP}[年月日号时点分秒人名位例户个起辆台架栋间头只吨米元万亿亩岁级度]"
)
"""A text that sets spaces about its figures; in others a space parts two sentences (有人管 13900000000)."""
_TAGS = (
    "p|br|div|span|b|i|u|a|strong|em|font|img|section|article|figure|figcaption|blockquote|h[1-6]|ul|ol|li|table|tbody|"
    "thead|tr|td|th|center|hr|sup|sub|small|video|iframe|input|label|style|script"
)
_MARKUP = late(  # what stands for nothing, for a line break, for one character
    rf"{_UNSEEN}|(?is:<(?:style|script)\b[^<>]{{0,200}}>.{{0,20000}}?</(?:style|script)\s*>)"
    rf"|(?P<tag>(?i:</?(?:{_TAGS})(?=[\s/>])[^<>]{{0,2000}}>))"
    r"|(?P<entity>&(?:\#\d{2,6}|\#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,8});)"
)
_EMPTY = rf"\A\s+|\s+\Z|(?P<lines>[^\S\n]*\n\s*)|(?<=[{_STOPS}]){_GAP}|{_GAP}(?=[{_STOPS}])"
_SPACES = late(_EMPTY)
_SPACES_OF_SPACED = late(rf"{_EMPTY}|(?<=[{_HAN}]){_GAP}(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%℃]){_GAP}(?=[{_HAN}])")
_BREAKING = late(r"(?i)</?(?:p|br|div|section|article|h[1-6]|li|tr|hr|blockquote|figure|table)\b")
_ENDS_A_LINE = frozenset("。！？!?；;：:”’」』）)】…")
_OPENS_A_LINE = late(r"[\s　]|[（(【]?[一二三四五六七八九十\d]{1,3}[）)】、.．]|[#＃【●■◆★▲※—-]")
LINE_LEAST, LINE_SPREAD, LINES_LEAST = 24, 1, 3
"""Lines were broken by a machine where at least so many of them, of so many characters, differ by no more in length."""


@dataclass(frozen=True, slots=True)
class Field:
    """A text as judged; ``offsets`` are where its characters stand in the text as given (None: it is the same text)."""

    text: str
    offsets: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the text as given; one of nothing (what is missing) stays so."""
        if self.offsets is None:
            return start, end
        return (self.offsets[start], self.offsets[end - 1] + 1) if end > start else (0, 0)

    def edited(self, edits: Iterable[Edit]) -> Field:
        """With stretches replaced, by nothing or by one character; ``edits`` in order."""
        parts: list[str] = []
        offsets: list[int] = []
        given = self.offsets if self.offsets is not None else range(len(self.text))
        last = 0
        for start, end, instead in edits:
            parts += self.text[last:start], instead
            offsets.extend(given[last:start])
            offsets.extend(given[start : start + len(instead)])
            last = end
        if not parts:
            return self
        offsets.extend(given[last:])
        return Field("".join((*parts, self.text[last:])), offsets)

    def spans(self, found: Sequence[Span]) -> list[Span]:
        """Where personal data stands in the text as given."""
        if self.offsets is None:
            return list(found)
        return [Span(one.kind, *self.span(one.start, one.end)) for one in found]


@dataclass(frozen=True, slots=True)
class Tidied:
    """An item as judged, and the way back to what was given; ``whole`` still has what a page sets around the text."""

    item: Item
    title: Field
    text: Field
    whole: Field

    @property
    def same(self) -> bool:
        """Whether nothing was left out."""
        return self.title.offsets is None and self.text.offsets is None

    def led_back(self, assessment: Assessment, given: Item) -> Assessment:
        """The assessment with spans and quotes of the item as given."""
        if self.same:
            return assessment
        back = {"title": (self.title, given.title), "text": (self.text, given.text)}
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
        text = text.edited(_spaces(text.text))
    found = Tidied(item, title, text, whole)
    if found.same:
        return found
    return Tidied(changed(item, {"title": title.text, "text": text.text}), title, text, whole)


def _led_back(told: Q, field: Field, given: str) -> Q:
    start, end = field.span(told.start, told.end)
    return changed(told, {"start": start, "end": end, "text": given[start:end]})


def tidied(text: str) -> Field:
    """One text as it reads."""
    if _is_plain(text):
        return Field(text)
    field = Field(text)
    for reading in (_markup, _spaces, _line_breaks):
        field = field.edited(reading(field.text))
    return field


def _is_plain(text: str) -> bool:
    """Whether there is surely nothing to leave out: letters, figures and signs that are seen."""
    return " " not in text and "<" not in text and "&" not in text and text.isprintable()


def _markup(text: str) -> Iterator[Edit]:
    for match in _MARKUP.finditer(text):
        if match["tag"] is not None:
            yield match.start(), match.end(), "\n" if _BREAKING.match(match["tag"]) else ""
        elif match["entity"] is not None:
            meant = html.unescape(match["entity"])
            if len(meant) == 1:
                yield match.start(), match.end(), " " if meant.isspace() else meant
        else:
            yield match.start(), match.end(), ""


def _spaces(text: str) -> Iterator[Edit]:
    spaces = _SPACES_OF_SPACED if _SPACED.search(text) else _SPACES
    for match in spaces.finditer(text):
        if match["lines"] is None:
            yield match.start(), match.end(), ""
        elif match[0] != "\n":
            yield match.start(), match.end(), "\n"


def _line_breaks(text: str) -> Iterator[Edit]:
    """Breaks inside sentences that a machine set: most lines of a text are of one length, whatever they say."""
    if text.count("\n") < LINES_LEAST - 1:
        return
    ends = [-1, *(at for at, sign in enumerate(text) if sign == "\n"), len(text)]
    lines = [(first + 1, last) for first, last in pairwise(ends)]
    open_ones = [(start, end) for start, end in lines[:-1] if end > start and text[end - 1] not in _ENDS_A_LINE]
    if len(open_ones) < LINES_LEAST - 1:
        return
    usual = median(end - start for start, end in open_ones)
    if usual < LINE_LEAST:
        return
    regular = [end for start, end in open_ones if abs(end - start - usual) <= LINE_SPREAD]
    if len(regular) < LINES_LEAST - 1 or 2 * len(regular) < len(open_ones):
        return
    for end in regular:
        if not _OPENS_A_LINE.match(text, end + 1):
            yield end, end + 1, ""
