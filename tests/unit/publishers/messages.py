"""A message to tell, for tests of channels."""

from __future__ import annotations

from typing import Any

from processors.alerting.wording import words
from publishers.channels.message import Message
from schemas.alert import Alert, Covered, Notice
from schemas.subscription import Policy
from tests.unit.processors.alert_town import alert


def notice(*alerts: Alert, **changes: Any) -> Notice:
    """To the officer on duty, for the first time."""
    covers = tuple(
        Covered(incident=one.incident, alert_id=one.alert_id, alert_version=one.alert_version) for one in alerts
    )
    values = {
        "notice_id": "n1", "recipient": "duty", "channels": ["sms"], "purpose": "first", "covers": covers,
        "level": alerts[0].level, "at": alerts[0].raised_at,
    }  # fmt: skip
    return Notice.model_validate(values | changes)


def message(*alerts: Alert, address: str = "13800000000", link: str = "", repeated: bool = False) -> Message:
    """A landslide unless said otherwise."""
    told = alerts or (alert(),)
    made = notice(*told)
    return Message(
        notice=made, alerts=told, words=words(made, told, Policy(), repeated=repeated), address=address, link=link,
        repeated=repeated,
    )  # fmt: skip
