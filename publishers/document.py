"""A document as paragraphs: the one model behind HTML, PDF and DOCX, so that the three cannot differ in their words.

``paragraphs`` gives those of a bulletin; other documents (publishers.notice) make their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from schemas.bulletin import Bulletin, BulletinChart, BulletinEntry, BulletinSection

UNSIGNED = "＿＿＿＿"
DRAFT_MARK = "草稿"
CONTENTS = "★ 本期要目 ★"


class Role(StrEnum):
    """What a paragraph is; each output gives every role one style (SPEC 5.1, 5.2)."""

    MARK = "mark"
    TITLE = "title"
    SUBJECT = "subject"
    """What a document is about: smaller than the name of a bulletin."""
    ISSUE = "issue"
    OFFICE = "office"
    NOTICE = "notice"
    CONTENTS = "contents"
    CONTENTS_ENTRY = "contents_entry"
    SECTION = "section"
    CHART = "chart"
    TABLE = "table"
    HEADING = "heading"
    BODY = "body"
    NOTE = "note"
    SOURCE = "source"
    EMPTY = "empty"
    RECIPIENTS = "recipients"
    SIGNED = "signed"


class Table(NamedTuple):
    """Rows of equal length under a head; the first column names, the others are figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Paragraph(NamedTuple):
    """``aside`` stands at the right end of the line; ``level`` is the label of an emergency's level."""

    role: Role
    text: str
    aside: str = ""
    level: str = ""
    chart: BulletinChart | None = None
    table: Table | None = None


def chinese_date(day: str) -> str:
    """``2026-11-05`` as 2026年11月5日: GB/T 9704 pads nothing."""
    given = date.fromisoformat(day)
    return f"{given.year}年{given.month}月{given.day}日"


def issue_line(bulletin: Bulletin) -> str:
    """第N期（总第M期）, or that it has no number yet."""
    if bulletin.issue_number is None:
        return "（未编期号）"
    return f"第{bulletin.issue_number}期（总第{bulletin.total_number}期）"


def signed_line(bulletin: Bulletin) -> str:
    """Who answers for the issue."""
    return f"签发：{bulletin.head.signer or UNSIGNED}　责任编辑：{bulletin.head.editor or UNSIGNED}"


def file_name(bulletin: Bulletin, form: str = "html") -> str:
    """``huiyao-2026-11-20.html`` (CONTRACT.md: the slugs of ``out/``)."""
    return f"{bulletin.name.value}-{bulletin.date}.{form}"


def paragraphs(bulletin: Bulletin) -> list[Paragraph]:
    """The whole bulletin in the order in which it is read."""
    return [*_head(bulletin), *_charts(bulletin), *_sections(bulletin), *_foot(bulletin)]


def _head(bulletin: Bulletin) -> Iterator[Paragraph]:
    yield Paragraph(Role.MARK, bulletin.head.mark, DRAFT_MARK if bulletin.draft else "")
    yield Paragraph(Role.TITLE, bulletin.title)
    yield Paragraph(Role.ISSUE, issue_line(bulletin))
    yield Paragraph(Role.OFFICE, f"{bulletin.head.office}编", chinese_date(bulletin.date))
    for line in notices(bulletin):
        yield Paragraph(Role.NOTICE, line)
    if bulletin.withdrawn:
        return
    yield Paragraph(Role.CONTENTS, CONTENTS)
    titles = [entry.title for section in bulletin.sections for entry in section.entries]
    for number, title in enumerate(titles, start=1):
        yield Paragraph(Role.CONTENTS_ENTRY, f"{number}．{title}")


def notices(bulletin: Bulletin) -> list[str]:
    """What stands above everything else: that an issue was withdrawn, or what an erratum corrects."""
    if bulletin.withdrawn:
        return [f"本期已撤回。{bulletin.reason}"]
    if bulletin.version == 1 or bulletin.draft:
        return []
    why = f"：{bulletin.reason}" if bulletin.reason else ""
    lines = [f"{number}．{change}" for number, change in enumerate(bulletin.changes, start=1)]
    return [f"【勘误】本期第{bulletin.version}次印发，以本版为准{why}", *lines]


def _charts(bulletin: Bulletin) -> Iterator[Paragraph]:
    for chart in bulletin.charts:
        yield Paragraph(Role.CHART, chart.title, chart=chart)


def _sections(bulletin: Bulletin) -> Iterator[Paragraph]:
    for section in bulletin.sections:
        yield Paragraph(Role.SECTION, section.name)
        yield from _entries(section)


def _entries(section: BulletinSection) -> Iterator[Paragraph]:
    if not section.entries:
        yield Paragraph(Role.EMPTY, section.empty_text)
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: BulletinEntry) -> Iterator[Paragraph]:
    yield Paragraph(Role.HEADING, entry.title, level=entry.level.label if entry.level else "")
    for line in entry.text.splitlines():
        if line.strip():
            yield Paragraph(Role.BODY, line.strip())
    for note in entry.notes:
        yield Paragraph(Role.NOTE, f"核：{note}")
    if entry.contributors:
        yield Paragraph(Role.SOURCE, f"（{'、'.join(entry.contributors)}）")


def _foot(bulletin: Bulletin) -> Iterator[Paragraph]:
    if bulletin.head.recipients:
        yield Paragraph(Role.RECIPIENTS, f"报送：{'；'.join(bulletin.head.recipients)}")
    yield Paragraph(Role.SIGNED, signed_line(bulletin))
