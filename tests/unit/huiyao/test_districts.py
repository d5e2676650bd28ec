"""District folders: what is wrong is named with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from huiyao.districts import load_district
from huiyao.settings import load_settings
from huiyao.wiring import bulletin_rules, ledger_rules
from schemas.errors import DistrictError, SettingsError

DISTRICT = load_settings().district_dir


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "district"
    copy.mkdir()
    for file in [*DISTRICT.glob("*.tsv"), *DISTRICT.glob("*.toml")]:
        shutil.copy(file, copy)
    return copy


def test_the_district_loads_and_its_digest_follows_its_content(folder: Path) -> None:
    first = load_district(folder)
    assert (first.id, first.name) == ("zhanggong", "章贡区")
    with (folder / "hype_vague.tsv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert load_district(folder).digest != first.digest


def test_a_department_given_twice_is_named(folder: Path) -> None:
    table = folder / "departments.tsv"
    lines = table.read_text("utf-8").rstrip("\n").split("\n")
    table.write_text("\n".join([*lines, lines[1]]) + "\n", "utf-8")
    with pytest.raises(DistrictError, match=rf"departments\.tsv:{len(lines) + 1}: .*twice"):
        load_district(folder)


def test_a_row_too_wide_is_named(folder: Path) -> None:
    with (folder / "clocks.tsv").open("a", encoding="utf-8") as file:
        file.write("D99\t多\t\t\toccurred\t5\tSYN\t多出一格\n")
    with pytest.raises(DistrictError, match=r"clocks\.tsv:6: 8 cells"):
        load_district(folder)


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "clocks.tsv").write_bytes("rule\tname\nD1\t名".encode("gb18030"))
    with pytest.raises(DistrictError, match=r"clocks\.tsv:2: not UTF-8"):
        load_district(folder)


def test_a_folder_that_is_no_district(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"district\.toml is missing"):
        load_district(tmp_path)


def test_rules_of_duty_and_bulletins_come_from_the_folder(folder: Path) -> None:
    rules = ledger_rules(load_district(folder))
    assert "U001" not in rules.departments
    assert rules.departments["U034"] == "区应急局"
    assert {name.value for name in bulletin_rules(load_district(folder))} == {"huiyao", "yuqing", "xinxi"}


def test_a_bad_bulletin_rule_is_named(folder: Path) -> None:
    file = folder / "bulletins.toml"
    file.write_text(file.read_text("utf-8").replace('lanes = ["report"]', 'lanes = ["rapport"]', 1), "utf-8")
    with pytest.raises(DistrictError, match=r"bulletins\.toml.*rapport"):
        bulletin_rules(load_district(folder))


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("U034", "U034"),
        ("区应急局", "U034"),
        ("章贡区应急管理局", "U034"),
        ("沙河镇人民政府", "U065"),
        ("区教育局", "U015"),  # name of 2010
        ("水务公司", "U055"),
        ("水南镇", None),  # became two subdistricts: decides nothing
        ("不存在局", None),
    ],
)
def test_departments_by_their_many_names(name: str, id_: str | None) -> None:
    found = load_district(DISTRICT).register.resolve(name)
    assert (found.id if found else None) == id_
