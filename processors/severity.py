"""Severity I to IV from an item's own figures (severity_thresholds.tsv); never from words such as 重大.

The highest criterion wins; lower bounds are inclusive, upper ones exclusive. A landslide is graded by the dead and the
loss and by the people to be moved; an earthquake as in a densely populated area, with the missing counted as dead
(LABELS.md "Level").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from processors.facts.types import EventTypes
from processors.tables import Row, Tables, table
from schemas.assessment import Facts
from schemas.vocab import Level

_ORDER = (Level.I, Level.II, Level.III, Level.IV)
_DENSE = "magnitude_dense_area"
_IGNORED = frozenset({"loss_share_of_province_GDP"})
_NAMES = {
    "deaths": "死亡",
    "deaths_incl_missing": "死亡（含失踪）",
    "serious_injuries": "重伤",
    "injured": "受伤",
    "direct_loss": "直接损失",
    "people_to_move": "需转移",
    "people_in_danger": "受威胁",
    "participants": "参与",
    "cases": "发病",
    "school_or_event_cases": "学校或活动中发病",
    "cases_with_death": "发病且有死亡",
    "area_forest": "受害森林面积",
    "hours": "持续",
    "households_24h": "停供24小时以上",
    "households_48h": "停供48小时以上",
    _DENSE: "震级（人口密集地区）",
    "magnitude_fairly_dense_area": "震级（人口较密集地区）",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row: ``family`` reaches ``level`` where low <= metric < high."""

    family: str
    level: Level
    metric: str
    low: float
    high: float | None
    unit: str
    source: str

    def holds(self, figure: float | None) -> bool:
        """Whether the figure reaches this level."""
        return figure is not None and self.low <= figure and (self.high is None or figure < self.high)

    def text(self, figure: float) -> str:
        """The rule as a clerk reads it."""
        bound = f"{self.low:g}{self.unit}以上" + (f"、不足{self.high:g}{self.unit}" if self.high is not None else "")
        name = _NAMES.get(self.metric, self.metric)
        return f"{self.family}：{name}{figure:g}{self.unit}，{bound}为{self.level.label}（{self.source}）"


class SeverityTable:
    """Grades events by the thresholds of their family."""

    def __init__(self, types: EventTypes, thresholds: tuple[Threshold, ...]) -> None:
        self._types = types
        self._by_family: dict[str, list[Threshold]] = {}
        for threshold in sorted(thresholds, key=lambda row: _ORDER.index(row.level)):
            self._by_family.setdefault(_family(threshold.family), []).append(threshold)

    def level_of(self, event_type_name: str | None, facts: Facts) -> tuple[Level | None, str | None]:
        """The level and the rule that decided; (None, None) where no figure of the type's family decides."""
        event_type = self._types.get(event_type_name)
        if event_type is None or not event_type.family:
            return None, None
        for threshold in self._by_family.get(_family(event_type.family), ()):
            figure = _figure(threshold.metric, facts)
            if threshold.holds(figure):
                assert figure is not None
                return threshold.level, threshold.text(figure)
        return None, None

    @classmethod
    def from_tables(cls, tables: Tables) -> Self:
        """From severity_thresholds.tsv and event_types.tsv; an unknown level or family is an error."""
        types = EventTypes.from_tables(tables)
        columns = ["class", "event_type", "level", "metric", "min_incl", "max_excl", "unit", "source"]
        rows = [row for row in table(tables, "severity_thresholds", columns) if row["level"] != "notice"]
        thresholds = tuple(_threshold(row) for row in rows)
        known = {_family(threshold.family) for threshold in thresholds}
        for row in tables["event_types"]:
            family = row.get("threshold_family")
            if family and _family(family) not in known:
                raise row.error(f"threshold_family {family} has no row in severity_thresholds.tsv")
        return cls(types, thresholds)


def _threshold(row: Row) -> Threshold:
    low = row.number("min_incl")
    if row["level"] not in Level.__members__ or low is None:
        raise row.error("level must be one of I, II, III, IV and min_incl a number")
    metric = row["metric"].split("(")[0]
    if metric not in _NAMES and metric not in _IGNORED:
        raise row.error(f"unknown metric {metric}")
    high = row.number("max_excl")
    return Threshold(row["event_type"], Level(row["level"]), metric, low, high, row["unit"], row["source"])


def _family(name: str) -> str:
    """The family without its sub-kind: 地质灾害(险情) and 地质灾害(灾情) grade the same event."""
    return name.split("(")[0]


def _figure(metric: str, facts: Facts) -> float | None:
    match metric:
        case "deaths_incl_missing":
            return (
                None if facts.deaths is None and facts.missing is None else (facts.deaths or 0) + (facts.missing or 0)
            )
        case "people_to_move":
            return facts.evacuated
        case "cases" | "school_or_event_cases" | "cases_with_death":
            return _cases(metric, facts)
        case "households_24h" | "households_48h":
            needed = 24 if metric == "households_24h" else 48
            return facts.households if facts.hours is not None and facts.hours >= needed else None
        case "magnitude_dense_area":
            return facts.magnitude
        case "magnitude_fairly_dense_area" | "people_in_danger" | "loss_share_of_province_GDP":
            return None
        case _:
            figure: float | None = getattr(facts, metric)
            return figure


def _cases(metric: str, facts: Facts) -> float | None:
    """People fallen ill are kept in ``injured``; ``cases`` is filled for illness at a school or large event only."""
    ill = facts.injured
    if metric == "school_or_event_cases":
        return facts.cases
    if metric == "cases_with_death":
        return ill if facts.deaths else None
    return ill
