"""Read the gold items. One line: gid, brief, event, item (input item), labels (see README.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gold.split import Part, split_of

ITEMS = Path(__file__).parent / "items"


@dataclass(frozen=True, slots=True)
class GoldItem:
    """One item as written, with its labels (plain JSON)."""

    gid: str
    brief: str
    event: str
    part: Part
    item: dict[str, Any]
    labels: dict[str, Any]


def load_gold(*parts: Part, folder: Path = ITEMS) -> Iterator[GoldItem]:
    """Items of the parts asked for (all by default), in file order."""
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            record = json.loads(line)
            part = split_of(record["event"])
            if not parts or part in parts:
                yield GoldItem(record["gid"], record["brief"], record["event"], part, record["item"], record["labels"])
