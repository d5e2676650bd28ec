"""``GET /api/v1/metrics``: the desk's own numbers, those that workers left as files, and the health of sources."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.exceptions import HTTPException

from desk.accounts import Right
from desk.auth import BEARER, caller
from desk.routes.api import Services
from desk.services import Desk


def collector(request: Request) -> None:
    """Prometheus with the metrics key, or whoever administers. Numbers tell how busy and how late people are."""
    header = request.headers.get("authorization", "")
    kept = request.app.state.desk.deps.metrics_key
    given = header.removeprefix(BEARER).strip() if header.startswith(BEARER) else ""
    if kept and hmac.compare_digest(given.encode(), kept.encode()):
        return
    if not caller(request).may(Right.ADMINISTER):
        raise HTTPException(403, "metrics are read by administrators, or with the key of secrets/metrics.key")


router = APIRouter(prefix="/api/v1", dependencies=[Depends(collector)])
STALE_S = 60.0
"""A worker writes its file every few seconds; an older file is a dead worker's."""


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(desk: Services) -> PlainTextResponse:
    """Prometheus text format. Numbers only, no texts. The bearer token is the key of ``secrets/metrics.key``."""
    parts = [generate_latest(_own(desk)).decode(), *_workers(desk)]
    return PlainTextResponse("".join(parts), media_type="text/plain; version=0.0.4; charset=utf-8")


def _own(desk: Desk) -> CollectorRegistry:
    registry = CollectorRegistry()
    waiting = Gauge("huiyao_desk_outbox_waiting", "Decisions not yet on Kafka", registry=registry)
    waiting.set(len(desk.database.waiting(limit=1000)))
    failures = Gauge("huiyao_source_failures", "Failures in a row", ["lane", "source"], registry=registry)
    for health in desk.deps.source_health():
        failures.labels(health.lane.value, health.source).set(health.failures)
    return registry


def _workers(desk: Desk) -> Iterable[str]:
    """Files of living workers. Comment lines of a metric may come once only, so repeats are left out."""
    folder = desk.deps.metrics_dir
    seen: set[str] = set()
    for file in sorted(folder.glob("*.prom")) if folder and folder.is_dir() else ():
        try:
            if time.time() - file.stat().st_mtime > STALE_S:
                continue
            lines = file.read_text("utf-8").splitlines(keepends=True)
        except OSError:
            continue  # the worker ended meanwhile
        for line in lines:
            if line.startswith("#"):
                if line in seen:
                    continue
                seen.add(line)
            yield line
