"""A desk over fakes: reports go to a list, decisions to a list, the index is away (its tests are in integration)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch
from fastapi.testclient import TestClient

from desk.app import create_app
from desk.deps import DeskDeps
from huiyao.districts import load_district
from huiyao.settings import load_settings
from huiyao.wiring import bulletin_head, bulletin_rules, instruction_rules
from producers.fakes import FakeSink, FixedClock
from producers.reports import IntakeSettings, ReportIntake
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable

NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
KEY = "first-key"


@dataclass
class FakeDecisions:
    """Keeps decisions and issues; ``away`` makes it refuse."""

    sent: list[Decision] = field(default_factory=list)
    issues: list[Bulletin] = field(default_factory=list)
    away: bool = False

    def send(self, event: Decision | Bulletin) -> None:
        if self.away:
            raise BrokerUnavailable("away")
        if isinstance(event, Bulletin):
            self.issues.append(event)
        else:
            self.sent.append(event)


class NoJudge:
    def assess_one(self, item: Any) -> Any:
        raise AssertionError("not asked")


@dataclass
class Harness:
    """A client and the fakes behind it."""

    client: TestClient
    sink: FakeSink
    decisions: FakeDecisions

    def post(self, body: Any, **kwargs: Any) -> Any:
        return self.client.post("/api/v1/reports", json=body, headers={"Authorization": f"Bearer {KEY}"}, **kwargs)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    folder = load_district(load_settings().district_dir)
    sink, decisions, clock = FakeSink(NOON), FakeDecisions(), FixedClock(NOON)
    key_file = tmp_path / "api.key"
    key_file.write_text(KEY, "utf-8")
    url = "http://127.0.0.1:9"  # the discard port: nothing listens there
    deps = DeskDeps(
        district=folder.id,
        district_name=folder.name,
        register=folder.register,
        intake=ReportIntake(sink, folder.register.resolve, clock, IntakeSettings(district=folder.id)),
        judge=NoJudge(),
        decisions=decisions,
        client=AsyncElasticsearch(url, max_retries=0),
        elasticsearch=ElasticsearchConnection(url=url),
        clock=clock,
        database=tmp_path / "desk.sqlite3",
        api_key_file=key_file,
        first_password_file=tmp_path / "admin.password",
        bulletins=bulletin_rules(folder),
        bulletin_head=bulletin_head(folder),
        instruction_rules=instruction_rules(folder),
        broker_ready=lambda: True,
        body_limit=10_000,
        ack_key=b"ack",
    )
    with TestClient(create_app(deps), base_url="http://desk") as client:
        yield Harness(client, sink, decisions)
