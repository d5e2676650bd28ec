"""Score facts on the gold: ``python -m tests.gold.score_facts [train|dev|test] [-v FIELD]``; exact match by lane."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from huiyao.districts import load_district
from processors.document import Document
from processors.facts import FactJudge, FactResult
from processors.scan import Scanner, ScannerBuilder
from processors.severity import SeverityTable
from schemas.item import Item
from tests.gold.load import GoldItem, load_gold

DISTRICT = Path(__file__).parents[2] / "districts" / "zhanggong"
FIGURES = ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated", "direct_loss")
_SUFFIXES = ("社区", "街道", "省", "市", "县", "区", "镇", "村", "路")


def bare(place: str) -> str:
    """A place without its suffix, so that 沙石 and 沙石镇 are one."""
    for suffix in _SUFFIXES:
        if place.endswith(suffix) and len(place) - len(suffix) >= 2:
            return place.removesuffix(suffix).removesuffix("路")
    return place


def outcomes(gold: GoldItem, result: FactResult, severity: SeverityTable) -> dict[str, tuple[Any, Any]]:
    """By field: (expected, got). Fields of emergencies are scored on emergencies and closed ones only."""
    labels, facts = gold.labels, result.facts
    event = bool(labels.get("is_emergency") or labels.get("event_class"))
    pairs: dict[str, tuple[Any, Any]] = {}
    if event:
        pairs |= {name: (labels.get(name), getattr(facts, name)) for name in FIGURES}
        pairs["level"] = (labels.get("level"), severity.level_of(labels.get("event_type"), facts)[0])
        pairs["in_district"] = (labels.get("in_district"), result.in_district)
    else:
        pairs["no_figures"] = (
            {name: labels.get(name) for name in FIGURES},
            {name: getattr(facts, name) for name in FIGURES},
        )
    onset = facts.event_time
    got = (onset.start.astimezone().isoformat()[:16], onset.precision.value) if onset else None
    wanted = labels.get("event_time")
    expected = (_local(wanted["start"]), wanted["precision"]) if wanted else None
    got = (_local(onset.start.isoformat()), onset.precision.value) if onset else None
    pairs["time_event" if event else "time_other"] = (expected, got)
    pairs["places"] = ({bare(name) for name in labels.get("places") or ()}, {bare(name) for name in facts.places})
    for check in ("number_mismatch", "impossible_date"):
        pairs[check] = (
            sorted(f["text"] for f in labels.get("findings") or () if f["check"] == check),
            sorted(f.text for f in result.findings if f.check.value == check),
        )
    return pairs


def _local(moment: str) -> str:
    return (
        datetime.fromisoformat(moment)
        .astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)
        .isoformat()[:16]
    )


def build() -> tuple[FactJudge, SeverityTable, Scanner]:
    """The judge of the sample district."""
    tables = load_district(DISTRICT).tables
    builder = ScannerBuilder()
    judge = FactJudge.from_tables(tables, builder)
    return judge, SeverityTable.from_tables(tables), builder.build()


def main() -> int:
    """Print exact matches by field and lane."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", default="train", choices=["train", "dev", "test"])
    parser.add_argument("-v", "--verbose", default="")
    options = parser.parse_args()
    judge, severity, scanner = build()
    right: dict[tuple[str, str], int] = defaultdict(int)
    total: dict[tuple[str, str], int] = defaultdict(int)
    spent, characters = 0.0, 0
    for gold in load_gold(options.part):
        document = Document(Item.model_validate(gold.item))
        scan = scanner.scan(document.norm)
        begun = time.process_time()
        result = judge.judge(document, scan)
        spent += time.process_time() - begun
        characters += len(document.full)
        for name, (expected, got) in outcomes(gold, result, severity).items():
            for lane in (gold.item["lane"], "all"):
                total[name, lane] += 1
                right[name, lane] += expected == got
            if expected != got and options.verbose and options.part != "test" and name in options.verbose.split(","):
                print(
                    f"{name} {gold.gid} want {expected} got {got}\n"
                    f"    {gold.item['published_at'][:16]} {gold.item.get('title', '')} | {gold.item['text']}"
                )
    lanes = ("report", "media", "opinion", "all")
    print(f"{'field':18}" + "".join(f"{lane:>16}" for lane in lanes))
    for name in dict.fromkeys(key[0] for key in total):
        cells = [
            f"{right[name, lane]}/{total[name, lane]}={right[name, lane] / max(total[name, lane], 1):.3f}"
            for lane in lanes
        ]
        print(f"{name:18}" + "".join(f"{cell:>16}" for cell in cells))
    print(f"{1000 * spent / max(characters, 1) * 465:.3f} ms per 465 characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
