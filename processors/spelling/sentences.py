"""Sentences of texts, as the spelling reader reads them."""

from __future__ import annotations

from collections.abc import Iterator

from processors.late import late

SHORTEST, LONGEST, STEP = 5, 120, 100
"""Characters of a sentence that is read; what is longer is read in windows that begin ``STEP`` apart."""
_SENTENCE = late(r"[^。！？!?；\n]+[。！？!?；]*[”’》）]*")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans in order of place."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while end - start > LONGEST:
            yield start, start + LONGEST
            start += STEP
        if end - start >= SHORTEST:
            yield start, end
