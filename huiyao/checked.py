"""Which district folders have been checked whole: a short run need not compile every pattern of a known folder again.

A folder is known by the digest of what it holds and of the code that read it. Its mark is an empty file in the user's
cache folder; without one, or where none can be written, all is made and compiled, which takes a second.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

import processors
from processors.late import compile_all

RULES = Path(processors.__file__).parent
DIGITS = 12


def code_digest(folder: Path = RULES) -> str:
    """A digest over size and time of every file that reads rules: another version of them may find another row bad."""
    digest = hashlib.sha256()
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                state = os.stat(os.path.join(base, name))  # noqa: PTH116, PTH118 - a hundred files at each start
                digest.update(f"{name}:{state.st_size}:{state.st_mtime_ns};".encode())
    return digest.hexdigest()[:DIGITS]


def is_checked(digest: str, folder: Path | None = None) -> bool:
    """Whether a run before this one checked the same district folder whole.

    ``folder``: where the marks are kept, by default the user's cache folder.
    """
    try:
        return _mark(digest, folder).is_file()
    except OSError:
        return False


def check_once(digest: str, folder: Path | None = None) -> None:
    """Compile all patterns, unless that was done before. Raises DistrictError with file and line of a bad row."""
    if is_checked(digest, folder):
        return
    compile_all()
    mark = _mark(digest, folder)
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _mark(digest: str, folder: Path | None) -> Path:
    return (folder or platformdirs.user_cache_path("huiyao")) / "checked" / digest
