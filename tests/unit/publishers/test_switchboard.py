"""The switchboard: addresses from the contacts, links for who may answer, channels for web addresses, receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from publishers.channels.message import Message
from publishers.switchboard import Switchboard
from schemas.alert import Alert, Purpose
from schemas.errors import DeliveryError
from schemas.ports import Handed, Receipt
from tests.unit.processors.alert_town import alert, flagged, rules
from tests.unit.publishers.messages import notice


@dataclass
class Phone:
    """Keeps what it is told; ``away``: its receipts cannot be had."""

    name: str = "sms"
    needs_address: bool = True
    away: bool = False
    told: list[Message] = field(default_factory=list)
    closed: bool = False

    async def tell(self, message: Message) -> Handed:
        self.told.append(message)
        return Handed("ok", "7")

    async def receipts(self) -> Sequence[Receipt]:
        if self.away:
            raise DeliveryError("away", recoverable=True)
        return [Receipt(self.name, "7", True)]

    async def close(self) -> None:
        self.closed = True


def board(*phones: Phone) -> Switchboard:
    contacts = {"duty": {"sms": "1001"}, "甲": {"sms": "1002"}}
    return Switchboard(
        phones, contacts, rules(), link=lambda one, who: f"http://d/a/{who}/{one.alert_version}",
        hook=lambda url: Phone(url, needs_address=False),
    )  # fmt: skip


async def test_address_name_words_and_link() -> None:
    phone = Phone()
    handed = await board(phone).deliver(notice(alert()), [alert()], "sms", repeated=True)
    (told,) = phone.told
    assert (told.address, told.name, told.link) == ("1001", "值班员", "http://d/a/duty/1")
    assert told.words.title.startswith("【重复】")
    assert handed.reference == "7"


@pytest.mark.parametrize(
    ("who", "channel", "says"),
    [("deputy", "sms", "deputy没有sms的联系方式"), ("duty", "fax", "通道fax没有设置")],
)
async def test_what_cannot_be_reached_goes_on_to_the_next_channel(who: str, channel: str, says: str) -> None:
    with pytest.raises(DeliveryError, match=says) as caught:
        await board(Phone()).deliver(notice(alert(), recipient=who), [alert()], channel, repeated=False)
    assert not caught.value.recoverable


@pytest.mark.parametrize(
    ("alerts", "changes"),
    [
        pytest.param([alert()], {"unit": "U031"}, id="somebody of a department"),
        pytest.param([alert()], {"purpose": Purpose.ALL_CLEAR}, id="the end"),
        pytest.param([alert()], {"purpose": Purpose.WITHDRAWN}, id="it was nothing"),
        pytest.param([alert(), alert(incident="i2")], {}, id="several at once"),
    ],
)
async def test_who_gets_no_link(alerts: list[Alert], changes: dict[str, object]) -> None:
    phone = Phone()
    await board(phone).deliver(notice(*alerts, **changes), alerts, "sms", repeated=False)
    assert phone.told[0].link == ""


async def test_a_complaint_reaches_a_department_without_items_and_words_also_by_webhook() -> None:
    phone = Phone()
    complaint = flagged(lanes=["opinion"], title="王小花举报", item_ids=["x"], sources=["论坛"])
    told = notice(complaint, recipient="甲", unit="U031")
    await board(phone).deliver(told, [complaint], "sms", repeated=False)
    (shown,) = phone.told[0].alerts
    assert (shown.item_ids, shown.sources) == ((), ())
    assert "王小花" not in f"{shown.model_dump_json()}{phone.told[0].words}"


async def test_a_web_address_is_a_channel_of_its_own_and_receipts_of_one_that_is_away_cost_nobody_theirs() -> None:
    near, far = Phone("near"), Phone("far", away=True)
    switchboard = board(far, near)
    await switchboard.deliver(notice(alert()), [alert()], "https://x.example/h", repeated=False)
    assert [one.channel for one in await switchboard.receipts()] == ["near", "https://x.example/h"]
    await switchboard.close()
    assert near.closed
    assert far.closed
