"""Models made at random, every field of them, for tests of what must hold for all models."""

from __future__ import annotations

import types
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue

Model = TypeVar("Model", bound=BaseModel)

ZONES = st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-11, 0, 8)])
MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 31), timezones=ZONES)  # noqa: DTZ001 - zones are drawn
ANY_MOMENT = st.datetimes(timezones=ZONES)
NUMBERS = st.one_of(st.integers(-5, 2000), st.sampled_from([2**31, 2**53 + 1, -(2**63), 2**64, 10**30]))
FLOATS = st.one_of(st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False))  # JSON has no others
TEXTS = st.text("汇要火灾受伤三3人。,a🔥\u0000\n", max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def models(
    model: type[Model], *, moments: st.SearchStrategy[datetime] = MOMENTS, **fixed: Any
) -> st.SearchStrategy[Model]:
    """Instances of a model; ``fixed`` gives fields a strategy or a value of their own."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        if name in fixed:
            given = fixed[name]
            fields[name] = given if isinstance(given, st.SearchStrategy) else st.just(given)
        else:
            fields[name] = _values(field.annotation, moments)
    return st.fixed_dictionaries(fields).map(model.model_validate)


def _values(annotation: Any, moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[Any]:
    origin, inside = get_origin(annotation), get_args(annotation)
    if annotation == JsonValue:
        return JSON
    if origin is Annotated:
        return _values(inside[0], moments)
    if origin in (Union, types.UnionType):
        return st.one_of(*(_values(one, moments) for one in inside))
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is tuple:
        return st.lists(_values(inside[0], moments), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(_values(inside[0], moments), _values(inside[1], moments), max_size=3)
    return _plain(annotation, moments)


def _plain(annotation: Any, moments: st.SearchStrategy[datetime]) -> st.SearchStrategy[Any]:
    simple = {bool: st.booleans(), int: NUMBERS, float: FLOATS, str: TEXTS, datetime: moments, type(None): st.none()}
    if annotation in simple:
        return simple[annotation]
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    return models(annotation, moments=moments)
