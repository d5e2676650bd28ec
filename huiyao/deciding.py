"""Decisions from the command line: built, checked and on Kafka when this returns. Reading back what topics hold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from huiyao.settings import Settings
from huiyao.wiring import clock_of, district_of
from schemas.base import Event
from schemas.decision import Action, Decision, SubjectType
from schemas.errors import FieldError, InvalidItem
from schemas.ids import digest
from schemas.topics import TopicSpec

E = TypeVar("E", bound=Event)


def make_decision(
    settings: Settings,
    subject: tuple[SubjectType, str],
    action: Action,
    by: str,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Decision:
    """A decision of the settings' district at the instance's present; its id follows from its content."""
    at, given = now or clock_of(settings).now(), dict(details or {})
    text = json.dumps(given, ensure_ascii=False, sort_keys=True)
    return Decision(
        decision_id=digest("decision", *subject, action, by, reason, text, at.isoformat()),
        district=district_of(settings).id,
        subject_type=subject[0],
        subject_id=subject[1],
        action=action,
        by=by,
        at=at,
        reason=reason,
        details=given,
    )


def send_decision(settings: Settings, decision: Decision) -> None:
    """Return once the broker has it. Raises BrokerUnavailable."""
    from huiyao.outbox import KafkaOutbox

    KafkaOutbox(settings.kafka_connection()).send(decision)


def events_of(settings: Settings, spec: TopicSpec, model: type[E]) -> list[E]:
    """All events of a topic in the settings' district, in order within each partition; unreadable ones are not ours."""
    return asyncio.run(_events(settings, spec, model))


def newest_of(
    settings: Settings, spec: TopicSpec, model: type[E], identity: Callable[[E], tuple[str, int]]
) -> dict[str, E]:
    """The newest state of each thing of a topic, by id. ``identity``: the id and the version of a state."""
    found: dict[str, tuple[int, E]] = {}
    for one in events_of(settings, spec, model):
        identifier, version = identity(one)
        if identifier not in found or version >= found[identifier][0]:
            found[identifier] = version, one
    return {identifier: one for identifier, (_, one) in found.items()}


async def _events(settings: Settings, spec: TopicSpec, model: type[E]) -> list[E]:
    from streams.restore import read_to_end

    here, found = district_of(settings).id, []
    async for value in read_to_end(settings.kafka_connection(), spec):
        try:
            event = model.model_validate_json(value)
        except ValidationError:
            continue  # the index role makes it a dead letter
        if getattr(event, "district", here) == here:
            found.append(event)
    return found


def department_of(settings: Settings, name: str) -> str:
    """The id of a department as people write it. Raises InvalidItem."""
    found = district_of(settings).register.resolve(name)
    if found is None:
        raise InvalidItem([FieldError("department", f"unknown: {name}", f"名录中没有“{name}”")])
    return found.id


def moment_of(text: str, now: datetime) -> datetime:
    """``HH:MM`` of today (yesterday where that lies ahead), or ISO 8601. Raises InvalidItem."""
    from datetime import timedelta

    from schemas.base import CHINA, with_zone

    try:
        if len(text) <= len("24:00"):
            clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - only the time of day is used
            local = now.astimezone(CHINA)
            found = datetime.combine(local.date(), clock, tzinfo=CHINA)
            return found if found <= local else found - timedelta(days=1)
        return with_zone(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidItem([FieldError("at", f"not a time: {text}", "时间写作 14:35 或 2026-11-20T14:35")]) from None
