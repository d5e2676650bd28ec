"""``huiyao bulletin draft|render``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from huiyao.bulletins import draft_bulletin
from huiyao.cli.common import instance_settings
from publishers.document import file_name
from publishers.formats import FORMATS
from schemas.bulletin import Bulletin
from schemas.vocab import BulletinName


def run_draft(name: str, day: str, data_dir: Path | None) -> int:
    """The draft as JSON on stdout."""
    bulletin = _bulletin(name, day, data_dir)
    if bulletin is None:
        return 2
    print(bulletin.model_dump_json(indent=2))
    return 0


def run_render(name: str, day: str, formats: Sequence[str], out: Path, data_dir: Path | None) -> int:
    """Files, their paths on stdout."""
    unknown = [form for form in formats if form not in FORMATS]
    if unknown:
        print(f"huiyao: --format {unknown[0]}: it is one of {', '.join(FORMATS)}", file=sys.stderr)
        return 2
    bulletin = _bulletin(name, day, data_dir)
    if bulletin is None:
        return 2
    out.mkdir(parents=True, exist_ok=True)
    fonts = instance_settings(data_dir).font_dirs
    for form in formats:
        path = out / file_name(bulletin, form)
        path.write_bytes(FORMATS[form].render(bulletin, fonts))
        print(path)
    return 0


def _bulletin(name: str, day: str, data_dir: Path | None) -> Bulletin | None:
    try:
        wanted, moment = BulletinName(name), date.fromisoformat(day)
    except ValueError as error:
        names = ", ".join(one.value for one in BulletinName)
        print(f"huiyao: {error}; NAME is one of {names}, DATE is YYYY-MM-DD", file=sys.stderr)
        return None
    return draft_bulletin(instance_settings(data_dir), wanted, moment)
