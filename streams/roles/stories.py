"""Stories: ``items.signals`` -> ``stories.assigned``. The matcher decides; its window is rebuilt from the topic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from schemas.assessment import AssessedItem
from schemas.story import StoryAssigned
from schemas.topics import STORIES
from streams.ports import StateReader, StoryMatcher
from streams.reading import read, to_bytes
from streams.records import Assignment, Dead, Output, Record, Result, StatelessHandler


class StoriesHandler(StatelessHandler):
    """Gives every item its story, in the order of the topic. A replay gets the assignment that the item had."""

    name = "stories"

    def __init__(self, matcher: StoryMatcher, reader: StateReader, *, window: timedelta) -> None:
        self._matcher, self._reader, self._window = matcher, reader, window

    async def restore(self, assignment: Assignment) -> None:  # noqa: ARG002 - the window spans all districts
        """Fill the matcher's window from the tail of ``stories.assigned``, oldest first."""
        events: list[StoryAssigned] = []
        async for value in self._reader(STORIES, since=datetime.now(UTC) - self._window):
            try:
                events.append(StoryAssigned.model_validate_json(value))
            except ValidationError:
                continue  # written by a newer version of ours; the index role reports it
        self._matcher.restore(sorted(events, key=lambda event: (event.assigned_at, event.item_id)))

    async def handle(self, batch: Sequence[Record]) -> Result:
        """One assignment for each item."""
        outputs: list[Output] = []
        dead: list[Dead] = []
        for record in batch:
            item = read(record, AssessedItem, self.name)
            if isinstance(item, Dead):
                dead.append(item)
            else:
                outputs.append(Output(STORIES, item.item_id.encode(), to_bytes(self._matcher.assign(item))))
        return Result(outputs, dead)
