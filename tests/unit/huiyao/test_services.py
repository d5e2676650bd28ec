"""What a supervisor is given to run, and who steps back for whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.services import LANES, URGENT, deploy_config, services
from huiyao.settings import Settings, load_settings
from schemas.errors import SettingsError


def settings_of(tmp_path: Path, **priorities: int) -> Settings:
    return load_settings(data_dir=str(tmp_path), priorities=priorities)


def test_the_way_of_an_emergency_steps_back_for_nobody_and_the_rest_for_it(tmp_path: Path) -> None:
    found = {one.name: one.nice for one in services(settings_of(tmp_path), ["workers", "producers", "desk"])}
    urgent = {f"worker-{lane}" for lane in ("reports", "incidents", "alerts")} | {"desk"}
    assert {name for name, nice in found.items() if nice == 0} == urgent
    assert {nice for name, nice in found.items() if name not in urgent} == {5}
    assert set(LANES) > URGENT


def test_how_far_is_a_setting(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, background=3, elasticsearch=1)
    assert {one.nice for one in services(settings, ["workers"])} == {0, 3}
    assert deploy_config(settings).elasticsearch.nice == 1
    with pytest.raises(SettingsError, match=r"priorities\.background"):
        settings_of(tmp_path, background=-5)
