"""Judges of the sample district, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.facts import FactJudge
from processors.scan import Scanner, ScannerBuilder

DISTRICT = Path(__file__).parents[3] / "districts" / "zhanggong"


@pytest.fixture(scope="session")
def facts() -> tuple[FactJudge, Scanner]:
    """The judge of facts with its scanner."""
    builder = ScannerBuilder()
    judge = FactJudge.from_tables(load_district(DISTRICT).tables, builder)
    return judge, builder.build()
