"""The judge of facts: what an item states about an event or an activity (CONTRACT.md `facts`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple, Self

from processors import places
from processors.assemble import assemble
from processors.document import Document
from processors.facts import amounts, dates, event_time, people_sums, scope, sums, words
from processors.facts.aboard import sought
from processors.facts.casualties import Casualties, gather, settle
from processors.facts.hurt import described
from processors.facts.moments import each_expression, may_begin
from processors.facts.statements import Statements
from processors.late import late
from processors.place_table import Named
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import EventTime, Facts, Finding, Reason
from schemas.base import Time
from schemas.vocab import Lane, Precision

SHORT = 300
"""Characters up to which weak words alone (下来了, 送到) may speak of people's fate: notes and posts are short."""
_NUMBER_OF_PEOPLE = late(
    r"(?=[\d一二两三四五六七八九十百千万])[\d一二两三四五六七八九十百千万]+[余多]?(?:名|人|位|个|例|死|伤)"
)
_CROWD = late(r"聚集|上访|集访|讨薪|欠薪|罢工|罢运|静坐|阻工|阻挠|阻止|堵路|围堵|拉横幅|维权")
"""Where a crowd gathered, those who leave or are led away are no evacuation."""
_ILL = late(r"症状|轻症|毒素|呕吐|腹泻|腹痛|拉肚子|中毒|不适|肚子[疼痛]|诺如|食源性")
_SCHOOL = late(
    r"学校|小学|中学|幼儿园|学生|师生|学员|研学|校园|食堂.{0,20}(?:班|娃)|"
    r"[一二三四五六七八九十]小|大学|高校|职校|技校|运动会|夏令营|博览会|重大活动"
)


@dataclass(frozen=True, slots=True)
class FactResult:
    """Facts with findings; ``in_district`` is for an emergency; ``reasons`` show where figures stand."""

    facts: Facts
    findings: tuple[Finding, ...] = ()
    in_district: bool | None = None
    reasons: tuple[Reason, ...] = ()


class FactQuestion(NamedTuple):
    """A document whose ``norm`` was scanned, and what is known of it.

    ``event``: whether the item may tell of a harmful event, as the judge of emergencies sees it; without it the words
    of the text decide. What tells of none has no figures of people, and its time is an activity's. ``sure``: it is an
    emergency, whatever words of rumours, courts or drills stand in it. ``closed``: it is the final report of one.
    """

    document: Document
    scan: Scan
    event: bool | None = None
    sure: bool = False
    closed: bool = False


class _People(NamedTuple):
    """What a text states of people and of the event's size; ``harmful``: it speaks of a harmful event."""

    harmful: bool
    figures: Mapping[str, object] = MappingProxyType({})
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()


class FactJudge:
    """Reads the facts of one item; gates by content, since it runs before or beside the other judges."""

    def __init__(self, gazetteer: places.Gazetteer) -> None:
        self._gazetteer = gazetteer

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """Register what facts are looked for with; the scanner is built by the caller."""
        words.register(builder)
        scope.register(builder)
        event_time.register(builder)
        return cls(places.Gazetteer.from_tables(tables, builder))

    @staticmethod
    def _may_state(document: Document, scan: Scan) -> bool:
        """Whether people's fate can be spoken of at all: most items leave here."""
        if scan.has(words.HARM) or scan.has(words.EVENT):
            return True
        if len(document.norm) > SHORT:
            return False
        return scan.has(words.WEAK) and _NUMBER_OF_PEOPLE.search(document.norm) is not None

    def judge(self, document: Document, scan: Scan, *, event: bool | None = None, sure: bool = False) -> FactResult:
        """Facts of one document; see ``judge_many``."""
        return self.judge_many([FactQuestion(document, scan, event, sure)])[0]

    def judge_many(self, batch: Sequence[FactQuestion]) -> list[FactResult]:
        """Facts of each document, question by question over the whole batch: its patterns stay in the cache."""
        batch = [one._replace(document=one.document.in_chinese()) for one in batch]
        named = [self._gazetteer.find(one.document, one.scan) for one in batch]
        doubts = [list(dates.check(one.document)) for one in batch]
        people = [self._people(one) for one in batch]
        sums_wrong = [list(sums.check(one.document)) for one in batch]
        onsets = [_onset(*one) for one in zip(batch, people, strict=True)]
        parts = zip(batch, named, doubts, people, sums_wrong, onsets, strict=True)
        return [self._together(*one) for one in parts]

    def _people(self, asked: FactQuestion) -> _People:
        """People's fate and the figures of the event; nothing where the item tells of none."""
        document, scan, event, sure, _ = asked
        harmful = scan.has(words.EVENT) if event is None else event
        if not (self._may_state(document, scan) if event is None else event):
            return _People(harmful)
        limits = scope.Scope(document, scan, sure=sure)
        if limits.nothing:
            return _People(harmful)
        statements = gather(
            document, limits, sorted(hit.start for tag in (words.HARM, words.WEAK) for hit in scan.hits(tag)), sure=sure
        )
        if not harmful:
            statements.found = [found for found in statements.found if not found.implied]
            statements.none.clear()
        stated = settle(statements)
        if sure and stated.injured is None and (found := described(document, limits)):
            stated = replace(stated, injured=found)
        if sure and stated.missing is None and stated.deaths is None and (found := sought(document)):
            stated = replace(stated, missing=found)
        harmful = harmful or bool(statements.found)
        figures = _figures(document, scan, limits, stated, harmful)
        findings = tuple(people_sums.check(document, statements, stated))
        return _People(harmful, figures, findings, _reasons(document, statements))

    def _together(
        self,
        asked: FactQuestion,
        named: list[Named],
        doubts: list[Finding],
        people: _People,
        contradictions: list[Finding],
        onset: EventTime | None,
    ) -> FactResult:
        document = asked.document
        findings = [*doubts, *people.findings]
        findings += [found for found in contradictions if not _within(found, findings)]
        facts = assemble(
            Facts, {"event_time": onset, "places": self._gazetteer.names(named, document.shift), **people.figures}
        )
        inside = None if asked.event is False else self._gazetteer.in_district(document, named)
        return FactResult(facts, tuple(findings), inside, people.reasons)


ANSWERED_WITHIN = 40
"""Characters in which an answer says what a citizen told."""


def _onset(asked: FactQuestion, people: _People) -> EventTime | None:
    """When it began; an invented event began at no time."""
    document, scan, event, sure, closed = asked
    unreal = scan.has(scope.UNREAL) and not sure and document.item.lane is not Lane.REPORT
    if unreal:
        return None
    happened = people.harmful and (event is None or sure or closed)
    found = event_time.find(document, scan, harmful=happened)
    if found is not None or happened or not people.harmful or document.item.lane is not Lane.REPORT:
        return found
    if "反映" in document.norm[:ANSWERED_WITHIN]:
        return None
    found = event_time.find(document, scan, harmful=True)  # a report tells of something that was
    return None if found is None or found.precision in {Precision.PERIOD, Precision.MONTH} else found


def _figures(
    document: Document, scan: Scan, limits: scope.Scope, people: Casualties, harmful: bool
) -> dict[str, object]:
    text = document.norm
    found: dict[str, object] = {
        name: getattr(people, name)
        for name in ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated")
    }
    if people.injured is not None and _ILL.search(text) and _SCHOOL.search(text):
        found["cases"] = people.injured
    if harmful and "截" in text:
        found["as_of"] = _as_of(document)
    if found["evacuated"] is not None and _CROWD.search(text):
        found["evacuated"] = None
    if not harmful or not (scan.has(words.AMOUNT) or scan.has(words.CROWD)):
        return found
    found |= amounts.read(document, limits.admits) if amounts.may_state(text) else {}
    if scan.has(words.CROWD):
        found["participants"] = _participants(document, scan, limits)
    if found.get("participants") is not None and found["participants"] == found["evacuated"]:
        found["evacuated"] = None
    return found


def _participants(document: Document, scan: Scan, limits: scope.Scope) -> int | None:
    """The size of a crowd, from the sentences that speak of one."""
    spans = dict.fromkeys(document.sentence_at(hit.start) for hit in scan.hits(words.CROWD))
    sentences = [document.norm[start:end] for start, end in spans]
    return amounts.crowd([sentence for sentence in sentences if limits.admits(sentence, history=True)])


def _within(finding: Finding, others: list[Finding]) -> bool:
    """Whether another finding on numbers already stands there."""
    return any(
        other.check is finding.check
        and other.field == finding.field
        and other.start < finding.end
        and finding.start < other.end
        for other in others
    )


_AS_OF = late(r"截[至止](?:到|目前|于)?")


def _as_of(document: Document) -> Time | None:
    """The time at which the figures were counted (截至18时)."""
    match = _AS_OF.search(document.norm, document.shift)
    if match is None or not may_begin(document.norm, match.end(), match.end() + 4):
        return None
    for expression in each_expression(document.norm, document.item.published_at, match.end() + 20):
        if match.end() <= expression.start <= match.end() + 4:
            return expression.moment()
    return None


def _reasons(document: Document, statements: Statements) -> tuple[Reason, ...]:
    return tuple(
        document.reason(f"facts.{found.kind}", found.start, found.end) for found in statements.found if not found.old
    )
