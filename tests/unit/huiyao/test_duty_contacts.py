"""Liaison officers are reached by the private list's telephone; the switchboard reminds them and keeps no address."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from huiyao.duty_contacts import LiaisonContacts, phone_channels, unreachable
from huiyao.rules import point_rules, reminder_rules
from huiyao.settings import Settings, load_settings
from huiyao.wiring import district_of
from processors.duty.liaisons import Liaison
from publishers.channels.message import Message
from publishers.switchboard import Switchboard
from schemas.alert import Notice, Purpose
from schemas.errors import DeliveryError
from schemas.ports import Handed
from schemas.reminder import Reminder, ReminderKind
from streams.testing import MovableClock
from tests.items import at
from tests.unit.processors.alert_town import rules

PHONE = SecretStr("13800001111")


def contacts(*liaisons: Liaison) -> LiaisonContacts:
    posts = {"联络员:U2": {"mail": "a@b"}, "值班员": {"sms": "1"}}
    return LiaisonContacts(posts, liaisons, ("sms",), MovableClock(fixed=at(0)))


def test_the_liaison_of_the_day_and_an_entry_of_the_contacts() -> None:
    one = Liaison("U1", SecretStr("甲"), PHONE, "", "2026-11-19")
    two = Liaison("U1", SecretStr("乙"), SecretStr("13900002222"), "2026-11-20", "")
    three = Liaison("U2", SecretStr("丙"), PHONE)
    known = contacts(one, two, three)
    assert known["联络员:U1"] == {"sms": "13900002222"}
    assert known["联络员:U2"] == {"sms": "13800001111", "mail": "a@b"}
    assert known.get("联络员:U9", {}) == {}
    assert set(known) == {"联络员:U1", "联络员:U2", "值班员"}
    assert "138" not in repr(known)


class Recorder:
    """Keeps what it was to say."""

    name, needs_address = "sms", True

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def tell(self, message: Message) -> Handed:
        self.messages.append(message)
        return Handed("ok", "7")

    async def close(self) -> None:
        """Nothing is open."""


def reminder(who: str) -> tuple[Notice, Reminder]:
    notice = Notice(notice_id="n", recipient=who, channels=("sms",), purpose=Purpose.REPORT_DUE, covers=(), at=at(0))
    made = Reminder(
        reminder_id="m", district="d", kind=ReminderKind.BEFORE, day="2026-11-20", cutoff=at(60), departments=("U1",),
        names=("甲局",), title="甲局今日信息尚未报送", text="请报送。", notices=(notice,), at=at(0),
    )  # fmt: skip
    return notice, made


async def test_a_reminder_goes_to_the_number_and_has_no_link() -> None:
    channel = Recorder()
    board = Switchboard([channel], contacts(Liaison("U1", SecretStr("甲"), PHONE)), rules(), link=lambda *_: "http://x")
    notice, made = reminder("联络员:U1")
    assert (await board.remind(notice, made, "sms", repeated=True)).reference == "7"
    (said,) = channel.messages
    assert (said.address, said.link, said.words.sms(said.link, 1)) == ("13800001111", "", "【重复】【报送提醒】请报送")
    with pytest.raises(DeliveryError, match="联络员:U9没有sms的联系方式"):
        await board.remind(reminder("联络员:U9")[0], made, "sms", repeated=False)


def test_the_districts_own_rules_and_who_cannot_be_reached(tmp_path: Path) -> None:
    settings: Settings = load_settings().model_copy(update={"data_dir": tmp_path})
    folder = district_of(settings)
    assert phone_channels(folder) == ("sms",)
    made = reminder_rules(folder, ["log", "sms"])
    assert (made.channels, made.hours, made.silent_after.total_seconds()) == (("sms", "mail"), "07:00-22:00", 300)
    assert point_rules(folder).resolve("区水利局") is not None
    assert unreachable(settings, folder) is None
    secrets = tmp_path / "secrets" / "channels"
    secrets.mkdir(parents=True)
    for name in ("url", "key", "reports"):
        (secrets / f"sms.{name}").write_text("x", "utf-8")
    missing = unreachable(settings, folder)
    assert missing is not None
    assert len(missing) == 66
    liaisons = tmp_path / "private" / "liaisons.tsv"
    liaisons.parent.mkdir()
    liaisons.write_text("department\tname\tphone\tfrom\tuntil\n区水利局\t某甲\t13800001111\t\t\n", "utf-8")
    liaisons.chmod(0o600)
    assert len(unreachable(settings, folder) or ()) == 65
