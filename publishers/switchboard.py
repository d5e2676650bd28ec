"""The switchboard: finds address, words and channel of a notice. Addresses never leave it: no log, no record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from processors.alerting.rules import WEB, AlertRules
from processors.alerting.wording import shown_to, words
from processors.duty.reminding import words as reminder_words
from publishers.channels.message import Message, PersonalChannel, Receipts
from schemas.alert import Alert, Notice, Purpose
from schemas.errors import DeliveryError
from schemas.ports import Handed, Receipt
from schemas.reminder import Reminder

Contacts = Mapping[str, Mapping[str, str]]
"""Addresses by person and channel."""
log = structlog.get_logger("publishers.switchboard")


class Switchboard:
    """Implements the port of the same name. ``link`` makes what acknowledges, ``hook`` the channel of a web address."""

    def __init__(
        self,
        channels: Sequence[PersonalChannel],
        contacts: Contacts,
        rules: AlertRules,
        *,
        link: Callable[[Alert, str], str] = lambda _alert, _who: "",
        hook: Callable[[str], PersonalChannel] | None = None,
    ) -> None:
        self._channels = {one.name: one for one in channels}
        self._contacts, self._rules, self._link, self._hook = contacts, rules, link, hook

    async def deliver(self, notice: Notice, alerts: Sequence[Alert], channel: str, *, repeated: bool) -> Handed:
        """Tell one person by one channel. Raises DeliveryError."""
        found, address = self._reached(notice, channel)
        policy = self._rules.policy
        return await found.tell(
            Message(
                notice=notice,
                alerts=[shown_to(one, notice, policy) for one in alerts],
                words=words(notice, alerts, policy, repeated=repeated),
                address=address,
                name=self._name(notice.recipient),
                link=self._links(notice, alerts),
                repeated=repeated,
            )
        )

    async def remind(self, notice: Notice, reminder: Reminder, channel: str, *, repeated: bool) -> Handed:
        """Say that a report is due, or who was silent. There is nothing to acknowledge. Raises DeliveryError."""
        found, address = self._reached(notice, channel)
        said = reminder_words(reminder, repeated=repeated)
        return await found.tell(Message(notice, (), said, address, self._name(notice.recipient), repeated=repeated))

    def _reached(self, notice: Notice, channel: str) -> tuple[PersonalChannel, str]:
        """The channel, and the person's address on it. Raises DeliveryError where it needs one and there is none."""
        found = self._channel(channel)
        address = self._contacts.get(notice.recipient, {}).get(channel, "")
        if found.needs_address and not address:
            raise DeliveryError(f"{notice.recipient}没有{channel}的联系方式", recoverable=False)
        return found, address

    async def receipts(self) -> Sequence[Receipt]:
        """Receipts of all gateways; one that is away is logged and does not keep back the others."""
        found: list[Receipt] = []
        for channel in self._channels.values():
            if isinstance(channel, Receipts):
                try:
                    found += await channel.receipts()
                except DeliveryError as error:
                    log.warning("no receipts", channel=channel.name, reason=str(error))
        return found

    async def close(self) -> None:
        """Give back connections."""
        for channel in self._channels.values():
            await channel.close()

    def _channel(self, name: str) -> PersonalChannel:
        if name not in self._channels and self._hook is not None and name.startswith(WEB):
            self._channels[name] = self._hook(name)
        if name not in self._channels:
            raise DeliveryError(f"通道{name}没有设置", recoverable=False)
        return self._channels[name]

    def _name(self, recipient: str) -> str:
        person = self._rules.persons.get(recipient)
        return person.name if person else recipient

    def _links(self, notice: Notice, alerts: Sequence[Alert]) -> str:
        """Who belongs to a department does not answer for the office; an end needs no answer; several need one each."""
        if notice.unit or notice.purpose in (Purpose.ALL_CLEAR, Purpose.WITHDRAWN) or len(alerts) > 1:
            return ""
        return self._link(alerts[0], notice.recipient)
