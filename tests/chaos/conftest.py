"""Engines of the chaos tests' own: they are killed and restarted, so nobody else shares them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import testing
from tests.chaos.plant import Plant

FULL = os.environ.get("HUIYAO_CHAOS") == "full"
"""``make chaos``: twenty kills and a longer load; CI: three."""


@pytest.fixture(scope="session")
def chaos_engines() -> Iterator[testing.Running]:
    """Kafka and Elasticsearch on free ports."""
    with testing.engines() as running:
        yield running


@pytest.fixture
def plant(chaos_engines: testing.Running, tmp_path: Path) -> Callable[..., Plant]:
    """Makes a run: ``plant("name", indexed=False)``."""

    def make(name: str, **options: Any) -> Plant:
        return Plant(chaos_engines, tmp_path, name, **options)

    return make
