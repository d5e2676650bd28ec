"""Read the sample day (``districts/<d>/sample-day``; its README tells what the day shows)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from schemas.errors import HuiyaoError


@dataclass(frozen=True, slots=True)
class Poison:
    """A record put straight on a topic, which no worker can use."""

    topic: str
    key: bytes | None
    value: bytes
    why: str


@dataclass(frozen=True, slots=True)
class PageVersion:
    """What a path of the loopback site serves from ``at`` on."""

    at: datetime
    path: str
    file: Path
    content_type: str


@dataclass
class Moment:
    """Everything that happens at one time of the day."""

    at: datetime
    reports: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    poison: list[Poison] = field(default_factory=list)
    feeds: bool = False
    forum: bool = False


@dataclass(frozen=True)
class SampleDay:
    """The day: its moments in order and the pages of its sites."""

    moments: tuple[Moment, ...]
    pages: tuple[PageVersion, ...]
    sources: Path


def load_day(folder: Path) -> SampleDay:
    """Read a sample-day folder."""
    if not (folder / "reports.jsonl").is_file():
        raise HuiyaoError(f"no sample day in {folder}", hint="the district folder needs sample-day/reports.jsonl")
    events: list[tuple[datetime, str, Any]] = []
    events += [(_time(line), "report", line["report"]) for line in _lines(folder / "reports.jsonl")]
    events += [(_time(line), "refused", line) for line in _lines(folder / "refused.jsonl")]
    events += [(_time(line), "poison", _poison(line)) for line in _lines(folder / "poison.jsonl")]
    pages = [*_pages(folder / "feeds"), *_pages(folder / "forum")]
    events += [(page.at, "forum" if (folder / "forum") in page.file.parents else "feeds", None) for page in pages]
    events.sort(key=lambda event: event[0])
    moments = [_moment(at, list(group)) for at, group in groupby(events, key=lambda event: event[0])]
    return SampleDay(tuple(moments), tuple(pages), folder / "sources")


def _moment(at: datetime, events: list[tuple[datetime, str, Any]]) -> Moment:
    moment = Moment(at)
    for _, kind, value in events:
        if kind == "report":
            moment.reports.append(value)
        elif kind == "refused":
            moment.refused.append(value)
        elif kind == "poison":
            moment.poison.append(value)
        else:
            setattr(moment, kind, True)
    return moment


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.is_file():
        yield from (json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip())


def _time(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


def _pages(folder: Path) -> Iterator[PageVersion]:
    index = folder / "index.yml"
    for entry in yaml.safe_load(index.read_text("utf-8")) if index.is_file() else ():
        at = entry["at"] if isinstance(entry["at"], datetime) else datetime.fromisoformat(entry["at"])
        yield PageVersion(at, entry["path"], folder / entry["file"], entry.get("content_type", "text/html"))


def _poison(line: dict[str, Any]) -> Poison:
    if "value_base64" in line:
        value = base64.b64decode(line["value_base64"])
    elif "generate" in line:
        value = _long_item(int(line["generate"]["text_of_length"]))
    else:
        value = line["value_text"].encode()
    key = line.get("key")
    return Poison(line["topic"], key.encode() if key else None, value, line.get("why", ""))


def _long_item(length: int) -> bytes:
    item = {
        "lane": "opinion",
        "source": "虔城论坛",
        "text": "长" * (length // 3),
        "published_at": "2026-11-20T12:00:00+08:00",
    }
    return json.dumps(item, ensure_ascii=False).encode()
