"""Alerting wired up: the district's rules, channels with their secrets, contacts, and the links that acknowledge."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from huiyao.secrets import ack_key, webhook_secret
from processors.alerting.rules import FILE, LOG, AlertRules, read_rules
from schemas.errors import DeliveryError, DistrictError, SettingsError
from schemas.subscription import AlertFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from huiyao.districts import DistrictFolder
    from huiyao.settings import Settings
    from processors.bulletin_rules import BulletinRule
    from publishers.channels.message import PersonalChannel
    from publishers.issue_mail import IssueMail
    from publishers.issue_message import IssuePost
    from publishers.switchboard import Switchboard
    from schemas.alert import Alert
    from schemas.ports import Clock

log = structlog.get_logger("huiyao.alerting")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def stale_after(folder: DistrictFolder) -> timedelta:
    """From when on news is old."""
    return timedelta(hours=float(folder.config.get("alerts", {}).get("stale_after_h", 24)))


def alert_file(folder: DistrictFolder) -> AlertFile | None:
    """The district's ``alerts.toml``; None where it has none. Raises DistrictError."""
    path = folder.path / FILE
    if not path.is_file():
        return None
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DistrictError(FILE, 0, str(error)) from None
    at_once = folder.config.get("alerts", {}).get("at_once")
    if at_once is not None:
        content["policy"] = {"leaders_at_once": at_once, **content.get("policy", {})}
    return read_rules(content)


def alert_rules(folder: DistrictFolder, broadcast: Sequence[str], personal: Sequence[str]) -> AlertRules | None:
    """The rules of alerting; None where the district has none: then every alert goes to every channel."""
    file = alert_file(folder)
    if file is None:
        return None
    return AlertRules(
        policy=file.policy,
        persons={one.id: one for one in file.person},
        shifts=file.shift,
        subscriptions=file.subscription,
        silences=file.silence,
        broadcast=tuple(broadcast),
        known=frozenset({LOG, *personal}),
        stale_after=stale_after(folder),
    )


def personal_channels(settings: Settings, folder: DistrictFolder) -> list[PersonalChannel]:
    """The log, and the channels of ``alerts.toml`` whose secrets are there; the others are named in the log."""
    from publishers.channels.log import LogChannel
    from publishers.channels.specs import read_channel

    file = alert_file(folder)
    found: list[PersonalChannel] = [LogChannel()]
    secrets = channel_secrets(settings)
    for raw in file.channel if file else ():
        spec, missing = read_channel(raw, secrets)
        if missing:
            directory = str(_secrets_dir(settings))
            log.warning("channel not set up", channel=spec.name, missing=missing, directory=directory)
            continue
        found.append(_channel(spec))
    return found


def issue_mail(settings: Settings, folder: DistrictFolder) -> IssueMail:
    """Sends issues through the first mail channel of ``alerts.toml`` whose secrets are there; addresses of the contacts
    file under the recipient's name and the channel's."""
    from publishers.channels.specs import read_channel
    from publishers.issue_mail import IssueMail

    file = alert_file(folder)
    secrets = channel_secrets(settings)
    read = [read_channel(raw, secrets) for raw in (file.channel if file else ())]
    spec = next((spec for spec, missing in read if spec.kind == "mail" and not missing), None)

    def addresses() -> Mapping[str, str]:
        return {who: known[spec.name] for who, known in contacts(settings).items() if spec and spec.name in known}

    return IssueMail(spec, addresses, fonts=settings.font_dirs)


def issue_post(settings: Settings, folder: DistrictFolder, rules: Iterable[BulletinRule]) -> IssuePost:
    """Sends issues by mail and, where a bulletin says so, by message. Raises DistrictError for an unknown channel."""
    from processors.bulletin_rules import FILE as BULLETINS
    from processors.bulletin_rules import TO
    from publishers.issue_message import IssueMessages, IssuePost

    wanted = {one.partition(TO)[0] for rule in rules for one in rule.message_to}
    file = alert_file(folder)
    if unknown := wanted - {str(raw.get("name")) for raw in (file.channel if file else ())}:
        raise DistrictError(BULLETINS, 0, f"message_to: no channel {sorted(unknown)[0]!r} in {FILE}")
    made = personal_channels(settings, folder) if wanted else []
    channels = {one.name: one for one in made if one.name in wanted}
    messages = IssueMessages(channels, lambda: contacts(settings), page=page_url(settings))
    return IssuePost(issue_mail(settings, folder), messages)


def switchboard(
    settings: Settings, rules: AlertRules, channels: Sequence[PersonalChannel], clock: Clock
) -> Switchboard:
    """The switchboard with contacts and signed links."""
    from publishers.ack_links import token
    from publishers.switchboard import Switchboard

    key, base = ack_key(settings.data_dir), page_url(settings)

    def link(alert: Alert, recipient: str) -> str:
        return f"{base}/a/{token(key, alert.alert_id, recipient, clock.now())}"

    return Switchboard(channels, contacts(settings), rules, link=link, hook=web_hook(settings))


def contacts(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """Addresses by person and channel, from a file that only the owner can read. Raises SettingsError."""
    path = settings.alerts.contacts_file or settings.data_dir / "secrets" / "contacts.toml"
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
    return {who: {channel: str(one) for channel, one in given.items()} for who, given in content.items()}


def reachable(rules: AlertRules, who: str, known: Mapping[str, Mapping[str, str]], needing: set[str]) -> bool:
    """Whether any channel but the log reaches a person: one that needs no address, or one whose address is known."""
    wanted = [one for one in rules.usable(rules.persons[who].channels) if one != LOG]
    return any(one not in needing or known.get(who, {}).get(one) for one in wanted)


def page_url(settings: Settings) -> str:
    """Where people reach the desk."""
    return (settings.alerts.page_url or f"http://{settings.desk.host}:{settings.desk.port}").rstrip("/")


def web_hook(settings: Settings) -> Any:
    """The channel of a subscriber's web address. The secret is made now: receivers get it before a call."""
    from publishers.channels.webhook import WebhookChannel

    secret = webhook_secret(settings.data_dir)

    def hook(url: str) -> PersonalChannel:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise DeliveryError(f"{parts.hostname}: 订阅地址须为 https", recoverable=False)
        return WebhookChannel(url, secret, name=url)

    return hook


def _channel(spec: Any) -> PersonalChannel:
    if spec.kind == "mail":
        from publishers.channels.mail import MailChannel

        return MailChannel(spec)
    if spec.kind == "apprise":
        from publishers.channels.bots import AppriseChannel

        return AppriseChannel(spec)
    if spec.kind == "webhook":
        from publishers.channels.webhook import WebhookChannel

        return WebhookChannel(spec.url, spec.secret or None, name=spec.name)
    from publishers.channels.gateway import HttpGateway

    return HttpGateway(spec)


def channel_secrets(settings: Settings) -> Callable[[str], str | None]:
    """Secrets of channels by name: one file each."""
    directory = _secrets_dir(settings)

    def secret(name: str) -> str | None:
        path = directory / name
        return path.read_text("utf-8").strip() if path.is_file() else None

    return secret


def _secrets_dir(settings: Settings) -> Path:
    return settings.alerts.secrets_dir or settings.data_dir / "secrets" / "channels"
