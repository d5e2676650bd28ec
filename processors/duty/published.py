"""Points as entries for the index: what has changed since they were last written. Pure.

The computation stays the truth (ADR 045); this only tells the index of it, entry by entry, so that a rebuild folds what
was written and a correction is seen beside what it corrects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from processors.duty.point import Point
from schemas.point import PointEntry

_OWN = frozenset({"revision", "changed_at"})


def changed(
    known: Mapping[str, PointEntry],
    found: Iterable[Point],
    now: datetime,
    *,
    district: str,
    names: Mapping[str, str],
    since: str = "",
    before: Mapping[str, Point] | None = None,
) -> list[PointEntry]:
    """New revisions of entries that are new, differ or follow no longer. The same again gives [].

    ``since``: entries of earlier days are not taken back, since the record in hand does not reach so far. ``before``:
    points that ``known`` was made from, by id; what equals them needs no second look.
    """
    seen, present = before or {}, {one.entry_id: one for one in found}
    made = (_entry(one, now, district, names) for key, one in present.items() if seen.get(key) != one)
    news = [one for one in made if _differs(known.get(one.entry_id), one)]
    gone = [
        one.model_copy(update={"withdrawn": True, "changed_at": now})
        for key, one in known.items()
        if key not in present and not one.withdrawn and one.day >= since
    ]
    return [
        one.model_copy(update={"revision": known[one.entry_id].revision + 1 if one.entry_id in known else 1})
        for one in (*news, *gone)
    ]


def _differs(known: PointEntry | None, new: PointEntry) -> bool:
    return known is None or known.model_dump(exclude=set(_OWN)) != new.model_dump(exclude=set(_OWN))


def _entry(point: Point, now: datetime, district: str, names: Mapping[str, str]) -> PointEntry:
    return PointEntry(
        entry_id=point.entry_id,
        district=district,
        department=point.department,
        department_name=names.get(point.department, point.department),
        day=point.day,
        month=point.day[:7],
        key=point.key,
        points=float(point.points),
        exact=f"{point.points.normalize():f}" if point.points else "0",
        ref=point.ref,
        why=point.why,
        at=point.at,
        final_at=point.final_at,
        version=point.version,
        corrects=point.corrects,
        appealed=point.appealed,
        changed_at=now,
    )
