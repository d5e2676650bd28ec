"""What callers may ask of lists: filters, days, full text. What means nothing is refused by name, never ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from desk.index import Query
from processors.fold_items import ItemStatus
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Category, Check, Lane, Level, TimelinessVerdict

ITEM_FILTERS = {
    "lane": "lane",
    "category": "category",
    "source": "source",
    "day": "day",
    "story": "story",
    "incident": "incident",
    "status": "status",
    "level": "emergency.level",
    "emergency": "emergency.is_emergency",
    "in_district": "emergency.in_district",
    "abstained": "abstained",
    "doubtful": "emergency.doubtful",
    "merged": "merged_into",
    "timeliness": "timeliness.verdict",
    "check": "findings.check",
}
"""Query parameter to field. Shown in the OpenAPI description of ``GET /items``."""
_BOOLEAN = ("true", "false")
CHOICES: dict[str, tuple[str, ...]] = {
    "lane": tuple(Lane),
    "category": tuple(Category),
    "status": tuple(ItemStatus),
    "level": tuple(Level),
    "timeliness": tuple(TimelinessVerdict),
    "check": tuple(Check),
    "emergency": _BOOLEAN,
    "in_district": _BOOLEAN,
    "abstained": _BOOLEAN,
    "doubtful": _BOOLEAN,
    "merged": _BOOLEAN,
}
"""Values of parameters that have a closed list; every parameter also takes ``null`` (not there)."""
SEARCH_LIMIT = 500
VALUE_LIMIT = 500
"""Characters of a filter's value; Elasticsearch refuses a term of more than 32 KB, which would look like an outage."""
YEARS = range(1950, 2200)
"""Days outside are slips of the pen, and the day before the first one does not exist."""
_BETWEEN_WORDS = re.compile(r"[\u3000，、；。：！？（）《》【】]+")
"""Within one run of characters the index looks for neighbours, so what separates words for a reader must be a blank."""
_QUOTES = str.maketrans("“”„＂", '""""')


def item_filters(given: Mapping[str, str]) -> list[Query]:
    """Elasticsearch filters of the known parameters with a value. Raises InvalidItem."""
    wanted = {name: value for name, value in given.items() if name in ITEM_FILTERS and value}
    wrong = [
        FieldError(name, f"one of: {', '.join(CHOICES[name])}, null", f"取值应为：{'、'.join(CHOICES[name])}")
        for name, value in wanted.items()
        if name in CHOICES and value not in (*CHOICES[name], "null")
    ]
    wrong += [
        FieldError(name, f"at most {VALUE_LIMIT} characters", f"不超过{VALUE_LIMIT}个字")
        for name, value in wanted.items()
        if len(value) > VALUE_LIMIT
    ]
    if wrong:
        raise InvalidItem(wrong)
    if wanted.get("day", "null") != "null":
        check_day(wanted["day"])
    return [_filter(name, value) for name, value in wanted.items()]


def _filter(name: str, value: str) -> Query:
    if name == "merged" and value == "true":
        return {"exists": {"field": ITEM_FILTERS[name]}}
    return term(ITEM_FILTERS[name], "null" if name == "merged" else value)


def term(field: str, value: str) -> Query:
    """An exact filter; ``true`` and ``false`` become booleans, ``null`` asks for what is not there."""
    if value == "null":
        return {"bool": {"must_not": [{"exists": {"field": field}}]}}
    return {"term": {field: {"true": True, "false": False}.get(value, value)}}


def full_text(text: str) -> Query:
    """All words of a search in title or text; a quoted phrase (“…” or "…") as it stands. Raises InvalidItem."""
    if len(text) > SEARCH_LIMIT:
        raise InvalidItem([FieldError("q", f"at most {SEARCH_LIMIT} characters", f"检索词不超过{SEARCH_LIMIT}个字")])
    return {
        "simple_query_string": {
            "query": _BETWEEN_WORDS.sub(" ", text.translate(_QUOTES)),
            "fields": ["title^2", "text"],
            "default_operator": "and",
            "flags": "AND|OR|NOT|PHRASE|WHITESPACE",
        }
    }


def check_day(day: str) -> date:
    """A calendar day as ``YYYY-MM-DD``; other ways of writing it would find nothing. Raises InvalidItem."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        found = None
    if found is None or found.isoformat() != day or found.year not in YEARS:
        raise InvalidItem([FieldError("day", "not a day; write YYYY-MM-DD", "日期格式应为 YYYY-MM-DD")])
    return found


def check_filters(filters: Mapping[str, str], allowed: Sequence[str]) -> None:
    """Refuse parameters that mean nothing here, instead of silently returning everything. Raises InvalidItem."""
    unknown = [name for name in filters if name not in allowed]
    if unknown:
        known = ", ".join(allowed)
        raise InvalidItem(
            [FieldError(name, f"unknown parameter; one of: {known}", "未知的查询参数") for name in unknown]
        )
