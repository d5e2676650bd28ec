"""``huiyao up|down|status|worker|desk``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table

from deploy import commands
from huiyao.cli.common import instance_settings
from huiyao.logs import configure_logs
from huiyao.secrets import api_key_file, first_password_file
from huiyao.services import LANES, child_environment, command, plan
from huiyao.settings import load_settings
from schemas.errors import SettingsError

STOP_S = 25.0
POLL_S = 0.2


def run_up(data_dir: Path | None, parts: Sequence[str], *, detach: bool) -> None:
    """Start and keep running; detached: return when ready."""
    settings = load_settings(**({"data_dir": str(data_dir.absolute())} if data_dir else {}))
    configure_logs(settings.log_level, service="supervisor")
    if not detach:
        commands.up(plan(settings, parts), print)
        return
    plan(settings, parts)  # a wrong part or setting is told here, not in a log
    arguments = ["up", "--only", ",".join(parts)]
    status = commands.up_detached(command(*arguments), settings.data_dir, env=child_environment(settings), report=print)
    if "desk" in parts:
        print(f"desk: {status['desk']}  key: {api_key_file(settings.data_dir)}")
    once = first_password_file(settings.data_dir)
    if once.exists():
        print(f"first login 首次登录: admin, one-time password 一次性密码: {once.read_text('utf-8').strip()}  ({once})")


def run_down(data_dir: Path | None) -> None:
    """Stop; says whether there was anything."""
    settings = load_settings(**({"data_dir": str(data_dir)} if data_dir else {}))
    print("stopped" if commands.down(settings.data_dir) else f"nothing runs in {settings.data_dir}")


def run_status(data_dir: Path | None, as_json: bool) -> int:
    """Print the status; 0 only where everything is ready."""
    settings = load_settings(**({"data_dir": str(data_dir)} if data_dir else {}))
    status = commands.status(settings.data_dir)
    if as_json:
        print(json.dumps(status, ensure_ascii=False))
    else:
        _print_status(status)
    return 0 if status["ready"] else 1


def _print_status(status: dict[str, object]) -> None:
    print(f"ready: {'yes' if status['ready'] else 'no'}   data: {status['data_dir']}")
    for name in ("kafka", "elasticsearch", "desk"):
        print(f"{name:14}{status[name] or '-'}")
    table = Table("name", "role", "phase", "pid", "restarts", "last exit")
    units = status.get("units")
    for unit in units if isinstance(units, list) else []:
        cells = (unit.get(key, "") for key in ("name", "role", "phase", "pid", "restarts", "last_exit"))
        table.add_row(*(str(cell) for cell in cells))
    Console().print(table)


def run_workers(lanes: Sequence[str], data_dir: Path | None) -> int:
    """One lane runs here; several run as children, which end together."""
    unknown = [lane for lane in lanes if lane not in LANES]
    if unknown or not lanes:
        raise SettingsError(f"--lanes: unknown lane {unknown[0] if unknown else ''!r}", hint=f"of {', '.join(LANES)}")
    settings = instance_settings(data_dir)
    if len(lanes) > 1:
        return _run_children([command("worker", "--lanes", lane) for lane in lanes], child_environment(settings))
    from huiyao.wiring import worker_deps
    from streams.app import run_worker

    configure_logs(settings.log_level, service=f"worker-{lanes[0]}")
    return run_worker(lanes[0], worker_deps(settings, lanes[0]))


def _run_children(arguments: Sequence[Sequence[str]], environment: dict[str, str]) -> int:
    children = [subprocess.Popen(argument, env=os.environ | environment) for argument in arguments]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(child.poll() is None for child in children):
        time.sleep(POLL_S)
    stop(0, None)
    codes = [child.wait(STOP_S) for child in children]
    return max((abs(code) for code in codes), default=0)


def run_desk(data_dir: Path | None) -> None:
    """The desk under uvicorn."""
    import uvicorn

    from huiyao.desk import build_desk

    settings = instance_settings(data_dir)
    configure_logs(settings.log_level, service="desk")
    print(f"desk: http://{settings.desk.host}:{settings.desk.port}", file=sys.stderr)
    uvicorn.run(
        build_desk(settings),
        host=settings.desk.host,
        port=settings.desk.port,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # uvicorn would believe any proxy on this machine; the application believes the settings
        timeout_graceful_shutdown=5,
    )
