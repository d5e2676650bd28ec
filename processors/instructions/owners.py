"""Whom to suggest as the owner of an instruction on an item: a list to begin from, people choose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processors.duty.omissions import TERRITORIAL, CaseRules, covers
from schemas.vocab import Lane


def suggested(item: Mapping[str, Any], rules: CaseRules) -> list[str]:
    """Ids of departments, the likeliest first: the bureaus whose duty the event is, the town where it lies, the
    department that reported it."""
    emergency, facts = item.get("emergency") or {}, item.get("facts") or {}
    kind = rules.types.get(str(emergency.get("event_type") or ""))
    bureaus = [
        one.id
        for one in rules.departments
        if kind and any(covers(code, kind.code) for code in one.event_codes if code != "all")
    ]
    ground = [
        one.id
        for one in rules.departments
        if one.kind in TERRITORIAL and any(one.short_name in str(place) for place in facts.get("places") or ())
    ]
    own = str(item.get("source") or "")
    reported = [one.id for one in rules.departments if item.get("lane") == Lane.REPORT and one.id == own]
    return list(dict.fromkeys([*ground, *reported, *bureaus]))
