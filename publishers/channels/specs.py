"""Channels as data: ``[[channel]]`` of ``alerts.toml``. A secret is written ``${name}`` and kept apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from schemas.base import EdgeModel
from schemas.errors import DistrictError

FILE = "alerts.toml"
_SECRET = re.compile(r"\$\{([a-z0-9_.-]+)\}")
Secrets = Callable[[str], str | None]
"""The content of a secret by name; None where it is not set up."""


class AnswerSpec(EdgeModel):
    """How to read an answer: HTTP status alone proves nothing. ``path``: dotted, into the JSON; "" reads no body.

    ``again``: values at ``path`` that are worth another try (busy, rate). ``reference``: where the gateway's id is.
    """

    status: tuple[int, ...] = (200, 201, 202)
    path: str = ""
    equals: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    reference: str = ""


class ReceiptSpec(EdgeModel):
    """Where to ask for delivery receipts, and how to read them. ``items``: dotted path to the list.

    Without ``url`` nobody asks: the gateway pushes them to the desk (publishers.channels.doors).
    """

    url: str = ""
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    items: str = ""
    reference: str = "id"
    state: str = "state"
    arrived: tuple[str, ...] = ("DELIVRD",)
    failed: tuple[str, ...] = ("UNDELIV", "REJECTD", "EXPIRED")


class HttpSpec(EdgeModel):
    """A gateway over HTTP. Placeholders: {address} {text} {short} {title} {id} {link} {level}.

    ``sms``: {short} is a short message of at most ``parts`` parts; ``split`` sends each part as a message of its own.
    """

    kind: Literal["http", "sms"]
    name: str = Field(min_length=1)
    url: str = Field(min_length=1)
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    answer: AnswerSpec = AnswerSpec()
    receipts: ReceiptSpec | None = None
    needs_address: bool = True
    parts: int = Field(default=2, ge=1, le=10)
    split: bool = False
    timeout_s: float = Field(default=10.0, gt=0)


class MailSpec(EdgeModel):
    """E-mail. ``tls``: ``starttls``, ``tls`` from the first byte, or ``none`` (inside one machine)."""

    kind: Literal["mail"]
    name: str = Field(min_length=1)
    host: str = Field(min_length=1)
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    sender: str = Field(min_length=3)
    timeout_s: float = Field(default=10.0, gt=0)


class AppriseSpec(EdgeModel):
    """Any service of apprise, by its address: ``wecombot://${key}``, ``dingtalk://``, ``feishu://`` and others.

    {address} in the address is the person's own; without it the message goes to a group.
    """

    kind: Literal["apprise"]
    name: str = Field(min_length=1)
    url: str = Field(min_length=5)
    timeout_s: float = Field(default=10.0, gt=0)


class WebhookSpec(EdgeModel):
    """A webhook by Standard Webhooks for one subscriber."""

    kind: Literal["webhook"]
    name: str = Field(min_length=1)
    url: str
    secret: str = ""


ChannelSpec = Annotated[HttpSpec | MailSpec | AppriseSpec | WebhookSpec, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[HttpSpec | MailSpec | AppriseSpec | WebhookSpec] = TypeAdapter(ChannelSpec)


def read_channel(raw: Mapping[str, Any], secrets: Secrets) -> tuple[Any, list[str]]:
    """(the channel as checked, names of secrets that are missing). Raises DistrictError for a wrong one."""
    missing: list[str] = []
    filled = _filled(dict(raw), secrets, missing)
    try:
        return _ADAPTER.validate_python(filled), missing
    except ValidationError as error:
        name = raw.get("name", "?")
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]
        raise DistrictError(FILE, 0, f"channel {name}: {'; '.join(lines)}") from None


def _filled(value: Any, secrets: Secrets, missing: list[str]) -> Any:
    if isinstance(value, str):
        return _SECRET.sub(lambda found: _secret(found[1], secrets, missing), value)
    if isinstance(value, dict):
        return {key: _filled(inner, secrets, missing) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, secrets, missing) for inner in value]
    return value


def _secret(name: str, secrets: Secrets, missing: list[str]) -> str:
    found = secrets(name)
    if found is None:
        missing.append(name)
    return found or f"missing-{name}"
