"""The input item: one report, one media article or one public post (CONTRACT.md "Input item")."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from schemas.base import Event, Time
from schemas.vocab import Kind, Lane

TEXT_LIMIT = 1_000_000
"""Characters of ``text``; a longer one is refused at the edge and a dead letter on a topic. A book has less."""
TITLE_LIMIT = 2_000
SHORT_LIMIT = 500


class Attachment(Event):
    """A file that came with a report; it stays on the desk. ``size`` in bytes, ``sha256`` in hex digits."""

    name: str
    media_type: str
    size: int
    sha256: str


class Item(Event):
    """An input item as consumers of the topics read it. ``source`` may be empty; times are aware."""

    id: str | None = Field(default=None, max_length=SHORT_LIMIT, description="The source's own id")
    lane: Lane
    source: str = Field(max_length=SHORT_LIMIT, description="Department id or name, outlet, or site")
    title: str = Field(default="", max_length=TITLE_LIMIT)
    text: str = Field(max_length=TEXT_LIMIT)
    published_at: Time
    received_at: Time | None = Field(
        default=None, description="Set on arrival; a sender's value is ignored on the wire"
    )
    updated_at: Time | None = None
    known_at: Time | None = Field(default=None, description="When the department learned of the event")
    url: str | None = Field(default=None, max_length=TITLE_LIMIT)
    kind: Kind | None = Field(default=None, description="Reports only")
    incident: str | None = Field(default=None, max_length=SHORT_LIMIT)
    phoned_at: Time | None = Field(default=None, description="When the emergency was phoned in")
    attachments: tuple[Attachment, ...] | None = Field(default=None, description="Set by the desk: what is kept there")


class Submission(Item):
    """An input item at the edges (command line, REST): unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attachments: tuple[Attachment, ...] | None = Field(
        default=None, max_length=0, description="Not given by senders: files are uploaded to the desk"
    )
