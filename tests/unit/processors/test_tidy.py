"""A text as it reads: what its way to us put between the characters changes no verdict, and spans lead back."""

from __future__ import annotations

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
        assert len(field.offsets) == len(read)
        kept = "".join(given[at] for at in field.offsets)
        assert len(kept) == len(read)


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
