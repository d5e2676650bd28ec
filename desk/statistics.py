"""Numbers over a time: items by day, lane, category and department, on-time rates, adoption, opinion.

Each is a table, and some are drawn as well; every one can be taken away as a file. Counts are of items, never of
persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from desk.filters import check_day, term
from desk.index import Index, Query
from desk.spreadsheets import Cell, Sheet
from schemas.bulletin import BulletinChart
from schemas.errors import FieldError, InvalidItem
from schemas.vocab import Category, Lane, LedgerState

MOST_DAYS = 370
SHOWN_THEMES, SHOWN_STORIES, MOST_DEPARTMENTS = 20, 20, 500
HOT = 2
"""Items that make a story worth a line."""
ON_TIME = (LedgerState.REPORTED, LedgerState.ZERO, LedgerState.AMENDED)
COUNTED = (*ON_TIME, LedgerState.LATE, LedgerState.MISSING)
_LANES = (*(lane.label for lane in Lane), "合计")
_TONES = {"neg": "负面", "neu": "中性", "pos": "正面"}


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is the file's; the first column names the row. ``percent``: columns shown as shares."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: BulletinChart | None = None
    percent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[str]:
        """Every day."""
        return [(self.first + timedelta(days=n)).isoformat() for n in range((self.last - self.first).days + 1)]


def span_of(first: str, last: str, today: str) -> Span:
    """The days asked for; a week up to today where none are. Raises InvalidItem."""
    end = check_day(last or today)
    begin = check_day(first) if first else end - timedelta(days=6)
    if begin > end:
        raise InvalidItem([FieldError("from", "after the last day", "开始日期晚于结束日期")])
    if (end - begin).days >= MOST_DAYS:
        raise InvalidItem([FieldError("from", f"more than {MOST_DAYS} days", f"一次最多统计{MOST_DAYS}天")])
    return Span(begin, end)


async def tables(index: Index, district: str, span: Span) -> list[Table]:
    """All tables of a time. Raises IndexUnavailable."""
    days: Query = {"range": {"day": {"gte": span.first.isoformat(), "lte": span.last.isoformat()}}}
    items = await index.aggregate("items", [term("district", district), term("erased", "false"), days], _ITEMS)
    duty = await index.aggregate("duty", [term("district", district), days], _DUTY)
    return [
        _by_day(items, span),
        _by_category(items),
        _departments(items),
        _on_time(duty),
        _themes(items),
        _stories(items),
    ]


def _terms(field: str, size: int = 100, **inner: Any) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size}} | ({"aggs": inner} if inner else {})


def _where(field: str, value: str) -> dict[str, Any]:
    return {"filter": term(field, value)}


_REPORTS = {
    "departments": _terms(
        "source_name",
        MOST_DEPARTMENTS,
        zero=_where("kind", "zero"),
        late=_where("timeliness.verdict", "late"),
        accepted=_where("status", "accepted"),
        returned=_where("status", "returned"),
    )
}
_POSTS = {
    "themes": _terms("opinion.theme", SHOWN_THEMES, tones=_terms("opinion.sentiment")),
    "stories": _terms("story", SHOWN_STORIES, first={"top_hits": {"size": 1, "_source": ["title", "text"]}}),
}
_ITEMS: dict[str, Any] = {
    "days": _terms("day", MOST_DAYS, lanes=_terms("lane")),
    "categories": _terms("category", lanes=_terms("lane")),
    "reports": _where("lane", Lane.REPORT.value) | {"aggs": _REPORTS},
    "posts": _where("lane", Lane.OPINION.value) | {"aggs": _POSTS},
}
_DUTY: dict[str, Any] = {"departments": _terms("department_name", MOST_DEPARTMENTS, states=_terms("state"))}


def _counts(buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}


def _by_lane(name: str, held: Mapping[str, Mapping[str, int]]) -> tuple[Cell, ...]:
    """A row of the lanes' counts and their sum, which is what the chart draws."""
    counts = [held.get(name, {}).get(lane, 0) for lane in Lane]
    return (name, *counts, sum(counts))


def _by_day(found: Mapping[str, Any], span: Span) -> Table:
    held = {bucket["key"]: _counts(bucket["lanes"]["buckets"]) for bucket in found["days"]["buckets"]}
    rows = tuple(_by_lane(day, held) for day in span.days)
    totals = tuple(float(row[-1]) for row in rows)
    labels = tuple(f"{int(day[5:7])}.{int(day[8:])}" for day in span.days)
    chart = BulletinChart(title="每日信息数量", form="line", labels=labels, values=totals)
    return Table("days", "每日信息数量", ("日期", *_LANES), rows, chart)


def _by_category(found: Mapping[str, Any]) -> Table:
    held = {bucket["key"]: _counts(bucket["lanes"]["buckets"]) for bucket in found["categories"]["buckets"]}
    rows = tuple(_by_lane(one.value, held) for one in Category)
    values = tuple(float(row[-1]) for row in rows)
    chart = BulletinChart(title="类别分布", form="bar", labels=tuple(Category), values=values)
    return Table("categories", "类别分布", ("类别", *_LANES), rows, chart)


def _departments(found: Mapping[str, Any]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for bucket in found["reports"]["departments"]["buckets"]:
        counts = [int(bucket[name]["doc_count"]) for name in ("zero", "late", "accepted", "returned")]
        filed = int(bucket["doc_count"]) - counts[0]
        rows.append((str(bucket["key"]), filed, *counts, _share(counts[2], filed) if filed else ""))
    columns = ("单位", "信息", "零报告", "时效迟报", "采用", "退回", "采用率")
    return Table("departments", "各单位报送与采用", columns, tuple(rows), percent=frozenset({"采用率"}))


def _on_time(found: Mapping[str, Any]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for bucket in found["departments"]["buckets"]:
        states = _counts(bucket["states"]["buckets"])
        due = sum(states.get(state, 0) for state in COUNTED)
        good = sum(states.get(state, 0) for state in ON_TIME)
        counts = (states.get(LedgerState.LATE, 0), states.get(LedgerState.MISSING, 0))
        rows.append((str(bucket["key"]), due, good, *counts, states.get(LedgerState.EXCUSED, 0), _share(good, due)))
    rows.sort(key=lambda row: (float(row[-1]), str(row[0])))
    columns = ("单位", "应报天数", "按时", "迟报", "缺报", "免报", "按时率")
    return Table("duty", "每日报送按时率", columns, tuple(rows), percent=frozenset({"按时率"}))


def _themes(found: Mapping[str, Any]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for bucket in found["posts"]["themes"]["buckets"]:
        tones = _counts(bucket["tones"]["buckets"])
        rows.append((str(bucket["key"]), int(bucket["doc_count"]), *(tones.get(tone, 0) for tone in _TONES)))
    names, values = tuple(str(row[0]) for row in rows[:8]), tuple(float(row[1]) for row in rows[:8])
    chart = BulletinChart(title="舆情主题", form="bar", labels=names, values=values) if rows else None
    return Table("themes", "舆情主题与倾向", ("主题", "条数", *_TONES.values()), tuple(rows), chart)


def _stories(found: Mapping[str, Any]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for bucket in found["posts"]["stories"]["buckets"]:
        first = bucket["first"]["hits"]["hits"][0]["_source"]
        if bucket["doc_count"] >= HOT:
            rows.append((str(first.get("title") or first.get("text") or "")[:40], int(bucket["doc_count"])))
    return Table("stories", "舆情热点", ("事件", "条数"), tuple(rows))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def sheet_of(table: Table) -> Sheet:
    """The table as a sheet of its own."""
    return Sheet(table.title, table.columns, table.rows, table.percent)
