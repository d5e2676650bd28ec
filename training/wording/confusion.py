"""Which characters are taken for which: homophones (pypinyin, MIT) and look-alikes (``glyphs``).

``python -m training.wording confusions`` writes ``models/wording/confusions.tsv``, which is committed and can be
corrected by hand; ordinary training only reads it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import Style, pinyin

COLUMNS = ("char", "same", "near", "shape")
# Later readings of pypinyin are mostly archaic.
READINGS = 3
MOST_SAME, MOST_NEAR, MOST_SHAPE = 40, 24, 10
LEAST_LIKENESS = 0.70


@dataclass(frozen=True, slots=True)
class Confusion:
    """Characters meant when ``char`` was written, most frequent (or most alike) first."""

    same: str
    near: str
    shape: str


def gb2312() -> Iterator[str]:
    """The 6,763 characters of GB/T 2312-1980: what people type."""
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue


def fold(syllable: str) -> str:
    """One spelling for syllables that southern speakers and fuzzy input methods mix up: zh/z, n/l, ing/in."""
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(one):
            syllable = other + syllable[2:]
    if syllable.startswith("l"):
        syllable = "n" + syllable[1:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


def readings(char: str) -> list[str]:
    """Toneless syllables of a character, commonest first."""
    found = pinyin(char, style=Style.NORMAL, heteronym=True)[0]
    return [s for s in dict.fromkeys(found) if s != char][:READINGS]


def build(counts: Mapping[str, int], likes: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, Confusion]:
    """``counts``: corpus frequency of the characters that may be meant; ``likes``: look-alikes of every character."""
    exact: dict[str, list[str]] = defaultdict(list)
    folded: dict[str, list[str]] = defaultdict(list)
    for char in sorted(counts, key=lambda c: (-counts[c], c)):
        for syllable in readings(char):
            exact[syllable].append(char)
        for syllable in dict.fromkeys(fold(s) for s in readings(char)):
            folded[syllable].append(char)
    table = {}
    for char, alike in likes.items():
        own = readings(char)
        same = [c for s in own for c in exact[s] if c != char]
        near = [c for s in dict.fromkeys(fold(s) for s in own) for c in folded[s] if c != char and c not in same]
        shape = [c for c, likeness in alike if likeness >= LEAST_LIKENESS and c in counts and c != char]
        by_count = sorted(dict.fromkeys(same), key=lambda c: (-counts[c], c))[:MOST_SAME]
        table[char] = Confusion(
            "".join(by_count), "".join(dict.fromkeys(near))[:MOST_NEAR], "".join(shape[:MOST_SHAPE])
        )
    return table


def write(path: Path, table: Mapping[str, Confusion]) -> None:
    """Write the table, one character a line, in one step."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows((char, row.same, row.near, row.shape) for char, row in sorted(table.items()))
    temporary.replace(path)


def read(path: Path) -> dict[str, Confusion]:
    """The committed table."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["char"]: Confusion(row["same"], row["near"], row["shape"]) for row in rows}
