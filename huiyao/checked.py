"""Which district folders have been checked whole: a short run need not compile every pattern of a known folder again.

A folder is known by the digest of what it holds. Its mark is an empty file in the user's cache folder; without one, or
where none can be written, the patterns are compiled, which takes a second.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import platformdirs

from processors.late import compile_all


def check_once(digest: str, folder: Path | None = None) -> None:
    """Compile all patterns, unless a run before this one did so for the same district folder.

    ``folder``: where the marks are kept, by default the user's cache folder. Raises DistrictError with file and line of
    a bad row.
    """
    mark = (folder or platformdirs.user_cache_path("huiyao")) / "checked" / digest
    with suppress(OSError):
        if mark.is_file():
            return
    compile_all()
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
