"""The formats in which a bulletin can be had; one place that names them for the command line and the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from publishers.document import Pages
from publishers.docx import render_docx, written
from publishers.html import pages_html, render_html
from publishers.pdf import render_pdf, typeset
from schemas.bulletin import Bulletin


def render_pages(pages: Pages, form: str, fonts: Sequence[Path] = ()) -> bytes:
    """Paragraphs that are no bulletin, in one of the formats."""
    match form:
        case "pdf":
            return typeset(pages.title, pages.paragraphs, fonts=fonts)
        case "docx":
            return written(pages, fonts=fonts)
        case _:
            return pages_html(pages).encode()


class Format(NamedTuple):
    """``media_type`` for HTTP; ``render`` takes the bulletin and folders of fonts."""

    media_type: str
    render: Callable[[Bulletin, Sequence[Path]], bytes]


FORMATS: Mapping[str, Format] = {
    "html": Format("text/html; charset=utf-8", lambda bulletin, _: render_html(bulletin).encode()),
    "pdf": Format("application/pdf", lambda bulletin, fonts: render_pdf(bulletin, fonts=fonts)),
    "docx": Format(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        lambda bulletin, fonts: render_docx(bulletin, fonts=fonts),
    ),
}
