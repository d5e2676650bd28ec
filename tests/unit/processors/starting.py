"""Judges as a process that lives long starts with them: all their patterns compiled."""

from __future__ import annotations

from collections.abc import Callable

from processors.late import compile_all


def started(make: Callable[[], object]) -> object:
    """What ``make`` makes, once all is compiled that it will ask."""
    made = make()
    compile_all()
    return made
