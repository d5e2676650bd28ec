"""(b) Judgement alone, on one core: items a second of process time, in all and with one part left out."""

from __future__ import annotations

import time
from datetime import datetime

from huiyao.judges import make_judge
from huiyao.settings import load_settings
from huiyao.wiring import build_judge, district_of
from processors.assess import Judge
from processors.document import Document
from processors.late import compile_all
from schemas.assessment import Origin
from streams.ports import AssessInput
from tests.bench.texts import items

COUNT = 5_120
BATCH = 256
ROUNDS = 3
FEWER = 20
"""Of so many items one goes to the second reader as well."""
GOAL = 4_000


def run() -> None:
    """Print the best of the rounds, and the share of each judge by profile."""
    settings = load_settings()
    began = time.perf_counter()
    careful = build_judge(settings, short=True)
    loaded = time.perf_counter()
    compile_all()
    print(f"load_s={loaded - began:.2f} (goal <= 1), all patterns {time.perf_counter() - loaded:.2f} s more")
    fast = make_judge(district_of(settings), settings.models_dir, second_reader=False)
    inputs = [
        AssessInput(item, datetime.fromisoformat("2026-11-20T12:00:00+08:00"), Origin(topic="", partition=0, offset=0))
        for item in items(COUNT)
    ]
    few = inputs[::FEWER]
    rates: dict[str, list[float]] = {"fast judges": [], "with the second reader": []}
    for _ in range(ROUNDS):
        for name, judge, asked in (("fast judges", fast, inputs), ("with the second reader", careful, few)):
            rates[name].append(len(asked) / _seconds(judge, asked))
    for name, found in rates.items():
        print(
            f"{name}, items/s/core: median {sorted(found)[len(found) // 2]:.0f}, best {max(found):.0f} (goal >= {GOAL})"
        )
    print(f"read whole: {_asked(careful, few):.3f} of the items")
    profile(fast, inputs[: 8 * BATCH])


def _asked(judge: Judge, inputs: list[AssessInput]) -> float:
    """Share of the items that the second reader is asked about."""
    asked = 0
    for start in range(0, len(inputs), BATCH):
        documents = [Document(one.item) for one in inputs[start : start + BATCH]]
        scans = judge._judges.scanner.scan_many([document.norm for document in documents])
        asked += len(judge._judges.first.judge_many(documents, scans).asked)
    return asked / len(inputs)


def _seconds(judge: Judge, inputs: list[AssessInput]) -> float:
    began = time.process_time()
    for start in range(0, len(inputs), BATCH):
        judge.assess(inputs[start : start + BATCH])
    return time.process_time() - began


def profile(judge: Judge, inputs: list[AssessInput]) -> None:
    """Milliseconds an item that each part takes, measured from outside."""
    parts = {
        "scan": (judge._judges.scanner, "scan_many"),
        "emergency": (judge._judges.first._emergency, "judge_many"),
        "category": (judge._judges.first._category, "judge_many"),
        "wording": (judge._judges.wording, "judge_many"),
        "facts": (judge._judges.facts, "judge_many"),
        "content": (judge._judges.content, "judge_many"),
        "opinion": (judge._judges.opinion, "judge_many"),
        "pii": (judge, "_pii"),
        "all": (judge, "assess"),
    }
    for name, (owner, method) in parts.items():
        spent = _spent(judge, inputs, owner, method)
        print(f"  {name:<10} {1000 * spent / len(inputs):.3f} ms/item")


def _spent(judge: Judge, inputs: list[AssessInput], owner: object, method: str) -> float:
    """Process seconds inside one method during a run."""
    original = getattr(type(owner), method)
    total = 0.0

    def timed(self: object, *arguments: object, **named: object) -> object:
        nonlocal total
        began = time.process_time()
        try:
            return original(self, *arguments, **named)
        finally:
            total += time.process_time() - began

    setattr(type(owner), method, timed)
    try:
        for start in range(0, len(inputs), BATCH):
            judge.assess(inputs[start : start + BATCH])
    finally:
        setattr(type(owner), method, original)
    return total
