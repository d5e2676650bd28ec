"""Score content findings alone, with the labelled category, emergency, time and place: what the rules themselves do.

Run: python -m tests.gold.score_content [train|dev|test ...] (default train and dev; with -v every miss).
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from huiyao.districts import load_district
from processors.content import ContentJudge
from processors.document import Document
from processors.scan import ScannerBuilder
from schemas.assessment import Finding
from schemas.item import Item
from schemas.vocab import Category, Check
from tests.gold.load import GoldItem, load_gold

CHECKS = (
    Check.SPECULATION, Check.EXAGGERATION, Check.VAGUE_SOURCE, Check.GENERALISATION,
    Check.MISSING_TIME, Check.MISSING_PLACE, Check.MISSING_RESULT,
)  # fmt: skip
DISTRICT = Path("districts/zhanggong")


def main(arguments: list[str]) -> None:
    """Print precision, recall and F1 of each check."""
    loud = "-v" in arguments
    parts = [part for part in ("train", "dev", "test") if part in arguments] or ["train", "dev"]
    builder = ScannerBuilder()
    judge = ContentJudge.from_tables(load_district(DISTRICT).tables, builder)
    scanner = builder.build()
    counts: Counter[tuple[Check, str]] = Counter()
    for gold in load_gold(*parts):
        doc = Document(Item.model_validate(gold.item))
        labels = gold.labels
        found = judge.judge(
            doc,
            scanner.scan(doc.norm),
            category=Category(labels["category"]),
            is_emergency=bool(labels["is_emergency"]),
            has_time=bool(labels.get("event_time")),
            places=labels.get("places") or (),
        )
        for check in CHECKS:
            _count(gold, check, [one for one in found if one.check is check], counts, loud)
    for check in CHECKS:
        tp, fp, fn = (counts[check, key] for key in ("tp", "fp", "fn"))
        f1 = 2 * tp / max(1, 2 * tp + fp + fn)
        print(f"{check:<16} tp {tp:3} fp {fp:3} fn {fn:3}  F1 {f1:.3f}")


def _count(gold: GoldItem, check: Check, given: list[Finding], counts: Counter[tuple[Check, str]], loud: bool) -> None:
    wanted = [one for one in gold.labels.get("findings") or [] if one["check"] == check]
    free = list(given)
    for label in wanted:
        match = next((one for one in free if _meets(one, label)), None)
        counts[check, "tp" if match else "fn"] += 1
        if match:
            free.remove(match)
        elif loud:
            print(f"MISS  {gold.gid} {check} «{label.get('text', '')}» // {gold.item['text'][:160]}")
    counts[check, "fp"] += len(free)
    for one in free if loud else ():
        text = gold.item.get(one.field) or ""
        around = f"{text[max(0, one.start - 30) : one.start]}【{one.text}】{text[one.end : one.end + 20]}"
        print(f"FALSE {gold.gid} {gold.item['lane']} {gold.labels['category']} {one.rule} …{around}")


def _meets(finding: Finding, label: dict[str, object]) -> bool:
    if finding.check.startswith("missing"):
        return True
    overlap = finding.start < label["end"] and finding.end > label["start"]  # type: ignore[operator]
    return finding.field == label.get("field", "text") and overlap


if __name__ == "__main__":
    main(sys.argv[1:])
