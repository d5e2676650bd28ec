"""What became of everything that was handed in, counted in the topics and the index, not in the player's hopes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from huiyao.operations import Audit, run_audit
from huiyao.settings import Settings


@dataclass
class Tally:
    """What the player handed in."""

    submitted: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    collected: int = 0
    poison: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The account of the day."""

    tally: Tally
    audit: Audit
    alerts: int
    delivered: int

    @property
    def produced(self) -> int:
        """Everything handed in: submissions, collected items and poison."""
        return self.tally.submitted + self.tally.collected + self.tally.poison

    @property
    def folded(self) -> int:
        """Repeats answered at the edge with the first receipt, and records folded by their id."""
        return self.tally.repeated + self.audit.folded

    @property
    def settled(self) -> bool:
        """Whether every record has ended somewhere and every alert was handed over."""
        return self.adds_up and self.alerts > 0 and self.delivered >= self.alerts

    @property
    def adds_up(self) -> bool:
        """produced = refused + indexed + folded + deadletter, and nothing is missing."""
        ended = self.tally.refused + self.audit.indexed + self.folded + self.audit.deadletter
        return self.audit.missing == 0 and self.produced == ended

    def record(self) -> dict[str, Any]:
        """For summary.json."""
        return {
            "produced": self.produced,
            "refused": self.tally.refused,
            "indexed": self.audit.indexed,
            "folded": self.folded,
            "deadletter": self.audit.deadletter,
            "missing": self.audit.missing,
            "alerts": self.alerts,
            "alerts_delivered": self.delivered,
            "by_lane": self.audit.by_lane,
        }


def account(settings: Settings, tally: Tally, received: list[dict[str, Any]]) -> Summary:
    """The account as of now."""
    audit = asyncio.run(run_audit(settings))
    return Summary(tally, audit, alerts=audit.alerts, delivered=len({hook["data"]["alert_id"] for hook in received}))


def write_bulletins(settings: Settings, day: date, out: Path) -> dict[str, int]:
    """The three drafts of the day in every format; entries by bulletin."""
    from huiyao.bulletins import draft_bulletin
    from publishers.document import file_name
    from publishers.formats import FORMATS
    from schemas.vocab import BulletinName

    out.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name in BulletinName:
        bulletin = draft_bulletin(settings, name, day)
        for form, made in FORMATS.items():
            (out / file_name(bulletin, form)).write_bytes(made.render(bulletin, settings.font_dirs))
        counts[name.value] = sum(len(section.entries) for section in bulletin.sections)
    return counts


def print_summary(record: dict[str, Any]) -> None:
    """The summary as a table."""
    table = Table("", "", title="样例日 sample day")
    rows = [
        ("produced 送入", "produced"),
        ("refused 拒收", "refused"),
        ("indexed 入库", "indexed"),
        ("folded 合并（重复与更正）", "folded"),
        ("dead letters 死信", "deadletter"),
        ("missing 丢失", "missing"),
        ("alerts raised 预警", "alerts"),
        ("alerts delivered 已送达", "alerts_delivered"),
        ("seconds 用时", "seconds"),
    ]
    for label, key in rows:
        table.add_row(label, str(record[key]))
    for name, count in record["bulletins"].items():
        table.add_row(f"entries in {name}", str(count))
    console = Console()
    console.print(table)
    for line in record["unexpected"]:
        console.print(f"! {line}")
    console.print("adds up 账目相符" if record["ok"] else "DOES NOT ADD UP 账目不符")
