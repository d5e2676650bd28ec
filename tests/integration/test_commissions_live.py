"""约稿 end to end: asked on the desk and by ``huiyao duty ask``, answered by reports, points in the ledger of points.

Real Kafka between desk, command line and duty worker, real Elasticsearch under the desk; the index is written as its
worker would write it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from deploy.testing import Running
from huiyao.cli.app import app
from huiyao.districts import load_district
from huiyao.outbox import KafkaOutbox
from huiyao.rules import point_rules, reminder_rules
from huiyao.settings import load_settings
from producers.fakes import FixedClock
from schemas.connections import ElasticsearchConnection, KafkaConnection
from schemas.point import PointEntry
from schemas.topics import DECISIONS, POINTS, TopicSpec
from streams.app import LANES, WorkerDeps, work
from streams.options import RuntimeOptions
from streams.restore import read_to_end
from streams.roles.alerts import AlertSettings
from streams.testing import MovableClock, RecordingSwitchboard
from streams.topics_admin import ensure_topics
from tests.desk_server import ANSWER_S, KEY, RunningDesk, remove, running_desk, write
from tests.index_events import NOON
from tests.integration.test_desk_people import as_person

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
DONE, OTHER, LATE = "U028", "U034", "U064"
PATIENCE_S = 120.0
DONE_KEY, MISSED_KEY = "request_约稿.done", "request_约稿.missed"


@pytest.fixture
async def kafka(engines: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KafkaConnection:
    """Topics of its own, and settings of the command line that reach them; its clock starts at noon."""
    prefix = f"ask-{uuid4().hex[:6]}."
    values = {"KAFKA__BOOTSTRAP": engines.kafka, "TOPIC_PREFIX": prefix, "DATA_DIR": str(tmp_path / "cli")}
    for name, value in (values | {"CLOCK__START": NOON.isoformat()}).items():
        monkeypatch.setenv(f"HUIYAO_{name}", value)
    connection = load_settings().kafka_connection()
    await ensure_topics(connection)
    return connection


@asynccontextmanager
async def duty_worker(kafka: KafkaConnection, clock: MovableClock) -> AsyncIterator[None]:
    """The lane ``duty`` with the district's own rules."""
    folder = load_district(load_settings().district_dir)
    deps = WorkerDeps(
        connection=kafka, clock=clock, reminder_rules=reminder_rules(folder, ["sms"]), point_rules=point_rules(folder),
        switchboard=RecordingSwitchboard(), alerts=AlertSettings(pause_s=0.05), create_topics=False,
        options=RuntimeOptions(session_timeout_s=10.0, heartbeat_s=2.0),
    )  # fmt: skip
    stopping = asyncio.Event()
    task = asyncio.create_task(work(LANES["duty"], deps, stopping))
    try:
        yield
    finally:
        stopping.set()
        assert await task == 0


async def until(kafka: KafkaConnection, spec: TopicSpec, enough: Callable[[list[Any]], bool]) -> list[Any]:
    end = time.monotonic() + PATIENCE_S
    while not enough(found := [spec.model.model_validate_json(one) async for one in read_to_end(kafka, spec)]):
        assert time.monotonic() < end, found
        await asyncio.sleep(0.3)
    return found


def asked_on_the_desk(desk: RunningDesk) -> None:
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as editor:
        editor.post("/login", data={"key": KEY})
        given = {"topic": "堤防巡查做法", "deadline": "2026-11-21T17:30", "departments": [DONE, OTHER]}
        assert "待交" in editor.post("/commissions", data=given).text


def asked_on_the_command_line() -> str:
    arguments = ["duty", "ask", "隐患排查，联系人13812345678", "--by", "信息科"]
    arguments += ["--deadline", "2026-11-21T09:00:00+08:00", "--from", LATE, "--from", DONE]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output.split("request ")[-1].strip()


def shown(client: httpx.Client, topic: str) -> str:
    """The page of requests, once it has the topic: what the index knows is taken as it was for some seconds."""
    end = time.monotonic() + PATIENCE_S
    while topic not in (page := client.get("/commissions").text):
        assert time.monotonic() < end, page
        time.sleep(0.3)
    return page


def answered(desk: RunningDesk, department: str, topic: str) -> None:
    """A reporter finds the request on the own page and files the piece."""
    with as_person(desk, "reporter", department) as client:
        page = shown(client, topic)
        request = page.partition(topic)[2].partition("/report?request=")[2].split('"')[0]
        assert f'<option value="{request}" selected>' in client.get(f"/report?request={request}").text
        assert topic in client.get("/mine").text
        given = {"title": topic, "text": f"{topic}：已排查十二处，责任人均已落实。", "request": request}
        assert "已收到" in client.post("/report", data=given).text


async def test_an_answered_commission_gives_its_points(
    engines: Running, kafka: KafkaConnection, tmp_path: Path
) -> None:
    elastic = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    await write(elastic, [])
    clock, worker_clock = FixedClock(NOON + timedelta(minutes=30)), MovableClock(fixed=NOON + timedelta(hours=1))
    with running_desk(elastic, tmp_path, decisions=KafkaOutbox(kafka), clock=clock) as desk:
        async with duty_worker(kafka, worker_clock):
            await asyncio.to_thread(asked_on_the_desk, desk)
            request = await asyncio.to_thread(asked_on_the_command_line)
            # The index learns of the command line's as of every decision; then the desk shows it.
            await write(elastic, await until(kafka, DECISIONS, lambda found: len(found) == 2))
            await asyncio.to_thread(answered, desk, DONE, "堤防巡查做法")
            await asyncio.to_thread(answered, desk, DONE, "隐患排查")
            made = await until(kafka, POINTS, lambda found: len({one.entry_id for one in found}) >= 2)
            assert {(one.department, one.key, one.points) for one in made} == {(DONE, DONE_KEY, 2.0)}
            answers = await until(kafka, DECISIONS, lambda found: len(found) == 4)
            await write(elastic, [*answers, *made])
            await asyncio.to_thread(points_are_shown, desk, made)
            await asyncio.to_thread(both_are_shown, desk, request)
            # Time alone makes a request missed; a worker that starts then says so.
        worker_clock.fixed = NOON + timedelta(days=2)
        async with duty_worker(kafka, worker_clock):
            late = await until(kafka, POINTS, lambda found: any(one.department == LATE for one in found))
    assert {(one.department, one.key, one.points) for one in late if one.department != DONE} >= {
        (LATE, MISSED_KEY, -2.0), (OTHER, MISSED_KEY, -2.0),
    }  # fmt: skip
    await remove(elastic)


def points_are_shown(desk: RunningDesk, made: list[PointEntry]) -> None:
    with as_person(desk, "reporter", DONE) as client:
        told = client.get("/api/v1/points?month=2026-11").json()
        assert sorted(one["entry_id"] for one in told["items"]) == sorted({one.entry_id for one in made})
        [total] = told["totals"]
        assert total["department"] == DONE
        assert client.get("/points?month=2026-11").text.count("约稿") >= 2


def both_are_shown(desk: RunningDesk, request: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    listed = httpx.get(f"{desk.base}/api/v1/commissions", headers=headers, timeout=ANSWER_S).json()["items"]
    ours = {(one["department"], one["outcome"]) for one in listed if one["request"] == request}
    assert ours == {(LATE, "waiting"), (DONE, "done")}
    [topic] = {one["topic"] for one in listed if one["request"] == request}
    assert topic.startswith("隐患排查")
    assert "13812345678" not in topic
    assert len(listed) == 4
