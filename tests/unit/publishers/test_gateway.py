"""Gateways by data against real loopback servers: true, refusing, slow, half-open, lying; receipts."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from publishers.channels.gateway import HttpGateway, fill, pick
from publishers.channels.specs import read_channel
from schemas.errors import DeliveryError, DistrictError
from schemas.ports import Handed, Receipt
from tests.loopback import Gateway, gateway, raw, said
from tests.unit.processors.alert_town import alert
from tests.unit.publishers.messages import message

TOOK = said({"code": 0, "data": {"msgid": 77}})
SPEC: dict[str, Any] = {
    "kind": "sms", "name": "sms", "headers": {"Authorization": "Bearer ${key}"}, "timeout_s": 0.5,
    "body": {"mobile": "{address}", "content": "{short}", "extno": "{id}"},
    "answer": {"path": "code", "equals": ["0"], "again": ["busy"], "reference": "data.msgid"},
}  # fmt: skip


@asynccontextmanager
async def channel(url: str, **changes: Any) -> AsyncIterator[HttpGateway]:
    spec, missing = read_channel({**SPEC, "url": url, **changes}, lambda _: "k3y")
    assert missing == []
    made = HttpGateway(spec)
    try:
        yield made
    finally:
        await made.close()


async def refusal(*answers: bytes | None, **changes: Any) -> tuple[bool, str]:
    """(worth another try, what is said of it)."""
    async with gateway(*answers) as server, channel(server.base, **changes) as made:
        with pytest.raises(DeliveryError) as caught:
            await made.tell(message())
    assert "13800000000" not in str(caught.value), "an address is no matter for records"
    return caught.value.recoverable, str(caught.value)


async def test_what_the_gateway_gets_and_what_it_says() -> None:
    async with gateway(TOOK) as server, channel(f"{server.base}/send") as made:
        handed = await made.tell(message(link="http://d/a/x"))
    (heard,) = server.heard
    assert handed == Handed("HTTP 200", "77")
    assert (heard.line, heard.headers["authorization"]) == ("POST /send HTTP/1.1", "Bearer k3y")
    assert heard.json() == {
        "mobile": "13800000000", "content": "较大 山体滑坡；3人受伤 http://d/a/x 沙石镇一处山体滑坡", "extno": "n1",
    }  # fmt: skip


async def test_a_form_a_query_and_no_reading() -> None:
    async with gateway(raw(b"OK")) as server:
        changes = {"body": None, "form": {"to": "{address}", "msg": "{text}"}, "query": {"l": "{level}"}, "answer": {}}
        async with channel(server.base, **changes) as made:
            assert await made.tell(message()) == Handed("HTTP 200")
    (heard,) = server.heard
    assert heard.line.split()[1] == "/?l=III"
    assert heard.body.startswith(b"to=13800000000&msg=%E5%B1%B1")


@pytest.mark.parametrize(
    ("answer", "again", "says"),
    [
        pytest.param(said({"code": 4}), False, "网关答复4", id="refuses with HTTP 200"),
        pytest.param(said({"code": "busy"}), True, "网关答复busy", id="busy"),
        pytest.param(said({}), False, "网关答复空", id="says nothing"),
        pytest.param(said({"code": 0}), True, "未给出回执编号", id="took it and knows no number"),
        pytest.param(said([1]), False, "网关答复空", id="another shape"),
        pytest.param(raw(b"<html>login</html>"), True, "不是 JSON", id="a page instead of an answer"),
        pytest.param(raw(b'{"code": 0', length=99), True, "RemoteProtocolError", id="hangs up in the middle"),
        pytest.param(raw(b"x" * 70_000), True, "过长", id="without end"),
        pytest.param(raw(b"", 401), False, "HTTP 401", id="unauthorised"),
        pytest.param(raw(b"", 302), False, "HTTP 302", id="sends us elsewhere"),
        pytest.param(raw(b"", 429), True, "HTTP 429", id="too many"),
        pytest.param(raw(b"", 503), True, "HTTP 503", id="down for now"),
        pytest.param(b"SSH-2.0-x\r\n", True, "RemoteProtocolError", id="is something else"),
        pytest.param(None, True, "ReadTimeout", id="half-open"),
    ],
)
async def test_a_gateway_that_does_not_take_it(answer: bytes | None, again: bool, says: str) -> None:
    recoverable, told = await refusal(answer)
    assert recoverable is again
    assert says in told


async def test_a_closed_port_is_worth_another_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with channel(f"http://127.0.0.1:{taken.getsockname()[1]}") as made:
            with pytest.raises(DeliveryError) as caught:
                await made.tell(message())
    assert caught.value.recoverable


async def test_a_gateway_that_does_not_join_parts_gets_them_one_by_one() -> None:
    long = alert(text="山体滑坡，" + "情况正在核实，" * 20)
    async with gateway(TOOK) as server, channel(server.base, split=True, parts=3) as made:
        await made.tell(message(long))
    texts = [heard.json()["content"] for heard in server.heard]
    assert [text[:5] for text in texts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert all(len(text) <= 70 for text in texts)
    assert [heard.json()["extno"] for heard in server.heard] == ["n1-1", "n1-2", "n1-3"]


RECEIPTS = {"method": "POST", "body": {"n": 9}, "items": "data", "reference": "msgid", "state": "state"}


async def receipts(*answers: bytes) -> tuple[list[Receipt], Gateway]:
    async with gateway(*answers) as server, channel("http://x", receipts=at(server)) as made:
        return list(await made.receipts()), server


def at(server: Gateway) -> dict[str, Any]:
    return {**RECEIPTS, "url": f"{server.base}/reports"}


async def test_receipts_are_read_and_what_is_still_open_is_passed_over() -> None:
    listed = [
        {"msgid": 1, "state": "DELIVRD"}, {"msgid": 2, "state": "UNDELIV"}, {"msgid": 3, "state": "ACCEPTD"},
        {"state": "DELIVRD"}, "rubbish",
    ]  # fmt: skip
    found, server = await receipts(said({"data": listed}))
    assert found == [Receipt("sms", "1", True, "DELIVRD"), Receipt("sms", "2", False, "UNDELIV")]
    assert server.heard[0].line.startswith("POST /reports")
    assert (await receipts(said({"data": None})))[0] == []
    with pytest.raises(DeliveryError):
        await receipts(raw(b"", 500))


def test_what_stands_in_a_value_is_never_filled_again() -> None:
    values = {"text": "见{address}", "address": "139"}
    assert fill({"a": ["{text}{x}", 3], "b": "{address}{"}, values) == {"a": ["见{address}{x}", 3], "b": "139{"}
    assert [pick({"a": [{"b": 1}]}, path) for path in ("a.0.b", "a.1.b", "a.b", "x")] == [1, None, None, None]


def test_a_missing_secret_and_a_wrong_channel_are_named() -> None:
    _, missing = read_channel({**SPEC, "url": "${url}"}, lambda _: None)
    assert sorted(missing) == ["key", "url"]
    with pytest.raises(DistrictError, match=r"channel sms: .*parts"):
        read_channel({**SPEC, "url": "u", "parts": 0}, lambda _: "k")
