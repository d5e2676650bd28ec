"""Judge gold items with the product's own pipeline and compare with the labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from processors.assess import Judge
from schemas.assessment import AssessedItem, Assessment, Origin
from schemas.base import CHINA
from schemas.errors import InvalidItem
from schemas.item import Item
from streams.ports import AssessInput
from tests.gold import metrics
from tests.gold.load import GoldItem
from tests.gold.metrics import Counts, Figure

FIGURES = ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated", "direct_loss")
CONTENT = (
    "speculation", "exaggeration", "vague_source", "generalisation", "number_mismatch", "impossible_date",
    "missing_time", "missing_place", "missing_result",
)  # fmt: skip
WORDING = ("typo", "wording", "title_order", "number_usage", "punctuation")
PII_MUST = ("phone", "id_card", "plate")


@dataclass
class Case:
    """A gold item and what the judge said; ``story`` is set in order of time."""

    gold: GoldItem
    assessed: AssessedItem
    story: str | None = None
    wrong: list[str] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, Any]:
        """The labels."""
        return self.gold.labels

    @property
    def said(self) -> Assessment:
        """The verdicts."""
        return self.assessed.assessment


def judge_gold(judge: Judge, gold: Sequence[GoldItem], *, stories: bool = True) -> list[Case]:
    """Judge items in order of publication; a report of an unknown department is a fault of the gold and raises.

    Without ``stories`` nothing is joined (for training what joins).
    """
    ordered = sorted(gold, key=lambda g: (Item.model_validate(g.item).published_at, g.gid))
    inputs = []
    for number, one in enumerate(ordered):
        item = Item.model_validate(one.item)
        inputs.append(
            AssessInput(item, item.received_at or item.published_at, Origin(topic="", partition=0, offset=number))
        )
    cases = []
    window = judge.stories() if stories else None
    for one, result in zip(ordered, judge.assess(inputs), strict=True):
        if isinstance(result, InvalidItem):
            raise result
        cases.append(Case(one, result, window.assign(result).story if window else None))
    return cases


def all_figures(cases: Sequence[Case]) -> list[Figure]:
    """Every figure of the issue, in its order."""
    found = [*category(cases), *emergency(cases), *facts(cases), *timeliness(cases)]
    found += [*findings(cases, CONTENT), *findings(cases, WORDING), *stories(cases), *opinion(cases), *pii(cases)]
    return [figure for figure in found if figure.n]


def category(cases: Sequence[Case]) -> Iterator[Figure]:
    """Macro F1 (a second label counts where the judge chose it), by lane; calibration; abstention."""
    pairs = []
    for case in cases:
        wanted, said = case.labels["category"], case.said.category.value
        right = said in (wanted, case.labels.get("category_also"))
        if not right:
            case.wrong.append(f"category {said} for {wanted}")
        pairs.append((said if right else wanted, said))
    yield metrics.bootstrap("category macro-F1", pairs, metrics.macro_f1, len(pairs))
    for lane in ("report", "media", "opinion"):
        part = [pair for pair, case in zip(pairs, cases, strict=True) if case.said.lane == lane]
        yield metrics.bootstrap(f"category macro-F1, {lane}", part, metrics.macro_f1, len(part))
    sure = [
        (case.said.category_scores[case.said.category], pair[0] == pair[1])
        for case, pair in zip(cases, pairs, strict=True)
    ]
    yield metrics.bootstrap("category calibration error", sure, metrics.calibration_error, len(sure))
    yield metrics.proportion("category abstained", [case.said.abstained for case in cases])
    kept = [pair[0] == pair[1] for pair, case in zip(pairs, cases, strict=True) if not case.said.abstained]
    yield metrics.proportion("category right where not abstained", kept)


def emergency(cases: Sequence[Case]) -> Iterator[Figure]:
    """Recall, precision, false alarms, class, type, level, place."""
    real = [case for case in cases if case.labels["is_emergency"]]
    quiet = [case for case in cases if not case.labels["is_emergency"]]
    for case in cases:
        if case.said.emergency.is_emergency != case.labels["is_emergency"]:
            missed = "missed emergency" if case.labels["is_emergency"] else "false alarm"
            case.wrong.append(f"{missed} ({case.said.emergency.score:.2f})")
    yield metrics.proportion("emergency recall", [c.said.emergency.is_emergency for c in real])
    flagged = [c for c in cases if c.said.emergency.is_emergency]
    yield metrics.proportion("emergency precision", [c.labels["is_emergency"] for c in flagged])
    yield metrics.proportion("emergency false alarms (of non-events)", [c.said.emergency.is_emergency for c in quiet])
    complaints = [c for c in quiet if c.labels["category"] == "问题建议"]
    yield metrics.proportion(
        "emergency false alarms on complaints", [c.said.emergency.is_emergency for c in complaints]
    )
    yield metrics.proportion("warning flag", [c.said.emergency.warning == bool(c.labels.get("warning")) for c in cases])
    yield metrics.proportion(
        "event class", [_same(c, "event_class", c.said.emergency.event_class, c.labels["event_class"]) for c in real]
    )
    yield metrics.proportion(
        "event type", [_same(c, "event_type", c.said.emergency.event_type, c.labels["event_type"]) for c in real]
    )
    yield metrics.proportion("level", [_same(c, "level", c.said.emergency.level, c.labels["level"]) for c in real])
    yield metrics.proportion(
        "in district", [_same(c, "in_district", c.said.emergency.in_district, c.labels["in_district"]) for c in real]
    )


def facts(cases: Sequence[Case]) -> Iterator[Figure]:
    """Exact match of each figure on events; event time on all items; places on events."""
    events = [case for case in cases if case.labels.get("event_class")]
    for name in FIGURES:
        yield metrics.proportion(
            name, [_same(c, name, getattr(c.said.facts, name), c.labels.get(name)) for c in events]
        )
    yield metrics.proportion("event time, events", [_time_right(c) for c in events])
    yield metrics.proportion("event time, other items", [_time_right(c) for c in cases if c not in events])
    counts = [_overlap_counts(set(case.labels.get("places") or []), set(case.said.facts.places)) for case in events]
    yield metrics.bootstrap("places F1, events", counts, metrics.f1, len(counts))


def _time_right(case: Case) -> bool:
    said, wanted = case.said.facts.event_time, case.labels.get("event_time")
    given = (said.start.astimezone(CHINA), said.precision.value) if said else None
    expected = (datetime.fromisoformat(wanted["start"]).astimezone(CHINA), wanted["precision"]) if wanted else None
    return _same(case, "event_time", given, expected)


def timeliness(cases: Sequence[Case]) -> Iterator[Figure]:
    """Verdict and rule, on reports."""
    reports = [case for case in cases if case.said.lane == "report"]
    yield metrics.proportion(
        "timeliness verdict and rule",
        [
            _same(
                c,
                "timeliness",
                (c.said.timeliness.verdict.value, c.said.timeliness.rule.value),
                (c.labels["timeliness"]["verdict"], c.labels["timeliness"]["rule"]),
            )
            for c in reports
        ],
    )


def findings(cases: Sequence[Case], checks: Sequence[str]) -> Iterator[Figure]:
    """F1 of each check: a finding is right where one of the same check and field overlaps the label's span."""
    for check in checks:
        counts = [_finding_counts(case, check) for case in cases]
        n = sum(count.tp + count.fn for count in counts)
        yield metrics.bootstrap(f"{check} F1", counts, metrics.f1, n)
        yield metrics.bootstrap(f"{check} precision", counts, metrics.precision, n)


def _finding_counts(case: Case, check: str) -> Counts:
    wanted = [f for f in case.labels.get("findings") or [] if f["check"] == check]
    given = [f for f in case.said.findings if f.check.value == check]
    matched = set()
    hits = 0
    for label in wanted:
        for index, finding in enumerate(given):
            same_field = finding.field == label.get("field", "text")
            overlap = finding.start < label["end"] and finding.end > label["start"]
            if index not in matched and (check.startswith("missing") or (same_field and overlap)):
                matched.add(index)
                hits += 1
                break
        else:
            case.wrong.append(f"no {check} at “{label.get('text', '')}”")
    case.wrong += [f"{check} at “{given[i].text}” is false" for i in range(len(given)) if i not in matched]
    return Counts(tp=hits, fp=len(given) - len(matched), fn=len(wanted) - hits)


def stories(cases: Sequence[Case]) -> Iterator[Figure]:
    """Pairs of items of one event, against pairs with one story."""
    found = metrics.pair_counts(
        {case.gold.gid: case.gold.event for case in cases}, {case.gold.gid: case.story for case in cases}
    )
    count = [found]
    yield Figure("story pairs precision", metrics.precision(count), 0.0, 1.0, found.tp + found.fp)
    yield Figure("story pairs recall", metrics.recall(count), 0.0, 1.0, found.tp + found.fn)
    yield Figure("story pairs F1", metrics.f1(count), 0.0, 1.0, found.tp + found.fn)


def opinion(cases: Sequence[Case]) -> Iterator[Figure]:
    """Sentiment and theme of posts."""
    posts = [case for case in cases if case.said.lane == "opinion" and case.said.opinion]
    toned = [case for case in posts if case.labels.get("sentiment")]
    yield metrics.proportion(
        "sentiment", [_same(c, "sentiment", c.said.opinion.sentiment, c.labels["sentiment"]) for c in toned]
    )
    yield metrics.proportion("theme", [_same(c, "theme", c.said.opinion.theme, c.labels.get("theme")) for c in posts])


def pii(cases: Sequence[Case]) -> Iterator[Figure]:
    """Recall of personal data by span; all kinds, and those that must be found."""
    for name, kinds in (("pii recall, phone, id card, plate", PII_MUST), ("pii recall, all kinds", None)):
        counts = []
        for case in cases:
            wanted = [p for p in case.labels.get("pii") or [] if kinds is None or p["kind"] in kinds]
            hit = sum(_covered(p, case.said) for p in wanted)
            counts.append(Counts(tp=hit, fn=len(wanted) - hit))
        yield metrics.bootstrap(name, counts, metrics.recall, sum(c.tp + c.fn for c in counts))


def _covered(label: dict[str, Any], said: Assessment) -> bool:
    field_name = label.get("field", "text")
    return any(p.field == field_name and p.start <= label["start"] and p.end >= label["end"] for p in said.pii)


def _same(case: Case, name: str, given: Any, wanted: Any) -> bool:
    plain = getattr(given, "value", given)
    if plain == wanted:
        return True
    case.wrong.append(f"{name} {plain} for {wanted}")
    return False


def _overlap_counts(wanted: set[str], given: set[str]) -> Counts:
    return Counts(len(wanted & given), len(given - wanted), len(wanted - given))
