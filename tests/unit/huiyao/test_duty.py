"""Changes of duties are checked before they are written; contact data shows nowhere."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from huiyao.cli.duty import duty_app
from huiyao.duty import duty_decision, liaisons, rules_of
from huiyao.settings import Settings, load_settings
from processors.duty.liaisons import FILE, liaison_of
from processors.ledger import Ledger
from schemas.base import CHINA
from schemas.decision import Decision
from schemas.errors import DistrictError, InvalidItem, SettingsError
from tests.unit.processors.duty.test_duty_repair import spoilt

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)
PHONE, NAME = "13900001234", "赵某某"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


def private(settings: Settings, row: str, mode: int = 0o600) -> None:
    path = settings.data_dir / FILE
    path.parent.mkdir(parents=True)
    path.write_text(f"department\tname\tphone\tfrom\tuntil\n{row}\n", "utf-8")
    path.chmod(mode)


def test_a_change_is_made_for_the_department_as_people_write_it(settings: Settings) -> None:
    details = {"cutoff": "16:30", "from": "2026-12-01", "until": "", "days": None}
    made = duty_decision(settings, "set_duty", "区水利局", "科长", reason="", details=details, now=NOW)
    assert (made.subject_id, made.details) == ("U028", {"cutoff": "16:30", "from": "2026-12-01"})
    book = rules_of(settings).book.with_decisions([made])
    assert [f"{book.duty('U028', day).cutoff:%H:%M}" for day in ("2026-11-30", "2026-12-01")] == ["17:30", "16:30"]


@pytest.mark.parametrize(
    ("who", "details", "field"),
    [
        ("火星办", {}, "department"),
        ("区水利局", {"cutoff": "noon"}, "details.cutoff"),
        ("区水利局", {"from": "2026-11-01"}, "details.from"),
    ],
)
def test_a_wrong_change_is_refused(settings: Settings, who: str, details: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidItem) as caught:
        duty_decision(settings, "set_duty", who, "科长", reason="", details=details, now=NOW)
    assert [one.field for one in caught.value.errors] == [field]


def test_contacts_are_read_and_shown_to_nobody_by_accident(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    private(settings, f"区水利局\t{NAME}\t{PHONE}\t2026-01-01\t")
    (found,) = liaisons(settings)
    assert liaison_of((found,), "U028", "2026-11-20") is found
    assert liaison_of((found,), "U028", "2025-11-20") is None
    assert found.phone.get_secret_value() == PHONE
    with caplog.at_level(logging.INFO):
        logging.getLogger("x").info("%s %r", found, found)
    assert PHONE not in caplog.text + repr(found) + str(found)
    assert NAME not in caplog.text + repr(found) + str(found)


def test_a_list_that_others_can_read_is_refused(settings: Settings) -> None:
    private(settings, f"区水利局\t{NAME}\t{PHONE}", mode=0o644)
    with pytest.raises(SettingsError, match="others"):
        liaisons(settings)


def test_a_wrong_row_is_named_without_its_contents(settings: Settings) -> None:
    private(settings, f"火星办\t{NAME}\t{PHONE}")
    with pytest.raises(DistrictError) as caught:
        liaisons(settings)
    assert PHONE not in str(caught.value)
    assert "2" in str(caught.value)


def test_no_list_is_no_error(settings: Settings) -> None:
    assert liaisons(settings) == ()


def test_the_repair_shows_first_and_decides_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Decision] = []
    monkeypatch.setattr("huiyao.duty.ledger_now", lambda _: spoilt())
    monkeypatch.setattr("huiyao.deciding.send_decision", lambda _, made: sent.append(made))
    asked = ["repair", "--data-dir", str(tmp_path)]
    shown = CliRunner().invoke(duty_app, asked)
    assert shown.exit_code == 0, shown.output
    assert "2026-11-13  缺报 2家  台账2026-11-20才开始" in shown.output
    assert sent == []
    assert CliRunner().invoke(duty_app, [*asked, "--apply"]).exit_code == 2  # nobody decides it
    assert CliRunner().invoke(duty_app, [*asked, "--apply", "--by", "科长"]).exit_code == 0
    [made] = sent
    assert (made.action, made.subject_id, made.by) == ("set_duty", "*", "科长")
    assert {name: made.details[name] for name in ("from", "until", "required")} == {
        "from": "2026-11-13", "until": "2026-11-19", "required": "N",
    }  # fmt: skip
    monkeypatch.setattr("huiyao.duty.ledger_now", lambda _: Ledger())
    assert "nothing to repair" in CliRunner().invoke(duty_app, asked).output
