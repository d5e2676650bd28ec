"""Whether a changed JSON Schema still understands what was written under the committed one, and the other way round.

Compatible: new optional properties, wider unions and enums of what we write for readers that ignore unknowns.
Incompatible without a new version: a property removed or renamed, a type narrowed, a new required property, an enum
value removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """What an evolution from ``old`` to ``new`` breaks, as lines; empty where it is compatible."""
    return list(_breaks(old, new, old, new, "$", set()))


def _breaks(old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str, seen: set[str]) -> Iterator[str]:
    if "$ref" in old:
        if old["$ref"] in seen:
            return
        seen = seen | {old["$ref"]}
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    lost = _types(old, old_root) - _types(new, new_root)
    if lost:
        yield f"{at}: type {', '.join(sorted(lost))} is no longer allowed"
    yield from (f"{at}: value {value!r} was removed" for value in _missing(old.get("enum"), new.get("enum")))
    yield from (f"{at}.{name}: was optional, is required" for name in _required(new) - _required(old))
    for name, value in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{at}.{name}: was removed"
            continue
        yield from _breaks(value, new["properties"][name], old_root, new_root, f"{at}.{name}", seen)
    for keyword in ("items", "additionalProperties"):
        if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
            yield from _breaks(old[keyword], new[keyword], old_root, new_root, f"{at}[]", seen)
    for index, option in enumerate(old.get("anyOf", [])):
        if "$ref" in option and len(new.get("anyOf", [])) > index and "$ref" in new["anyOf"][index]:
            yield from _breaks(option, new["anyOf"][index], old_root, new_root, at, seen)
    for bound, narrower in (("maxLength", min), ("minLength", max)):
        if bound in new and (bound not in old or narrower(old[bound], new[bound]) != old[bound]):
            yield f"{at}: {bound} became {new[bound]}"


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def _types(schema: Schema, root: Schema) -> set[str]:
    schema = _resolve(schema, root)
    if "anyOf" in schema:
        return set().union(*(_types(option, root) for option in schema["anyOf"]))
    kind = schema.get("type")
    return {kind} if isinstance(kind, str) else set(kind or ())


def _required(schema: Schema) -> set[str]:
    return set(schema.get("required", ()))


def _missing(old: list[Any] | None, new: list[Any] | None) -> list[Any]:
    return [value for value in old or () if new is not None and value not in new]
