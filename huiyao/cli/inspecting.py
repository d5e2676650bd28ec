"""``huiyao topics`` and ``huiyao schema``."""

from __future__ import annotations

import json
import sys

from schemas import generate
from schemas.topics import ALL, DAY_MS, FOREVER, MIB, TopicSpec


def run_topics(as_json: bool) -> None:
    """Print the topics in words or as JSON."""
    if as_json:
        print(json.dumps([_record(spec) for spec in ALL], ensure_ascii=False, indent=2))
        return
    for spec in ALL:
        print(f"{spec.name}  [key: {spec.key}]")
        print(f"    {spec.partitions} partitions, {_days(spec)}, cleanup {spec.cleanup}, to {spec.limit // MIB} MiB")
        print(f"    {spec.about}")


def run_schema(name: str | None) -> int:
    """Print one schema, or the list of names; 2 for an unknown name."""
    names = sorted(generate.models())
    if name is None:
        print("\n".join(names))
        return 0
    if name not in names:
        print(f"huiyao: no schema '{name}'; one of: {', '.join(names)}", file=sys.stderr)
        return 2
    print(json.dumps(generate.schema(name), ensure_ascii=False, indent=2))
    return 0


def _record(spec: TopicSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "key": spec.key,
        "partitions": spec.partitions,
        "retention_ms": spec.retention_ms,
        "cleanup": spec.cleanup,
        "limit": spec.limit,
        "schema": generate.number(spec.name),
        "about": spec.about,
    }


def _days(spec: TopicSpec) -> str:
    return "for good" if spec.retention_ms == FOREVER else f"{spec.retention_ms // DAY_MS} days"
