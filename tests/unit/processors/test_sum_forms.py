"""How sums are told: which number is total, part, base and change. Whether they agree is asked elsewhere."""

from __future__ import annotations

import pytest

from processors.facts import change_forms, day_spans, sum_forms
from processors.facts.quantities import Span, counted, room
from processors.facts.sum_forms import Form


def test_a_change_has_its_base_whatever_stands_first() -> None:
    for sentence in (
        "全镇办件由62件增至93件，增长50%。",
        "今年93件，同比增长50%（去年同期62件）。",
        "93件，比二季度的62件增加了50%。",
        "办件增长50%，由62件增至93件。",
    ):
        told = next(iter([*change_forms.plain(sentence), *change_forms.measured(sentence)]))
        assert isinstance(told, change_forms.Change)
        assert (told.base.number, told.new.number, told.unit) == (62.0, 93.0, "件")
        assert told.by is not None
        assert told.by.told == "50%"
        assert sentence[told.start : told.end] == told.said


def test_a_growth_tells_its_difference_in_place_of_a_base() -> None:
    (told,) = change_forms.raised("接报警情58起，与上月同期相比增加9起（增幅为18.4%）。")
    assert (told.new.told, told.more.told, told.by.told, told.fell) == ("58起", "9起", "18.4%", False)


def test_times_have_no_number_of_their_own() -> None:
    (told,) = change_forms.measured("翻了近两番，由20人次增至79人次。")
    assert (told.by, told.doubled, told.nearly) == (None, 4.0, True)


@pytest.mark.parametrize(
    ("sentence", "form", "total", "parts"),
    [
        ("酒驾6起、醉驾1起，查处酒驾2起，合计9起。", None, "", []),
        ("酒驾6起、醉驾1起、无证2起，合计9起。", Form.LISTED, "9起", ["6起", "1起", "2起"]),
        ("12户，每户500元，合计6000元。", Form.PAID, "6000元", ["12户", "500元"]),
        ("受理9件：发票4件，社保2件，退税3件，当场办结8件。", Form.ROW, "9件", ["4件", "2件", "3件"]),
        ("问题19处，当场改正13处，限期整改6处。", Form.DUE, "19处", ["13处", "6处"]),
        ("三次产业结构为3.9:37.5:58.6。", Form.RATIO, "100%", ["3.9", "37.5", "58.6"]),
        ("立案18件，追回31万元，其中串换9件。", Form.AMONG, "18件", ["9件"]),
        ("62条分成三堆，分别为17条、21条、24条。", Form.SPLIT, "62条", ["17条", "21条", "24条"]),
    ],
)
def test_a_sum_has_its_total_and_its_parts(sentence: str, form: Form | None, total: str, parts: list[str]) -> None:
    found = list(sum_forms.read(sentence))
    assert [one for one, _ in found] == ([form] if form else [])
    for _, told in found:
        assert told.total.told == total
        assert [part.told for part in told.parts] == parts
        assert told.text in sentence or form is Form.RATIO


def test_each_of_a_product_is_of_the_things_counted() -> None:
    (told,) = sum_forms.products("补助12名学员，每人500元，共6000元。")
    assert [one.told for one in told.parts] == ["12名", "500元"]
    assert list(sum_forms.products("补助12户，每人500元，共6000元。")) == []


def test_days_in_a_row() -> None:
    (told,) = day_spans.within("11月18日至20日，为期三天。")
    assert (told.first, told.last, told.days) == ((11, 18), (11, 20), 3.0)


def test_a_number_has_the_room_of_its_last_digit() -> None:
    sentence = "约30件、2.5万元、12件"
    vague, rounded, whole = counted(sentence)
    assert room(sentence, vague) is None
    assert room(sentence, rounded) == Span(2.45, 2.55)
    assert room(sentence, whole) == Span(12.0, 12.0)
