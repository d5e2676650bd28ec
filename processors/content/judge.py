"""The content judge: all doubts about what an item says and leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from processors.content import arithmetic, guards
from processors.content.claims import Claims, finding
from processors.content.learned import LearnedClaims, Suspicion
from processors.content.named import Named
from processors.content.omissions import find_omissions, register_places
from processors.content.rules import Family
from processors.document import Document
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Finding
from schemas.vocab import Category, Check

RULE, PRAISE = "learned", f"{Check.EXAGGERATION}.{Family.EFFECT}:"


class ContentQuestion(NamedTuple):
    """A document whose ``norm`` was scanned, and what is known of it already."""

    doc: Document
    scan: Scan
    category: Category
    is_emergency: bool
    has_time: bool
    places: Sequence[str]


class ContentJudge:
    """Speculation, exaggeration, vague sources, generalisations; missing time, place, result; sums that are wrong."""

    def __init__(self, claims: Claims, named: Named, learned: LearnedClaims | None = None) -> None:
        self._claims, self._named, self._learned = claims, named, learned

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder, learned: LearnedClaims | None = None) -> ContentJudge:
        """The judge of a district (``hype_vague.tsv``, ``time_place.tsv``). Raises DistrictError with the line
        of a bad row."""
        register_places(tables, builder)
        return cls(Claims.from_tables(tables, builder), Named(tables), learned)

    def judge(
        self,
        doc: Document,
        scan: Scan,
        *,
        category: Category,
        is_emergency: bool,
        has_time: bool,
        places: Sequence[str],
    ) -> list[Finding]:
        """Findings of one document; see ``judge_many``."""
        return self.judge_many([ContentQuestion(doc, scan, category, is_emergency, has_time, places)])[0]

    def judge_many(self, batch: Sequence[ContentQuestion]) -> list[list[Finding]]:
        """Findings of each document in order of their place; those without a span first."""
        missing = [
            find_omissions(
                one.doc, one.scan, self._named, one.category,
                is_emergency=one.is_emergency, has_time=one.has_time, places=one.places,
            )
            for one in batch
        ]  # fmt: skip
        claimed = self._claims.judge_many([(one.doc, one.scan, one.category) for one in batch])
        if self._learned is not None:
            suspected = self._learned.find_many([(one.doc, one.category) for one in batch])
            claimed = [
                _joined(one.doc, said, doubts) for one, said, doubts in zip(batch, claimed, suspected, strict=True)
            ]
        return [
            [*left_out, *_once(left_out, said), *arithmetic.check(one.doc)]
            for one, left_out, said in zip(batch, missing, claimed, strict=True)
        ]


def _once(left_out: Sequence[Finding], said: list[Finding]) -> list[Finding]:
    """成效显著 of a practice that tells no result: one fault, told once, unless the item boasts besides."""
    boasts = [one for one in said if one.check is Check.EXAGGERATION]
    if any(one.check is Check.MISSING_RESULT for one in left_out) and all(_is_praise(one) for one in boasts):
        return [one for one in said if one not in boasts]
    return said


def _is_praise(found: Finding) -> bool:
    return found.rule.startswith(PRAISE)


def _joined(doc: Document, said: list[Finding], suspected: Sequence[Suspicion]) -> list[Finding]:
    """What rules name, and what only the learned judge names: where both name something, the rule knows better."""
    found = list(said)
    quoted = guards.quoted_spans(doc.norm) if suspected else []
    for one in suspected:
        if any(first <= one.start and one.end <= last for first, last in quoted):
            continue  # other people's words
        if guards.is_stock(doc.norm[one.start : one.end]):
            continue
        doubt = finding(doc, one.check, one.start, one.end, f"{RULE}.{one.check}")
        if not any(
            other.field == doubt.field and other.start < doubt.end and other.end > doubt.start for other in said
        ):
            found.append(doubt)
    return sorted(found, key=lambda known: (known.field != "title", known.start))
