"""What leaves judgement carries no personal data: the item's texts, and the words that reasons and findings quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from processors.assemble import changed
from processors.pii import MASK, Span, mask
from processors.tidy import tidied
from schemas.assessment import Assessment, Finding, Reason
from schemas.item import Item

Q = TypeVar("Q", Finding, Reason)


def masked_item(item: Item, title: Sequence[Span], text: Sequence[Span], received_at: datetime) -> Item:
    """The item as it may be stored: personal data masked, the sender's own receipt time replaced."""
    return changed(item, {"title": mask(item.title, title), "text": mask(item.text, text), "received_at": received_at})


def masked_assessment(assessment: Assessment, item: Item, title: Sequence[Span], text: Sequence[Span]) -> Assessment:
    """The assessment without personal data in what reasons and findings quote, say and suggest.

    ``title`` and ``text``: where it stands in the item as given.
    """
    if not title and not text:
        return assessment
    spans = {"title": title, "text": text}
    words = {given[span.start : span.end] for given, own in ((item.title, title), (item.text, text)) for span in own}
    words |= {tidied(word).text for word in words}  # as messages and suggestions have them
    hidden = {word: MASK * len(word) for word in sorted(words, key=len, reverse=True) if len(word) > 1}
    reasons = tuple(_blank(reason, spans[reason.field], hidden) for reason in assessment.reasons)
    findings = tuple(
        _retold(finding, _blank(finding, spans[finding.field], hidden), hidden) for finding in assessment.findings
    )
    why = tuple(_blank(reason, spans[reason.field], hidden) for reason in assessment.emergency.reasons)
    emergency = assessment.emergency.model_copy(update={"reasons": why})
    return assessment.model_copy(update={"reasons": reasons, "findings": findings, "emergency": emergency})


def _retold(said: Finding, blank: Finding, hidden: Mapping[str, str]) -> Finding:
    """The finding whose message and suggestion, too, carry none: what is doubted may be a whole clause."""
    message = said.message.replace(said.text, blank.text) if said.text != blank.text else said.message
    suggestion = _suggested(said, blank)
    message, suggestion = _without(message, hidden), suggestion and _without(suggestion, hidden)
    if (message, suggestion) == (blank.message, blank.suggestion):
        return blank
    return blank.model_copy(update={"message": message, "suggestion": suggestion})


def _suggested(said: Finding, blank: Finding) -> str | None:
    """The suggestion for the masked quote: what it leaves as it is stays masked. None where it would write something
    else for what is masked: that cannot be said without saying what was there."""
    old, new = said.text, said.suggestion
    if new is None or old == blank.text:
        return new
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    if old[start : len(old) - end] != blank.text[start : len(old) - end]:
        return None
    return blank.text[:start] + new[start : len(new) - end] + blank.text[len(old) - end :]


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _without(said: str, hidden: Mapping[str, str]) -> str:
    for word, stars in hidden.items():
        said = said.replace(word, stars)
    return said


def _blank(quote: Q, spans: Sequence[Span], hidden: Mapping[str, str]) -> Q:
    if len(quote.text) > quote.end - quote.start:  # over title and text, and placed in the title alone
        quote = quote.model_copy(update={"text": _without(quote.text, hidden)})
    inside = [
        Span(span.kind, max(span.start, quote.start) - quote.start, min(span.end, quote.end) - quote.start)
        for span in spans
        if span.start < quote.end and span.end > quote.start
    ]
    return quote.model_copy(update={"text": mask(quote.text, inside)}) if inside else quote
