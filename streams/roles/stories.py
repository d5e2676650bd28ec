"""Stories: ``items.signals`` -> ``stories.assigned``. The matcher decides; its window is rebuilt from the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
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

    def __init__(self, matcher: StoryMatcher, reader: StateReader, *, window: timedelta, memory: timedelta) -> None:
        self._matcher, self._reader, self._window, self._memory = matcher, reader, window, memory

    async def restore(self, assignment: Assignment) -> None:  # noqa: ARG002 - the window spans all districts
        """Fill the matcher from ``stories.assigned``, oldest first: all of its window, emergencies longer."""
        now = datetime.now(UTC)
        events = {(one.item_id, one.version): one for one in [one async for one in self._read(now - self._memory)]}
        async for recent in self._read(now - self._window, every=True):
            events[recent.item_id, recent.version] = recent
        self._matcher.restore(sorted(events.values(), key=lambda event: (event.assigned_at, event.item_id)))

    async def _read(self, since: datetime, *, every: bool = False) -> AsyncIterator[StoryAssigned]:
        async for value in self._reader(STORIES, since=since):
            try:
                event = StoryAssigned.model_validate_json(value)
            except ValidationError:
                continue  # written by a newer version of ours; the index role reports it
            if every or event.signature.is_emergency:
                yield event

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
