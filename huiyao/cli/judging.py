"""``huiyao assess`` and ``huiyao explain``: judgement without engines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from huiyao.cli.alone import Stories
from huiyao.cli.comparing import flips, read_earlier
from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.assemble import changed
from processors.assess import Arrived, Judge
from schemas.assessment import AssessedItem, Assessment, Origin
from schemas.base import CHINA
from schemas.errors import DistrictError, InvalidItem
from schemas.item import Item, Submission

BATCH = 256
"""Lines judged at once: the language model and the classifier work on a whole batch as arrays."""


def run_assess(district: Path | None, compare: Path | None) -> int:
    """stdin to stdout, in order; 1 where any line could not be read, the rest is done."""
    settings = load_settings(**({"district_dir": district} if district else {}))
    judge = build_judge(settings, short=True)
    if compare is not None:
        return _run_compare(judge, compare)
    ok = True
    out = sys.stdout.buffer
    for record in assess_lines(judge, sys.stdin.buffer):
        ok = ok and "error" not in record
        out.write(orjson.dumps(record) + b"\n")
    out.flush()
    return 0 if ok else 1


def _run_compare(judge: Judge, compare: Path) -> int:
    """Print what flips; the items' words are kept beside the records, so that a line can be recognised."""
    earlier = read_earlier(compare)
    lines = sys.stdin.buffer.readlines()
    now = list(assess_lines(judge, lines))
    for line in flips(earlier, zip(now, map(_words, lines), strict=True)):
        print(line)
    return 1 if any("error" in record for record in now) else 0


def _words(line: bytes) -> str:
    item = parse_line(line)
    return "" if isinstance(item, str) else (item.title or item.text)


def assess_lines(judge: Judge, stream: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One record for each physical line: an assessment, or ``{"line": N, "error": …}`` (N from 1)."""
    window = Stories(judge.stories)
    batch: list[tuple[int, Item | str]] = []
    for number, line in enumerate(stream, start=1):
        batch.append((number, parse_line(line)))
        if len(batch) >= BATCH:
            yield from _judge_batch(judge, window, batch)
            batch = []
    yield from _judge_batch(judge, window, batch)


def parse_line(line: bytes) -> Item | str:
    """The item of a line, or what is wrong with it."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error}"
    if not isinstance(value, dict):
        return "not a JSON object"
    try:
        return Submission.model_validate(value)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())


def _judge_batch(judge: Judge, window: Stories, batch: list[tuple[int, Item | str]]) -> Iterator[dict[str, Any]]:
    inputs = [
        Arrived(item, item.received_at or item.published_at, Origin(topic="", partition=0, offset=number))
        for number, item in batch
        if isinstance(item, Item)
    ]
    judged = iter(_assessed(judge, inputs))
    for number, item in batch:
        result: AssessedItem | InvalidItem | str = item if isinstance(item, str) else next(judged)
        if isinstance(result, AssessedItem):
            yield line_of(changed(result.assessment, {"story": window.story(result)}))
        else:
            yield {"line": number, "error": str(result)}


def _assessed(judge: Judge, inputs: list[Arrived]) -> list[AssessedItem | InvalidItem | str]:
    """The judge's results; where it fails, one by one, so that a fault of ours costs one line and not the batch."""
    try:
        return [*judge.assess(inputs)]
    except DistrictError:  # a bad rule stops the run with its line
        raise
    except Exception as error:
        if len(inputs) == 1:
            return [f"judgement failed, please report this text: {type(error).__name__}: {error}"]
        return [result for one in inputs for result in _assessed(judge, [one])]


def line_of(assessment: Assessment) -> dict[str, Any]:
    """The assessment as one JSON-able line."""
    record: dict[str, Any] = assessment.model_dump(mode="json")
    return record


def run_explain(text: str, lane: str, district: Path | None) -> int:
    """Print the reasons for one text or one item."""
    settings = load_settings(**({"district_dir": district} if district else {}))
    judge = build_judge(settings, short=True)
    raw = sys.stdin.buffer.read() if text == "-" else None
    item = parse_line(raw) if raw is not None else _plain_item(text, lane, judge)
    if isinstance(item, str):
        print(f"huiyao: {item}", file=sys.stderr)
        return 2
    for line in judge.explain(item, item.received_at or item.published_at):
        print(line)
    return 0


def _plain_item(text: str, lane: str, judge: Judge) -> Item | str:
    source = judge.register.departments[0].id if lane == "report" else "命令行"
    now = datetime.now(CHINA).isoformat(timespec="seconds")  # a text without a date is taken as written just now
    value = {"lane": lane, "source": source, "text": text, "published_at": now}
    return parse_line(json.dumps(value).encode())
