"""``huiyao deadletter``: list, show and replay what could not be processed.

Shown masked: the original may hold personal data. A replay puts the original bytes back on the original topic under
the original key; everything behind is idempotent, so a letter may be replayed again. The letter itself stays until
its retention is over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from schemas import topics
from schemas.connections import KafkaConnection
from schemas.deadletter import DeadLetter
from streams.elastic.audit import Unseal, original
from streams.elastic.log import opened
from streams.outbox import Outbox
from streams.records import Output, OutputRejected

Mask = Callable[[str], str]
"""From a text to the same text with personal data masked."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter where it stands; ``id`` is ``partition:offset`` on the dead-letter topic."""

    id: str
    key: bytes | None
    letter: DeadLetter


@dataclass(frozen=True, slots=True)
class Shown:
    """A dead letter for people: ``text`` is the original, masked; ``readable`` False where only its size is told."""

    letter: Letter
    text: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay: ``problem`` is empty where the original is back on its topic."""

    id: str
    problem: str = ""


async def letters(kafka: KafkaConnection, ids: Collection[str] | None = None) -> AsyncIterator[Letter]:
    """The dead letters, oldest first; only those of ``ids`` where given. Raises BrokerUnavailable."""
    async with opened(kafka, [topics.DEADLETTER]) as stored:
        async for records in stored.to_end():
            for record in records:
                name = f"{record.partition}:{record.offset}"
                if ids is None or name in ids:
                    try:
                        yield Letter(name, record.key, DeadLetter.model_validate_json(record.value))
                    except ValidationError as error:
                        log.warning("not a dead letter", id=name, errors=error.error_count())


async def show(
    kafka: KafkaConnection, ids: Collection[str], mask: Mask, *, unseal: Unseal | None = None
) -> list[Shown]:
    """The letters with their original text, masked. Bytes that are no text are told by their number."""
    return [_shown(one, mask, unseal) async for one in letters(kafka, ids)]


async def replay(
    kafka: KafkaConnection, ids: Collection[str] | None = None, *, unseal: Unseal | None = None
) -> list[Replayed]:
    """Put originals back on their topics; all letters where ``ids`` is None.

    One that cannot be replayed is told and the rest goes on. Raises BrokerUnavailable; what went before is done then,
    and doing all of it again does no harm.
    """
    outbox = Outbox(kafka)
    try:
        return [await _replayed(outbox, one, unseal) async for one in letters(kafka, ids)]
    finally:
        await outbox.stop()


def _shown(one: Letter, mask: Mask, unseal: Unseal | None) -> Shown:
    try:
        content = original(one.letter, unseal)
    except ValueError as error:
        return Shown(one, f"（无法解密：{error}）", readable=False)
    try:
        return Shown(one, mask(content.decode("utf-8")))
    except UnicodeDecodeError:
        return Shown(one, f"（{len(content)} 字节，不是文本）", readable=False)


async def _replayed(outbox: Outbox, one: Letter, unseal: Unseal | None) -> Replayed:
    spec = topics.BY_NAME.get(one.letter.topic)
    if spec is None:
        return Replayed(one.id, f"no topic {one.letter.topic}")
    try:
        await outbox.send([Output(spec, one.key or b"", original(one.letter, unseal))])
    except (ValueError, OutputRejected) as error:
        return Replayed(one.id, str(error))
    return Replayed(one.id)
