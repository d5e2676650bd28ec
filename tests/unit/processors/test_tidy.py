"""A text as it reads: what its way to us put between the characters changes no verdict, and spans lead back."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path

import pytest

from huiyao.districts import load_district
from huiyao.judges import make_judge
from processors.assess import Arrived, Judge
from processors.furniture import Furniture
from processors.tables import parse_table
from processors.tidy import Field, tidied
from schemas.assessment import AssessedItem
from schemas.base import CHINA
from schemas.errors import DistrictError
from schemas.item import Item
from schemas.vocab import Lane

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 6, 10, 12, tzinfo=CHINA)
CRASH = "6月10日8时20分许，水南大道发生一起货车与校车相撞事故，造成2人死亡、13人受伤，伤者已送医。"


@pytest.fixture(scope="module")
def judge() -> Judge:
    return make_judge(load_district(ROOT / "districts" / "zhanggong"), ROOT / "models", second_reader=False)


@pytest.fixture(scope="module")
def furniture() -> Furniture:
    return Furniture.from_tables(load_district(ROOT / "districts" / "zhanggong").tables)


def assessed(judge: Judge, text: str, lane: Lane = Lane.MEDIA, title: str = "") -> AssessedItem:
    item = Item(
        lane=lane, source="赣南日报" if lane is Lane.MEDIA else "虔城论坛", title=title, text=text, published_at=NOON
    )
    found = judge.assess([Arrived(item, NOON)])[0]
    assert isinstance(found, AssessedItem)
    return found


def verdicts(found: AssessedItem) -> object:
    said = found.assessment
    emergency = said.emergency.model_copy(update={"reasons": ()})
    return said.category, said.category_scores, emergency, said.facts, sorted(one.check for one in said.findings)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("造成 2 人死亡、13 人受伤", "造成2人死亡、13人受伤"),
        ("6 月 10 日 8 时许，大桥 上", "6月10日8时许，大桥 上"),
        ("一辆 G323 国道上的车，3 人受伤", "一辆G323国道上的车，3人受伤"),
        ("造成\u00a02\u00a0人受伤", "造成2人受伤"),
        ("没人管 13900000000", "没人管 13900000000"),
        ("煤气味没 3单元的", "煤气味没 3单元的"),
        ("停水了 三天了 没人管", "停水了 三天了 没人管"),
        ("停\u200b水\ufeff三天", "停水三天"),
        ("停水 ， 三天 。", "停水，三天。"),
        ("<p>停水三天。</p><p>没人管&nbsp;&mdash;</p>", "停水三天。\n没人管 —"),
        ("水<strong>停</strong>了<br/>三天", "水停了\n三天"),
        ("<script>var a='停水';</script>停电", "停电"),
        ("气温<5度，a<b", "气温<5度，a<b"),
        ("A&B公司、&unknown;", "A&B公司、&unknown;"),
        ("一段。\r\n\r\n\u3000\u3000二段。\n", "一段。\n二段。"),
        ("❤️停水👨‍👩‍👧", "❤️停水👨‍👩‍👧"),
    ],
)
def test_what_is_read(given: str, read: str) -> None:
    field = tidied(given)
    assert field.text == read
    if field.offsets is None:
        assert given == read
    else:
        assert field.ends is not None
        assert len(field.offsets) == len(field.ends) == len(read)
        for sign, start, end in zip(read, field.offsets, field.ends, strict=True):
            assert sign in "\n " or html.unescape(given[start:end]) == sign


def test_lines_broken_by_a_machine_are_one_sentence_again() -> None:
    text = (
        "六月十日上午八时二十分许，水南大道东段发生一起货车与校车相撞的道路交通事故，经全力救治仍有两人死亡，"
        "十三人受伤住院治疗，另有三十余名学生已由家长接回家中休息，事故原因正在调查。"
    )
    broken = "\n".join(text[at : at + 30] for at in range(0, len(text), 30))
    assert tidied(broken).text == text
    rows = "水东镇转移群众二百零三人倒损房屋三间农田八百亩\n沙石镇转移群众四百一十二人倒损房屋无\n湖边镇转移群众九人"
    assert tidied(rows).text == rows
    lines = "\n".join(f"{number}、{text[:30]}" for number in range(1, 5))
    assert tidied(lines).text == lines


def test_spans_lead_back() -> None:
    given = "造成 2 人死亡。<br>13 人受伤"
    field = tidied(given)
    start = field.text.index("13人受伤")
    assert given[slice(*field.span(start, start + 5))] == "13 人受伤"
    assert field.span(0, 0) == (0, 0)
    twice = field.edited([(0, 2, "")])
    assert twice.text == field.text[2:]
    assert given[slice(*twice.span(0, 4))] == "2 人死亡"
    assert Field("一二三").edited([]).offsets is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: re.sub(r"(?<=[一-龥])(?=\d)|(?<=\d)(?=[一-龥])", " ", text),
        lambda text: "\u200b".join(text),
        lambda text: f"<p>{text}</p>&nbsp;",
        lambda text: f"2026-06-10 11:30 来源：某某网 字号：大 中 小\n{text}",
        lambda text: f"{text}（来源：本地客户端 编辑：小周 责编：老吴）",
        lambda text: f"{text}\n来源：某某日报\n编辑：何静 审核：柳峰\n扫一扫在手机打开当前页",
    ],
)  # fmt: skip
def test_no_verdict_changes(judge: Judge, change: object) -> None:
    changed = assessed(judge, change(CRASH), title="水南大道货车撞校车")  # type: ignore[operator]
    plain = assessed(judge, CRASH, title="水南大道货车撞校车")
    assert verdicts(changed) == verdicts(plain)
    assert changed.assessment.facts.deaths == 2
    assert changed.assessment.facts.event_time is not None
    assert changed.minhash == plain.minhash
    for reason in (*changed.assessment.reasons, *changed.assessment.emergency.reasons):
        given = changed.input.title if reason.field == "title" else changed.input.text
        assert given[reason.start : reason.end] == reason.text


def test_findings_quote_the_text_as_given(judge: Judge) -> None:
    text = "<p>6 月 31 日，区里召开会议，部署 3 项工作。</p>"
    found = assessed(judge, text).assessment.findings
    doubt = next(one for one in found if one.check == "impossible_date")
    assert text[doubt.start : doubt.end] == doubt.text == "6 月 31 日"


def test_personal_data_is_masked_where_it_stands(judge: Judge) -> None:
    text = "<p>小区停水 3 天了。</p><p>我的手机 1380\u200b7971234 ，请回复。</p>\n来源：虔城论坛 联系 13807975678"
    item = assessed(judge, text, Lane.OPINION)
    assert len(item.input.text) == len(text)
    assert "1234" not in item.input.text
    assert "13807975678" not in item.input.text
    for one in item.assessment.pii:
        assert set(item.input.text[one.start : one.end]) <= {"*"}
    assert "1234" not in item.assessment.model_dump_json()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('停水三天，快递员电话 <a href="tel:13800138000">点这里</a>', "13800138000"),
        ('停水三天，写信<a href="mailto:zhangsan88@qq.com">这里</a>', "zhangsan88"),
        ('看图<img alt="身份证360702199001011234" src="x">停水三天', "1990010112"),
        ('<script>var phone="13800138000";</script>停水三天了', "13800138000"),
        ("物业费<i 5 元，电话13800138000 ，a>3", "13800138000"),
        ("<table><tr><td>1</td><td>13800138000</td></tr></table>停水", "13800138000"),
        ("停水三天，联系人<b>3</b>13800138000", "13800138000"),
        ("小区停水 3 天了，请联系 13800138000 张建国。", "张建国"),
        ("停水三天，电话1380013800&#48;。", "#48"),
        ("停水三天，电话138&#8203;0013&#8203;8000。", "0013"),
        ("停水三天，电话138\u200d0013\u200d8000。", "0013"),
        ("停水三天，电话138&zwnj;0013&shy;8000。", "0013"),
    ],
)
def test_no_markup_or_space_hides_personal_data(judge: Judge, text: str, hidden: str) -> None:
    for item in (assessed(judge, text, Lane.OPINION), assessed(judge, "停水三天了", Lane.OPINION, title=text)):
        assert hidden not in item.model_dump_json()
        assert len(item.input.text) + len(item.input.title) in (len(text), len(text) + 5)


def test_rows_of_people_are_not_joined_into_one_figure(judge: Judge) -> None:
    rows = [f"36070219900101{1230 + at} 张三 章贡区东外街道办 1380013800{at}" for at in range(4)]
    stored = assessed(judge, "\n".join(rows), Lane.OPINION).input.text
    assert "1380013800" not in stored
    assert "36070219900101" not in stored


@pytest.mark.parametrize(
    "text", ["<table><td>1</td><td>3人受伤</td>车祸", "车祸<sup>1</sup>3人受伤", "车祸<b>1</b>3人受伤"]
)
def test_cells_and_notes_are_not_one_figure(text: str) -> None:
    assert "13人" not in tidied(text).text


@pytest.mark.parametrize(
    ("text", "deaths"),
    [
        ("紧急求助\n沙石镇一作坊未经许可生产烟花发生爆炸，造成3人死亡、5人受伤。", 3),
        ("紧急求助\n请有关部门关注，沙石镇一烟花作坊刚刚爆炸，死了3个人", 3),
        ("紧急求助\n转载请注明：沙石镇烟花作坊爆炸死亡3人", 3),
    ],
)
def test_no_line_of_substance_is_furniture(judge: Judge, text: str, deaths: int) -> None:
    assert assessed(judge, text, Lane.OPINION).assessment.facts.deaths == deaths


def test_what_stands_for_a_character_is_quoted_whole(judge: Judge) -> None:
    text = "我局高度从&#35270;安全生产。"
    found = judge.assess([Arrived(Item(lane=Lane.REPORT, source="水西镇", text=text, published_at=NOON), NOON)])[0]
    assert isinstance(found, AssessedItem)
    slip = next(one for one in found.assessment.findings if one.check == "typo")
    assert (slip.text, slip.suggestion) == ("高度从&#35270;", "高度重视")


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 100_000 + "b", "汉" + " " * 100_000 + "3", " \n" * 50_000,
        "<script>" * 12_000, "</script>" + "<script>" * 12_000, "<a x" * 25_000,
        "没水三天了。" + "（来源：" * 60 + "来人", "x\n" + "来源：" * 60 + "，x",
        "x\n" + "来源：张三 作者：张三 " * 16 + "，电话：8123456",
        "今天有事\n" + "赞 " * 90 + "，好", "x\n编号：AB1234 " + "状态 " * 90 + "。x", "x\n" + "微信 " * 60 + "，",
    ],
)  # fmt: skip
@pytest.mark.timeout(30)
def test_no_text_stops_a_worker(furniture: Furniture, text: str) -> None:
    """Each took seconds to hours while patterns went back over what they had read; now milliseconds."""
    field = tidied(text)
    assert isinstance(furniture.edits(field.text), list | tuple)


def test_furniture_of_pages(furniture: Furniture) -> None:
    def left(text: str) -> str:
        return Field(text).edited(furniture.edits(text)).text

    assert left("停水了 http://t.cn/A6xyzQ1k 三天了") == "停水了  三天了"
    assert left("我家门口堵死了 路边小店的微博视频") == "我家门口堵死了 "
    assert left("【编号20261130115】留言时间：2026-11-30 08:12 状态：待受理\n路灯不亮三天") == "\n路灯不亮三天"
    assert left("路灯不亮三天\n展开 收起 转发 12 评论 4 赞 33") == "路灯不亮三天\n"
    assert left("路灯不亮。编辑：小周 责编：老吴") == "路灯不亮。"
    for kept in (
        "来源：某某网", "事故来源：雷击起火\n原因不明", "他说：编辑：小周写错了，读者说：不是这样",
        "扫一扫门前的雪，大家一起来",
        "点击率造假的问题要查。",
        "状态：停水三天没人管\n路灯也不亮", "状态：停水三天了，没人管", "分享会今晚开始\n请大家来",
    ):  # fmt: skip
        assert left(kept) == kept


def test_a_folder_without_the_table_leaves_nothing_out() -> None:
    assert list(Furniture.from_tables({}).edits("路灯不亮三天了 http://t.cn/A6xyzQ1k")) == []


@pytest.mark.parametrize(
    ("row", "told"),
    [("label\t来源(\t\tx\tSYN", "words"), ("phrase\thttp\t\tx\tSYN", "anchor"), ("other\tx\t\tx\tSYN", "kind")],
)
def test_a_bad_row_is_named(row: str, told: str) -> None:
    table = parse_table("page_furniture.tsv", f"kind\twords\tanchor\tmeaning\tsource\n{row}\n")
    with pytest.raises(DistrictError, match=rf"page_furniture.tsv.*2.*{told}"):
        Furniture.from_tables({"page_furniture": table})
