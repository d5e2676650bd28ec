"""Bulletins as one self-contained HTML page: readable on a phone, printable, no script, everything escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from publishers.charts import picture
from publishers.document import Paragraph, chinese_date, file_name, issue_line, notices, signed_line
from schemas.bulletin import Bulletin

__all__ = ["file_name", "html_of", "render_html"]

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render_html(bulletin: Bulletin) -> str:
    """The page of a bulletin."""
    return _TEMPLATES.get_template("bulletin.html.j2").render(
        bulletin=bulletin,
        chinese_date=chinese_date(bulletin.date),
        issue_line=issue_line(bulletin),
        signed_line=signed_line(bulletin),
        notices=notices(bulletin),
        picture=picture,
    )


def html_of(title: str, given: Sequence[Paragraph]) -> str:
    """Any document's paragraphs as a page of their own."""
    return _TEMPLATES.get_template("pages.html.j2").render(title=title, paragraphs=given)
