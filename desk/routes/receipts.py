"""The door for delivery receipts of gateways: no account, the secret is in the path."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from desk.problems import problem
from desk.receipts import take
from desk.routes.api import Services

router = APIRouter(prefix="/api/v1")


@router.post(
    "/receipts/{channel}/{secret}",
    response_model=None,
    responses={
        200: {"description": "taken, repeated and passed over, in numbers"},
        404: {"description": "No such door, or messages that were never handed over (named; the others were taken)"},
        422: {"description": "Not JSON or a form, or no id of a message"},
    },
)
async def push(channel: str, secret: str, request: Request, desk: Services) -> Response | dict[str, Any]:
    """What became of messages, as the gateway pushes it (``[channel.receipts]`` of alerts.toml says how it is read)."""
    door = desk.deps.duty.receipts.get(channel)
    if door is None or not door.opens(secret):
        raise HTTPException(404, "no such door for receipts: check channel and secret")
    read = await run_in_threadpool(door.read, await request.body())
    done = await take(desk, channel, read)
    if done.unknown:
        detail = f"{len(done.unknown)} unknown message(s); {done.taken} taken, {done.repeated} known before"
        return problem(404, detail, errors=done.unknown)
    return {"taken": done.taken, "repeated": done.repeated, "passed_over": done.passed_over}
