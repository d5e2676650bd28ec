"""Judgement of items: every verdict of the contract, from one pass over the text of a whole batch.

Pure: the same items, times, district and models give the same verdicts. The stream, the command line, the desk's live
check and the tests call this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from processors.assemble import assemble, changed
from processors.careful import CarefulJudge
from processors.category.judge import CategoryResult
from processors.category.kinds import KindJudge
from processors.content import ContentJudge, ContentQuestion
from processors.departments import Register
from processors.document import Document, narrow
from processors.emergency.judge import EmergencyResult
from processors.facts import FactJudge, FactQuestion, FactResult
from processors.facts.types import EventTypes
from processors.furniture import Furniture
from processors.masking import masked_assessment, masked_item
from processors.neardup import signatures
from processors.opinion import OpinionJudge
from processors.pii import Span, find_pii, joined
from processors.proofread import ProofReader
from processors.scan import Scan, Scanner
from processors.severity import SeverityTable
from processors.telling import tell
from processors.tidy import Field, Tidied, tidy
from processors.timeliness import StatutoryClock, judge_timeliness
from schemas.assessment import AssessedItem, Assessment, Emergency, Finding, OpinionSignals, Origin, Pii
from schemas.base import CHINA, local_day
from schemas.errors import FieldError, InvalidItem
from schemas.ids import item_id, version
from schemas.item import Item
from schemas.vocab import Category, Kind, Lane

if TYPE_CHECKING:
    from processors.stories import StoryMatcher


class Arrival(Protocol):
    """An item and when and where it arrived."""

    @property
    def item(self) -> Item: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def origin(self) -> Origin: ...


@dataclass(frozen=True, slots=True)
class Judges:
    """The compiled rules and loaded models of a district."""

    furniture: Furniture
    scanner: Scanner
    facts: FactJudge
    event_types: EventTypes
    severity: SeverityTable
    first: CarefulJudge
    kinds: KindJudge
    content: ContentJudge
    wording: ProofReader
    opinion: OpinionJudge
    clocks: tuple[StatutoryClock, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One item on its way through the judges: as given, and as they read it; ``spoken`` has Chinese signs."""

    item: Item
    read: Tidied
    received_at: datetime
    origin: Origin | None
    source: str
    source_name: str
    document: Document
    spoken: Document
    scan: Scan
    """Of ``spoken``."""
    scan_as_written: Scan


class Judge:
    """Judges items of one district."""

    def __init__(
        self, district: str, register: Register, judges: Judges, stories: Callable[[], StoryMatcher], rules_version: str
    ) -> None:
        self.district, self.register, self.stories, self.rules_version = district, register, stories, rules_version
        self._judges = judges

    def assess(self, items: Sequence[Arrival]) -> list[AssessedItem | InvalidItem]:
        """One result for each item, in order; a report of an unknown department is an ``InvalidItem``."""
        read = [self._read(arrival.item) for arrival in items]
        documents = [Document(one.item) for one in read]
        scans = self._judges.scanner.scan_many([document.norm for document in documents])
        prepared = [self._prepare(*each) for each in zip(items, read, documents, scans, strict=True)]
        cases = [case for case in prepared if isinstance(case, _Case)]
        judged = iter(self._judge(cases))
        return [next(judged) if isinstance(case, _Case) else case for case in prepared]

    def identify(self, item: Item) -> str | None:
        """The item id, or None for a report of an unknown department."""
        source = self._resolve(item)
        return None if source is None else item_id(item, district=self.district, source=source[0])

    def assess_one(self, item: Item) -> Assessment:
        """The assessment of one item that has its ``received_at``. Raises InvalidItem."""
        result = self.assess([Arrived(item, item.received_at or item.published_at)])[0]
        if isinstance(result, InvalidItem):
            raise result
        return result.assessment

    def explain(self, item: Item, received_at: datetime) -> list[str]:
        """Lines that tell which rules and features decided."""
        read = self._read(item)
        document = Document(read.item)
        case = self._prepare(Arrived(item, received_at), read, document, self._judges.scanner.scan(document.norm))
        if isinstance(case, InvalidItem):
            raise case
        result = self._judge([case])[0].assessment
        lines = self._judges.first.explain(case.spoken, case.scan)
        lines += tell(result)
        if item.lane is not Lane.REPORT:
            lines += self._judges.opinion.explain(case.spoken, case.scan, result.emergency, result.category)
        return lines

    def _read(self, item: Item) -> Tidied:
        return tidy(item) if item.lane is Lane.REPORT else tidy(item, self._judges.furniture.edits)

    def _resolve(self, item: Item) -> tuple[str, str] | None:
        if item.lane is not Lane.REPORT:
            return item.source, item.source
        department = self.register.resolve(item.source)
        return None if department is None else (department.id, department.short_name)

    def _prepare(self, arrival: Arrival, read: Tidied, document: Document, scan: Scan) -> _Case | InvalidItem:
        source = self._resolve(arrival.item)
        if source is None:
            return unknown_department(arrival.item.source)
        received_at = arrival.received_at.astimezone(CHINA)
        spoken = document.in_chinese()
        heard = scan if spoken is document else self._judges.scanner.scan(spoken.norm)
        return _Case(arrival.item, read, received_at, arrival.origin, *source, document, spoken, heard, scan)

    def _judge(self, cases: Sequence[_Case]) -> list[AssessedItem]:
        if not cases:
            return []
        documents, spoken = [case.document for case in cases], [case.spoken for case in cases]
        scans = [case.scan for case in cases]
        written = [case.scan_as_written for case in cases]
        first = self._judges.first.judge_many(spoken, scans)
        emergencies, categories = first.emergencies, first.categories
        wordings = self._judges.wording.judge_many(documents, written)
        marks = signatures([document.item.text for document in documents])
        opinions = self._opinions(cases, emergencies, categories)
        # Judge by judge over the whole batch, not item by item: a judge's patterns and tables stay in the cache.
        facts = self._judges.facts.judge_many(
            [
                FactQuestion(case.spoken, case.scan, found.tells_of_event, found.is_emergency, found.closed)
                for case, found in zip(cases, emergencies, strict=True)
            ]
        )
        facts = [_timed(*one) for one in zip(facts, categories, emergencies, strict=True)]
        told = [self._emergency(*one) for one in zip(emergencies, facts, strict=True)]
        contents = self._judges.content.judge_many(
            [_content(*one) for one in zip(cases, categories, told, facts, strict=True)]
        )
        personal = [_pii(case.read, case.document) for case in cases]
        parts = zip(cases, categories, told, facts, contents, wordings, personal, marks, opinions, strict=True)
        return [self._combine(*one) for one in parts]

    def _opinions(
        self, cases: Sequence[_Case], emergencies: Sequence[EmergencyResult], categories: Sequence[CategoryResult]
    ) -> list[OpinionSignals | None]:
        """The signals of what is not a report."""
        found: list[OpinionSignals | None] = [None] * len(cases)
        chosen = [index for index, case in enumerate(cases) if case.item.lane is not Lane.REPORT]
        signals = self._judges.opinion.judge_many(
            [cases[index].spoken for index in chosen],
            [cases[index].scan for index in chosen],
            [emergencies[index] for index in chosen],
            [categories[index].category for index in chosen],
        )
        for index, signal in zip(chosen, signals, strict=True):
            found[index] = signal
        return found

    def _combine(
        self,
        case: _Case,
        category: CategoryResult,
        emergency: Emergency,
        facts: FactResult,
        content: Sequence[Finding],
        wording: Sequence[Finding],
        personal: tuple[list[Span], list[Span]],
        minhash: tuple[int, ...],
        opinion: OpinionSignals | None,
    ) -> AssessedItem:
        judges, item, document, scan = self._judges, case.item, case.spoken, case.scan
        summary = item.lane is Lane.REPORT and judges.kinds.is_summary(document, scan)
        major = judges.kinds.is_major(document, scan) is not None
        timeliness = judge_timeliness(
            item,
            case.received_at,
            facts.facts.event_time,
            emergency,
            major=major,
            summary=summary,
            clocks=judges.clocks,
        )
        zero = item.kind is Kind.ZERO
        findings = [] if zero else [*facts.findings, *content, *wording]
        title_pii, text_pii = personal
        own_id = item_id(item, district=self.district, source=case.source)
        assessment = assemble(
            Assessment,
            {
                "id": item.id or own_id,
                "item_id": own_id,
                "lane": item.lane.value,
                "category": category.category,
                "category_scores": category.scores,
                "abstained": category.abstained,
                "reasons": category.reasons,
                "emergency": emergency,
                "facts": facts.facts,
                "timeliness": timeliness,
                "findings": _ordered(findings),
                "pii": (*_places(title_pii, "title"), *_places(text_pii, "text")),
                "opinion": opinion,
                "incident": item.incident,
                "rules_version": self.rules_version,
            },
        )
        return assemble(
            AssessedItem,
            {
                "item_id": own_id,
                "district": self.district,
                "version": version(item),
                "source": case.source,
                "source_name": case.source_name,
                "received_at": case.received_at,
                "day": local_day(case.received_at),
                "input": masked_item(item, title_pii, text_pii, case.received_at),
                "assessment": masked_assessment(case.read.led_back(assessment), item, title_pii, text_pii),
                "minhash": minhash,
                "origin": case.origin,
            },
        )

    def _emergency(self, found: EmergencyResult, facts: FactResult) -> Emergency:
        known = found.is_emergency or found.closed or found.warning
        level, rule = None, None
        if found.is_emergency or found.closed:
            level, rule = self._judges.severity.level_of(found.event_type, facts.facts)
        return assemble(
            Emergency,
            {
                "is_emergency": found.is_emergency,
                "warning": found.warning,
                "score": found.score,
                "doubtful": found.doubtful,
                "event_class": found.event_class,
                "event_type": found.event_type,
                "level": level,
                "level_rule": rule,
                "in_district": facts.in_district if known else None,
                "sensitive": found.sensitive,
                "reasons": found.reasons,
            },
        )


def _pii(read: Tidied, document: Document) -> tuple[list[Span], list[Span]]:
    """Where personal data stands in title and text as given, in tags and in what a page sets around, too."""
    lane, shift, item = document.item.lane, document.shift, read.given
    title = find_pii(document.norm[: shift - 1], lane) if shift else []
    text = find_pii(document.norm[shift:] if read.whole is read.text else narrow(read.whole.text), lane)
    return (
        _with_hidden(read.title, title, item.title, lane),
        _with_hidden(read.whole, text, item.text, lane),
    )


def _with_hidden(field: Field, found: Sequence[Span], given: str, lane: Lane) -> list[Span]:
    """With what only the text as given shows: in attributes of tags, between spaces and breaks that were left out."""
    if field.offsets is None:
        return list(found)
    return joined([*field.spans(found), *find_pii(narrow(given), lane)])


_TIMELESS = frozenset({Category.PROBLEM, Category.PRACTICE, Category.OTHER})
"""What has no onset, whatever days it names: complaints, ways of working, chat (LABELS.md "Event time")."""


def _timed(facts: FactResult, category: CategoryResult, emergency: EmergencyResult) -> FactResult:
    """The facts without the time of what is neither an event nor an activity."""
    eventful = emergency.is_emergency or emergency.closed or emergency.warning
    if eventful or facts.facts.event_time is None or category.category not in _TIMELESS:
        return facts
    return replace(facts, facts=changed(facts.facts, {"event_time": None}))


def _content(case: _Case, category: CategoryResult, emergency: Emergency, facts: FactResult) -> ContentQuestion:
    return ContentQuestion(
        case.spoken,
        case.scan,
        category=category.category,
        is_emergency=emergency.is_emergency and not emergency.doubtful,  # what a person looks at anyway
        has_time=facts.facts.event_time is not None,
        places=facts.facts.places,
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """An item that comes from no stream, taken as arrived at a given moment."""

    item: Item
    received_at: datetime
    origin: Origin = Origin(topic="", partition=0, offset=0)  # noqa: RUF009 - frozen


def unknown_department(source: str) -> InvalidItem:
    """A report whose source is not in the register."""
    return InvalidItem(
        [
            FieldError(
                "source",
                f"{source!r} is not in the register of departments; give its id, official name or short name",
                f"“{source}”不在单位名录中，请填写单位编号、全称或规范简称",
            )
        ]
    )


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Those of the title first, each field in order of place."""
    if len(findings) > 1:
        findings.sort(key=lambda finding: (finding.field != "title", finding.start))
    return tuple(findings)


def _places(spans: Sequence[Span], field: str) -> list[Pii]:
    return [
        Pii(kind=span.kind, field="title" if field == "title" else "text", start=span.start, end=span.end)
        for span in spans
    ]
