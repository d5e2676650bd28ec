"""The committed JSON Schemas are the models', and no incompatible change passes without a new version."""

from __future__ import annotations

import copy
import json

import pytest

from schemas import generate
from schemas.compatibility import breaks


@pytest.mark.parametrize("name", sorted(generate.models()))
def test_committed_schema_is_compatible_with_the_model(name: str) -> None:
    committed = json.loads(generate.path(name).read_text("utf-8"))
    current = json.loads(json.dumps(generate.schema(name)))
    assert breaks(committed, current) == [], f"give {name} a new version in schemas.generate.VERSIONS"
    assert committed == current, "run python -m schemas.generate"


SCHEMA = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "string", "maxLength": 9},
        "b": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "null"}]},
        "c": {"type": "array", "items": {"type": "integer"}},
    },
    "$defs": {"B": {"type": "string", "enum": ["x", "y"]}},
}


def changed(path: str, value: object) -> dict[str, object]:
    new = copy.deepcopy(SCHEMA)
    *parents, last = path.split("/")
    target = new
    for part in parents:
        target = target[int(part)] if isinstance(target, list) else target[part]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return new


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/a", None),
        ("properties/a/type", "integer"),
        ("properties/a/maxLength", 5),
        ("required", ["a", "c"]),
        ("$defs/B/enum", ["x"]),
        ("properties/c/items/type", "string"),
        ("properties/b/anyOf", [{"$ref": "#/$defs/B"}]),
    ],
)
def test_incompatible_changes_are_named(path: str, value: object) -> None:
    assert breaks(SCHEMA, changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/d", {"type": "string"}),
        ("properties/a/maxLength", 20),
        ("$defs/B/enum", ["x", "y", "z"]),
        ("required", []),
    ],
)
def test_compatible_changes_pass(path: str, value: object) -> None:
    assert breaks(SCHEMA, changed(path, value)) == []
