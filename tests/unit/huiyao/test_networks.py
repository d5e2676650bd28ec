"""The networks give the same states on every machine: without VNNI, products of signed bytes overflow (ADR 089)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huiyao.network import FILE, TOLERANCE, OnnxNetwork, control

MODELS = Path(__file__).parents[3] / "models"


@pytest.mark.parametrize("name", ["reader", "spelling"])
def test_states_are_those_that_the_manifest_holds(name: str) -> None:
    told = json.loads((MODELS / name / "manifest.json").read_text("utf-8"))["control"]
    assert control(OnnxNetwork(MODELS / name / FILE)) == pytest.approx(told, abs=TOLERANCE)
