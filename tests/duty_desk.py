"""What a desk under test knows of duties: the district's rules and points, a notice of nothing, one gateway's door."""

from __future__ import annotations

from datetime import datetime

from desk.duty_deps import DutyDeps
from huiyao.desk_duty import channel_names
from huiyao.districts import DistrictFolder
from huiyao.rules import ledger_rules
from processors.duty.notice import Notice, notice
from processors.duty.points import Record
from processors.duty.scoring import Scoring
from publishers.channels.doors import doors

DOOR_SECRET = "door-secret"
SMS = {
    "kind": "sms", "name": "sms", "url": "http://127.0.0.1:9/send", "body": {},
    "receipts": {"items": "data", "reference": "msgid", "state": "state"},
}  # fmt: skip


def duty(folder: DistrictFolder) -> DutyDeps:
    """For a desk over fakes or over an index of its own."""
    rules, scoring = ledger_rules(folder), Scoring.from_tables(folder.tables)

    def made(month: str, now: datetime) -> Notice:
        return notice(Record(), month, now, rules.book, scoring, title=f"{folder.name}信息报送情况通报")

    return DutyDeps(
        rules=rules,
        scoring=scoring,
        notice=made,
        channels=channel_names(folder) | {"webhook-1"},
        receipts=doors([SMS], {"sms.push": DOOR_SECRET}.get),
    )
