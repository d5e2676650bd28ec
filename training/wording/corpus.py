"""The official-prose corpus: documents, and which of them are held out.

Reports begin with a line ``source:``; laws come as paragraphs and are cut into blocks. What is held out is decided by
a hash of the document's own text, so that it does not move when the corpus grows.
"""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPORTS, LAWS = "government-reports.txt.xz", "laws.txt.xz"
LAW_BLOCK = 200
# Parts of a thousand: held out for fitting the network, and for measuring only.
FIT, TEST = 25, 15
_SKIPPED = ("title:", "bookCollapse")


@dataclass(slots=True)
class Corpus:
    """Documents by part: train, fit, test; each by genre (reports, laws)."""

    train: dict[str, list[str]] = field(default_factory=lambda: {"reports": [], "laws": []})
    fit: dict[str, list[str]] = field(default_factory=lambda: {"reports": [], "laws": []})
    test: dict[str, list[str]] = field(default_factory=lambda: {"reports": [], "laws": []})


def _reports(path: Path) -> Iterator[str]:
    lines: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            if line.startswith("source:"):
                yield "\n".join(lines)
                lines = []
            elif not line.startswith(_SKIPPED):
                lines.append(line.strip())
    yield "\n".join(lines)


def _laws(path: Path) -> Iterator[str]:
    lines: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            lines.append(line.strip())
            if len(lines) == LAW_BLOCK:
                yield "\n".join(lines)
                lines = []
    yield "\n".join(lines)


def _share(document: str) -> int:
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:4]) % 1000


def load(folder: Path) -> Corpus:
    """Read and divide the corpus; takes a few seconds."""
    corpus = Corpus()
    for genre, documents in (("reports", _reports(folder / REPORTS)), ("laws", _laws(folder / LAWS))):
        for document in documents:
            share = _share(document)
            if share < TEST:
                corpus.test[genre].append(document)
            elif share < TEST + FIT:
                corpus.fit[genre].append(document)
            else:
                corpus.train[genre].append(document)
    return corpus


def passages(documents: list[str], shortest: int = 30, longest: int = 200) -> list[str]:
    """Paragraphs cut at sentence ends to at most ``longest`` characters; shorter ones than ``shortest`` are left
    out."""
    found = []
    for paragraph in (p.strip() for d in documents for p in d.split("\n")):
        rest = paragraph
        while len(rest) > longest:
            cut = rest.rfind("。", 0, longest) + 1 or longest
            found.append(rest[:cut])
            rest = rest[cut:]
        if len(rest) >= shortest:
            found.append(rest)
    return found
