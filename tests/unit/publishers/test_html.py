"""Bulletins as HTML: everything in it, everything escaped."""

from __future__ import annotations

from datetime import datetime

from publishers.html import file_name, render_html
from schemas.bulletin import Bulletin, BulletinEntry, BulletinHead, BulletinSection

NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")


def bulletin(**fields: object) -> Bulletin:
    entry = BulletinEntry(
        item_ids=("i1",), title="<script>alert(1)</script>", text="甲 & 乙 <b>", contributors=("区水利局",), level="II"
    )
    values: dict[str, object] = {
        "name": "huiyao",
        "title": "今日章贡汇要",
        "date": "2026-11-05",
        "district": "zhanggong",
        "head": BulletinHead(office="章贡区委办公室", recipients=("市委办公室",)),
        "sections": (
            BulletinSection(name="区内动态", entries=(entry,)),
            BulletinSection(name="领导批示"),
        ),
        "covers_from": NOON,
        "covers_to": NOON,
        "made_at": NOON,
    }
    return Bulletin.model_validate(values | fields)


def test_the_page_has_head_sections_and_foot() -> None:
    page = render_html(bulletin())
    wanted = "今日章贡汇要 2026年11月5日 本期要目 区内动态 领导批示 （无） （区水利局） 重大 市委办公室 草稿"
    for text in wanted.split():
        assert text in page


def test_everything_is_escaped() -> None:
    page = render_html(bulletin())
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "甲 &amp; 乙 &lt;b&gt;" in page


def test_an_issued_bulletin_has_its_number() -> None:
    page = render_html(bulletin(issue_number=7, total_number=107, draft=False))
    assert "第7期（总第107期）" in page
    assert "草稿" not in page


def test_file_names_are_the_contracts() -> None:
    assert file_name(bulletin()) == "huiyao-2026-11-05.html"
