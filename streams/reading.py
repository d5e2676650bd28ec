"""Records to models: what cannot be read is a dead letter with a reason that does not repeat the content."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from schemas.base import Event
from streams.records import Dead, Record

E = TypeVar("E", bound=Event)


def read(record: Record, model: type[E], stage: str) -> E | Dead:
    """The event in a record, or the dead letter that it becomes. Unknown fields are ignored."""
    try:
        return model.model_validate_json(record.value)
    except ValidationError as error:
        return Dead(record, stage, reasons(error))


def reasons(error: ValidationError) -> str:
    """What is wrong with which field. Leaves out the values: they may be personal data."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'record'}: {one['msg']}" for one in found)


def to_bytes(event: Event) -> bytes:
    """The event as it stands on a topic."""
    return event.model_dump_json().encode()
