"""Which district folders have been checked whole: a short run need not compile every pattern of a known folder again.

A folder is known by the digest of what it holds. Its mark is an empty file in the user's cache folder; without one, or
where none can be written, the patterns are compiled, which takes a second.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import platformdirs

from processors.late import compile_all


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
