"""When Python's collector of cycles looks: seldom, for what judgement makes has none."""

from __future__ import annotations

import gc

COLLECT_AFTER = 50_000
"""New objects after which the collector looks for cycles. With Python's 700 it walks over all modules dozens of times
while they are loaded, and over what is alive dozens of times a batch, finds no cycle and takes 6 % of the time of
judgement."""


def collect_seldom() -> None:
    """Let the collector look after ``COLLECT_AFTER`` new objects."""
    gc.set_threshold(COLLECT_AFTER)
