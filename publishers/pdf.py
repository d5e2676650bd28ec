"""Bulletins as PDF in the office's red-head layout, set by Typst with fonts from a package.

Fonts of the office's own (仿宋_GB2312, 方正小标宋) are used where ``fonts`` names their folder; else Noto Serif SC.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pylopdf_fonts_zh_cn
import typst

from publishers.charts import describe, svg
from publishers.document import Paragraph, paragraphs
from schemas.bulletin import Bulletin, BulletinChart
from schemas.errors import PublishingError

_TEMPLATES = Path(__file__).parent / "templates"
_PICTURE_PPI = 192.0


def render_pdf(bulletin: Bulletin, *, fonts: Sequence[Path] = ()) -> bytes:
    """The PDF. ``fonts``: folders with fonts of the office's own. Raises PublishingError where Typst refuses."""
    return pdf_of(f"{bulletin.title} {bulletin.date}", paragraphs(bulletin), fonts=fonts)


def pdf_of(title: str, given: Sequence[Paragraph], *, fonts: Sequence[Path] = ()) -> bytes:
    """Any document's paragraphs in the same layout."""
    data = {"title": title, "paragraphs": [_data(one) for one in given]}
    return _compile(_TEMPLATES / "bulletin.typ", tuple(fonts), "pdf", bulletin=data)


def chart_png(chart: BulletinChart, *, fonts: Sequence[Path] = ()) -> bytes:
    """A chart as PNG for formats that take no SVG; drawn by Typst from the same SVG as everywhere."""
    return _compile(_TEMPLATES / "chart.typ", tuple(fonts), "png", chart={"picture": svg(chart)})


def _data(paragraph: Paragraph) -> dict[str, Any]:
    made = paragraph._asdict() | {"chart": None}
    if paragraph.chart is not None:
        made |= {"picture": svg(paragraph.chart), "alt": describe(paragraph.chart)}
    return made


def _compile(template: Path, fonts: tuple[Path, ...], form: Literal["pdf", "png"], **inputs: Any) -> bytes:
    words = {name: json.dumps(value, ensure_ascii=False) for name, value in inputs.items()}
    try:
        made = typst.compile(
            template.read_bytes(), format=form, font_paths=_fonts(fonts), sys_inputs=words, ppi=_PICTURE_PPI
        )
    except typst.TypstError as error:
        raise PublishingError(f"{template.name}: {error}", hint="the words are data: the layout is at fault") from error
    return made


@lru_cache(maxsize=8)
def _fonts(own: tuple[Path, ...]) -> typst.Fonts:
    """Read once: the two fonts of the package are 20 MB."""
    folders = [*map(str, own), str(pylopdf_fonts_zh_cn.serif_path().parent)]
    return typst.Fonts(font_paths=folders, include_system_fonts=False)
