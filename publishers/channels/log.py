"""The log channel: every alert as one structured line, so that even a bare installation leaves a trace."""

from __future__ import annotations

import structlog

from schemas.alert import Alert


class LogChannel:
    """Writes alerts to the log at warning level."""

    name = "log"

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
