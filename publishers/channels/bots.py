"""Group robots and other services through apprise.

apprise takes HTTP 200 of WeCom and DingTalk for success without reading the answer (2.3.0, read in its source), and
both answer 200 with ``errcode`` where they refuse. So their plugins are given an attentive ``requests``: an answer that
says no raises, and the notice goes on to the next channel. See docs/adr/048.
"""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType
from typing import Any
from urllib.parse import quote

import apprise
import requests
from apprise.plugins import dingtalk, feishu, wecombot
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from publishers.channels.gateway import SERVER_ERROR, fill
from publishers.channels.message import Message
from publishers.channels.specs import AppriseSpec
from schemas.errors import DeliveryError, DistrictError
from schemas.ports import Handed

_said = threading.local()
_CODES = ("errcode", "code", "StatusCode")


class _Attentive:
    """``requests`` for plugins that do not read the answer: a code that is not 0 is a failure."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As ``requests.post``; raises where the service says no, or says nothing that can be read."""
        try:
            response = requests.post(*args, **kwargs)  # noqa: S113 - the plugins always give a timeout
        except requests.ConnectionError as error:
            cause = getattr(error.args[0] if error.args else None, "reason", None)
            _said.reason, _said.sure = type(error).__name__, isinstance(cause, NewConnectionError | ConnectTimeoutError)
            raise
        if response.status_code == requests.codes.ok:
            _said.reason, _said.sure = _refusal(response)
            if _said.reason:
                raise requests.RequestException(_said.reason)
        else:
            _said.reason = f"HTTP {response.status_code}"
            _said.sure = response.status_code < SERVER_ERROR
        return response


def _refusal(response: requests.Response) -> tuple[str, bool]:
    """(why an answer is none, "" for a good one; whether it is a clear no)."""
    try:
        answer = response.json()
    except ValueError:
        return "答复不是 JSON", False
    codes = [answer[one] for one in _CODES if one in answer] if isinstance(answer, dict) else []
    if not codes:
        return "答复中没有结果代码", False
    return ("", False) if all(code == 0 for code in codes) else (f"答复代码 {codes[0]}", True)


def _attend(*modules: ModuleType) -> None:
    for module in modules:
        module.requests = _Attentive()  # type: ignore[attr-defined]


_attend(wecombot, dingtalk, feishu)


class AppriseChannel:
    """One service."""

    def __init__(self, spec: AppriseSpec) -> None:
        self.name, self.needs_address = spec.name, "{address}" in spec.url
        self._spec = spec
        self._plugin("0")  # a wrong address stops the start, and the plugins are loaded before anything burns

    async def tell(self, message: Message) -> Handed:
        """Return when the service took it. Raises DeliveryError."""
        link = f"\n{message.link_says}：{message.link}" if message.link else ""
        refusal = await asyncio.to_thread(
            self._notify, message.address, message.words.title, f"{message.words.text}{link}"
        )
        if refusal is not None:
            reason, sure = refusal
            raise DeliveryError(f"{self.name}: {reason or '未被接受'}", recoverable=True, unsure=not sure)
        return Handed("accepted")

    async def close(self) -> None:
        """Nothing is kept open."""

    def _notify(self, address: str, title: str, body: str) -> tuple[str, bool] | None:
        """None where it was taken, else (what is known of why not, whether it was surely not taken)."""
        _said.reason, _said.sure = "", False
        taken = self._plugin(address).notify(body=body, title=title, notify_type=apprise.NotifyType.WARNING)
        return None if taken else (_said.reason, _said.sure)

    def _plugin(self, address: str) -> Any:
        plugin = apprise.Apprise.instantiate(
            fill(self._spec.url, {"address": quote(address, safe="")}), suppress_exceptions=True
        )
        if plugin is None:
            raise DistrictError("alerts.toml", 0, f"channel {self.name}: apprise does not know such an address")
        plugin.socket_connect_timeout = plugin.socket_read_timeout = self._spec.timeout_s
        return plugin
