"""The formats in which a bulletin can be had; one place that names them for the command line and the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from publishers.docx import render_docx
from publishers.html import render_html
from publishers.pdf import render_pdf
from schemas.bulletin import Bulletin


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
