"""(b) Judgement alone, on one core: items a second of process time, in all and with one part left out."""

from __future__ import annotations

import time
from datetime import datetime

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.assess import Judge
from schemas.assessment import Origin
from streams.ports import AssessInput
from tests.bench.texts import items

COUNT = 5_120
BATCH = 256
ROUNDS = 3
GOAL = 4_000


def run() -> None:
    """Print the best of the rounds, and the share of each judge by profile."""
    began = time.perf_counter()
    judge = build_judge(load_settings())
    print(f"load_s={time.perf_counter() - began:.2f} (goal <= 1)")
    inputs = [
        AssessInput(item, datetime.fromisoformat("2026-11-20T12:00:00+08:00"), Origin(topic="", partition=0, offset=0))
        for item in items(COUNT)
    ]
    rates = sorted(COUNT / _seconds(judge, inputs) for _ in range(ROUNDS))
    print(f"judgement items/s/core: median {rates[len(rates) // 2]:.0f}, best {rates[-1]:.0f} (goal >= {GOAL})")
    profile(judge, inputs[: 8 * BATCH])


def _seconds(judge: Judge, inputs: list[AssessInput]) -> float:
    began = time.process_time()
    for start in range(0, len(inputs), BATCH):
        judge.assess(inputs[start : start + BATCH])
    return time.process_time() - began


def profile(judge: Judge, inputs: list[AssessInput]) -> None:
    """Milliseconds an item that each part takes, measured from outside."""
    parts = {
        "scan": (judge._judges.scanner, "scan_many"),
        "emergency": (judge._judges.emergency, "judge_many"),
        "category": (judge._judges.category, "judge_many"),
        "wording": (judge._judges.wording, "judge_many"),
        "facts": (judge._judges.facts, "judge"),
        "content": (judge._judges.content, "judge"),
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
