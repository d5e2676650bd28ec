"""Which district folders have been checked whole: a short run need not compile every pattern of a known folder again.

What was checked is known by the digest of the folder, of every pattern that code and folder have made together, and of
the code that compiles them: new code, like a new row, is checked again. The mark is an empty file in the user's cache
folder; without one, or where none can be written, the patterns are compiled, which takes a second.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

import platformdirs

from processors.late import compile_all, waiting

DIGITS = 12


def check_once(digest: str, folder: Path | None = None) -> None:
    """Compile all patterns, unless a run before this one did so for the same district folder with the same code.

    ``digest``: of the district folder; ``folder``: where the marks are kept, by default the user's cache folder. Raises
    DistrictError with file and line of a bad row.
    """
    mark = (folder or platformdirs.user_cache_path("huiyao")) / "checked" / f"{digest}-{_rules()}"
    with suppress(OSError):
        if mark.is_file():
            return
    compile_all()
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _rules() -> str:
    """A digest of the patterns that wait and of what decides whether they are right; a millisecond or two."""
    waits = waiting()
    told = hashlib.sha256(sys.version.encode())
    told.update("\0".join(pattern for pattern, _ in waits).encode("utf-8", "surrogatepass"))
    for maker in sorted({maker for _, maker in waits}):
        with suppress(OSError):  # code that lies in no file of its own
            told.update(Path(maker).read_bytes())
    return told.hexdigest()[:DIGITS]
