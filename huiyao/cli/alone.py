"""Stories of a run that may have one item only: what joins items is loaded when a second one comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from processors.story_begin import can_be_followed, first_story
from schemas.assessment import AssessedItem

if TYPE_CHECKING:
    from processors.stories import StoryMatcher


class Stories:
    """The stories of the items of a run, in their order; the window is made for the second item."""

    def __init__(self, make: Callable[[], StoryMatcher]) -> None:
        self._make = make
        self._first: AssessedItem | None = None
        self._window: StoryMatcher | None = None

    def story(self, item: AssessedItem) -> str | None:
        """The item's story. The first has nobody to be joined to."""
        if self._window is None and self._first is None:
            self._first = item
            return first_story(item) if can_be_followed(item) else None
        if self._window is None and self._first is not None:
            self._window = self._make()
            self._window.assign(self._first)
        return self._window.assign(item).story if self._window else None
