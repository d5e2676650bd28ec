"""Where liaison officers are reached: contacts of the alerts first, then the telephone of the private list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from huiyao.alerting import alert_file, contacts, personal_channels, web_hook
from processors.alerting.rules import LOG
from processors.duty.liaisons import LIAISON, Liaison, liaison_of
from schemas.base import local_day

if TYPE_CHECKING:
    from huiyao.districts import DistrictFolder
    from huiyao.settings import Settings
    from processors.duty.reminding import ReminderRules
    from publishers.channels.message import PersonalChannel
    from publishers.switchboard import Switchboard
    from schemas.ports import Clock


class LiaisonContacts(Mapping[str, Mapping[str, str]]):
    """Addresses by recipient and channel. ``联络员:U031`` is the liaison whom the list names for today.

    ``phones``: channels that take a telephone number. An entry of ``contacts.toml`` by the same name adds to the list.
    """

    def __init__(
        self,
        posts: Mapping[str, Mapping[str, str]],
        liaisons: tuple[Liaison, ...],
        phones: Sequence[str],
        clock: Clock,
    ) -> None:
        self._posts, self._liaisons, self._phones, self._clock = posts, liaisons, phones, clock

    def __getitem__(self, who: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        if who.startswith(LIAISON):
            one = liaison_of(self._liaisons, who.removeprefix(LIAISON), local_day(self._clock.now()))
            if one is not None:
                found = dict.fromkeys(self._phones, one.phone.get_secret_value())
        found |= self._posts.get(who, {})
        if not found:
            raise KeyError(who)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter({*self._posts, *(f"{LIAISON}{one.department}" for one in self._liaisons)})

    def __len__(self) -> int:
        return len(list(iter(self)))


def phone_channels(folder: DistrictFolder) -> tuple[str, ...]:
    """Channels of the district that take a telephone number."""
    file = alert_file(folder)
    return tuple(str(one.get("name")) for one in (file.channel if file else ()) if one.get("kind") == "sms")


def unreachable(settings: Settings, folder: DistrictFolder) -> list[str] | None:
    """Departments with a duty whose liaison has no address today; None where no channel is set up at all."""
    from huiyao.duty import liaisons
    from huiyao.rules import reminder_rules
    from huiyao.wiring import clock_of

    up = personal_channels(settings, folder)
    rules = reminder_rules(folder, [one.name for one in up])
    wanted = [one for one in rules.alerts.usable(rules.channels) if one != LOG]
    if not wanted:
        return None
    clock = clock_of(settings)
    known = LiaisonContacts(contacts(settings), liaisons(settings), phone_channels(folder), clock)
    needing = {one.name for one in up if one.needs_address}
    book, today = rules.ledger.book, local_day(clock.now())
    return [
        member.name
        for name, member in book.members.items()
        if book.duty(name, today).required == "Y"
        and not any(one not in needing or known.get(f"{LIAISON}{name}", {}).get(one) for one in wanted)
    ]


def duty_switchboard(
    settings: Settings,
    folder: DistrictFolder,
    rules: ReminderRules,
    channels: Sequence[PersonalChannel],
    clock: Clock,
) -> Switchboard:
    """The switchboard of the reminders: contacts of posts, and the liaison officers of the day by telephone."""
    from huiyao.duty import liaisons
    from publishers.switchboard import Switchboard

    known = LiaisonContacts(contacts(settings), liaisons(settings), phone_channels(folder), clock)
    return Switchboard(channels, known, rules.alerts, hook=web_hook(settings))
