"""A desk over fakes: reports go to a list, decisions to a list, the index is away (its tests are in integration)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from elasticsearch import AsyncElasticsearch
from fastapi.testclient import TestClient

from desk import accounts
from desk.app import create_app
from desk.deps import DeskDeps
from desk.filetypes import AttachmentRules
from desk.oidc import OidcRules
from huiyao.districts import DistrictFolder, load_district
from huiyao.rules import bulletin_head, bulletin_rules, instruction_rules
from huiyao.settings import load_settings
from processors.home import Home
from producers.fakes import FakeSink, FixedClock
from producers.reports import IntakeSettings, ReportIntake
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from tests.duty_desk import duty
from tests.postgres import fresh, server

NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
KEY = "first-key"
METRICS_KEY = "metrics-key"
PROXY = "10.0.0.9"


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


@cache
def district() -> DistrictFolder:
    """The district's data, read once for all tests here; nothing changes it."""
    return load_district(load_settings().district_dir)


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


REAL_HASHER = accounts._HASHER


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real Argon2id with parameters that cost nothing: hundreds of accounts are made here. The parameters that the
    desk uses are looked at in test_accounts.py."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "_HASHER", hasher)
    monkeypatch.setattr(accounts, "_NOBODY", hasher.hash("nobody has this password"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server for the session; see :mod:`tests.postgres` for what happens where none is installed."""
    with server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database of either engine; opened twice it is the same one."""
    return tmp_path / "d.sqlite3" if request.param == "sqlite" else fresh(request.getfixturevalue("postgres"))


@pytest.fixture
def judge() -> Any:
    """Nobody judges here; a module that needs it gives its own."""
    return NoJudge()


@pytest.fixture
def desk_database(tmp_path: Path) -> Path | str:
    """Where the desk of :func:`desk` keeps its tables."""
    return tmp_path / "desk.sqlite3"


@pytest.fixture
def oidc() -> OidcRules | None:
    """No provider outside."""
    return None


@pytest.fixture
def desk(tmp_path: Path, judge: Any, desk_database: Path | str, oidc: OidcRules | None) -> Iterator[Harness]:
    folder = district()
    sink, decisions, clock = FakeSink(NOON), FakeDecisions(), FixedClock(NOON)
    key_file = tmp_path / "api.key"
    key_file.write_text(KEY, "utf-8")
    url = "http://127.0.0.1:9"  # the discard port: nothing listens there
    deps = DeskDeps(
        district=folder.id,
        district_name=folder.name,
        district_level=Home.from_tables(folder.tables).level,
        register=folder.register,
        intake=ReportIntake(sink, folder.register.resolve, clock, IntakeSettings(district=folder.id)),
        judge=judge,
        decisions=decisions,
        client=AsyncElasticsearch(url, max_retries=0),
        elasticsearch=ElasticsearchConnection(url=url),
        clock=clock,
        database=desk_database,
        api_key_file=key_file,
        first_password_file=tmp_path / "admin.password",
        attachments=AttachmentRules(tmp_path / "attachments", most=3, each_bytes=20_000, total_bytes=40_000),
        bulletins=bulletin_rules(folder),
        bulletin_head=bulletin_head(folder),
        instruction_rules=instruction_rules(folder),
        broker_ready=lambda: True,
        body_limit=10_000,
        ack_key=b"ack",
        duty=duty(folder),
        metrics_key=METRICS_KEY,
        oidc=oidc,
        trusted_proxies=(PROXY, "10.1.0.0/16"),
    )
    with TestClient(create_app(deps), base_url="http://desk") as client:
        yield Harness(client, sink, decisions)
