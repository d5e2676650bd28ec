"""An issue of a bulletin as e-mail to one recipient: the text, and the PDF as it is printed.

Handing over has two parts: up to the message itself a failure is certain, from then on a broken line leaves open
whether the server took it (:class:`UnsureDelivery`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import aiosmtplib

from publishers.channels.mail import PERMANENT, server
from publishers.channels.specs import MailSpec
from publishers.document import chinese_date, file_name, issue_line, paragraphs
from publishers.pdf import render_pdf
from schemas.bulletin import Bulletin
from schemas.errors import DeliveryError, UnsureDelivery

SAID_LIMIT = 100
"""Characters of a server's answer that are kept."""


class IssueMail:
    """Sends issues through one server. ``addresses``: by the recipient's name; they stand in no record and no log."""

    def __init__(
        self, spec: MailSpec | None, addresses: Callable[[], Mapping[str, str]], *, fonts: Sequence[Path] = ()
    ) -> None:
        self._spec, self._addresses, self._fonts = spec, addresses, tuple(fonts)

    async def send(self, bulletin: Bulletin, recipient: str) -> str:
        """The server's answer. Raises UnsureDelivery, DeliveryError."""
        if self._spec is None:
            raise DeliveryError("没有设置邮件通道（alerts.toml 的 mail 及其密钥）", recoverable=False)
        address = self._addresses().get(recipient, "")
        if not address:
            raise DeliveryError(f"联系方式文件里没有“{recipient}”的邮箱", recoverable=False)
        message = letter(bulletin, self._spec.sender, recipient, address, fonts=self._fonts)
        return await hand_over(message, self._spec)

    async def close(self) -> None:
        """Nothing is kept open."""


async def hand_over(message: EmailMessage, spec: MailSpec) -> str:
    """Give one message to a server. Raises DeliveryError where it surely did not take it, else UnsureDelivery."""
    client = aiosmtplib.SMTP(**server(spec))
    try:
        await client.connect()
    except aiosmtplib.SMTPResponseException as error:
        raise DeliveryError(f"SMTP {error.code}", recoverable=error.code < PERMANENT) from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(type(error).__name__, recoverable=True) from error
    try:
        _, said = await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [one.code for one in error.recipients]
        raise DeliveryError(f"收件人被拒 {codes}", recoverable=max(codes) < PERMANENT) from error
    except aiosmtplib.SMTPResponseException as error:
        raise DeliveryError(f"SMTP {error.code}", recoverable=error.code < PERMANENT) from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise UnsureDelivery(f"交信时中断：{type(error).__name__}") from error
    finally:
        client.close()
    return said[:SAID_LIMIT]


def letter(
    bulletin: Bulletin, sender: str, recipient: str, address: str, *, fonts: Sequence[Path] = ()
) -> EmailMessage:
    """The message. A version keeps its id, so that a copy is recognisable; later versions answer the first."""
    made = EmailMessage()
    made["From"], made["To"] = sender, address
    made["Subject"] = subject(bulletin)
    made["Date"] = format_datetime(bulletin.made_at)
    domain = sender.rpartition("@")[2].strip("> ")
    made["Message-ID"] = _identifier(bulletin, bulletin.version, recipient, domain)
    if bulletin.version > 1:
        made["In-Reply-To"] = made["References"] = _identifier(bulletin, 1, recipient, domain)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n".join(_line(one.text, one.aside) for one in paragraphs(bulletin)) + "\n")
    if not bulletin.withdrawn:
        made.add_attachment(
            render_pdf(bulletin, fonts=fonts), maintype="application", subtype="pdf",
            filename=file_name(bulletin, "pdf"),
        )  # fmt: skip
    return made


def subject(bulletin: Bulletin) -> str:
    """《今日章贡汇要》第1期（总第1期）2026年11月20日, with what became of it before."""
    before = (
        "【撤回】" if bulletin.withdrawn else f"【勘误】第{bulletin.version}次印发 " if bulletin.version > 1 else ""
    )
    return f"{before}《{bulletin.title}》{issue_line(bulletin)}{chinese_date(bulletin.date)}"


def _line(text: str, aside: str) -> str:
    return f"{text}　{aside}" if aside else text


def _identifier(bulletin: Bulletin, version: int, recipient: str, domain: str) -> str:
    who = hashlib.sha256(f"{bulletin.district}:{recipient}".encode()).hexdigest()[:12]
    return f"<{bulletin.name.value}.{bulletin.date}.v{version}.{who}@{domain}>"
