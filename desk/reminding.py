"""Looks at instructions now and then and decides the reminders that are due; the decisions travel as all others."""

from __future__ import annotations

import asyncio

import structlog

from desk.instructions import Instructions

PAUSE_S = 30.0
log = structlog.get_logger("desk.reminding")


async def keep_reminding(instructions: Instructions, pause_s: float = PAUSE_S) -> None:
    """Until cancelled. Whatever goes wrong once is looked at again."""
    while True:
        try:
            if count := await instructions.remind():
                log.info("instructions.reminded", count=count)
        except Exception:
            log.exception("instructions.not_looked_at")
        await asyncio.sleep(pause_s)
