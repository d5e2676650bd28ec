"""Model files are replaced in one step: workers have the old ones mapped, and a file cut short would kill them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np


def save_array(path: Path, array: Any) -> None:
    """Write an array beside its place and move it there; a process that has the old file mapped keeps it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.save(file, array)
    temporary.replace(path)
