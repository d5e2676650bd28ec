"""The house rules of docs/architecture.md: who may import whom, and that our names are ours."""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ALLOWED = {
    "schemas": set(),
    "processors": {"schemas"},
    "producers": {"schemas", "processors"},
    "streams": {"schemas", "processors"},
    "publishers": {"schemas", "processors"},
    "deploy": {"schemas"},
    "desk": {"schemas", "processors", "producers", "publishers", "deploy"},
    "huiyao": {"schemas", "processors", "producers", "streams", "publishers", "desk", "deploy"},
}
FORBIDDEN_IN_PROCESSORS = set(
    "os io socket subprocess pathlib time random kafka aiokafka faust elasticsearch httpx".split()
)
FORBIDDEN = {
    "producers": {"elasticsearch"},
    "publishers": {"kafka", "aiokafka", "faust"},
    "schemas": {"os", "socket", "kafka", "aiokafka", "faust", "elasticsearch", "httpx"},
}


def imports(file: Path) -> set[str]:
    """Top-level names of all modules a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def files(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found, f"room {room} is empty"
    return found


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_rooms_import_one_way(room: str) -> None:
    for file in files(room):
        wrong = imports(file) & (ALLOWED.keys() - ALLOWED[room] - {room} | {"tests", "training"})
        assert not wrong, f"{file.relative_to(ROOT)} may not import {sorted(wrong)}"


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_rooms_keep_to_their_engines(room: str) -> None:
    for file in files(room):
        wrong = imports(file) & FORBIDDEN[room]
        assert not wrong, f"{file.relative_to(ROOT)} may not use {sorted(wrong)}"


def test_judgement_is_pure() -> None:
    for file in files("processors"):
        wrong = imports(file) & FORBIDDEN_IN_PROCESSORS
        assert not wrong, f"{file.relative_to(ROOT)} may not use {sorted(wrong)}"
        calls = {node.attr for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not calls & {"now", "utcnow", "today"}, f"{file.relative_to(ROOT)} reads the clock"


def test_no_dependency_owns_one_of_our_names() -> None:
    owners = metadata.packages_distributions()
    for room in [*ALLOWED, "tests"]:
        foreign = set(owners.get(room, ())) - {"huiyao"}
        assert not foreign, f"{room} is also installed by {sorted(foreign)}"


def test_the_check_itself_sees_a_wrong_import(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f():\n    from desk import app\n    import faust.app\n", "utf-8")
    assert imports(bad) == {"desk", "faust"}
