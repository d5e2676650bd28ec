"""Which texts hold a stretch so long that the rules on over-long sentences must look at it: one pass over all texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from processors.wording.encoding import BMP, Array

# Characters without any pause, and without a full stop. Nothing shorter is over-long in official prose: held-out
# government reports have no run of 60 (docs/judgement/wording.md). The rules themselves are in text_rules.tsv.
LONG_RUN, LONG_SENTENCE = 60, 400
_STOPS = "\n。！？!?；;"
_PAUSES = _STOPS + "，,：:、《》“”（）()…—．.·‘’〔〕 \u3000"


def _marks(characters: str) -> Array:
    table = np.zeros(BMP, dtype=bool)
    table[[ord(c) for c in characters]] = True
    return table


_IS_STOP, _IS_PAUSE = _marks(_STOPS), _marks(_PAUSES)


def long_texts(texts: Sequence[str]) -> Array:
    """Whether each text holds LONG_RUN characters without a pause or LONG_SENTENCE without a full stop (bool)."""
    found = np.zeros(len(texts), dtype=bool)
    if max(map(len, texts), default=0) < LONG_RUN:
        return found
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    begins = np.cumsum([0, *(len(t) + 1 for t in texts)])
    pauses = np.flatnonzero(_IS_PAUSE.take(points, mode="clip"))
    stops = pauses[_IS_STOP.take(points[pauses])]  # every stop is a pause
    for places, least in ((pauses, LONG_RUN), (stops, LONG_SENTENCE)):
        marks = np.concatenate(([-1], places, [len(points)]))
        far = np.flatnonzero(np.diff(marks) > least)
        found[np.searchsorted(begins, marks[far] + 1, side="right") - 1] = True
    return found
