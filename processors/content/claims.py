"""Doubtful phrases: guesses, exaggerations, vague sources and generalisations, each with its span and excuse."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from processors.assemble import assemble
from processors.content import guards
from processors.content.excuses import EXCUSES, Context
from processors.content.guards import Place
from processors.content.rules import Family, Rule, load_rules
from processors.document import Document
from processors.late import late
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Finding
from schemas.vocab import Category, Check, Kind, Lane

TAG = "content"
JOINED = 16
"""Characters between two judgements on all in one sentence that are one finding."""
_ADVERT = late(r"广告|促销|酬宾|优惠|首付|折扣|特价|抢购|量大从优|咨询热线|开业|限时|下定")
_OWN_CHECKS = {Category.OTHER: frozenset({Check.EXAGGERATION})}  # in other categories all count
_REPORTER = (Family.VOICES, Family.UNIQUE)
"""What the reporter adds to a leader's words (与会人员个个深受鼓舞); the rest is the leader's own way of speaking."""
_ANYBODY = (Family.MOTIVE, Family.LAW)
"""What nobody may say without proof, a leader neither: why somebody did it, and what always holds."""
_LEADER_SPEAKS = late(r"[说讲]|指出|强调|要求|提出|认为|谈到|寄语|批示|勉励|希望|要")

MESSAGES = {
    Check.SPECULATION: "“{}”是对原因或动机的主观推测，请写明由谁认定，或改为“原因正在调查”。",
    Check.EXAGGERATION: "“{}”拔得过高且没有依据，请补充数据、排名出处或文件，或改用平实说法。",
    Check.VAGUE_SOURCE: "“{}”没有可查的来源，请写明单位、姓名或工单，核实后再报。",
    Check.GENERALISATION: "“{}”以点带面，请写明样本和比例，或只写已经掌握的情况。",
}


class _Phrase(NamedTuple):
    order: int
    start: int
    end: int
    rule: Rule
    sentence: tuple[int, int]


class Claims:
    """Finds the four kinds of doubtful phrases."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Claims:
        """Rules of the district, their anchors put into the common scan."""
        rules = load_rules(tables)
        for rule in rules:
            for anchor in rule.anchors:
                builder.literal(TAG, anchor, rule)
        return cls(rules)

    def judge_many(self, batch: Sequence[tuple[Document, Scan, Category]]) -> list[list[Finding]]:
        """Findings of reports and media; what netizens write is not measured by these rules (LABELS).

        Rule by rule over the batch: a rule's pattern stays in the cache while it runs.
        """
        found: list[list[_Phrase]] = [[] for _ in batch]
        due: dict[str, list[tuple[int, int, Rule, tuple[int, int]]]] = {}
        for index, (doc, scan, category) in enumerate(batch):
            for order, (rule, sentence) in enumerate(self._due(doc, scan, category)):
                due.setdefault(rule.id, []).append((index, order, rule, sentence))
        for looks in due.values():
            for index, order, rule, sentence in looks:
                for match in rule.pattern.finditer(batch[index][0].norm, *sentence):
                    found[index].append(_Phrase(order, match.start(), match.end(), rule, sentence))
        return [
            self._doubtful(doc, category, phrases) if phrases else []
            for (doc, _, category), phrases in zip(batch, found, strict=True)
        ]

    @staticmethod
    def _due(doc: Document, scan: Scan, category: Category) -> list[tuple[Rule, tuple[int, int]]]:
        """Rules and the sentences in which one of their anchors stands, in the order of the anchors."""
        hits = scan.hits(TAG)
        if not hits or doc.item.lane is Lane.OPINION or doc.item.kind is Kind.ZERO:
            return []
        if category is Category.OTHER and not _ADVERT.search(doc.norm):
            return []
        allowed = _OWN_CHECKS.get(category)
        ends = doc.sentence_ends
        looks: dict[tuple[str, int], Rule] = {}
        for start, _, rule in hits:
            if allowed is None or rule.check in allowed:
                looks.setdefault((rule.id, bisect_right(ends, start)), rule)
        return [(rule, (ends[at - 1] if at else 0, ends[at])) for (_, at), rule in looks.items()]

    @staticmethod
    def _doubtful(doc: Document, category: Category, phrases: list[_Phrase]) -> list[Finding]:
        """Those phrases that nothing excuses."""
        text = doc.norm
        context = Context(category, doc.item.lane, text)
        quoted = guards.quoted_spans(text)
        led = category is Category.LEADER_THINKING
        phrases.sort(key=lambda phrase: phrase.order)
        found = [
            (start, end, rule)
            for _, start, end, rule, sentence in phrases
            if not _inside(start, end, quoted)
            and not (
                led
                and rule.check is not Check.VAGUE_SOURCE
                and rule.family not in _ANYBODY
                and (rule.family not in _REPORTER or _LEADER_SPEAKS.search(text, *sentence))
            )
            and not EXCUSES[rule.family](Place(text, start, end, sentence), text[start:end], context)
        ]
        return [finding(doc, rule.check, start, end, rule.id) for start, end, rule in _longest(found, text)]


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first < start and end < last for first, last in spans)


def _longest(found: Sequence[tuple[int, int, Rule]], norm: str) -> list[tuple[int, int, Rule]]:
    """Of overlapping phrases the longest; neighbours of one check (“全国首创、史无前例”) as one."""
    kept: list[tuple[int, int, Rule]] = []
    for start, end, rule in sorted(found, key=lambda one: (one[0] - one[1], one[0])):
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, rule))
    joined: list[tuple[int, int, Rule]] = []
    for start, end, rule in sorted(kept, key=lambda one: one[0]):
        last = joined[-1] if joined else None
        if last and last[2].check is rule.check and _is_one(norm[last[1] : start], norm[start:end], rule):
            joined[-1] = (last[0], end, last[2])
        else:
            joined.append((start, end, rule))
    return joined


def _is_one(between: str, text: str, rule: Rule) -> bool:
    """Whether two neighbours are one doubt: a run of praise, or a judgement on all in two clauses."""
    if between in ("", "、", "的", "又") or (between == "，" and text == "没有之一"):
        return True
    return rule.check is Check.GENERALISATION and len(between) <= JOINED and not re.search("[。！？；\n]", between)


def finding(doc: Document, check: Check, start: int, end: int, rule: str) -> Finding:
    """The finding that a span of ``norm`` gives; over title and text it is cut to the title."""
    field, first, last = doc.locate(start, end)
    text = doc.full[start:end]
    return assemble(
        Finding,
        {
            "check": check,
            "field": field,
            "start": first,
            "end": last,
            "text": text[: last - first],
            "message": MESSAGES[check].format(text),
            "rule": rule,
        },
    )
