"""What kind of event: triggers vote for their type, those of the lead and of lively sentences with more weight."""

from __future__ import annotations

import numpy as np

from processors.category.batch import Batch
from processors.category.form import Matrix
from processors.category.lexicon import Hits

LEAD, TITLE = 1.0, 0.5
"""Additional votes of a trigger in the lead and in the title: the onset stands there."""
LIVELY = 0.25
"""Additional vote for each piece of evidence in the sentence."""
LENGTH = 0.3
"""Additional vote for each character of a trigger beyond two: long triggers are specific."""


def vote(batch: Batch, hits: Hits, live: Matrix, types: int) -> Matrix:
    """Documents by event types: votes. ``live``: how lively each sentence of the batch is; ``types``: their number."""
    chosen = np.flatnonzero(hits.event >= 0)
    document, start = hits.document[chosen], hits.start[chosen]
    length = hits.end[chosen] - start
    factor = 1 + LIVELY * np.clip(live[batch.sentence[start]], 0, 6)
    factor += LEAD * (start < batch.focus_end[document])
    factor += TITLE * (start < batch.title_end[document])
    weight = hits.weight[chosen] ** 2 * (1 + LENGTH * np.clip(length - 2, 0, 4)) * factor
    cells = document * types + hits.event[chosen]
    shape = (len(batch), types)
    return np.bincount(cells, weights=weight, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
