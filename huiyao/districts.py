"""Load a district folder: read its files, check them, compile its rules. A bad rule stops the start with its line."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processors.departments import Register
from processors.home import Home, beginnings
from processors.tables import Table, parse_table, table
from schemas.errors import DistrictError, SettingsError


@dataclass(frozen=True, slots=True)
class DistrictFolder:
    """A district as read: its settings, tables and a digest of everything that judgement rests on."""

    path: Path
    id: str
    name: str
    config: dict[str, Any]
    tables: dict[str, Table]
    register: Register
    digest: str


def load_district(path: Path) -> DistrictFolder:
    """Read and check the folder ``path`` (see docs/district.md for what it holds)."""
    if not (path / "district.toml").is_file():
        raise SettingsError(
            f"{path} is not a district folder: district.toml is missing", hint="set HUIYAO_DISTRICT_DIR"
        )
    digest = hashlib.sha256()
    config = _config(path / "district.toml", digest)
    tables = {}
    for file in sorted(path.glob("*.tsv")):
        raw = file.read_bytes()
        digest.update(raw)
        tables[file.stem] = parse_table(file.name, _decode(file.name, raw))
    if (named := Home.from_tables(tables).name) != config["name"]:
        raise DistrictError(
            "gazetteer.tsv", 1, f"the row of type district is {named}, district.toml says {config['name']}"
        )
    return DistrictFolder(
        path=path,
        id=config["id"],
        name=config["name"],
        config=config,
        tables=tables,
        register=Register.from_table(
            table(tables, "departments", []), beginnings(config["name"], config["city"], config["full_name"])
        ),
        digest=digest.hexdigest()[:12],
    )


def _config(file: Path, digest: Any) -> dict[str, Any]:
    raw = file.read_bytes()
    digest.update(raw)
    try:
        config = tomllib.loads(_decode(file.name, raw))
    except tomllib.TOMLDecodeError as error:
        raise DistrictError(file.name, 0, str(error)) from None
    missing = [key for key in ("id", "name", "full_name", "city", "province") if key not in config]
    if missing:
        raise DistrictError(file.name, 0, f"missing: {', '.join(missing)}")
    return config


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DistrictError(name, raw[: error.start].count(b"\n") + 1, "not UTF-8") from None
