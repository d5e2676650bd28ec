"""The sample day end to end: ``huiyao demo --exit`` on real engines, and its account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DEMO_TIMEOUT_S = 900


@pytest.mark.integration
@pytest.mark.timeout(DEMO_TIMEOUT_S + 60)
def test_the_sample_day_adds_up(tmp_path: Path) -> None:
    out = tmp_path / "out"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUIYAO_")}
    result = subprocess.run(
        [sys.executable, "-m", "huiyao", "demo", "--exit", "--data-dir", str(tmp_path / "data"), "--out", str(out)],
        capture_output=True,
        timeout=DEMO_TIMEOUT_S,
        env=environment,
        check=False,
    )
    assert (out / "summary.json").is_file(), result.stderr.decode()[-3000:]
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    print(json.dumps(summary, ensure_ascii=False))
    assert result.returncode == 0, (summary, result.stderr.decode()[-3000:])
    assert summary["missing"] == 0
    parts = summary["refused"] + summary["indexed"] + summary["folded"] + summary["deadletter"]
    assert summary["produced"] == parts
    assert summary["indexed"] >= 150
    assert summary["deadletter"] >= 5
    assert summary["folded"] >= 3
    assert summary["alerts"] >= 3
    assert summary["alerts_delivered"] == summary["alerts"]
    for name in ("huiyao", "yuqing", "xinxi"):
        page = (out / f"{name}-2026-11-20.html").read_text("utf-8")
        assert "<article" in page, name
    daily = (out / "huiyao-2026-11-20.html").read_text("utf-8")
    assert "沙石镇" in daily
    # One post, counted to no department's incident: only offered in the one, marked in the other (ADR 079).
    told_by_one_post = "市立医院门口来了好几辆救护车"
    assert f"<h3>{told_by_one_post}" not in daily
    assert f"<h3>【待核实】{told_by_one_post}" in (out / "yuqing-2026-11-20.html").read_text("utf-8")
