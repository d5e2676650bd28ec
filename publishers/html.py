"""Bulletins as one self-contained HTML page: readable on a phone, printable, no script, everything escaped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.bulletin import Bulletin

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render_html(bulletin: Bulletin) -> str:
    """The page of a bulletin."""
    day = date.fromisoformat(bulletin.date)
    chinese_date = f"{day.year}年{day.month}月{day.day}日"  # GB/T 9704: no zero padding
    return _TEMPLATES.get_template("bulletin.html.j2").render(bulletin=bulletin, chinese_date=chinese_date)


def file_name(bulletin: Bulletin) -> str:
    """``huiyao-2026-11-20.html``"""
    return f"{bulletin.name.value}-{bulletin.date}.html"
