"""Charts: figures in, the same figures drawn and said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from defusedxml.ElementTree import fromstring

from publishers.charts import HEIGHT, WIDTH, describe, svg
from schemas.bulletin import BulletinChart

NAMESPACE = "{http://www.w3.org/2000/svg}"


def chart(form: str, *values: float) -> BulletinChart:
    labels = tuple(f"第{number}项" for number in range(len(values)))
    return BulletinChart.model_validate({"title": "甲 <乙>", "form": form, "labels": labels, "values": values})


def test_bars_are_as_high_as_their_figures() -> None:
    bars = fromstring(svg(chart("bar", 10, 5, 0))).findall(f"{NAMESPACE}rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[2] == pytest.approx(0)


def test_a_line_has_a_point_for_each_figure_inside_the_picture() -> None:
    line = fromstring(svg(chart("line", *range(48)))).find(f"{NAMESPACE}polyline")
    assert line is not None
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert len(points) == 48
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


@pytest.mark.parametrize("values", [(), (0,), (0.5,), (7,), (123_456,)])
def test_any_figures_are_drawn_below_the_top_of_the_scale(values: tuple[float, ...]) -> None:
    root = fromstring(svg(chart("bar", *values)))
    scale = [float(text.text) for text in root.findall(f"{NAMESPACE}text") if text.attrib["text-anchor"] == "end"]
    assert max(scale) >= max(values, default=0)


def test_words_are_escaped_and_said() -> None:
    made = chart("bar", 3, 0)
    assert "<乙>" not in svg(made)
    assert describe(made) == "甲 <乙>：第0项3条"
    assert describe(chart("bar", 0)) == "甲 <乙>：无"


def named(form: str, *labels: str) -> list[tuple[float, float, str]]:
    """(middle, y, text) of everything that stands below the bars."""
    values = (1.0,) * len(labels)
    made = BulletinChart.model_validate({"title": "主题", "form": form, "labels": labels, "values": values})
    texts = fromstring(svg(made)).findall(f"{NAMESPACE}text")
    middles = [one for one in texts if one.attrib["text-anchor"] == "middle" and one.text != "1"]
    return [(float(one.attrib["x"]), float(one.attrib["y"]), one.text or "") for one in middles]


@pytest.mark.parametrize("label", ["极端天气灾害", "江北某小区停水三天无人管", "X" * 12, "城" * 40])
def test_names_of_bars_do_not_touch(label: str) -> None:
    labels = [label + letter for letter in "甲乙丙丁戊己庚辛"]
    found = named("bar", *labels)
    assert len({x for x, _, _ in found}) == 8
    assert all(y <= HEIGHT for _, y, _ in found)
    slot = (WIDTH - 56) / 8
    assert all(sum(8 if sign.isascii() else 14 for sign in text) <= slot - 8 for _, _, text in found)


def test_a_long_name_stands_whole_in_two_lines() -> None:
    found = named("bar", *["极端天气灾害"] * 8)
    assert [text for _, _, text in found[:2]] == ["极端天", "气灾害"]


def test_moments_of_a_line_are_named_where_there_is_room() -> None:
    found = named("line", *(f"11月{day}日" for day in range(1, 31)))
    assert 4 < len(found) < 12
    assert all(b - a >= 60 for (a, _, _), (b, _, _) in pairwise(found))
