"""Generate the JSON Schemas of everything outsiders read or write. ``python -m schemas.generate`` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from schemas import topics
from schemas.assessment import Assessment
from schemas.base import EdgeModel, Event
from schemas.item import Submission
from schemas.subscription import AlertFile, Silence, Subscription

SCHEMA_DIR = Path(__file__).parent / "jsonschema"
"""Committed; ``<name>.v<N>.json``. A change that breaks readers or writers needs a new N."""
VERSIONS: dict[str, int] = {}
"""Names whose current version is above 1."""


def models() -> dict[str, type[Event] | type[EdgeModel]]:
    """Public models by name: a topic's name, what people hand in, and ``assessment`` (line of assess).

    ``alerts-file`` is ``alerts.toml`` of a district: policy, persons, shifts, subscriptions, silences, channels.
    """
    public: dict[str, type[Event] | type[EdgeModel]] = {spec.name: spec.model for spec in topics.ALL}
    edges: dict[str, type[Event] | type[EdgeModel]] = {
        "submission": Submission,
        "subscription": Subscription,
        "silence": Silence,
        "alerts-file": AlertFile,
    }
    return public | edges | {"assessment": Assessment}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one public model."""
    document = models()[name].model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"huiyao:{name}:v{number(name)}",
    } | document


def number(name: str) -> int:
    """Current version of a schema."""
    return VERSIONS.get(name, 1)


def path(name: str) -> Path:
    """Where the current version of a schema is kept."""
    return SCHEMA_DIR / f"{name}.v{number(name)}.json"


def main() -> int:
    """Write all current schemas."""
    SCHEMA_DIR.mkdir(exist_ok=True)
    for name in models():
        path(name).write_text(json.dumps(schema(name), ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
