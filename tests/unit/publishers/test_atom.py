"""The feed of issues: well-formed whatever the words are, ids that stay."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

from publishers.atom import NAMESPACE, atom
from schemas.bulletin import Bulletin, BulletinEntry, BulletinSection
from tests.unit.publishers.bulletin_samples import NASTY, NOON, full_bulletin

LATER = NOON + timedelta(days=1)


def read(*issues: Bulletin) -> ElementTree.Element:
    return ElementTree.fromstring(atom(issues, base="http://desk", office="章贡区委办公室", empty_at=NOON))


def text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{{{NAMESPACE}}}{name}") or ""


def test_an_issue_is_an_entry_with_its_contents() -> None:
    feed = read(full_bulletin())
    [entry] = feed.findall(f"{{{NAMESPACE}}}entry")
    assert text(entry, "id") == "urn:huiyao:zhanggong:yuqing:2026-11-05"
    assert text(entry, "title") == "今日重要舆情 第7期（总第107期）"
    assert "沙石镇一处边坡滑塌" in text(entry, "summary")
    links = {one.get("rel"): one.get("href") for one in entry.findall(f"{{{NAMESPACE}}}link")}
    assert links["alternate"] == "http://desk/bulletins/yuqing/2026-11-05"
    assert links["enclosure"] == "http://desk/bulletins/yuqing/2026-11-05/pdf"


def test_errata_and_withdrawal_keep_the_id_and_change_the_time() -> None:
    first, second, third = (
        read(full_bulletin(made_at=at, **more)).find(f"{{{NAMESPACE}}}entry")
        for at, more in (
            (NOON, {}),
            (LATER, {"version": 2, "changes": ("删去“甲”",)}),
            (LATER, {"version": 3, "withdrawn": True, "sections": (), "reason": "事实有误"}),
        )
    )
    assert first is not None
    assert second is not None
    assert third is not None
    assert text(first, "id") == text(second, "id") == text(third, "id")
    assert text(first, "updated") < text(second, "updated")
    assert "删去“甲”" in text(second, "summary")
    assert "（已撤回）" in text(third, "title")
    assert "沙石镇" not in text(third, "summary")


def test_words_that_are_no_xml_stay_words() -> None:
    entry = BulletinEntry(item_ids=("i",), title=f"{NASTY}\x00\x0b", text="正文")
    feed = read(full_bulletin(sections=(BulletinSection(name="栏目", entries=(entry,)),)))
    [made] = feed.findall(f"{{{NAMESPACE}}}entry")
    assert NASTY in text(made, "summary")


def test_a_feed_without_issues_has_its_time() -> None:
    feed = read()
    assert text(feed, "updated") == NOON.isoformat()
    assert feed.findall(f"{{{NAMESPACE}}}entry") == []
