"""Character sets that are missing or wrong, and HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.web.decode import decode
from producers.web.text import MAX_DEPTH, MAX_TAGS, TooComplex, html_to_text, parse_html
from producers.web.urls import without_user

SIMPLIFIED = "赣州市章贡区沙石镇发生山体滑坡，转移群众56人，暂无人员伤亡。"
TRADITIONAL = "章貢區今日舉行新聞發布會，通報防汛工作進展情況，請市民留意天氣。"
DECLARED = ["utf-8", "gb2312", "gbk", "big5", "iso-8859-1", "x-unknown", None]


def document(text: str, declared: str | None) -> str:
    encoding = f' encoding="{declared}"' if declared else ""
    return f'<?xml version="1.0"{encoding}?><rss><title>{text}</title></rss>'


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("real", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_simplified_under_any_declaration(real: str, declared: str | None) -> None:
    data = document(SIMPLIFIED, declared).encode(real)
    for header in ("", "text/xml; charset=utf-8", "text/xml; charset=gb2312"):
        assert SIMPLIFIED in decode(data, header).text


@pytest.mark.parametrize("declared", DECLARED)
def test_big5_under_any_declaration(declared: str | None) -> None:
    assert TRADITIONAL in decode(document(TRADITIONAL, declared).encode("big5")).text


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", None])
def test_traditional_characters_in_gbk(declared: str | None) -> None:
    """gb2312 declared, gbk meant: 貢 and 舉 are not in gb2312."""
    assert "章貢區" in decode(document(SIMPLIFIED + "章貢區舉行", declared).encode("gbk")).text


def test_another_declared_set_is_believed() -> None:
    assert "Привет" in decode(document("Привет", "windows-1251").encode("cp1251")).text


def test_single_broken_bytes_are_counted_and_the_rest_is_read() -> None:
    good = document(SIMPLIFIED * 20, "utf-8").encode()
    found = decode(good[:900] + b"\xff" + good[900:])
    assert SIMPLIFIED in found.text
    assert 0 < found.broken < 5
    assert found.readable


def test_noise_is_not_readable() -> None:
    assert not decode(bytes(range(128, 256)) * 40).readable


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_decode_to_something_that_can_be_written(data: bytes, header: str) -> None:
    found = decode(data, header)
    found.text.encode()
    assert found.broken <= len(found.text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_utf8_is_always_read_back(text: str) -> None:
    assert decode(("<a>" + text).encode()).text == "<a>" + text


def test_text_of_html() -> None:
    html = (
        "<p>第一段&nbsp;&amp;<b>粗</b>体</p><p>　　第二段<br>换行</p><script>alert('x')</script><style>p{}</style>"
        "<table><tr><td>甲</td><td>乙</td></tr></table><!-- 注释 --><p>  多  空格\n续行</p>"
    )
    assert html_to_text(html) == "第一段 &粗体\n第二段\n换行\n甲 乙\n多 空格 续行"


def test_text_without_markup_keeps_its_signs() -> None:
    assert html_to_text("1 < 2 且 a &amp; b &lt;b&gt;") == "1 < 2 且 a & b <b>"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "bomb",
    ["<div>" * 200_000, "<b>" * 300_000, "<a href=x>" * 100_000, "<p>" * (MAX_TAGS + 1), "<table>" * (MAX_DEPTH + 1)],
)
def test_nested_markup_is_refused_before_it_is_parsed(bomb: str) -> None:
    with pytest.raises(TooComplex):
        html_to_text(bomb)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["<" * 500_000, "&" * 500_000, "<p a='" * 40_000, "<!--" * 100_000, "</b>" * 40_000])
def test_broken_markup_costs_little(text: str) -> None:
    assert isinstance(html_to_text(text), str)


def test_a_page_as_deep_as_real_ones_is_read() -> None:
    assert parse_html("<div>" * 100 + "<p>文").css_first("p").text() == "文"


@given(st.text(max_size=200))
def test_any_text_becomes_plain_text(text: str) -> None:
    plain = html_to_text(text)
    assert plain == plain.strip()
    assert not any(ord(character) < 9 for character in plain)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://bbs.example.cn/t-7.html", "https://bbs.example.cn/t-7.html"),
        ("https://name:word@bbs.example.cn/t?id=7#p3", "https://bbs.example.cn/t?id=7"),
        ("https://bbs.example.cn/t?id=7&uid=99&Author=x", "https://bbs.example.cn/t?id=7"),
        ("https://weibo.com/1234567890/Nabc", "https://weibo.com/_/Nabc"),
        ("https://example.cn/user/zhangsan/post/7", "https://example.cn/user/_/post/7"),
        ("https://example.cn/@zhangsan/7", "https://example.cn/_/7"),
        ("https://example.cn/space-uid-12.html", "https://example.cn/_"),
    ],
)
def test_addresses_lose_their_user_parts(url: str, clean: str) -> None:
    assert without_user(url) == clean
    assert without_user(clean) == clean
