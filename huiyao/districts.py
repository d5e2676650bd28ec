"""Load a district folder: read its files, check them, compile its rules. A bad rule stops the start with its line."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class _Part(BaseModel):
    """A text where a list belongs would be read letter by letter, and a number fail far from its line."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Duty(_Part):
    cutoff: str = ""
    phone: str = ""
    exempt: list[str] = []


class _Alerts(_Part):
    stale_after_h: float = 24
    at_once: list[str] = []


class _Bulletins(_Part):
    recipients: list[str] = []
    signer: str = ""
    editor: str = ""


class _File(_Part):
    """The kinds of what district.toml holds; ``city`` is empty where the district lies in none."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    full_name: str = Field(min_length=1)
    city: str
    province: str
    office: str = ""
    wide_names: list[str] = []
    duty: _Duty = _Duty()
    alerts: _Alerts = _Alerts()
    bulletins: _Bulletins = _Bulletins()


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
    try:
        _File.model_validate(config)
    except ValidationError as error:
        found = error.errors()[0]
        path = [str(part) for part in found["loc"]]
        key = next(name for name in reversed(path) if not name.isdigit())
        raise DistrictError(file.name, _line(raw, key), f"{'.'.join(path)}: {found['msg']}") from None
    return config


def _line(raw: bytes, key: str) -> int:
    """The line on which a key stands."""
    lines = raw.decode("utf-8-sig").split("\n")
    return next((n for n, line in enumerate(lines, 1) if line.split("=")[0].strip(' "[]') == key), 1)


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DistrictError(name, raw[: error.start].count(b"\n") + 1, "not UTF-8") from None
