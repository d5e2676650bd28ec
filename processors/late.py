"""Regular expressions compiled when they are first asked: a thousand cost more than all else that a start does.

``late`` takes the place of ``re.compile`` where a run may end without the pattern; what every text is asked is compiled
at once with ``re`` itself. A process that lives long calls ``compile_all`` when it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast
from weakref import WeakSet

_OWN = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "groupindex")


class _Late:
    """Looks like a pattern. What a pattern has are empty slots; the first that is missed fills them all."""

    __slots__ = (*_OWN, "__weakref__", "_make", "pattern")

    def __init__(self, pattern: str, make: Callable[[], re.Pattern[str]]) -> None:
        self.pattern, self._make = pattern, make
        _waiting.add(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _waiting.discard(self)
        made = self._make()
        for own in _OWN:
            setattr(self, own, getattr(made, own))
        self._make = lambda: made
        return getattr(made, name)

    def __repr__(self) -> str:
        return f"late({self.pattern!r})"


_waiting: WeakSet[_Late] = WeakSet()


def late(pattern: str, make: Callable[[], re.Pattern[str]] | None = None) -> re.Pattern[str]:
    """``re.compile(pattern)`` at first use. ``make`` compiles it where more is to be done, as naming a bad row."""
    return cast("re.Pattern[str]", _Late(pattern, make or (lambda: re.compile(pattern))))


def compile_all() -> None:
    """Compile what nobody has asked yet, so that neither a bad rule nor the time of compiling meets a stream."""
    for one in list(_waiting):
        one.fullmatch  # noqa: B018 - missing it compiles
