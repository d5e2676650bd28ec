"""What the desk's duty and appraisal are wired to: rules, the table of points, the notice, channels and receipts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from desk.duty_deps import DutyDeps
from huiyao.alerting import alert_file, channel_secrets
from huiyao.appraisal import notice_of, scoring_of
from huiyao.rules import ledger_rules
from huiyao.wiring import district_of
from processors.alerting.rules import LOG
from publishers.channels.doors import GatewayDoor, doors

if TYPE_CHECKING:
    from huiyao.districts import DistrictFolder
    from huiyao.settings import Settings
    from processors.duty.notice import Notice


def duty_deps(settings: Settings) -> DutyDeps:
    """For the settings' district."""

    def notice(month: str, now: datetime) -> Notice:
        return notice_of(settings, month, now)

    folder = district_of(settings)
    return DutyDeps(
        rules=ledger_rules(folder),
        scoring=scoring_of(settings),
        notice=notice,
        channels=channel_names(folder),
        receipts=receipt_doors(settings, folder),
    )


def channel_names(folder: DistrictFolder) -> frozenset[str]:
    """The channels of ``alerts.toml``, set up here or not, and the log."""
    file = alert_file(folder)
    return frozenset({LOG, *(str(one.get("name")) for one in (file.channel if file else ()))})


def receipt_doors(settings: Settings, folder: DistrictFolder) -> dict[str, GatewayDoor]:
    """A door for each gateway with ``receipts`` for which there is a secret ``NAME.push``."""
    file = alert_file(folder)
    return doors(file.channel if file else (), channel_secrets(settings))
