"""Services through apprise against loopback servers that answer as the real ones do, also when they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from publishers.channels.bots import AppriseChannel
from publishers.channels.specs import AppriseSpec
from schemas.errors import DeliveryError, DistrictError
from tests.loopback import gateway, raw, said
from tests.unit.publishers.messages import message

BOTS: list[tuple[Any, str, str]] = [
    (NotifyWeComBot, "wecombot://botkey1234", "/{key}"),
    (NotifyDingTalk, "dingtalk://aaaabbbbccccdddd1111222233334444", "/{token}"),
    (NotifyFeishu, "feishu://aaaabbbbccccdddd11112222", "/{token}"),
]


def bot(url: str) -> AppriseChannel:
    return AppriseChannel(AppriseSpec(kind="apprise", name="bot", url=url, timeout_s=0.5))


@pytest.mark.parametrize(("plugin", "url", "path"), BOTS, ids=["wecom", "dingtalk", "feishu"])
async def test_a_robot_takes_it(plugin: Any, url: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gateway(said({"errcode": 0, "code": 0})) as server:
        monkeypatch.setattr(plugin, "notify_url", server.base + path)
        await bot(url).tell(message(link="http://d/a/x"))
    (heard,) = server.heard
    text = heard.body.decode("unicode_escape").encode("latin-1", "ignore") + heard.body
    assert b"http://d/a/x" in text
    assert "山体滑坡" in str(heard.json())


@pytest.mark.parametrize(("plugin", "url", "path"), BOTS, ids=["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(said({"errcode": 93000, "code": 9499, "errmsg": "invalid webhook url"}), id="refuses with 200"),
        pytest.param(raw(b"<html></html>"), id="a page"),
        pytest.param(said({}), id="no word of success"),
        pytest.param(raw(b"", 500), id="500"),
        pytest.param(None, id="half-open"),
    ],
)
async def test_a_robot_that_does_not(
    plugin: Any, url: str, path: str, answer: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(answer) as server:
        monkeypatch.setattr(plugin, "notify_url", server.base + path)
        with pytest.raises(DeliveryError) as caught:
            await bot(url).tell(message())
    assert caught.value.recoverable
    assert server.heard


async def test_any_other_service_of_apprise() -> None:
    async with gateway(raw(b"")) as server:
        await bot(server.base.replace("http://", "json://") + "/{address}").tell(message(address="a b/c"))
    (heard,) = server.heard
    assert heard.json()["message"].startswith("山体滑坡")
    assert "a%20b%2Fc" in heard.line


def test_an_address_that_apprise_does_not_know_stops_the_start() -> None:
    with pytest.raises(DistrictError, match="bot"):
        bot("nosuchservice://x")
