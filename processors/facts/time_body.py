"""Time expressions of a text, read on demand, and what stands around one of them."""

from __future__ import annotations

from collections.abc import Iterator

from processors.document import Document
from processors.facts.moments import Expression
from processors.facts.time_roles import ONSET


class Body:
    """Time expressions of the text, read only as far as they are asked for."""

    def __init__(self, first: Expression | None, rest: Iterator[Expression]) -> None:
        self._read = [first] if first is not None else []
        self._rest = rest

    @classmethod
    def split(cls, found: Iterator[Expression], shift: int) -> tuple[list[Expression], Body]:
        """Those of the title, and those of the text."""
        title: list[Expression] = []
        for expression in found:
            if expression.start >= shift:
                return title, cls(expression, found)
            title.append(expression)
        return title, cls(None, found)

    def get(self, index: int) -> Expression | None:
        """The expression at an index, in order; None behind the last."""
        while len(self._read) <= index:
            following = next(self._rest, None)
            if following is None:
                return None
            self._read.append(following)
        return self._read[index]

    def __iter__(self) -> Iterator[Expression]:
        index = 0
        while (expression := self.get(index)) is not None:
            yield expression
            index += 1

    def after(self, expression: Expression) -> Expression | None:
        """The next one that starts later."""
        return next((other for other in self if other.start > expression.start), None)


_JOINED = frozenset({"和", "、", "及", "与"})
"""26日4时20分和5时25分先后发生地震: the word of the onset is of both."""


def _reach(document: Document, expression: Expression) -> int:
    return min(document.sentence_at(expression.start)[1], expression.end + 60)


def near(document: Document, body: Body, expression: Expression) -> bool:
    """Whether an onset word follows in the sentence, before the next time."""
    following = body.after(expression)
    if following is not None:
        gap = document.norm[expression.end : following.start]
        if gap in _JOINED or (gap == "，" and not following.stated_day):
            following = body.after(following)
    limit = following.start if following is not None else len(document.norm)
    return bool(ONSET.search(document.norm, expression.end, min(limit, _reach(document, expression))))
