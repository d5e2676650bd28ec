"""Which district folders have been checked whole: a short run need not compile every pattern of a known folder again.

What was checked is known by the digest of what the folder holds and by the code that checked it: new code, like a new
row, is checked again. The mark is an empty file in the user's cache folder; without one, or where none can be written,
the patterns are compiled, which takes a second.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import platformdirs

import processors
from huiyao import districts
from processors.late import compile_all

CODE = (*processors.__path__, districts.__file__)
"""What decides whether a folder is right: the room that reads its tables, and what reads its files."""
DIGITS = 12


def is_checked(digest: str, folder: Path | None = None) -> bool:
    """Whether a run before this one checked the same district folder whole, with the same code.

    ``digest``: of the district folder; ``folder``: where the marks are kept, by default the user's cache folder.
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
    return (folder or platformdirs.user_cache_path("huiyao")) / "checked" / f"{digest}-{code_digest(CODE)}"


@lru_cache(maxsize=4)
def code_digest(places: tuple[str, ...]) -> str:
    """A digest of these folders and files of code, by name, size and time of change: reading two hundred files would
    take what the mark saves, looking at them takes a millisecond or two."""
    told = hashlib.sha256(sys.version.encode())
    with suppress(OSError):  # code that lies in no folder
        for path, size, changed in sorted(_files(places)):
            told.update(f"{path}\0{size}\0{changed}\0".encode("utf-8", "surrogatepass"))
    return told.hexdigest()[:DIGITS]


def _files(places: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    waits = list(places)
    while waits:
        place = waits.pop()
        if place.endswith(".py"):
            known = Path(place).stat()
            yield place, known.st_size, known.st_mtime_ns
            continue
        for entry in os.scandir(place):
            if entry.name.endswith(".py"):
                known = entry.stat()
                yield entry.path, known.st_size, known.st_mtime_ns
            elif entry.name[0] not in "._" and entry.is_dir():
                waits.append(entry.path)
