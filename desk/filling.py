"""Documents that an earlier version wrote, with the fields that have come since: as if they had been read as events.

The index is written again only where something changes (or by ``huiyao rebuild``), and pages refuse what is not there.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.alert import Alert, Delivery
from schemas.incident import Incident

Fields = dict[str, Any]
MODELS: dict[str, type[BaseModel]] = {"incidents": Incident, "alerts": Alert}
"""What the documents of an alias are made from."""
FOLDED: dict[str, dict[str, type[BaseModel]]] = {"alerts": {"deliveries": Delivery}}
"""Lists of other events that a fold keeps in them."""


def filled(alias: str, document: Fields) -> Fields:
    """The document with the default of every field of its model that it lacks, down to the parts of its lists."""
    model = MODELS.get(alias)
    if model is None:
        return document
    made = _filled(model, document)
    for name, part in FOLDED.get(alias, {}).items():
        made[name] = [_filled(part, one) for one in made.get(name) or ()]
    return made


def _filled(model: type[BaseModel], document: Fields) -> Fields:
    defaults, parts, lists = _shape(model)
    made = defaults | document
    for name, part in parts.items():
        if isinstance(made.get(name), dict):
            made[name] = _filled(part, made[name])
    for name, part in lists.items():
        made[name] = [_filled(part, one) for one in made.get(name) or ()]
    return made


@cache
def _shape(model: type[BaseModel]) -> tuple[Fields, dict[str, type[BaseModel]], dict[str, type[BaseModel]]]:
    """(defaults as JSON, fields that are a model, fields that are a list of one)"""
    required = {name for name, one in model.model_fields.items() if one.is_required()}
    empty = model.model_construct().model_dump(mode="json", exclude=required, warnings=False)
    parts: dict[str, type[BaseModel]] = {}
    lists: dict[str, type[BaseModel]] = {}
    for name, one in model.model_fields.items():
        if get_origin(one.annotation) is tuple:
            found, kept = get_args(one.annotation)[:1], lists
        elif get_origin(one.annotation) in (Union, types.UnionType):
            found, kept = get_args(one.annotation), parts
        else:
            found, kept = (one.annotation,), parts
        models = [kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseModel)]
        kept |= {name: models[0]} if models else {}
    return empty, parts, lists
