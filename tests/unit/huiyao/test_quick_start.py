"""What `huiyao assess` of a single item leaves out, and that it tells the same as with everything."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from huiyao.cli import _of_assess
from huiyao.cli.alone import Stories
from huiyao.cli.judging import assess_lines, parse_line
from huiyao.judges import load_arrays, make_judge
from huiyao.settings import Settings, load_settings
from huiyao.settings_sources import SourcedSettings
from huiyao.wiring import district_of
from processors.assess import Arrived, Judge
from schemas.assessment import AssessedItem
from schemas.errors import SettingsError
from schemas.item import Item

FIRE = "12月3日21时，水西镇一家具厂仓库起火，过火面积约200平方米，2名工人受伤送医。"
TEXTS = (
    FIRE,
    "水西镇家具厂仓库火灾已扑灭，2名受伤工人情况稳定，起火原因正在调查。",
    "沙石镇举办老年书画展，展出作品八十余幅。",
    "好",
    FIRE,
)


def line(text: str, **fields: str) -> bytes:
    value = {"lane": "media", "source": "虔城晚报", "text": text, "published_at": "2026-12-04T08:00:00+08:00"}
    return json.dumps(value | fields).encode()


@pytest.fixture(scope="module")
def judge() -> Judge:
    settings = load_settings(second_reader=False)
    return make_judge(district_of(settings), settings.models_dir, second_reader=False)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["assess"], {}),
        (["assess", "--district", "d"], {"district": Path("d")}),
        (["assess", "--compare", "c", "--district", "d"], {"compare": Path("c"), "district": Path("d")}),
        (["assess", "--help"], None),
        (["assess", "--district"], None),
        (["assess", "--district", "--compare"], None),
        (["assess", "--district", "a", "--district", "b"], None),
        (["assess", "--destrict", "d"], None),
        (["explain", "x"], None),
        ([], None),
    ],
)
def test_only_a_plain_assess_goes_without_the_tree_of_commands(
    arguments: list[str], options: dict[str, Path] | None
) -> None:
    assert _of_assess(arguments) == options


def test_stories_are_those_of_a_window_made_at_once(judge: Judge) -> None:
    items = [parse_line(line(text)) for text in TEXTS]
    arrived = [Arrived(item, item.published_at) for item in items if isinstance(item, Item)]
    assessed = [one for one in judge.assess(arrived) if isinstance(one, AssessedItem)]
    for count in range(1, len(assessed) + 1):
        window, later = judge.stories(), Stories(judge.stories)
        assert [later.story(one) for one in assessed[:count]] == [window.assign(one).story for one in assessed[:count]]


def test_no_window_is_made_for_one_item(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "stories", lambda: pytest.fail("one item has nobody to be joined to"))
    assert next(assess_lines(judge, [line(FIRE)]))["story"]


def test_settings_without_sources_are_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.environ", {"PATH": "/bin"})
    assert load_settings() == Settings() == SourcedSettings().plain()
    assert load_settings(log_level="DEBUG").log_level == "DEBUG"
    with pytest.raises(SettingsError, match=r"desk\.prot"):
        load_settings(desk={"prot": 80})


def test_arrays_are_as_numpy_reads_them(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    given = {
        "plain": np.arange(6, dtype=np.float32).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        "single": np.array(7, dtype=np.uint64),
        "words": np.array(["水西", "沙石镇"]),
        "mixed": np.zeros(3, dtype=[("a", "<i4"), ("b", "<f8")]),
    }
    for name, array in given.items():
        np.save(tmp_path / f"{name}.npy", array)
    for name, array in load_arrays(tmp_path).items():
        assert (array.dtype, array.shape, array.tolist()) == (
            given[name].dtype,
            given[name].shape,
            given[name].tolist(),
        )
        assert array.flags.f_contiguous == given[name].flags.f_contiguous
