"""``huiyao incident`` and ``huiyao duty`` against real Kafka: what people write down is an event, and can be told."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from deploy.testing import Running
from huiyao.cli.app import app
from huiyao.duty import rules_of
from huiyao.settings import load_settings
from processors.incidents import IncidentRules
from processors.incidents import decide as incident_decide
from processors.ledger import decide, opened
from schemas.base import Event
from schemas.connections import KafkaConnection
from schemas.decision import Decision
from schemas.topics import DECISIONS, INCIDENTS, LEDGER, TopicSpec
from streams.restore import read_to_end
from streams.topics_admin import ensure_topics
from tests.items import at, item

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
Run = Callable[..., Result]


@pytest.fixture
def instance(engines: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KafkaConnection:
    """Topics of its own, and settings that reach them; the clock of the district starts on the sample day."""
    prefix = f"cli-{uuid.uuid4().hex[:6]}."
    for name, value in {
        "KAFKA__BOOTSTRAP": engines.kafka, "TOPIC_PREFIX": prefix, "DATA_DIR": str(tmp_path),
        "CLOCK__START": at(11 * 60).isoformat(),
    }.items():  # fmt: skip
        monkeypatch.setenv(f"HUIYAO_{name}", value)
    connection = load_settings().kafka_connection()
    assert connection.prefix == prefix
    asyncio.run(ensure_topics(connection))
    return connection


@pytest.fixture
def run(instance: KafkaConnection) -> Run:
    def call(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result

    return call


def write(connection: KafkaConnection, spec: TopicSpec, *events: Event) -> None:
    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=connection.bootstrap)
        await producer.start()
        for one in events:
            await producer.send_and_wait(connection.topic(spec.name), one.model_dump_json().encode(), key=b"k")
        await producer.stop()

    asyncio.run(send())


def decisions(connection: KafkaConnection) -> list[Decision]:
    async def read() -> list[Decision]:
        return [Decision.model_validate_json(value) async for value in read_to_end(connection, DECISIONS)]

    return sorted(asyncio.run(read()), key=lambda one: one.at)


def test_a_call_is_an_event_and_its_course_can_be_told(instance: KafkaConnection, run: Run) -> None:
    phone = ("incident", "phone", "--department", "沙石镇", "--title", "龙埠村山体滑坡", "--by", "值班员")
    told = json.loads(run(*phone, "--type", "山体滑坡", "--place", "沙石镇", "--injured", "3").output)
    (call,) = decisions(instance)
    assert (call.subject_id, call.details["department"]) == (told["incident"], "U064")
    write(instance, INCIDENTS, *incident_decide({}, call, call.at, IncidentRules()))
    assert "龙埠村山体滑坡" in run("incident", "list").output
    assert "电话报告" in run("incident", "show", told["incident"][:8]).output
    run("incident", "decide", told["incident"][:8], "report_up", "--side", "city", "--by", "值班员")
    assert [one.action for one in decisions(instance)] == ["phone", "report_up"]
    wrong = CliRunner().invoke(app, ["incident", "decide", told["incident"], "merge", "--by", "值班员"])
    assert "details.incidents" in str(wrong.exception)
    assert len(decisions(instance)) == 2


def test_the_ledger_of_any_moment_rates_and_the_notice(instance: KafkaConnection, run: Run, tmp_path: Path) -> None:
    settings = load_settings()
    rules = rules_of(settings)
    reports = [
        item("a", source="U064", published=at(30)).model_copy(update={"district": rules.district}),
        item("b", source="U028", kind="zero", published=at(60)).model_copy(update={"district": rules.district}),
    ]
    state = opened((), (), rules)
    entries = [entry for one in reports for entry in decide(state, one, one.received_at, rules)]
    write(instance, LEDGER, *entries, *decide(opened(entries, (), rules), None, at(600), rules))

    def states(*more: str) -> dict[str, str]:
        lines = run("duty", "show", "2026-11-20", "--json", *more).output.splitlines()
        return {one["department"]: one["state"] for one in map(json.loads, lines)}

    now, then = states(), states("--as-of", "08:45")
    assert (now["U064"], now["U028"], now["U034"], len(now)) == ("reported", "zero", "missing", 66)
    assert (then["U064"], then["U028"], then["U034"]) == ("reported", "pending", "pending")
    run("duty", "excuse", "区应急局", "--from", "2026-11-20", "--by", "科长", "--reason", "停电")
    assert states()["U034"] == "excused"
    assert states("--as-of", "18:00")["U034"] == "missing"
    total = json.loads(run("duty", "rates", "2026-11", "--json").output.splitlines()[0])
    assert (total["due"], total["on_time"]) == (66, 2)
    silent = [json.loads(line)["department"] for line in run("duty", "waiting", "--json").output.splitlines()]
    assert len(silent) == 63
    assert "U034" not in silent
    points = [json.loads(line) for line in run("duty", "points", "2026-11", "--json").output.splitlines()]
    assert {one["department"]: one["points"] for one in points}["U028"] == "0.2"
    run("duty", "ask", "秋粮收购情况", "--deadline", "2026-11-25T17:30", "--from", "区水利局", "--by", "科长")
    page = Path(run("duty", "notice", "2026-11", "--out", str(tmp_path)).output.strip()).read_text("utf-8")
    assert "秋粮收购情况" in page
    assert run("duty", "cases").output == ""
    made = run("duty", "notice", "2026-11", "--out", str(tmp_path), "--format", "pdf,docx").output.split()
    assert [Path(one).read_bytes()[:2] for one in made] == [b"%P", b"PK"]
