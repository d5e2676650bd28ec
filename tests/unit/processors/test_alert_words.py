"""What people read: the important first, within what a short message holds; what a department must not read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.alerting import sms
from processors.alerting.wording import words
from schemas.subscription import Policy
from tests.unit.processors.alert_town import alert, flagged
from tests.unit.publishers.messages import notice

TEXT = st.text(alphabet="山体滑坡死亡3人，𠮷x ", max_size=120)


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4), st.booleans(), st.integers(1, 3))
def test_a_short_message_keeps_its_room_and_its_link(
    important: list[str], rest: list[str], with_link: bool, parts: int
) -> None:
    link = "http://desk.example/a/" + "x" * 30 if with_link else ""
    text = sms.compose(important, link, rest, parts)
    assert sms.units(text) <= sms.room(parts)
    assert link in text
    pieces = sms.split(text, parts)
    assert all(sms.units(piece) <= sms.ALONE for piece in pieces)
    assert len(pieces) <= parts


def test_rare_characters_count_two() -> None:
    assert sms.units("𠮷a") == 3
    assert sms.cut("𠮷𠮷", 3) == "𠮷"


def test_the_important_comes_first_and_one_part_stays_one() -> None:
    one = alert(text="山体滑坡；沙石镇；死亡1人、受伤3人。", title="【首报·较大】沙石镇一处山体滑坡" + "，详情" * 30)
    told = words(notice(one), [one], Policy(), repeated=False)
    assert told.sms("", 2) == "较大 山体滑坡；沙石镇；死亡1人、受伤3人"
    assert sms.units(told.sms("http://desk.example/a/xyz", 1)) <= 70


def test_a_second_copy_says_so_first() -> None:
    one = flagged()
    told = words(notice(one, purpose="reminder"), [one], Policy(), repeated=True)
    assert told.title.startswith("【重复】【催签】")
    assert told.sms("", 1).startswith("【重复】【催签】较大 山体滑坡")
    assert "未经核实" in told.sms("", 1)


def test_several_in_one_message() -> None:
    many = [alert(incident=f"i{number}", title=f"第{number}村滑坡") for number in range(30)]
    told = words(notice(*many, purpose="reminder"), many, Policy(), repeated=False)
    assert told.title == "【催签】30件突发事件"
    assert len(told.text.splitlines()) == 21
    assert "另有10件" in told.text


def test_a_complaint_goes_to_a_department_without_its_words_and_without_who_said_them() -> None:
    complaint = flagged(
        lanes=["opinion", "report"], title="居民王小花举报沙石镇工地滑坡瞒报", text="王小花称3人受伤。",
        sources=["赣州论坛"], doubts=["王小花说法不一"], item_ids=["x"],
    )  # fmt: skip
    unit = notice(complaint, unit="U031")
    told = words(unit, [complaint], Policy(), repeated=False)
    everything = f"{told.title}{told.text}{told.short}{told.rest}"
    assert told.title == "【首报·较大】沙石镇山体滑坡"
    assert "王小花" not in everything
    assert "论坛" not in everything
    assert "王小花" in words(notice(complaint), [complaint], Policy(), repeated=False).title, "the office reads it"


def test_a_department_reads_no_personal_data_of_a_report_either() -> None:
    report = alert(title="沙石镇滑坡，联系人电话13912345678")
    told = words(notice(report, unit="U031"), [report], Policy(), repeated=False)
    assert "13912345678" not in f"{told.title}{told.text}{told.rest}"
