"""The monthly notice (通报) as one self-contained HTML page: printable, no script, everything escaped."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from processors.duty.notice import Notice
from schemas.base import CHINA

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render_notice(notice: Notice, office: str) -> str:
    """The page of a notice."""
    year, month = notice.month.split("-")
    made = notice.made_at.astimezone(CHINA)
    return _TEMPLATES.get_template("notice.html.j2").render(
        notice=notice,
        office=office,
        period=f"{int(year)}年{int(month)}月",
        made=f"{made.year}年{made.month}月{made.day}日",  # GB/T 9704: no zero padding
        number=_number,
        share=_share,
        local=lambda moment: moment.astimezone(CHINA),
    )


def notice_file(notice: Notice) -> str:
    """``tongbao-2026-11.html``"""
    return f"tongbao-{notice.month}.html"


def _number(value: Decimal) -> str:
    """Points without needless zeros: 2, 0.2, -10."""
    return f"{value.normalize():f}" if value else "0"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"
