"""What could name the author of a post goes before anything leaves the process: text is masked, addresses lose their
user parts (producers/web/urls.py), and no author field is read at all (docs/adr/023-no-authors.md)."""

from __future__ import annotations

from producers.ports import Mask
from schemas.errors import SourceError


def masked(mask: Mask, text: str) -> str:
    """The masked text. Raises SourceError where the mask did not keep the length: then nothing may be stored."""
    result, _ = mask(text)
    if len(result) != len(text):
        raise SourceError("the mask changed the length of a text", hint="this is a fault in the program, not the site")
    return result
