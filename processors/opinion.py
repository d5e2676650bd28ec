"""Public opinion: tone, theme and sensitivity of a post.

Tone is how people speak, not how grave the matter is (SPEC.md §8). Themes are what a district watches; nothing here is
about persons. Words decide: each has a weight for every tone and theme, learned by ``training.opinion``; a word that
was added to a table since then speaks for its own theme or tone at once. N-grams speak as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from processors.assemble import assemble
from processors.document import Document
from processors.opinion_grams import OpinionGrams
from processors.opinion_said import TAG, said, sum_rows
from processors.scan import Scan, ScannerBuilder
from processors.tables import Row, Tables, table
from schemas.assessment import OpinionSignals
from schemas.vocab import Category, Sentiment

HIGHEST = 3
TITLE_FACTOR = 2
"""A word of the title counts twice for the theme."""
LENGTHS = 4
"""Characters from which a longer word is no more telling."""
TONES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
"""In the order of the columns neg, neu, pos of lex_sentiment.tsv."""
TONE_NAMES = ("负面", "中性", "正面")
CATEGORIES = tuple(Category)

Matrix = npt.NDArray[np.float32]
Arrays = Mapping[str, npt.NDArray[Any]]


class Event(Protocol):
    """What is known of an emergency."""

    @property
    def is_emergency(self) -> bool: ...
    @property
    def event_type(self) -> str | None: ...
    @property
    def sensitive(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Theme:
    """A row of watch_topics.tsv."""

    name: str
    level: int
    words: tuple[str, ...]
    event_types: frozenset[str]


class Words(NamedTuple):
    """The words of a district: every word once, its themes' numbers, its weights for the tones."""

    names: tuple[str, ...]
    themes: tuple[tuple[int, ...], ...]
    tones: Matrix
    tone_bias: Matrix
    upset: Matrix
    irony: Matrix
    """What a word of mockery adds, whatever training has seen of it."""


def load_themes(tables: Tables) -> tuple[Theme, ...]:
    """The watched themes. Raises DistrictError with the line of a bad row."""
    columns = ["topic", "default_level_0to3", "keywords", "event_types", "source"]
    return tuple(
        Theme(row["topic"], _level(row), row.parts("keywords", " "), frozenset(row.parts("event_types")))
        for row in table(tables, "watch_topics", columns)
    )


def load_words(tables: Tables, themes: Sequence[Theme]) -> Words:
    """Words of both tables. Raises DistrictError with the line of a bad row."""
    given: dict[str, list[float]] = {}
    mocking: set[str] = set()
    own = {"bias": [0.0] * len(TONES), "emergency": [0.0] * len(TONES)}
    for row in table(tables, "lex_sentiment", ["kind", "term", "neg", "neu", "pos", "source"]):
        if row["kind"] in own:
            own[row["kind"]] = _weights(row)
        elif row["kind"] in ("term", "irony") and row["term"]:
            given[row["term"]] = _weights(row)
            mocking |= {row["term"]} if row["kind"] == "irony" else set()
        else:
            raise row.error(f"kind: '{row['kind']}' is not one of bias, emergency, term, irony, or term is empty")
    spoken: dict[str, list[int]] = {}
    for number, theme in enumerate(themes):
        for word in theme.words:
            spoken.setdefault(word, []).append(number)
    names = tuple(sorted(given.keys() | spoken.keys()))
    tones = np.array([given.get(name, [0.0] * len(TONES)) for name in names], dtype=np.float32)
    bias, upset = (np.array(own[name], dtype=np.float32) for name in ("bias", "emergency"))
    irony = tones * np.array([[name in mocking] for name in names], dtype=np.float32)
    return Words(names, tuple(tuple(spoken.get(name, ())) for name in names), tones, bias, upset, irony)


class OpinionJudge:
    """Judges posts (and articles) of one district.

    ``_text``, ``_title``: what a word of the text, and of the title besides, adds to each column: the tones, no theme,
    the themes; ``grams``: what n-grams add to them. ``_category``, ``_event``, ``_urgent``: what the
    category, the event type, an emergency add.
    """

    def __init__(self, themes: Sequence[Theme], words: Words, arrays: Arrays | None = None) -> None:
        self._themes, self._words = tuple(themes), words
        self._by_event = {name: number for number, theme in enumerate(themes) for name in theme.event_types}
        weights = _Learned(arrays, self._themes, words) if arrays else _Plain(self._themes, words)
        self.grams = OpinionGrams(arrays, weights.grams) if arrays and weights.grams is not None else None
        self._text, self._title = weights.text, weights.title
        self._category, self._event, self._urgent, self._bias = (
            weights.category, weights.event, weights.urgent, weights.bias,
        )  # fmt: skip

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder, arrays: Arrays | None = None) -> Self:
        """From lex_sentiment.tsv, watch_topics.tsv and the arrays of models/opinion; without them the tables alone."""
        themes = load_themes(tables)
        words = load_words(tables, themes)
        builder.grouped(TAG, words.names)
        return cls(themes, words, arrays)

    def judge(
        self, document: Document, scan: Scan, emergency: Event, category: Category | None = None
    ) -> OpinionSignals:
        """Tone, theme (null where nothing watched is touched) and sensitivity 0 to 3."""
        return self.judge_many([document], [scan], [emergency], [category])[0]

    def judge_many(
        self,
        documents: Sequence[Document],
        scans: Sequence[Scan],
        emergencies: Sequence[Event],
        categories: Sequence[Category | None],
    ) -> list[OpinionSignals]:
        """The signals of a batch, in order."""
        if not documents:
            return []
        scores = self.scores(documents, scans, emergencies, categories)
        tones = scores[:, : len(TONES)].argmax(axis=1).tolist()
        themes = (scores[:, len(TONES) :].argmax(axis=1) - 1).tolist()
        return [self._signals(*one) for one in zip(tones, themes, emergencies, strict=True)]

    def scores(
        self,
        documents: Sequence[Document],
        scans: Sequence[Scan],
        emergencies: Sequence[Event],
        categories: Sequence[Category | None],
    ) -> Matrix:
        """Documents by tones, no theme and themes."""
        words, title = said(documents, scans)
        scores = sum_rows(self._text, words, len(documents)) + self._bias
        if len(title.word):
            scores += sum_rows(self._title, title, len(documents))
        if self.grams is not None:
            scores += self.grams.scores(documents, emergencies)
        for row, (emergency, category) in enumerate(zip(emergencies, categories, strict=True)):
            if category is not None:
                scores[row] += self._category[CATEGORIES.index(category)]
            if emergency.is_emergency:
                scores[row] += self._urgent
                theme = self._by_event.get(emergency.event_type or "")
                if theme is not None:
                    scores[row] += self._event[theme]
        return scores

    def explain(self, document: Document, scan: Scan, emergency: Event, category: Category | None) -> list[str]:
        """Lines that tell which words decided."""
        signals = self.judge(document, scan, emergency, category)
        numbers = said([document], [scan])[0].word.tolist()
        tone = TONES.index(signals.sentiment)
        lines = [f"情绪：{TONE_NAMES[tone]}{self._told(numbers, tone)}"]
        names = [theme.name for theme in self._themes]
        column = len(TONES) + 1 + names.index(signals.theme) if signals.theme else len(TONES)
        lines.append(f"主题：{signals.theme or '无'}（敏感度{signals.sensitivity}）{self._told(numbers, column)}")
        if self.grams is None:
            return lines
        for name, number in (("情绪", tone), ("主题", column)):
            if told := self.grams.explain(document, number):
                lines.append(f"{name}字串：{'、'.join(f'“{text}”{weight:+.2f}' for text, weight in told)}")
        return lines

    def _told(self, numbers: Sequence[int], column: int) -> str:
        weights = sorted(((float(self._text[number, column]), number) for number in numbers), reverse=True)
        told = [f"“{self._words.names[number]}”{weight:+.2f}" for weight, number in weights[:5] if weight > 0]
        return f"，依据：{'、'.join(told)}" if told else ""

    def _signals(self, tone: int, theme: int, emergency: Event) -> OpinionSignals:
        known = self._themes[theme] if theme >= 0 else None
        level = known.level if known else 0
        if emergency.is_emergency:
            level = max(level, 2) + (1 if emergency.sensitive else 0)
        return assemble(
            OpinionSignals,
            {"sentiment": TONES[tone], "theme": known.name if known else None, "sensitivity": min(level, HIGHEST)},
        )


class _Plain:
    """Weights of the tables alone: a word is a vote for its theme, the tones as the table says; n-grams say nothing."""

    EVENT_VOTE, LEAST = 4.0, 1.0
    grams: Matrix | None = None

    def __init__(self, themes: Sequence[Theme], words: Words) -> None:
        width = len(TONES) + 1 + len(themes)
        self.text, self.title = (np.zeros((len(words.names), width), dtype=np.float32) for _ in range(2))
        self.text[:, : len(TONES)] = words.tones
        self.text[:, len(TONES) + 1 :] = votes(words, len(themes))
        self.title[:, len(TONES) + 1 :] = votes(words, len(themes)) * (TITLE_FACTOR - 1)
        self.category = np.zeros((len(CATEGORIES), width), dtype=np.float32)
        self.event = np.zeros((len(themes), width), dtype=np.float32)
        self.event[:, len(TONES) + 1 :] = np.eye(len(themes)) * self.EVENT_VOTE
        self.urgent, self.bias = (np.zeros(width, dtype=np.float32) for _ in range(2))
        self.urgent[: len(TONES)], self.bias[: len(TONES)] = words.upset, words.tone_bias
        self.bias[len(TONES)] = self.LEAST


class _Learned(_Plain):
    """Learned weights; a word or theme that training did not know keeps the vote of its table."""

    def __init__(self, arrays: Arrays, themes: Sequence[Theme], words: Words) -> None:
        super().__init__(themes, words)
        known = {str(name): number for number, name in enumerate(arrays["themes"].tolist())}
        columns = [*range(len(TONES) + 1)]
        columns += [len(TONES) + 1 + known[theme.name] if theme.name in known else -1 for theme in themes]
        kept = np.array([column >= 0 for column in columns])
        source = np.array(columns)[kept]
        rows = {str(name): number for number, name in enumerate(arrays["words"].tolist())}
        pairs = [(row, rows[name]) for row, name in enumerate(words.names) if name in rows]
        new = np.array([name not in rows for name in words.names], dtype=bool)
        self.text[new] *= np.float32(arrays["vote"])
        self.title[new] *= np.float32(arrays["vote"])
        if pairs:
            own, old = (np.array(side) for side in zip(*pairs, strict=True))
            self.text[np.ix_(own, kept)] = arrays["text"][np.ix_(old, source)]
            self.title[np.ix_(own, kept)] = arrays["title"][np.ix_(old, source)]
        self.text[:, : len(TONES)] += words.irony
        self.category[:, kept] = arrays["category"][:, source]
        events = np.array([known.get(theme.name, -1) for theme in themes])
        self.event[np.ix_(events >= 0, kept)] = arrays["event"][np.ix_(events[events >= 0], source)]
        own_event = np.arange(len(themes)), np.arange(len(themes)) + len(TONES) + 1
        self.event[own_event] = np.maximum(self.event[own_event], self.EVENT_VOTE)
        if "grams" in arrays:
            learned = np.zeros((len(arrays["grams"]), len(TONES) + 1 + len(known)), dtype=np.float32)
            learned[:, : arrays["grams"].shape[1]] = arrays["grams"]  # before ADR 084: of the tones alone
            self.grams = np.zeros((len(learned), len(kept)), dtype=np.float32)
            self.grams[:, kept] = learned[:, source]
        self.urgent[kept], self.bias[kept] = arrays["urgent"][source], arrays["bias"][source]


def votes(words: Words, themes: int) -> Matrix:
    """Words by themes: what a word of the table says for its own themes, more the longer it is."""
    given = np.zeros((len(words.names), themes), dtype=np.float32)
    for row, (name, own) in enumerate(zip(words.names, words.themes, strict=True)):
        for theme in own:
            given[row, theme] = min(len(name), LENGTHS) / 2
    return given


def _level(row: Row) -> int:
    level = row.number("default_level_0to3")
    if level is None or not 0 <= level <= HIGHEST:
        raise row.error("default_level_0to3 must be 0 to 3")
    return int(level)


def _weights(row: Row) -> list[float]:
    return [row.number(column) or 0.0 for column in ("neg", "neu", "pos")]
