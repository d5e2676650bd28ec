"""What is known of each item of a batch besides its n-grams: concepts, where they stand, form, dates, and what the
sentences say that name an event. One row a document, one named column a feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch
from processors.category.evidence import Finder
from processors.category.form import DATES, FORM, Matrix, dates, form
from processors.category.lexicon import Hits, Lexicon
from processors.category.votes import vote
from processors.document import Document
from processors.scan import Scan, ScannerBuilder, together
from processors.tables import Tables, table
from schemas.vocab import Kind, Lane

TRIGGERS = ("ev_strong", "ev_middle", "num_dead", "num_hurt", "num_crowd", "plot")
"""A sentence with one of these may tell of an event."""
EVIDENCE = ("happen", "now", "clock_time", "harm", "response", "num_dead", "num_hurt", "num_moved", "num_crowd")
"""What makes an event actual."""
BLOCKERS = (
    "drill", "hypo", "warn", "past", "history", "film_block", "fiction", "campaign", "court", "refute", "popsci",
    "sport", "notice", "drill_sure", "final_word", "harmless", "hn_drill", "hn_policy", "hn_prevention", "hn_film",
    "hn_commemoration", "hn_court", "hn_planned", "hn_official", "hn_explained", "hn_forecast",
)  # fmt: skip
"""Contexts in which words of events tell of none."""
VOTE_SCALE = 3.0
"""Brings the logarithm of votes to about one."""
BLOCK = 1.5
"""Pieces of evidence that one blocking context outweighs."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Features of a batch: ``matrix`` is documents by features; ``hits`` as found; ``live`` the weight of each
    sentence as a telling of an actual event; ``votes`` is documents by event types of the lexicon;
    ``finder`` tells where concepts stand."""

    batch: Batch
    hits: Hits
    matrix: Matrix
    live: Matrix
    votes: Matrix
    finder: Finder


SPOKEN = {
    "has": "有",
    "many": "多处",
    "lead": "开头有",
    "tail": "结尾有",
    "with": "事件句中有",
    "only": "事件句都有",
    "best": "最像事件的一句有",
    "live": "事件语句",
    "rule": "规则",
    "type": "事件类型",
    "lane": "来源渠道",
    "kind": "报告种类",
    "sign": "符号",
    "longer": "字数多于",
    "date": "日期",
}
WORDS = {
    "ev_strong": "明确的事件词",
    "ev_middle": "较明确的事件词",
    "ev_weak": "含糊的事件词",
    "lc_leader": "领导思路用语",
    "lc_work": "工作动态用语",
    "lc_practice": "典型经验用语",
    "lc_problem": "问题建议用语",
    "lc_urgent": "急情用语",
    "lc_analysis": "分析预测用语",
    "rule:drill": "演练且未出意外",
    "rule:harmless": "查明无害",
    "rule:unnamed": "没有事件词",
    "rule:nothing": "没有事件词也没有情状",
    "rule:told": "有事件词并有情状",
    "rule:asks": "有所请求",
    "rule:asks_lasting": "请求且问题已久",
    "rule:asks_undated": "请求而没有时间",
    "rule:asks_fresh": "请求且事件刚发生",
    "rule:lasting": "问题已久而没有伤亡数字",
    "rule:hazard": "隐患而没有伤亡数字",
    "rule:supposed": "假设而没有时间和数字",
    "rule:past": "往事而没有数字",
    "rule:event": "事件词、时间、数字俱全",
    "rule:fresh": "事件词与当下时间",
    "rule:figures": "情状与数字",
    "rule:hour": "当下、钟点与情状",
    "rule:timeless": "没有时间也没有数字",
    "live:any": "有",
    "live:free": "不受干扰语境影响",
    "live:blocked": "受干扰语境影响",
    "live:first": "在首句",
    "live:share": "占比",
}
"""Names of features that the district's tables do not name, in words."""
GROUPS = 7
"""Ways in which a concept is a feature: has, many, lead, tail, with, only, best."""


class Features:
    """Computes the features of a batch."""

    def __init__(
        self, lexicon: Lexicon, sources: dict[str, tuple[str, ...]], labels: dict[str, str] | None = None
    ) -> None:
        self.lexicon, self._sources, self._labels = lexicon, sources, labels or {}
        concepts = lexicon.concepts
        self._size = len(concepts)
        self._columns = {
            group: np.array([lexicon.index[name] for name in names if name in lexicon.index])
            for group, names in (("triggers", TRIGGERS), ("evidence", EVIDENCE), ("blockers", BLOCKERS))
        }
        self.names: tuple[str, ...] = (
            *(f"has:{name}" for name in concepts),
            *(f"many:{name}" for name in concepts),
            *(f"lead:{name}" for name in concepts),
            *(f"tail:{name}" for name in concepts),
            *(f"with:{name}" for name in concepts),
            *(f"only:{name}" for name in concepts),
            *(f"best:{name}" for name in concepts),
            *_LIVE,
            *RULES,
            *(f"type:{name}" for name in lexicon.events),
            *(f"lane:{lane}" for lane in Lane),
            *(f"kind:{kind}" for kind in Kind),
            *(f"source:{name}" for name in sources),
            "title",
            *FORM,
            *DATES,
        )

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Features:
        """From the lexicons of the district; the same object for all judges of one builder, compiled once."""
        if builder not in _OF_BUILDER:
            _OF_BUILDER[builder] = cls._compile(tables, builder)
        return _OF_BUILDER[builder]

    @classmethod
    def _compile(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        rows = table(tables, "lex_concepts", ["concept", "kind", "cues"])
        sources = {row["concept"]: row.parts("cues") for row in rows if row["kind"] == "source"}
        labels = {row["concept"]: row.get("label") for row in rows if row.get("label")}
        return cls(Lexicon.from_tables(tables, builder), sources, labels)

    def spoken(self, name: str) -> str:
        """A feature's name in words, for explanations; n-grams stand for themselves."""
        group, _, concept = name.partition(":")
        label = self._labels.get(concept) or WORDS.get(name) or WORDS.get(concept, concept)
        return f"{SPOKEN.get(group, group)}{label}"

    def compute(self, documents: Sequence[Document], scans: Sequence[Scan]) -> Evidence:
        """Features of a batch of at least one document."""
        found = together(scans)
        batch = Batch(documents, found.texts)
        hits = self.lexicon.find(batch, scans, found)
        presence = self._presence(batch, hits)
        sentences, live = self._sentences(batch, hits)
        votes = vote(batch, hits, live, len(self.lexicon.events))
        rules = self._rules(presence)
        typed = np.log1p(votes) / VOTE_SCALE
        rest = self._given(batch), form(batch), dates(documents)
        matrix = np.concatenate([presence, sentences, rules, typed, *rest], axis=1, dtype=np.float32)
        finder = Finder(batch, hits, self._size)
        return Evidence(batch, hits, matrix, live, votes, finder)

    def _presence(self, batch: Batch, hits: Hits) -> Matrix:
        """Each concept: present, how often, in title and lead, in the last sentence."""
        shape, cells = (len(batch), self._size), hits.document * self._size + hits.concept
        count = _count(cells, shape)
        lead = _count(cells[hits.start < batch.focus_end[hits.document]], shape)
        tail = _count(cells[hits.end > batch.tail_start[hits.document]], shape)
        return np.concatenate([count > 0, np.log1p(count), lead > 0, tail > 0], axis=1, dtype=np.float32)

    def _sentences(self, batch: Batch, hits: Hits) -> tuple[Matrix, Matrix]:
        """What stands in sentences that may tell of an event, in all of them, in the liveliest one."""
        sentence = batch.sentence[hits.start].astype(np.int64)
        total = len(batch.sentence_owner)
        present = _count(sentence * self._size + hits.concept, (total, self._size)) > 0
        trigger = present[:, self._columns["triggers"]].any(axis=1)
        proof = present[:, self._columns["evidence"]].sum(axis=1)
        blocked = present[:, self._columns["blockers"]].sum(axis=1)
        live = (trigger * (1 + proof - BLOCK * blocked)).astype(np.float32)
        rows = np.flatnonzero(trigger)
        owner, size = batch.sentence_owner[rows].astype(np.int64), len(batch)
        counts = np.bincount(owner, minlength=size)
        some, best, only = (np.zeros((size, self._size), dtype=np.float32) for _ in range(3))
        marks = np.zeros((size, len(_LIVE)), dtype=np.float32)
        if len(rows):
            bounds = np.flatnonzero(np.diff(owner, prepend=-1))
            with_trigger = present[rows].astype(np.float32)
            sums = np.add.reduceat(with_trigger, bounds, axis=0)
            found = owner[bounds]
            some[found] = sums > 0
            only[found] = sums == counts[found][:, None]
            order = np.lexsort((-live[rows], owner))
            best[found] = with_trigger[order[bounds]]
            marks[found] = _marks(live[rows], proof[rows], blocked[rows], counts[found], bounds, order)
        return np.concatenate([some, only, best, marks], axis=1, dtype=np.float32), live

    def _rules(self, presence: Matrix) -> Matrix:
        """Contexts that hold for the whole item: a drill where nothing went wrong, no word of any event at all."""
        has = {name: presence[:, number] > 0 for name, number in self.lexicon.index.items()}
        drill = has["drill_sure"] & ~has["hn_drill_override"]
        named = has["ev_strong"] | has["ev_middle"] | has["num_dead"] | has["num_crowd"] | has["plot"]
        told = has["happen"] | has["harm"] | has["response"]
        harmless = has["harmless"] & ~has["num_dead"] & ~has["num_hurt"]
        figure = has["num_dead"] | has["num_hurt"] | has["num_moved"] | has["num_crowd"]
        dated = has["now"] | has["clock_time"]
        asks = has["request"] | has["appeal"] | has["close"] | has["question"]
        lasting = has["duration"] | has["shirk"] | has["problem_official"]
        columns = [
            drill, harmless, ~named, ~named & ~told, named & told & ~drill & ~harmless,
            asks, asks & lasting, asks & ~dated, asks & dated & named, lasting & ~figure, has["hazard"] & ~figure,
            has["hypo"] & ~dated & ~figure, has["past"] & ~figure, named & dated & figure, named & dated & ~has["hypo"],
            told & figure, has["now"] & has["clock_time"] & told, ~dated & ~figure,
        ]  # fmt: skip
        return np.stack(columns, axis=1).astype(np.float32)

    def _given(self, batch: Batch) -> Matrix:
        """Lane, kind and source, computed once for each combination."""
        rows: dict[tuple[Lane, Kind | None, str, bool], list[bool]] = {}
        keys = []
        for document in batch.documents:
            item = document.item
            key = item.lane, item.kind, item.source, bool(item.title)
            keys.append(key)
            if key not in rows:
                rows[key] = self._known(*key)
        return np.array([rows[key] for key in keys], dtype=np.float32)

    def _known(self, lane: Lane, kind: Kind | None, source: str, titled: bool) -> list[bool]:
        named = [any(cue in source for cue in cues) for cues in self._sources.values()]
        return [lane is each for each in Lane] + [kind is each for each in Kind] + named + [titled]


_OF_BUILDER: WeakKeyDictionary[ScannerBuilder, Features] = WeakKeyDictionary()
RULES = (
    "rule:drill", "rule:harmless", "rule:unnamed", "rule:nothing", "rule:told",
    "rule:asks", "rule:asks_lasting", "rule:asks_undated", "rule:asks_fresh", "rule:lasting", "rule:hazard",
    "rule:supposed", "rule:past", "rule:event", "rule:fresh", "rule:figures", "rule:hour", "rule:timeless",
)  # fmt: skip
"""Combinations of concepts over the whole item: one alone says little, an urgent request is no old grievance."""
_LIVE = ("live:any", "live:1", "live:2", "live:3", "live:4", "live:free", "live:blocked", "live:first", "live:share")


def _marks(
    live: Matrix,
    proof: npt.NDArray[np.int64],
    blocked: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.int64],
    order: npt.NDArray[np.int64],
) -> Matrix:
    best = order[bounds]
    free = np.maximum.reduceat((blocked == 0) * (proof + 1), bounds)
    columns = [
        np.ones(len(bounds)),
        live[best] >= 1,
        live[best] >= 2,
        live[best] >= 3,
        live[best] >= 4,
        free >= 3,
        blocked[best] > 0,
        best == bounds,
        np.minimum(counts, 6) / 6,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _count(cells: npt.NDArray[np.int64], shape: tuple[int, int]) -> npt.NDArray[np.int64]:
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
