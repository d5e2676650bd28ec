"""District folders: what is wrong is named with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from huiyao.cli.district import parts
from huiyao.districts import load_district
from huiyao.rules import bulletin_rules, incident_rules, ledger_rules
from huiyao.settings import load_settings
from processors.departments import Department, Register
from processors.facts import FactJudge
from processors.home import Home, beginnings
from processors.place_table import local_names
from processors.scan import ScannerBuilder
from schemas.errors import DistrictError, SettingsError
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

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


NEIGHBOUR = """name\taliases\ttype\tparent\tcode\tambiguous\tsource
江西省\t江西\tprovince\t\t36\tN\tSYN
赣州市\t赣州\tcity\t江西省\t3607\tN\tSYN
南康区\t南康|本区|我区|全区|区里\tdistrict\t赣州市\t360703\tN\tSYN
龙岭镇\t龙岭\ttown\t南康区\t\tN\tSYN
章贡区\t章贡\tneighbour county\t赣州市\t\tN\tSYN
"""


@pytest.fixture
def neighbour(folder: Path) -> Path:
    """Another district, made as docs/district.md says: names, parts and departments; everything else as it is."""
    for name in ("district.toml", "departments.tsv"):
        file = folder / name
        file.write_text(file.read_text("utf-8").replace("章贡", "南康").replace("zhanggong", "nankang"), "utf-8")
    (folder / "gazetteer.tsv").write_text(NEIGHBOUR, "utf-8")
    (folder / "home.tsv").unlink()
    places = (folder / "places.tsv").read_text("utf-8").split("\n")
    kept = [row for row in places if row.split("\t")[3:4] not in (["village"], ["community"])]
    (folder / "places.tsv").write_text("\n".join(kept), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("lane", "source", "text", "inside"),
    [
        ("report", "区应急局", "11月20日，龙岭镇一厂房起火，2人受伤。", True),
        ("media", "江右早报", "赣州市南康区一小学58名学生不适。", True),
        ("media", "江右早报", "赣州市章贡区一小学58名学生不适。", False),
        ("media", "南康发布", "一小学部分学生呕吐。", True),
        ("media", "章贡发布", "一小学部分学生呕吐。", None),
    ],
)
def test_another_district_is_data(neighbour: Path, lane: str, source: str, text: str, inside: bool | None) -> None:
    builder = ScannerBuilder()
    judge = FactJudge.from_tables(load_district(neighbour).tables, builder)
    assert read((judge, builder.build()), text, lane=Lane(lane), source=source).in_district is inside


@pytest.fixture
def county(neighbour: Path) -> Path:
    """A 县, whose tables do not say what it calls itself."""
    gazetteer = NEIGHBOUR.replace("南康区\t南康|本区|我区|全区|区里", "归山县\t归山").replace("南康区", "归山县")
    (neighbour / "gazetteer.tsv").write_text(gazetteer, "utf-8")
    for name in ("district.toml", "departments.tsv"):
        file = neighbour / name
        file.write_text(file.read_text("utf-8").replace("南康区", "归山县").replace("nankang", "guishan"), "utf-8")
    return neighbour


def test_a_county_speaks_of_itself_as_one(county: Path) -> None:
    folder = load_district(county)
    builder = ScannerBuilder()
    judge = FactJudge.from_tables(folder.tables, builder)
    scanner = builder.build()

    def said(text: str, lane: Lane = Lane.MEDIA) -> tuple[bool | None, tuple[str, ...]]:
        found = read((judge, scanner), text, lane=lane, source="江右早报" if lane is Lane.MEDIA else "县应急局")
        return found.in_district, found.facts.places

    assert said("我县一厂房起火，2人受伤。") == (True, ("我县",))
    assert said("我区一厂房起火，2人受伤。") == (None, ())
    assert said("全县一厂房起火，龙岭镇2人受伤。", Lane.REPORT) == (True, ("龙岭镇",))
    assert said("全县一厂房起火，2人受伤。") == (None, ())  # of any county
    home = Home.from_tables(folder.tables)
    assert (home.ours, home.whole, home.level) == ("我县", "全县", "县级")
    assert {"我县", "本县"} <= incident_rules(folder).links.wide
    assert local_names(folder.tables) == tuple(sorted(("归山县", "归山", "龙岭镇")))


def test_every_part_of_a_county_loads(county: Path) -> None:
    found = list(parts(load_settings(district_dir=str(county), second_reader=False)))
    assert [one for one in found if one.fault] == []
    assert len(found) > 5


def test_a_row_says_otherwise_what_it_calls_itself(county: Path) -> None:
    (county / "home.tsv").write_text("kind\twords\tsource\nself\t我旗|全旗\tSYN\n", "utf-8")
    home = Home.from_tables(load_district(county).tables)
    assert (home.itself, home.ours, home.whole) == ({"我旗", "全旗"}, "我旗", "全旗")
    assert home.level == "县级"


def test_departments_of_another_district(neighbour: Path) -> None:
    register = load_district(neighbour).register
    assert [found.id if (found := register.resolve(name)) else None for name in ("南康区应急管理局", "区应急局")] == [
        "U034",
        "U034",
    ]


def test_a_district_that_lies_in_no_city_has_its_beginnings_all_the_same() -> None:
    one = Department("U001", "kind", "归山县应急管理局", "应急局", "A")
    register = Register([(one, ("归山县应急管理局",))], beginnings("归山县", "", "江右省归山县"))
    for name in ("江右省归山县应急管理局", "县应急管理局", "归山应急管理局"):
        assert register.resolve(name) is one


def test_a_district_of_two_names_is_told(folder: Path) -> None:
    file = folder / "district.toml"
    file.write_text(file.read_text("utf-8").replace('name = "章贡区"', 'name = "南康区"'), "utf-8")
    with pytest.raises(DistrictError, match=r"gazetteer\.tsv.*章贡区.*南康区"):
        load_district(folder)


def test_a_district_without_a_code_is_told(neighbour: Path) -> None:
    """Places without a code (Japan, say) would all be its own."""
    (neighbour / "gazetteer.tsv").write_text(NEIGHBOUR.replace("360703", ""), "utf-8")
    with pytest.raises(DistrictError, match=r"gazetteer\.tsv:4: code"):
        load_district(neighbour)


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ('city = "赣州市"', "city = 7", r"toml:5: city: .*string"),
        ('exempt = ["U001"]', 'exempt = "U001"', r"toml:17: duty\.exempt: .*list"),
        ('signer = ""', "signer = [[]]", r"bulletins\.signer: .*string"),
        ("[alerts]", "[[alerts]]", r"toml:19: alerts: "),
    ],
)
def test_a_wrong_kind_in_district_toml_is_told_by_line(folder: Path, was: str, wrong: str, said: str) -> None:
    """A text for a list was read letter by letter, a number ended in a traceback."""
    file = folder / "district.toml"
    text = file.read_text("utf-8")
    assert text.count(was) == 1
    file.write_text(text.replace(was, wrong), "utf-8")
    with pytest.raises(DistrictError, match=said):
        load_district(folder)


def test_every_fault_of_a_folder_is_told_at_once(folder: Path) -> None:
    (folder / "deadlines.tsv").unlink()
    with (folder / "instructions.toml").open("a", encoding="utf-8") as file:
        file.write("\n[[\n")
    (folder / "media").mkdir()
    (folder / "media" / "wanbao.yml").write_text("id: wanbao\nname: 晚报\nurl: nowhere\n", "utf-8")
    found = {one.name: one.fault for one in parts(load_settings(district_dir=str(folder), second_reader=False))}
    assert {name for name, fault in found.items() if fault} == {"事件", "批示", "来源"}
    assert found["来源"].startswith(f"{folder / 'media' / 'wanbao.yml'}:3: url")
