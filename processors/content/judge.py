"""The content judge: all doubts about what an item says and leaves out."""

from __future__ import annotations

from processors.content.claims import Claims
from processors.content.omissions import find_omissions, register_places
from processors.document import Document
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Finding
from schemas.vocab import Category


class ContentJudge:
    """Speculation, exaggeration, vague sources, generalisations; missing time, place, result."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> ContentJudge:
        """The judge of a district (``hype_vague.tsv``). Raises DistrictError with the line of a bad row."""
        register_places(tables, builder)
        return cls(Claims.from_tables(tables, builder))

    def judge(
        self, doc: Document, scan: Scan, *, category: Category, is_emergency: bool, has_time: bool, has_place: bool
    ) -> list[Finding]:
        """Findings in order of their place; those without a span first."""
        missing = find_omissions(doc, scan, category, is_emergency=is_emergency, has_time=has_time, has_place=has_place)
        return [*missing, *self._claims.judge(doc, scan, category)]
