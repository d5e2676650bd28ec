"""Issues by message: title, number and address through real loopback gateways; nothing twice, nothing in silence."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from apprise.plugins.wecombot import NotifyWeComBot

from desk import mailing
from desk.drafts import proposed, signed
from desk.issuing import Issuing
from desk.mailing import Mailer, MailState
from huiyao.alerting import issue_post
from huiyao.districts import DistrictFolder
from huiyao.settings import Settings, load_settings
from processors.bulletin_rules import load_rules
from publishers.channels.bots import AppriseChannel
from publishers.channels.gateway import HttpGateway
from publishers.channels.message import PersonalChannel
from publishers.channels.specs import AnswerSpec, AppriseSpec, HttpSpec
from publishers.channels.webhook import WebhookChannel
from publishers.issue_mail import IssueMail
from publishers.issue_message import IssueMessages, IssuePost
from schemas.errors import DistrictError, InvalidItem
from schemas.vocab import BulletinName
from tests.loopback import gateway, raw, said
from tests.unit.desk.conftest import KEY, Harness, district
from tests.unit.desk.test_issuing import HUIYAO, NOON, RULES, begun, issue, opened, step

DAY = "2026-11-20"
PAGE = "https://desk.example"
LINK = f"{PAGE}/bulletins/huiyao/{DAY}"
TITLE = "《今日章贡汇要》第1期（总第1期）2026年11月20日"
NUMBER = "13900000001"
ADDRESSES = {"区委宣传部": {"sms": NUMBER}}
PATIENCE_S = 140.0
OK = said({"code": "0", "id": "m1"})


def rules(*message_to: str) -> Any:
    own = replace(RULES[HUIYAO], mail_to=(), message_to=message_to)
    return {**RULES, HUIYAO: own}


def sms(base: str, timeout_s: float = 5.0) -> HttpGateway:
    return HttpGateway(
        HttpSpec(
            kind="sms", name="sms", url=base, body={"to": "{address}", "text": "{short}", "id": "{id}"},
            answer=AnswerSpec(path="code", equals=("0",), again=("busy",), reference="id"), timeout_s=timeout_s,
        )
    )  # fmt: skip


def post(**channels: PersonalChannel) -> IssuePost:
    return IssuePost(IssueMail(None, dict), IssueMessages(channels, lambda: ADDRESSES, page=PAGE))


async def drained(issuing: Issuing, sender: IssuePost) -> list[tuple[int, str, str]]:
    mailer = Mailer(issuing.mailings, issuing, sender)
    while await mailer.one():
        pass
    return states(issuing)


def states(issuing: Issuing) -> list[tuple[int, str, str]]:
    return [(one.version, one.recipient, one.state.value) for one in issuing.mailings.of(HUIYAO, DAY)]


async def test_title_number_and_address_by_every_kind_of_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuing = opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部", "wecom:", "hook:"))
    issue(issuing, DAY)
    async with gateway(OK) as short, gateway(said({"errcode": 0})) as group, gateway(raw(b"")) as hook:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", group.base + "/{key}")
        robot = AppriseChannel(AppriseSpec(kind="apprise", name="wecom", url="wecombot://botkey1234", timeout_s=2))
        sender = post(sms=sms(short.base), wecom=robot, hook=WebhookChannel(hook.base, None, name="hook"))
        assert {state for _, _, state in await drained(issuing, sender)} == {"sent"}
        await drained(opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部")), sender)  # another desk finds nothing
        await sender.close()
    [message] = [one.json() for one in short.heard]
    assert (message["to"], message["text"]) == (NUMBER, f"{TITLE} {LINK}")
    [robots] = [str(one.json()) for one in group.heard]
    assert TITLE in robots
    assert f"全文：{LINK}" in robots
    [hooked] = [one.json()["data"] for one in hook.heard]
    assert (hooked["title"], hooked["link"], hooked["purpose"]) == (TITLE, LINK, "issue")
    record = json.dumps([(one.to, one.channel, one.detail) for one in issuing.mailings.of(HUIYAO, DAY)])
    assert NUMBER not in record


async def test_an_erratum_and_a_withdrawal_say_so_and_go_to_whom_the_issue_reached(tmp_path: Path) -> None:
    issuing = opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部", "sms:无名"))
    issue(issuing, DAY)
    async with gateway(OK) as server:
        sender = post(sms=sms(server.base))
        assert await drained(issuing, sender) == [(1, "sms:区委宣传部", "sent"), (1, "sms:无名", "failed")]
        draft = begun(issuing, DAY)
        draft = step(issuing, step(issuing, draft, proposed("wang")), signed("li"), by="li")
        issuing.publish(HUIYAO, draft.period, draft.revision, by="wang", at=NOON)
        await drained(issuing, sender)
        issuing.withdraw(HUIYAO, DAY, 2, "引用有误", by="li", at=NOON)
        assert [who for version, who, _ in await drained(issuing, sender) if version == 3] == ["sms:区委宣传部"]
    texts = [one.json()["text"] for one in server.heard]
    assert [text[:4] for text in texts] == ["《今日章", "【勘误】", "【撤回】"]
    assert len({one.json()["id"] for one in server.heard}) == 3


@pytest.mark.parametrize(
    ("answer", "state", "tries"),
    [
        (said({"code": "9"}), "failed", 1),
        (raw(b"", 404), "failed", 1),
        (said({"code": "busy"}), "failed", 3),
        (raw(b"", 503), "failed", 3),
        # From here on it may have gone out: a person asks first.
        (raw(b"", 502), "unknown", 1),
        (raw(b"<html>"), "unknown", 1),
        (said({"code": "0"}), "unknown", 1),  # without the id that was promised
        (None, "unknown", 1),
    ],
)
async def test_what_surely_did_not_go_out_is_tried_again_and_what_may_have_is_not(
    answer: bytes | None, state: str, tries: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "PAUSES", (timedelta(0), timedelta(0)))
    issuing = opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部"))
    issue(issuing, DAY)
    async with gateway(answer) as server:
        await drained(issuing, post(sms=sms(server.base, timeout_s=0.5)))
    [one] = issuing.mailings.of(HUIYAO, DAY)
    assert (one.state.value, one.tries, len(server.heard)) == (state, tries, tries)
    assert server.base not in one.detail


async def test_nobody_listens_and_nothing_is_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "PAUSES", ())
    issuing = opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部", "sms:无名", "wecom:"))
    issue(issuing, DAY)
    async with gateway(OK) as server:
        base = server.base
    await drained(issuing, post(sms=sms(base)))
    said_of = {one.recipient: (one.state.value, one.detail) for one in issuing.mailings.of(HUIYAO, DAY)}
    assert said_of["sms:区委宣传部"] == ("failed", "sms: ConnectError")
    assert said_of["sms:无名"] == ("failed", "联系方式文件里没有“无名”的sms")
    assert said_of["wecom:"] == ("failed", "通道wecom没有设置（alerts.toml 及其密钥）")


async def test_killed_between_send_and_record_no_message_goes_out_twice(tmp_path: Path) -> None:
    message_to = ("sms:区委宣传部", "sms:区委网信办")
    issuing = opened(tmp_path / "desk.sqlite3", rules(*message_to))
    issue(issuing, DAY)
    async with gateway(None, raw(b"")) as server:
        with mailer(tmp_path, server.base):
            await until(lambda: len(server.heard) == 1)
        assert sorted(state for _, _, state in states(issuing)) == ["sending", "waiting"]
        with mailer(tmp_path, server.base):
            await until(lambda: {state for _, _, state in states(issuing)} == {"unknown", "sent"})
        assert [one.json()["to"] for one in server.heard] == ["1", "2"]
        [left] = [one for one in issuing.mailings.of(HUIYAO, DAY) if one.state is MailState.UNKNOWN]
        issuing.mailings.again(HUIYAO, DAY, 1, left.recipient)
        plain = HttpGateway(HttpSpec(kind="sms", name="sms", url=server.base, body={"id": "{id}"}))
        assert {state for _, _, state in await drained(issuing, post(sms=plain))} == {"sent"}
    ids = [one.json()["id"] for one in server.heard]
    assert ids[0] == ids[2] != ids[1]  # a gateway that knows ids would have sent it once


@contextmanager
def mailer(folder: Path, base: str) -> Iterator[None]:
    """Another process with the desk's mailer, killed at the end."""
    addresses = json.dumps({"区委宣传部": "1", "区委网信办": "2"})
    arguments = [str(folder / "desk.sqlite3"), "1", addresses, base]
    with subprocess.Popen([sys.executable, "-m", "tests.mailer_main", *arguments]) as process:
        try:
            yield
        finally:
            process.kill()


async def until(done: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not done():  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.05)


def test_the_page_and_rest_say_by_which_channel(desk: Harness) -> None:
    services = desk.client.app.state.desk  # type: ignore[attr-defined]
    issuing = services.bulletins.issuing
    issuing.mailings._rules = rules("sms:区委宣传部", "wecom:")
    issue(issuing, DAY)
    headers = {"Authorization": f"Bearer {KEY}"}
    listed = desk.client.get(f"/api/v1/bulletins/huiyao/{DAY}/mail", headers=headers).json()["items"]
    assert [(one["channel"], one["recipient"], one["state"]) for one in listed] == [
        ("sms", "区委宣传部", "waiting"), ("wecom", "", "waiting"),
    ]  # fmt: skip
    waits = next(one for one in issuing.mailings.of(HUIYAO, DAY) if one.channel == "sms")
    issuing.mailings.outcome(waits, MailState.FAILED, "<b>sms: 网关答复9</b>")
    desk.client.post("/login", data={"key": KEY})
    page = desk.client.get(f"/bulletins/huiyao/{DAY}/mail").text
    assert "&lt;b&gt;sms: 网关答复9" in page
    assert 'aria-label="再发：区委宣传部"' in page
    again = {"version": "1", "recipient": "sms:区委宣传部"}
    assert desk.client.post(f"/bulletins/huiyao/{DAY}/mail", data=again).status_code == 200
    assert {state for _, _, state in states(issuing)} == {"waiting"}
    with pytest.raises(InvalidItem):
        issuing.mailings.again(HUIYAO, DAY, 1, "区委宣传部")


# -- the data ---------------------------------------------------------------------------------------------------------


def raw_rule(**more: object) -> Mapping[str, Any]:
    return {"huiyao": {"title": "今日章贡汇要", "period": "daily", "sections": [], **more}}


def test_a_group_is_its_channel_alone() -> None:
    made = load_rules(raw_rule(mail_to=["甲"], message_to=["sms:甲", "wecom"]))[BulletinName.HUIYAO]
    assert made.post_to == ("甲", "sms:甲", "wecom:")


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_to": "sms:甲"},
        {"message_to": [":甲"]},
        {"message_to": ["sms:甲", "sms:甲"]},
        {"message_to": ["wecom", "wecom:"]},
        {"mail_to": ["sms:甲"]},
    ],
)
def test_wrong_recipients_stop_the_start(wrong: Mapping[str, object]) -> None:
    with pytest.raises(DistrictError, match=r"huiyao.*_to"):
        load_rules(raw_rule(**wrong))


def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path, alerts={"page_url": "https://desk.example/"})


async def test_wired_from_the_districts_folder(tmp_path: Path) -> None:
    folder: DistrictFolder = district()
    with pytest.raises(DistrictError, match="no channel 'fax'"):
        issue_post(settings(tmp_path), folder, rules("fax:甲").values())
    async with gateway(OK) as server:
        secrets = tmp_path / "secrets" / "channels"
        secrets.mkdir(parents=True)
        for name, value in {"sms.url": server.base, "sms.key": "k", "sms.reports": server.base}.items():
            (secrets / name).write_text(value, "utf-8")
        (tmp_path / "secrets" / "contacts.toml").write_text(f'["区委宣传部"]\nsms = "{NUMBER}"\n', "utf-8")
        server.answers = [said({"code": "0", "data": {"msgid": "m1"}})]
        issuing = opened(tmp_path / "desk.sqlite3", rules("sms:区委宣传部"))
        issue(issuing, DAY)
        sender = issue_post(settings(tmp_path), folder, rules("sms:区委宣传部").values())
        assert [state for _, _, state in await drained(issuing, sender)] == ["sent"]
        await sender.close()
    assert server.heard[0].json()["content"] == f"{TITLE} {LINK}"
    assert server.heard[0].headers["authorization"] == "Bearer k"
