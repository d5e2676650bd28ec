"""Showing downloads: a bar on a terminal, a line every few seconds elsewhere (logs, CI)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

LINE_EVERY_S = 5.0
MEGA = 1_000_000
# Dozens of files of a few kB are not worth a bar each.
SHOWN_FROM = MEGA


@contextmanager
def shown(name: str, total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Report one download on stderr; a :data:`deploy.download.Progress`."""
    if total < SHOWN_FROM:
        yield lambda _n: None
    elif sys.stderr.isatty():
        with _bar(name, total, done) as advance:
            yield advance
    else:
        yield Lines(sys.stderr, name, total, done).advance


@contextmanager
def _bar(name: str, total: int, done: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task(f"下载 {name}", total=total, completed=done)
        yield lambda n: progress.advance(task, n)


class Lines:
    """One line at the start and then one every ``LINE_EVERY_S`` seconds."""

    def __init__(self, out: TextIO, name: str, total: int, done: int, clock: Callable[[], float] | None = None) -> None:
        self._out, self._name, self._total, self._done = out, name, total, done
        self._clock = clock or time.monotonic
        self._next = self._clock() + LINE_EVERY_S
        self._print()

    def advance(self, count: int) -> None:
        """Note ``count`` more bytes."""
        self._done += count
        if self._clock() >= self._next:
            self._next = self._clock() + LINE_EVERY_S
            self._print()

    def _print(self) -> None:
        print(f"下载 {self._name}  {self._done / MEGA:.1f}/{self._total / MEGA:.1f} MB", file=self._out, flush=True)
