"""The same slow head as people write it with Faust at first: acknowledged by default, sends not awaited.

A control: it must lose records under the same kill, else the chaos test proves nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.assessment import AssessedItem, Origin
from schemas.connections import KafkaConnection
from schemas.item import Item
from schemas.topics import ASSESSED, REPORTS
from streams.faustapp import build_app, declare
from streams.options import RuntimeOptions
from streams.ports import AssessInput
from streams.testing import ScriptedJudge, script_of


def main() -> None:
    """Run until killed."""
    config = json.loads(sys.argv[1])
    connection = KafkaConnection(bootstrap=config["kafka"], prefix=config["prefix"])
    options = RuntimeOptions(session_timeout_s=6.0, heartbeat_s=1.5)
    app: Any = build_app(connection, "plain", options, Path(tempfile.mkdtemp()))
    out = declare(app, connection, [ASSESSED.name])
    tasks: set[asyncio.Task[None]] = set()

    async def judge(value: bytes) -> None:
        item = Item.model_validate_json(value)
        script = script_of(item.text)
        await asyncio.sleep(float(script.get("sleep_s", 0.0)))
        plain = item.model_copy(update={"text": "…"})
        one = AssessInput(plain, datetime.now(UTC), Origin(topic="t", partition=0, offset=0))
        (assessed,) = ScriptedJudge().assess([one])
        assert isinstance(assessed, AssessedItem)
        await out.send(key=assessed.item_id.encode(), value=assessed.model_dump_json().encode())

    async def agent(stream: Any) -> None:
        async for value in stream:
            task = asyncio.create_task(judge(value))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    app.agent(declare(app, connection, [REPORTS.name]), name="plain")(agent)
    app.finalize()

    async def run() -> None:
        await app.start()
        print("state ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    main()
