"""E-mail by SMTP: one message to one person, with an id of the notice, so that a second copy is recognisable."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiosmtplib

from publishers.channels.message import Message
from publishers.channels.specs import MailSpec
from schemas.errors import DeliveryError
from schemas.ports import Handed

PERMANENT = 500
"""SMTP answers from here on are final (RFC 5321, 4.2.1); below, and where the line breaks, another try is worth it."""


def server(spec: MailSpec) -> dict[str, Any]:
    """What aiosmtplib needs to know of the server."""
    return {
        "hostname": spec.host,
        "port": spec.port,
        "username": spec.username or None,
        "password": spec.password or None,
        "use_tls": spec.tls == "tls",
        "start_tls": spec.tls == "starttls",
        "timeout": spec.timeout_s,
    }


class MailChannel:
    """Sends through one server."""

    needs_address = True

    def __init__(self, spec: MailSpec) -> None:
        self.name, self._spec = spec.name, spec

    async def tell(self, message: Message) -> Handed:
        """Return when the server has taken responsibility. Raises DeliveryError."""
        spec = self._spec
        try:
            _, said = await aiosmtplib.send(
                mail(message, spec.sender),
                **server(spec),
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [one.code for one in error.recipients]
            raise DeliveryError(f"{self.name}: 收件人被拒 {codes}", recoverable=max(codes) < PERMANENT) from error
        except aiosmtplib.SMTPResponseException as error:
            raise DeliveryError(f"{self.name}: SMTP {error.code}", recoverable=error.code < PERMANENT) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            unsure = not isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPConnectTimeoutError)
            raise DeliveryError(f"{self.name}: {type(error).__name__}", recoverable=True, unsure=unsure) from error
        return Handed(said[:100])

    async def close(self) -> None:
        """Nothing is kept open."""


def mail(message: Message, sender: str) -> EmailMessage:
    """The message. ``Auto-Submitted`` keeps holiday answers away (RFC 3834)."""
    made = EmailMessage()
    made["From"], made["To"] = sender, message.address
    made["Subject"] = " ".join(message.words.title.split())
    made["Date"] = format_datetime(message.notice.at)
    made["Message-ID"] = f"<{message.notice.notice_id}@{sender.rpartition('@')[2].strip('> ')}>"
    made["Auto-Submitted"] = "auto-generated"
    level = message.notice.level
    if message.alerts and (level is None or level.value in ("I", "II")):
        made["X-Priority"] = "1"
    link = f"\n\n{message.link_says}：{message.link}" if message.link else ""
    made.set_content(f"{message.words.text}{link}\n")
    return made
