"""What a file is called that somebody takes away."""

from __future__ import annotations

from urllib.parse import quote


def file_header(plain: str, shown: str, *, inline: bool = False) -> dict[str, str]:
    """The header (RFC 6266): ``shown`` is what people find in their folder, in Chinese; ``plain``, ASCII, for programs
    that read no other. ``inline``: browsers show it."""
    where = "inline" if inline else "attachment"
    return {"Content-Disposition": f"{where}; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"}
