"""The monthly notice (通报) as HTML, PDF and DOCX, from one list of paragraphs, so that the three say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from processors.duty.notice import Line, Notice
from publishers.document import Paragraph, Role, Table, chinese_date
from publishers.docx import About, docx_of
from publishers.formats import FORMATS as BULLETIN_FORMATS
from publishers.pdf import pdf_of
from schemas.base import CHINA, local_day

MARK = "内部资料 注意保存"
SHOWN = 5
"""Of each class in the text; the table has all."""
HEAD = (
    "单位", "报送（本月/累计）", "采用", "本级采用分", "市级", "省级以上", "批示", "应报/按时", "迟报", "经认定",
    "扣分", "待定", "本月得分", "累计得分", "同类排名",
)  # fmt: skip
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def notice_paragraphs(notice: Notice, office: str) -> list[Paragraph]:
    """The whole notice in the order in which it is read."""
    return [*_head(notice, office), *_text(notice), *_tables(notice)]


def render_notice(notice: Notice, office: str) -> str:
    """The page: self-contained, printable, no script, everything escaped."""
    return _TEMPLATES.get_template("notice.html.j2").render(
        title=f"{notice.title} {period(notice)}", paragraphs=notice_paragraphs(notice, office)
    )


class Format(NamedTuple):
    """``media_type`` for HTTP; ``render`` takes the notice, the office and folders of fonts."""

    media_type: str
    render: Callable[[Notice, str, Sequence[Path]], bytes]


def _pdf(notice: Notice, office: str, fonts: Sequence[Path]) -> bytes:
    return pdf_of(f"{notice.title} {notice.month}", notice_paragraphs(notice, office), fonts=fonts)


def _docx(notice: Notice, office: str, fonts: Sequence[Path]) -> bytes:
    about = About(f"{notice.title} {notice.month}", office, notice.made_at)
    return docx_of(notice_paragraphs(notice, office), about, fonts=fonts)


FORMATS: Mapping[str, Format] = {
    "html": Format(
        BULLETIN_FORMATS["html"].media_type, lambda notice, office, _: render_notice(notice, office).encode()
    ),
    "pdf": Format(BULLETIN_FORMATS["pdf"].media_type, _pdf),
    "docx": Format(BULLETIN_FORMATS["docx"].media_type, _docx),
}


def notice_file(notice: Notice, form: str = "html") -> str:
    """``tongbao-2026-11.html``"""
    return f"tongbao-{notice.month}.{form}"


def period(notice: Notice) -> str:
    """2026年11月"""
    year, month = notice.month.split("-")
    return f"{int(year)}年{int(month)}月"


def _head(notice: Notice, office: str) -> Iterator[Paragraph]:
    yield Paragraph(Role.MARK, MARK)
    yield Paragraph(Role.SUBJECT, f"{notice.title}（{period(notice)}）")
    yield Paragraph(Role.OFFICE, office, chinese_date(local_day(notice.made_at)))


def _text(notice: Notice) -> Iterator[Paragraph]:
    for title, lines in (
        ("一、总体情况", _overall(notice)),
        ("二、分类排名", _ranking(notice)),
        ("三、未报送、未采用单位", _nothing(notice)),
        ("四、迟报及经认定的情况", _late(notice)),
        ("五、约稿完成情况", _commissioned(notice)),
        ("六、有关要求", _demands()),
    ):
        yield Paragraph(Role.SECTION, title)
        for line in lines:
            yield Paragraph(Role.BODY, line)


def _overall(notice: Notice) -> Iterator[str]:
    adopted = _share(notice.adopted / notice.received if notice.received else None)
    yield (
        f"{period(notice)}，各单位共报送信息{notice.received}件（不含零报告），采用{notice.adopted}件，采用率{adopted}。"
        f"应报{notice.on_time.due}次，按时{notice.on_time.on_time}次，按时率{_share(notice.on_time.share)}。"
    )


def _ranking(notice: Notice) -> Iterator[str]:
    for name, lines in notice.by_class:
        first = "，".join(f"{one.rank}.{one.name}（{_number(one.month)}分）" for one in lines[:SHOWN])
        yield f"{name}：{first}。"


def _nothing(notice: Notice) -> Iterator[str]:
    yield f"全月只有零报告或没有报送的：{'、'.join(notice.nothing_sent) or '无'}。"
    yield f"有报送而未被采用的：{'、'.join(notice.nothing_adopted) or '无'}。"


def _late(notice: Notice) -> Iterator[str]:
    for one in notice.late:
        yield f"{notice.names[one.department]}：{one.day}，{one.why}（{_number(one.points)}分）。"
    if not notice.late:
        yield "无已生效的迟报扣分。"
    for case in notice.cases:
        verdict = case.verdict.label if case.verdict else ""
        what = f"{case.day}{case.place or ''}{case.event_type or ''}"
        yield f"{case.department_name}：{what}，经两人认定为{verdict}。"


def _commissioned(notice: Notice) -> Iterator[str]:
    for one in notice.commissioned:
        deadline = one.deadline.astimezone(CHINA).strftime("%m-%d %H:%M")
        who = notice.names.get(one.department, one.department)
        yield f"{who}：“{one.topic}”，{deadline}前交稿，{one.outcome.label}。"
    if not notice.commissioned:
        yield "本月无约稿。"


def _demands() -> Iterator[str]:
    yield (
        "对扣分有异议的，请在扣分之日起的申诉期内提出；申诉期内的扣分列入“待定”，不计入本月得分和排名。"
        "更正以新增一条记录的方式进行，原记录保留。"
    )


def _tables(notice: Notice) -> Iterator[Paragraph]:
    yield Paragraph(Role.SECTION, "附件：计分表")
    for name, lines in notice.by_class:
        yield Paragraph(Role.TABLE, name, table=Table(HEAD, tuple(map(_row, lines))))
    yield Paragraph(
        Role.NOTE, f"计分表版本 {notice.version}。每一分的依据见系统“计分”页，或 huiyao duty points {notice.month}。"
    )


def _row(line: Line) -> tuple[str, ...]:
    return (
        line.name, f"{line.received}/{line.received_year}", str(line.adopted), _number(line.adopted_points),
        _number(line.city), _number(line.province), _number(line.instructed), f"{line.rate.due}/{line.rate.on_time}",
        str(line.late), str(line.confirmed), _number(line.deducted), _number(line.pending), _number(line.month),
        _number(line.year), str(line.rank),
    )  # fmt: skip


def _number(value: Decimal) -> str:
    """Points without needless zeros: 2, 0.2, -10."""
    return f"{value.normalize():f}" if value else "0"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"
