"""Events put together from values that judgement itself made: the same objects as validation gives, but faster.

Only for values of the declared types (tests compare with validation); what comes from outside is validated where it
enters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
_set = object.__setattr__


@lru_cache(maxsize=64)
def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Default values in the order of the fields; all models of events are frozen, so that they may be shared."""
    return {name: None if field.is_required() else field.default for name, field in model.model_fields.items()}


def assemble(model: type[M], values: dict[str, Any]) -> M:
    """A model with these fields set and the defaults for the others; nothing is checked."""
    made = model.__new__(model)
    _set(made, "__dict__", _defaults(model) | values)
    _set(made, "__pydantic_fields_set__", set(values))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


def changed(model: M, values: dict[str, Any]) -> M:
    """A copy with some fields replaced, as ``model_copy(update=…)``."""
    made = model.__class__.__new__(model.__class__)
    _set(made, "__dict__", model.__dict__ | values)
    _set(made, "__pydantic_fields_set__", model.__pydantic_fields_set__ | values.keys())
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made
