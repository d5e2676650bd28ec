"""What several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from deploy.state import read_state
from huiyao.settings import CHILD_VARIABLE, Settings, load_settings


def instance_settings(data_dir: Path | None) -> Settings:
    """Settings of the instance in ``data_dir``: those it was started with where it runs, else what is set here.

    So ``huiyao report send --data-dir D`` reaches the instance in D without repeating its ports.
    """
    overrides: dict[str, Any] = {} if data_dir is None else {"data_dir": str(data_dir)}
    settings = load_settings(**overrides)
    handed_down = settings.data_dir.absolute() / "run" / "settings.json"
    running = read_state(settings.data_dir.absolute())
    if CHILD_VARIABLE in os.environ or running is None or not running.supervisor.alive() or not handed_down.is_file():
        return settings
    os.environ[CHILD_VARIABLE] = str(handed_down)
    try:
        return load_settings(**overrides)
    finally:
        del os.environ[CHILD_VARIABLE]
