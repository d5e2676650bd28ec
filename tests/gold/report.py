"""``make gold``: every figure with its interval, and the worst errors. ``--part train|dev|test`` (default test).

``--folder DIR``: labelled items of one's own (``*.jsonl``, format in README.md) in place of the gold: a district's own
month, or a probe that stays outside the tree.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from tests.gold.evaluate import Case, all_figures, judge_gold
from tests.gold.load import ITEMS, load_gold

WORST = 20
FLOORS = Path(__file__).parent / "floors.json"
HEAVY = {"missed emergency": 5, "false alarm": 4, "category": 2, "deaths": 3, "level": 2, "in_district": 2}
"""What costs most where it is wrong; the rest counts one."""


def main() -> int:
    """Print figures and worst errors; with ``--floors`` write them as new floors where they are higher."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "dev", "test", "all"], help="default test; with --folder all")
    parser.add_argument("--folder", type=Path, default=ITEMS, help="labelled items of one's own")
    parser.add_argument("--floors", action="store_true", help="raise the floors that CI holds to these figures")
    arguments = parser.parse_args()
    own = arguments.folder != ITEMS
    if own and (arguments.floors or not any(arguments.folder.glob("*.jsonl"))):
        parser.error("--folder: floors are held by the gold alone; the folder needs *.jsonl files")
    part = arguments.part or ("all" if own else "test")
    parts = () if part == "all" else (part,)
    cases = judge_gold(build_judge(load_settings()), list(load_gold(*parts, folder=arguments.folder)))
    figures = all_figures(cases)
    print(f"{arguments.folder if own else 'gold'}, part {part}: {len(cases)} items")
    for figure in figures:
        print(figure.line())
    if own or part != "test":  # texts of the test part are not read by those who write rules
        print_worst(cases)
    if arguments.floors:
        raise_floors({figure.name: figure.value for figure in figures if not math.isnan(figure.value)})
    return 0


def print_worst(cases: list[Case]) -> None:
    """The items with the most and heaviest errors."""

    def weight(case: Case) -> int:
        return sum(next((w for k, w in HEAVY.items() if line.startswith(k)), 1) for line in case.wrong)

    print(f"\nworst {WORST}:")
    for case in sorted(cases, key=lambda case: (-weight(case), case.gold.gid))[:WORST]:
        if case.wrong:
            print(f"{case.gold.gid} {case.gold.item['lane']}: {'; '.join(case.wrong)}")
            print(f"    {case.gold.item.get('title', '')} {case.gold.item['text'][:90]}")


def raise_floors(values: dict[str, float]) -> None:
    """Floors only go up; errors and false alarms only go down. A changed corpus starts them anew."""
    from tests.gold.test_floors import corpus_digest

    old = json.loads(FLOORS.read_text("utf-8")) if FLOORS.is_file() else {}
    digest = corpus_digest()
    floors = old.get("figures", {}) if old.get("corpus") == digest else {}
    for name, value in values.items():
        better = min if lower_is_better(name) else max
        floors[name] = round(value if name not in floors else better(floors[name], value), 4)
    record = {"corpus": digest, "figures": floors}
    FLOORS.write_text(json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")


def lower_is_better(name: str) -> bool:
    """Whether a figure is an error."""
    return "false alarms" in name or "error" in name or name.endswith("category abstained")


if __name__ == "__main__":
    sys.exit(main())
