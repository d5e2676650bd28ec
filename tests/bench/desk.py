"""(f) The desk over an index of many items: pages against the bare query, drafting a 100,000-item day, PDF."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from deploy.testing import engines
from producers.fakes import FixedClock
from publishers.pdf import render_pdf
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection
from schemas.vocab import BulletinName
from tests.bench.desk_fill import DAY_SHARE, NOW, fill, is_filled
from tests.desk_server import HEADERS, RunningDesk, running_desk

GOAL_OVER_S, GOAL_BARE_S, GOAL_BYTES, GOAL_DRAFT_S, GOAL_PDF_S = 0.050, 0.010, 150_000, 1.0, 0.3
HEAP_MB = 1024
DRAFTS = 3
RUNS = ((1, 60, 0.0), (20, 4, 1.0), (20, 4, 0.0))
"""(users at once, rounds of each, seconds that each looks at a page before the next)."""


def run(count: int, keep: Path | None = None) -> None:
    """Fill, measure, print. ``keep``: a folder whose index of an earlier run is taken as it is where it has as many
    items, and stays there afterwards: before and after a change on the same data."""
    with (
        tempfile.TemporaryDirectory() as folder,
        engines(keep, only=("elasticsearch",), heap_mb=HEAP_MB, jvm_options=()) as running,
    ):
        connection = ElasticsearchConnection(url=running.elasticsearch, prefix="bench-")
        if not asyncio.run(is_filled(connection, count)):
            seconds = asyncio.run(fill(connection, count))
            print(f"filled: {count} items in {seconds:.0f} s ({count / seconds:.0f}/s)", flush=True)
        with running_desk(connection, Path(folder), clock=FixedClock(NOW)) as desk:
            for users, rounds, pause in RUNS:
                began = time.process_time()
                found = _load(desk.base, connection, [count, users, pause], rounds)
                _print(users, pause, found, time.process_time() - began)
            _draft(desk, min(count, DAY_SHARE))


def _load(base: str, connection: ElasticsearchConnection, who: list[float], rounds: int) -> dict[str, Any]:
    arguments = [base, connection.url, connection.prefix, *map(str, who)]
    command = [sys.executable, "-m", "tests.bench.desk_load", *arguments]
    subprocess.run([*command, "1"], check=True, capture_output=True)  # caches of both sides
    done = subprocess.run([*command, str(rounds)], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _print(users: int, pause: float, found: dict[str, Any], seconds: float) -> None:
    print(f"{users} user(s), {pause:g} s between pages; ms: page p50 p95, bare query p50 p95, over it at p95; bytes")
    for name, one in found.items():
        page, bare = sorted(one["page"]), sorted(one["bare"])
        numbers = [_at(page, 0.5), _at(page, 0.95), _at(bare, 0.5), _at(bare, 0.95)]
        over = numbers[1] - numbers[3]
        good = over <= GOAL_OVER_S + GOAL_BARE_S and one["bytes"] <= GOAL_BYTES
        shown = " ".join(f"{1000 * number:8.1f}" for number in [*numbers, over])
        print(f"  {name:9} {shown} {one['bytes']:8}  {'ok' if good else 'short of the goal'}", flush=True)
    asked = sum(len(one["page"]) for one in found.values()) + users * len(found)  # the latter to warm up
    print(f"  processor time of the desk: {1000 * seconds / asked:.1f} ms a page", flush=True)


def _at(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _draft(desk: RunningDesk, expected: int) -> None:
    """By REST, as an editor's page or an integrator asks for it: from the index to the bulletin."""
    for name in (BulletinName.HUIYAO, BulletinName.YUQING):
        with httpx.Client(base_url=desk.base, headers=HEADERS, timeout=600) as client:
            seconds, used = [], []
            for _ in range(DRAFTS):
                began, before = time.perf_counter(), time.process_time()
                answer = client.get(f"/api/v1/bulletins/{name.value}/2026-11-20").raise_for_status()
                seconds.append(time.perf_counter() - began)
                used.append(time.process_time() - before)
        made = Bulletin.model_validate(answer.json())
        assert made.figures["items"] == expected, made.figures
        render_pdf(made)  # fonts are read once
        began = time.process_time()
        render_pdf(made)
        pdf = time.process_time() - began
        print(
            f"{name.value}: {expected} items drafted in {min(seconds):.2f} to {max(seconds):.2f} s"
            f" (goal {GOAL_DRAFT_S}),"
            f" of it {min(used):.2f} s of processor time in the desk; {made.figures['entries']} entries,"
            f" PDF in {pdf:.2f} s (goal {GOAL_PDF_S})",
            flush=True,
        )
