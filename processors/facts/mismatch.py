"""How a contradiction of numbers is told."""

from __future__ import annotations

import re

from processors.assemble import assemble
from processors.document import Document
from schemas.assessment import Finding
from schemas.vocab import Check


def mismatch(
    document: Document, start: int, end: int, message: str, rule: str, suggestion: str | None = None
) -> Finding:
    """A finding at [start, end) of the document."""
    field, first, last = document.locate(start, end)
    text = document.full[start:end]
    return assemble(
        Finding,
        {
            "check": Check.NUMBER_MISMATCH,
            "field": field,
            "start": first,
            "end": last,
            "text": text,
            "message": message,
            "suggestion": suggestion if suggestion and re.fullmatch(r"\d+人", text) else None,
            "rule": rule,
        },
    )
