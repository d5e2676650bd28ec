"""Where liaison officers are reached: contacts of the alerts first, then the telephone of the private list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from processors.duty.liaisons import Liaison, liaison_of
from processors.duty.reminding import LIAISON
from schemas.base import local_day

if TYPE_CHECKING:
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
