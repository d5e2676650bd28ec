"""A short run checks a district folder whole once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from huiyao import checked
from huiyao.checked import check_once
from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.late import compile_all, late
from schemas.errors import DistrictError


def asked() -> tuple[re.Pattern[str], list[str]]:
    made: list[str] = []

    def make() -> re.Pattern[str]:
        made.append("once")
        return re.compile("汛")

    return late("汛", make), made


def test_a_new_folder_is_checked_whole_and_a_known_one_is_not(tmp_path: Path) -> None:
    compile_all()
    first, made = asked()
    check_once("a1", tmp_path)
    assert made == ["once"]
    assert first.search("防汛")
    _second, made = asked()
    check_once("a1", tmp_path)
    assert made == []
    check_once("b2", tmp_path)
    assert made == ["once"]
    compile_all()


def test_new_code_checks_a_known_folder_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "code"
    (code / "__pycache__").mkdir(parents=True)
    (code / "rules.py").write_text("LONGEST = 1")
    monkeypatch.setattr(checked, "CODE", (str(code),))
    compile_all()

    def checks() -> bool:
        checked.code_digest.cache_clear()
        _one, made = asked()
        check_once("a1", tmp_path)
        compile_all()
        marks = len(list((tmp_path / "checked").iterdir()))
        _other, made = asked()
        check_once("a1", tmp_path)
        assert made == []
        assert len(list((tmp_path / "checked").iterdir())) == marks
        return marks > 1

    assert not checks()
    (code / "__pycache__" / "rules.py").write_text("what Python keeps is no code")
    assert not checks()
    (code / "rules.py").write_text("LONGEST = 20")
    assert checks()


def test_code_is_known_by_every_file_of_the_room(tmp_path: Path) -> None:
    before = checked.code_digest((str(tmp_path),))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "new.py").touch()
    checked.code_digest.cache_clear()
    assert checked.code_digest((str(tmp_path),)) != before


def test_where_no_mark_can_be_written_it_is_checked_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        _, made = asked()
        check_once("a1", tmp_path / "file")
        assert made == ["once"]


def test_where_the_cache_cannot_be_read_it_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(self: Path) -> bool:
        raise PermissionError(str(self))

    monkeypatch.setattr(Path, "is_file", refused)
    _, made = asked()
    check_once("a1", tmp_path)
    assert made == ["once"]


def test_a_bad_row_stops_a_short_run_with_its_line(tmp_path: Path) -> None:
    settings = load_settings(second_reader=False, engines={"cache_dir": tmp_path / "cache"})
    folder = tmp_path / "district"
    shutil.copytree(settings.district_dir, folder)
    rules = folder / "text_rules.tsv"
    lines = rules.read_text("utf-8").split("\n")
    names = lines[0].split("\t")
    at = next(number for number, line in enumerate(lines[1:], 1) if line and line.split("\t")[names.index("regex")])
    cells = lines[at].split("\t")
    cells[names.index("regex")] = "(未合上"
    lines[at] = "\t".join(cells)
    rules.write_text("\n".join(lines), "utf-8")
    bad = load_settings(second_reader=False, district_dir=folder, engines={"cache_dir": tmp_path / "cache"})
    for _ in range(2):
        with pytest.raises(DistrictError, match=rf"text_rules\.tsv:{at + 1}"):
            build_judge(bad, short=True)
    assert build_judge(settings, short=True) is not None
    assert len(list((tmp_path / "cache" / "checked").iterdir())) == 1
