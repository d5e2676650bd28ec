"""Settings: sources and their order, secrets from files, clear errors, handing down to children."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huiyao.settings import CHILD_VARIABLE, load_settings
from schemas.errors import SettingsError


def test_environment_before_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("huiyao.toml").write_text('data_dir = "from-file"\n[desk]\nport = 1111\n', "utf-8")
    monkeypatch.setenv("HUIYAO_DESK__PORT", "2222")
    settings = load_settings()
    assert (settings.data_dir, settings.desk.port) == (Path("from-file"), 2222)


def test_engines_elsewhere_need_only_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().kafka is None
    monkeypatch.setenv("HUIYAO_KAFKA__BOOTSTRAP", "broker:9092")
    monkeypatch.setenv("HUIYAO_ELASTICSEARCH__URL", "https://es:9200")
    settings = load_settings()
    assert settings.kafka_connection().bootstrap == "broker:9092"
    assert settings.elasticsearch_connection().url == "https://es:9200"


def test_a_secret_can_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cret\n", "utf-8")
    monkeypatch.setenv("HUIYAO_KAFKA__BOOTSTRAP", "broker:9092")
    monkeypatch.setenv("HUIYAO_KAFKA__PASSWORD_FILE", str(secret))
    kafka = load_settings().kafka_connection()
    assert kafka.password is not None
    assert kafka.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(kafka)


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUIYAO_KAFKA__PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="HUIYAO_KAFKA__PASSWORD_FILE"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [("HUIYAO_DESK__PORT", "abc", "desk.port"), ("HUIYAO_DESK__PROT", "80", "desk.prot")],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, field: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=field.replace(".", r"\.")):
        load_settings()


def test_children_see_what_the_parent_saw(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parent = load_settings(data_dir=str(tmp_path), kafka={"bootstrap": "b:1", "password": "pw"}, topic_prefix="t-")
    handed = tmp_path / "settings.json"
    handed.write_text(json.dumps(parent.for_children()), "utf-8")
    monkeypatch.setenv(CHILD_VARIABLE, str(handed))
    monkeypatch.setenv("HUIYAO_TOPIC_PREFIX", "other-")
    child = load_settings()
    assert child == parent


def test_the_desk_is_set_by_variables_and_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://u:p@db/huiyao\n", "utf-8")
    monkeypatch.setenv("HUIYAO_DESK__DATABASE_FILE", str(secret))
    monkeypatch.setenv("HUIYAO_DESK__TRUSTED_PROXIES", '["10.0.0.9", "10.1.0.0/16"]')
    monkeypatch.setenv("HUIYAO_DESK__ATTACHMENTS__KINDS", '["pdf"]')
    settings = load_settings()
    assert settings.desk.database is not None
    assert settings.desk.database.get_secret_value() == "postgresql://u:p@db/huiyao"
    assert settings.desk.trusted_proxies == ("10.0.0.9", "10.1.0.0/16")
    assert settings.desk.attachments.kinds == ("pdf",)
    assert settings.for_children()["desk"]["database"] == "postgresql://u:p@db/huiyao"


@pytest.mark.parametrize(
    "wrong",
    [
        {"trusted_proxies": ["10.0.0.300"]},
        {"one_time_password_hours": 0},
        {"attachments": {"kinds": ["exe"]}},
        {"attachments": {"total_mb": 0}},
        {"attachments": {"megapixels": 0}},
    ],
)
def test_wrong_settings_of_the_desk_are_named(wrong: dict[str, object]) -> None:
    [name] = wrong
    with pytest.raises(SettingsError, match=rf"desk\.{name}"):
        load_settings(desk=wrong)
