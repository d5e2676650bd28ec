"""Findings: numbers that contradict one another and dates that cannot exist (LABELS.md "Content findings")."""

from __future__ import annotations

from collections.abc import Iterator

from processors.document import Document
from processors.facts.casualties import Casualties
from processors.facts.figures import Statements
from schemas.assessment import Finding


def dates(document: Document) -> Iterator[Finding]:
    yield from ()


def casualties(document: Document, statements: Statements, people: Casualties) -> Iterator[Finding]:
    yield from ()


def numbers(document: Document) -> Iterator[Finding]:
    yield from ()
