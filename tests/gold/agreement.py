"""How far the second, blind hand agrees with the first.

Run: python -m tests.gold.agreement [NAME ...] [--before] [-v]. A NAME is a file of second/ without its ending (default:
labels). ``--before`` undoes the corrections of second/adjudication.tsv, so that the figures compare the two hands as
they wrote; ``-v`` also prints both values of every disagreement.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.gold.evaluate import CONTENT, WORDING
from tests.gold.load import load_gold
from tests.gold.metrics import Figure, proportion

SECOND = Path(__file__).parent / "second"
PLAIN = ("category", "is_emergency", "warning", "event_class", "event_type", "level", "in_district")
FIGURES = ("deaths", "injured", "missing", "trapped", "evacuated")
OPINION = ("sentiment", "theme")  # of posts, where the second hand gave them
Labels = dict[str, Any]


class Pair(NamedTuple):
    """One item, labelled by both hands in one shape."""

    gid: str
    lane: str
    first: Labels
    second: Labels


def main(arguments: Sequence[str]) -> None:
    """Print agreement per task, kappa, and who disagrees where."""
    names = [one for one in arguments if not one.startswith("-")] or ["labels"]
    pairs = list(read_pairs(names, before="--before" in arguments))
    print(f"items labelled by both: {len(pairs)}")
    for figure in agreement(pairs):
        if figure.n:
            print(figure.line())
    for name in ("category", "is_emergency"):
        values = [(pair.first[name], pair.second[name]) for pair in pairs]
        print(f"kappa {name:<38}{kappa(values):7.3f}   n={len(values)}")
    for figure in opinion_agreement(pairs):
        print(figure)
    for task, found in disagreements(pairs).items():
        print(f"\n{task}: {len(found)}")
        for pair in found:
            shown = f"  {pair.first[task]} | {pair.second[task]}" if "-v" in arguments else ""
            print(f"  {pair.gid}{shown}")


def read_pairs(names: Sequence[str], *, before: bool) -> Iterator[Pair]:
    """Items of the second hand beside the first; ``before`` puts back what adjudication changed."""
    undo: dict[str, dict[str, Any]] = defaultdict(dict)
    if before:
        with (SECOND / "adjudication.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                undo[row["gid"]][row["field"]] = json.loads(row["first"])
    gold = {one.gid: one for one in load_gold()}
    lines = (line for name in names for line in (SECOND / f"{name}.jsonl").read_text("utf-8").splitlines())
    for second in map(json.loads, lines):
        one = gold[second["gid"]]
        first = flat(one.labels) | undo[one.gid]
        yield Pair(one.gid, one.item["lane"], first, second | {"event_time": moment(second["event_time"])})


def flat(labels: Mapping[str, Any]) -> Labels:
    """Labels of the first hand in the shape of the second."""
    verdict = labels["timeliness"]
    return {
        **{name: labels.get(name) for name in (*PLAIN, "category_also", *FIGURES, *OPINION)},
        "event_time": moment(labels["event_time"]),
        "timeliness": [verdict["verdict"], verdict["rule"]],
        "checks": sorted({one["check"] for one in labels["findings"]} & {*CONTENT, *WORDING}),
    }


def moment(time: Mapping[str, str] | None) -> list[str] | None:
    """Start and precision, or nothing."""
    return [time["start"], time["precision"]] if time else None


def agreement(pairs: Sequence[Pair]) -> Iterator[Figure]:
    """Share of equal values; facts only where a hand saw any, since agreeing on nothing proves little."""
    same = _equal
    yield proportion("category", (same(pair, "category") for pair in pairs))
    yield proportion("category, second labels counted", (_meet(pair) for pair in pairs))
    for name in PLAIN[1:3]:
        yield proportion(name, (same(pair, name) for pair in pairs))
    for name in (*PLAIN[3:], "event_time", *FIGURES):
        yield proportion(f"{name}, where stated by either", (same(p, name) for p in pairs if _stated(p, name)))
    reports = [pair for pair in pairs if pair.lane == "report"]
    verdicts = [(p.first["timeliness"][0], p.second["timeliness"][0]) for p in reports]
    yield proportion("timeliness (reports): verdict", (one == other for one, other in verdicts))
    yield proportion("timeliness (reports): verdict and rule", (same(p, "timeliness") for p in reports))
    yield proportion("checks, same set", (same(pair, "checks") for pair in pairs))
    for check in (*CONTENT, *WORDING):
        seen = [[check in side["checks"] for side in (p.first, p.second)] for p in pairs]
        yield proportion(f"  {check}, seen by both of either", (all(both) for both in seen if any(both)))


def opinion_agreement(pairs: Sequence[Pair]) -> Iterator[str]:
    """Lines on tone and theme of posts that carry a second label: agreement, interval and Cohen's kappa."""
    for name in OPINION:
        values = [(pair.first[name], pair.second[name]) for pair in posts(pairs, name)]
        if values:
            yield proportion(f"{name} (posts)", (one == other for one, other in values)).line()
            yield f"kappa {name:<38}{kappa(values):7.3f}   n={len(values)}"


def posts(pairs: Sequence[Pair], name: str) -> list[Pair]:
    """Posts for which the second hand was asked for this label; a theme of null is an answer too."""
    return [pair for pair in pairs if pair.lane == "opinion" and name in pair.second]


def kappa(values: Sequence[tuple[Any, Any]]) -> float:
    """Cohen's kappa of two hands."""
    n = len(values)
    observed: float = sum(one == other for one, other in values) / n
    left, right = (Counter(pair[side] for pair in values) for side in (0, 1))
    chance: float = sum(left[value] * right[value] for value in left) / (n * n)
    return (observed - chance) / (1 - chance)


def disagreements(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Pairs that differ, by task."""
    tests: dict[str, Callable[[Pair], bool]] = {"category": _meet}
    names = (*PLAIN, "event_time", *FIGURES, "timeliness", "checks", *OPINION)
    found = {
        name: [
            pair
            for pair in (posts(pairs, name) if name in OPINION else pairs)
            if not tests.get(name, lambda p, name=name: _equal(p, name))(pair)
        ]
        for name in names
    }
    return {name: differing for name, differing in found.items() if differing}


def _equal(pair: Pair, name: str) -> bool:
    return bool(pair.first[name] == pair.second[name])


def _stated(pair: Pair, name: str) -> bool:
    return pair.first[name] is not None or pair.second[name] is not None


def _meet(pair: Pair) -> bool:
    sides = [{side["category"], side["category_also"]} - {None} for side in (pair.first, pair.second)]
    return pair.first["category"] in sides[1] or pair.second["category"] in sides[0]


if __name__ == "__main__":
    main(sys.argv[1:])
