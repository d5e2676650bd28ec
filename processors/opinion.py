"""Public opinion: tone, theme and sensitivity of one post; heat and bursts of a topic over time.

Tone is how people speak, not how grave the matter is (SPEC.md §8). Themes are what a district watches; nothing here is
about persons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from processors.document import Document
from processors.scan import Scan, ScannerBuilder
from processors.tables import Row, Tables, table
from schemas.assessment import Emergency, OpinionSignals
from schemas.vocab import Sentiment

TONE, TOPIC = "opinion:tone", "opinion:topic"
HIGHEST = 3
TITLE_FACTOR = 2
"""A word of the title counts twice for the theme."""
EVENT_VOTE = 4.0
"""Votes of the event type for its theme: as two plain words of the title."""
TONES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
"""In the order of the columns neg, neu, pos of lex_sentiment.tsv."""

Weights = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Topic:
    name: str
    level: int
    order: int


class OpinionJudge:
    """Judges posts (and articles) of one district."""

    def __init__(self, always: Weights, upset: Weights, by_event: Mapping[str, _Topic]) -> None:
        self._always, self._upset, self._by_event = always, upset, by_event

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """From lex_sentiment.tsv and watch_topics.tsv."""
        given: dict[str, Weights] = {}
        for row in table(tables, "lex_sentiment", ["kind", "term", "neg", "neu", "pos", "source"]):
            if row["kind"] in ("bias", "emergency"):
                given[row["kind"]] = _weights(row)
            elif row["kind"] in ("term", "irony"):
                builder.literal(TONE, row["term"], _weights(row))
            else:
                raise row.error(f"kind: '{row['kind']}' is not one of bias, emergency, term, irony")
        by_event: dict[str, _Topic] = {}
        columns = ["topic", "default_level_0to3", "keywords", "event_types", "source"]
        for order, row in enumerate(table(tables, "watch_topics", columns)):
            topic = _Topic(row["topic"], _level(row), order)
            for keyword in row.parts("keywords", " "):
                builder.literal(TOPIC, keyword, topic)
            by_event |= dict.fromkeys(row.parts("event_types"), topic)
        none = (0.0, 0.0, 0.0)
        return cls(given.get("bias", none), given.get("emergency", none), by_event)

    def judge(self, document: Document, scan: Scan, emergency: Emergency) -> OpinionSignals:
        """Tone, theme (null where nothing watched is touched) and sensitivity 0 to 3."""
        theme = self._theme(document, scan, emergency)
        return OpinionSignals(
            sentiment=self._tone(document, scan, emergency),
            theme=theme.name if theme else None,
            sensitivity=_sensitivity(theme, emergency),
        )

    def _tone(self, document: Document, scan: Scan, emergency: Emergency) -> Sentiment:
        """The tone for which the words, each counted once, speak most; who tells of an emergency is upset."""
        said = {document.norm[start:end]: weights for start, end, weights in scan.hits(TONE)}
        votes = [self._always, *said.values(), *([self._upset] if emergency.is_emergency else [])]
        sums = [sum(column) for column in zip(*votes, strict=True)]
        return TONES[max(range(len(TONES)), key=sums.__getitem__)]

    def _theme(self, document: Document, scan: Scan, emergency: Emergency) -> _Topic | None:
        votes: dict[_Topic, float] = {}
        seen: set[tuple[_Topic, str]] = set()
        for start, end, topic in scan.hits(TOPIC):
            word = document.norm[start:end]
            if (topic, word) not in seen:
                seen.add((topic, word))
                factor = TITLE_FACTOR if start < document.shift else 1
                votes[topic] = votes.get(topic, 0) + factor * min(len(word), 4) / 2
        known = self._by_event.get(emergency.event_type or "") if emergency.is_emergency else None
        if known:
            votes[known] = votes.get(known, 0) + EVENT_VOTE
        best = max(votes, key=lambda topic: (votes[topic], -topic.order), default=None)
        return best if best and votes[best] > 1 else None


def _level(row: Row) -> int:
    level = row.number("default_level_0to3")
    if level is None or not 0 <= level <= HIGHEST:
        raise row.error("default_level_0to3 must be 0 to 3")
    return int(level)


def _sensitivity(theme: _Topic | None, emergency: Emergency) -> int:
    level = theme.level if theme else 0
    if emergency.is_emergency:
        level = max(level, 2) + (1 if emergency.sensitive else 0)
    return min(level, HIGHEST)


def _weights(row: Row) -> Weights:
    return row.number("neg") or 0.0, row.number("neu") or 0.0, row.number("pos") or 0.0


# --- heat and bursts -------------------------------------------------------------------------------------------------

SOURCE_WEIGHTS = {"central": 5.0, "province": 3.0, "city": 2.0, "account": 2.0, "post": 1.0}
"""Weight of a source in the heat (SPEC.md §8, SYN): central, provincial, city media, a large account, a plain post."""
HALF_LIFE_HOURS = 12.0
BURST_SIGMA = 3.0
"""Standard deviations above the usual hour from which a count is a burst."""
BURST_LEAST = 5
"""Fewer posts an hour are no burst, however quiet it was before."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far one post went: counts as read, age in hours."""

    source: str = "post"
    likes: int = 0
    comments: int = 0
    reposts: int = 0
    reads: int = 0
    age_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Burst:
    """The last hour against the hours before: ``ratio`` of count to mean, ``score`` in standard deviations."""

    is_burst: bool
    ratio: float
    score: float


def heat(posts: Sequence[Spread]) -> float:
    """Heat of a topic: Σ w·ln(1 + likes + 2·comments + 3·reposts + reads/1000)·2^(−age/12 h); a bare post counts 1.

    The formula is printed on the bulletin (SPEC.md §8). Raises KeyError for an unknown kind of source.
    """
    return sum(
        SOURCE_WEIGHTS[post.source]
        * math.log(math.e + post.likes + 2 * post.comments + 3 * post.reposts + post.reads / 1000)
        * 2 ** (-max(post.age_hours, 0.0) / HALF_LIFE_HOURS)
        for post in posts
    )


def burst(counts: Sequence[int]) -> Burst:
    """Whether the last of ``counts`` (posts an hour, oldest first) rises out of those before.

    Counts vary at least as a Poisson process does, so the deviation is never taken below the root of the mean.
    """
    if not counts:
        return Burst(False, 0.0, 0.0)
    *before, last = counts
    mean = sum(before) / len(before) if before else 0.0
    variance = sum((count - mean) ** 2 for count in before) / len(before) if before else 0.0
    deviation = max(math.sqrt(variance), math.sqrt(mean), 1.0)
    score = (last - mean) / deviation
    return Burst(last >= BURST_LEAST and score >= BURST_SIGMA, last / max(mean, 1.0), score)
