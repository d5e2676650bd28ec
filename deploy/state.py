"""``run/state.json`` in the data directory: what runs there, for status, down and the next start after a crash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.artifacts import write_atomically
from deploy.process import ProcessId, group_members

ROLES = ("kafka", "elasticsearch", "worker", "producer", "desk")


@dataclass(frozen=True, slots=True)
class Addresses:
    """What clients of one installation need (CONTRACT.md, ``status --json``); "" where there is none."""

    kafka: str = ""
    elasticsearch: str = ""
    desk: str = ""
    topic_prefix: str = ""
    api_key_file: str = ""


@dataclass(frozen=True, slots=True)
class UnitState:
    """One process as last noted. ``last_exit``: why it ended last time, "" where it never did."""

    name: str
    role: str
    phase: str
    pid: int
    born: str
    log: str
    restarts: int = 0
    last_exit: str = ""

    def process(self) -> ProcessId | None:
        """The process, None where none was running."""
        return ProcessId(self.pid, self.born) if self.pid else None


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything that a supervisor writes down."""

    supervisor: ProcessId
    ready: bool
    addresses: Addresses
    units: Sequence[UnitState] = field(default_factory=tuple)


def run_dir(data_dir: Path) -> Path:
    """Where the state, the lock and the supervisor's log are."""
    return data_dir / "run"


def state_file(data_dir: Path) -> Path:
    """The state's path."""
    return run_dir(data_dir) / "state.json"


def write_state(data_dir: Path, state: RunState) -> None:
    """Replace the state in one step."""
    write_atomically(state_file(data_dir), json.dumps(asdict(state), ensure_ascii=False, indent=1))


def read_state(data_dir: Path) -> RunState | None:
    """The last state, None where there is none or it cannot be read."""
    try:
        raw = json.loads(state_file(data_dir).read_text(encoding="utf-8"))
        return RunState(
            supervisor=ProcessId(**raw["supervisor"]),
            ready=bool(raw["ready"]),
            addresses=Addresses(**raw["addresses"]),
            units=tuple(UnitState(**unit) for unit in raw["units"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def status_of(data_dir: Path, state: RunState | None) -> dict[str, Any]:
    """The contract's status: what runs now, checked against the living processes and not only as last noted.

    ``units`` beyond the contract: name, role, phase, pid, restarts, last_exit, log of each process.
    """
    supervised = state is not None and state.supervisor.alive()
    units = state.units if state else ()
    alive = {unit.name for unit in units if (process := unit.process()) and process.alive()}
    addresses = asdict(state.addresses if state else Addresses())
    pids = {role: [pid for unit in units if unit.role == role for pid in _pids(unit)] for role in ROLES}
    return {
        "ready": bool(state and supervised and state.ready and all(_fine(unit, alive) for unit in units)),
        "data_dir": str(data_dir),
        **addresses,
        "pids": pids,
        "supervisor": state.supervisor.pid if state and supervised else None,
        "units": [_shown(unit, unit.name in alive) for unit in units],
    }


def _pids(unit: UnitState) -> list[int]:
    """The unit's first process and what it started (Elasticsearch's server is the child of its starter)."""
    process = unit.process()
    if process is None or not process.alive():
        return []
    return [unit.pid, *(pid for pid in group_members(unit.pid) if pid != unit.pid)]


def _fine(unit: UnitState, alive: set[str]) -> bool:
    return unit.phase == "done" or (unit.phase == "ready" and unit.name in alive)


def _shown(unit: UnitState, alive: bool) -> dict[str, Any]:
    shown = asdict(unit)
    del shown["born"]
    return shown | {"alive": alive}
