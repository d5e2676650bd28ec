"""An issue of a bulletin as a message: title, number and where to read it, through the channels of ``alerts.toml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from processors.alerting.wording import Words
from processors.bulletin_rules import TO
from publishers.channels.message import Message, PersonalChannel
from publishers.issue_mail import IssueMail, subject
from schemas.alert import Notice, Purpose
from schemas.bulletin import Bulletin
from schemas.errors import DeliveryError
from schemas.ids import digest

READ = "全文"
"""What stands before the address."""


class IssueMessages:
    """Sends through channels by name. ``addresses``: by recipient and channel; they stand in no record and no log.

    ``page``: the desk as people reach it.
    """

    def __init__(
        self,
        channels: Mapping[str, PersonalChannel],
        addresses: Callable[[], Mapping[str, Mapping[str, str]]],
        *,
        page: str,
    ) -> None:
        self._channels, self._addresses, self._page = channels, addresses, page

    async def send(self, bulletin: Bulletin, channel: str, who: str) -> str:
        """What the other side said. Raises DeliveryError, ``unsure`` where it may have taken the message."""
        found = self._channels.get(channel)
        if found is None:
            raise DeliveryError(f"通道{channel}没有设置（alerts.toml 及其密钥）", recoverable=False)
        address = self._addresses().get(who, {}).get(channel, "")
        if found.needs_address and not address:
            raise DeliveryError(f"联系方式文件里没有“{who}”的{channel}", recoverable=False)
        handed = await found.tell(message(bulletin, channel, who, address, self._page))
        return handed.detail

    async def close(self) -> None:
        """Give back connections."""
        for channel in self._channels.values():
            await channel.close()


def message(bulletin: Bulletin, channel: str, who: str, address: str, page: str) -> Message:
    """What is said. A version keeps its id, so that a gateway that knows it sends once."""
    said = subject(bulletin)
    notice = Notice(
        notice_id=digest(
            "issue", bulletin.district, bulletin.name.value, bulletin.date, str(bulletin.version), channel, who
        ),
        recipient=who,
        channels=(channel,),
        purpose=Purpose.ISSUE,
        covers=(),
        at=bulletin.made_at,
    )
    link = f"{page}/bulletins/{bulletin.name.value}/{bulletin.date}"
    return Message(notice, (), Words(said, said, (said,)), address, who, link=link, link_says=READ)


class IssuePost:
    """Mails and messages by one door: a recipient ``channel:who`` gets a message, any other the mail."""

    def __init__(self, mail: IssueMail, messages: IssueMessages) -> None:
        self._mail, self._messages = mail, messages

    async def send(self, bulletin: Bulletin, recipient: str) -> str:
        """What the other side said. Raises DeliveryError, ``unsure`` where it may have taken it."""
        channel, to, who = recipient.partition(TO)
        if to:
            return await self._messages.send(bulletin, channel, who)
        return await self._mail.send(bulletin, recipient)

    async def close(self) -> None:
        """Give back connections."""
        await self._messages.close()
