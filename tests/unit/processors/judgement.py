"""Category, emergency and opinion judges of the sample district with the shipped models, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.category.judge import CategoryJudge, CategoryResult
from processors.category.kinds import KindJudge
from processors.category.model import CategoryModel
from processors.document import Document
from processors.emergency.judge import EmergencyJudge, EmergencyResult
from processors.emergency.model import EmergencyModel
from processors.opinion import OpinionJudge
from processors.scan import Scan, Scanner, ScannerBuilder
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Kind, Lane

ROOT = Path(__file__).parents[3]
PUBLISHED = datetime(2026, 6, 10, 16, 30, tzinfo=CHINA)


@dataclass(frozen=True)
class Bench:
    """The judges and their scanner."""

    scanner: Scanner
    emergency: EmergencyJudge
    category: CategoryJudge
    kinds: KindJudge
    opinion: OpinionJudge

    def judge(
        self, text: str, lane: Lane = Lane.REPORT, *, title: str = "", kind: Kind | None = None, source: str = ""
    ) -> tuple[EmergencyResult, CategoryResult]:
        """Verdicts on one text."""
        document, scan = self.prepare(text, lane, title=title, kind=kind, source=source)
        event = self.emergency.judge_many([document], [scan])
        return event[0], self.category.judge_many([document], [scan], event)[0]

    def prepare(
        self, text: str, lane: Lane = Lane.REPORT, *, title: str = "", kind: Kind | None = None, source: str = ""
    ) -> tuple[Document, Scan]:
        """Document and scan of one text."""
        document = Document(Item(lane=lane, source=source, title=title, text=text, kind=kind, published_at=PUBLISHED))
        return document, self.scanner.scan(document.norm)


@lru_cache(maxsize=1)
def bench() -> Bench:
    """The judges, built once."""
    tables, builder = load_district(ROOT / "districts" / "zhanggong").tables, ScannerBuilder()
    emergency_model = EmergencyModel.from_arrays(load_arrays(ROOT / "models" / "emergency"))
    category_model = CategoryModel.from_arrays(load_arrays(ROOT / "models" / "category"))
    parts = (
        EmergencyJudge.from_tables(tables, builder, emergency_model),
        CategoryJudge.from_tables(tables, builder, category_model),
        KindJudge.from_tables(tables, builder),
        OpinionJudge.from_tables(tables, builder, load_arrays(ROOT / "models" / "opinion")),
    )
    return Bench(builder.build(), *parts)
