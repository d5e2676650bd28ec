"""The special report on instructions (督查专报) as paragraphs, for the same HTML, PDF and DOCX as the bulletins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from processors.instructions.model import Instruction
from processors.instructions.report import Listed, SpecialReport
from publishers.document import Paragraph, Role, chinese_date
from publishers.docx import About, docx_of
from publishers.html import html_of
from publishers.pdf import pdf_of
from schemas.base import CHINA
from schemas.bulletin import BulletinHead

TITLE = "督查专报"
NOTHING = "（无）"
UNSIGNED = "＿＿＿＿"


class Pages(NamedTuple):
    """Paragraphs as a document of their own. ``file``: its name without an ending."""

    title: str
    file: str
    office: str
    made_at: datetime
    paragraphs: tuple[Paragraph, ...]


def render_pages(pages: Pages, form: str, fonts: Sequence[Path] = ()) -> bytes:
    """In one of the formats: ``html``, ``pdf`` or ``docx``."""
    match form:
        case "pdf":
            return pdf_of(pages.title, pages.paragraphs, fonts=fonts)
        case "docx":
            return docx_of(pages.paragraphs, About(pages.title, pages.office, pages.made_at), fonts=fonts)
        case _:
            return html_of(pages.title, pages.paragraphs).encode()


def supervision_pages(report: SpecialReport, head: BulletinHead, names: Mapping[str, str]) -> Pages:
    """The report as a document; ``names``: departments by id."""
    made = report.made_at.astimezone(CHINA)
    return Pages(
        title=f"{TITLE} {report.first.isoformat()}至{report.last.isoformat()}",
        file=f"ducha-{report.first.isoformat()}-{report.last.isoformat()}",
        office=head.office,
        made_at=made,
        paragraphs=tuple(_paragraphs(report, head, names, made)),
    )


def _paragraphs(
    report: SpecialReport, head: BulletinHead, names: Mapping[str, str], made: datetime
) -> Iterator[Paragraph]:
    yield Paragraph(Role.MARK, head.mark)
    yield Paragraph(Role.TITLE, TITLE)
    yield Paragraph(Role.ISSUE, f"领导批示件办理情况（{_days(report.first, report.last)}）")
    yield Paragraph(Role.OFFICE, head.office, chinese_date(made.date().isoformat()))
    yield Paragraph(Role.SECTION, "一、总体情况")
    yield Paragraph(Role.BODY, _summary(report, made))
    yield Paragraph(Role.SECTION, "二、各单位办理情况")
    for line in report.owners:
        late = f"，逾期{line.overdue}件" if line.overdue else ""
        name = names.get(line.owner, line.owner)
        said = f"{name}：承办{line.total}件，已反馈{line.answered}件，已办结{line.closed}件{late}。"
        yield Paragraph(Role.BODY, said)
    if not report.owners:
        yield Paragraph(Role.EMPTY, NOTHING)
    for title, chosen in (
        ("三、逾期未反馈", [one for one in report.listed if one.overdue]),
        ("四、正在办理", [one for one in report.listed if not one.overdue and one.instruction.open]),
        ("五、已办结", [one for one in report.listed if not one.instruction.open]),
    ):
        yield Paragraph(Role.SECTION, title)
        if not chosen:
            yield Paragraph(Role.EMPTY, NOTHING)
        for number, one in enumerate(chosen, start=1):
            yield from _listed(number, one, names)
    if head.recipients:
        yield Paragraph(Role.RECIPIENTS, f"报送：{'；'.join(head.recipients)}")
    yield Paragraph(Role.SIGNED, f"签发：{head.signer or UNSIGNED}")


def _summary(report: SpecialReport, made: datetime) -> str:
    if not report.total:
        return "本期没有领导批示件。"
    share = f"，按时反馈率{report.on_time / report.due:.0%}" if report.due else ""
    return (
        f"本期领导批示{report.total}件，已反馈{report.answered}件{share}，已办结{report.closed}件，"
        f"截至{_clock(made)}逾期未反馈{report.overdue}件。"
    )


def _listed(number: int, one: Listed, names: Mapping[str, str]) -> Iterator[Paragraph]:
    given = one.instruction
    yield Paragraph(Role.HEADING, f"{number}．{given.topic or given.text}")
    yield Paragraph(Role.BODY, f"{given.origin or '批示'}：{_line(given.text)}")
    owner = names.get(given.owner, given.owner)
    over = f"，已逾期{one.over_days}个工作日" if one.overdue else ""
    at, deadline = _clock(given.at), _clock(given.deadline)
    begun = "登记转办" if given.origin else "批示"
    yield Paragraph(Role.BODY, f"承办：{owner}。{at}{begun}，时限{deadline}。{_stands(given)}{over}。")
    if given.answers:
        last = given.answers[-1]
        yield Paragraph(Role.BODY, f"反馈（{_clock(last.at)}）：{_line(last.words)}")
    checks = [step for step in given.steps if step.action == "check" and step.words]
    if checks:
        yield Paragraph(Role.BODY, f"回访：{_line(checks[-1].words)}")
    if given.reminders:
        yield Paragraph(Role.BODY, f"催办{len(given.reminders)}次，最近一次{_clock(given.reminders[-1].at)}。")


def _stands(given: Instruction) -> str:
    late = "（逾期反馈）" if given.late else ""
    return f"{given.state.label}{late}"


def _line(text: str) -> str:
    """In one paragraph: the formats keep no line breaks of their own."""
    return " ".join(part.strip() for part in text.splitlines() if part.strip())


def _clock(moment: datetime) -> str:
    there = moment.astimezone(CHINA)
    return f"{there.month}月{there.day}日{there:%H:%M}"


def _days(first: date, last: date) -> str:
    if first == last:
        return chinese_date(first.isoformat())
    return f"{chinese_date(first.isoformat())}至{chinese_date(last.isoformat())}"
