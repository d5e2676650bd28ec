"""The log channel: every alert as one structured line, so that even a bare installation leaves a trace."""

from __future__ import annotations

import structlog

from publishers.channels.message import Message
from schemas.alert import Alert
from schemas.ports import Handed


class LogChannel:
    """Writes alerts to the log at warning level."""

    name = "log"
    needs_address = False

    def __init__(self) -> None:
        self._log = structlog.get_logger("alerts")

    async def send(self, alert: Alert, *, repeated: bool) -> str:
        """Log the alert; always succeeds."""
        self._log.warning(
            "alert",
            alert_id=alert.alert_id,
            incident=alert.incident,
            level=alert.level,
            reason=alert.reason,
            repeated=repeated,
            text=alert.text,
            doubts=list(alert.doubts),
        )
        return "logged"

    async def tell(self, message: Message) -> Handed:
        """Log that somebody should know, for who is on duty to carry it to them."""
        self._log.warning(
            "alert for" if message.alerts else "reminder for",
            recipient=message.notice.recipient,
            purpose=message.notice.purpose.value,
            alert_ids=[one.alert_id for one in message.alerts],
            title=message.words.title,
            repeated=message.repeated,
        )
        return Handed("logged")

    async def close(self) -> None:
        """Nothing is kept open."""
