"""Rules of content doubts, from ``hype_vague.tsv``: what to look for, and the family that says what excuses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from processors.late import late
from processors.tables import Row, Tables, table
from schemas.vocab import Check

TABLE = "hype_vague"
COLUMNS = ("check", "family", "term", "kind", "anchors")
WORDS = "claim_words"
"""Classes of words that terms and anchors name in braces: {群} stands for any of its words."""


class Family(StrEnum):
    """How a phrase may be meant well; each family has its guards in ``guards``."""

    GUESS = "guess"
    """A word that by itself says that the writer guesses."""
    HEDGE = "hedge"
    """A careful word: a guess only about cause or intent, and legitimate from somebody who is to judge."""
    MOTIVE = "motive"
    """Lays a cause or a motive at somebody's door."""
    UNIQUE = "unique"
    """First or only of its kind: figures do not prove it, a source does."""
    RANK = "rank"
    """A rank: proved by a figure or a source."""
    BEST = "best"
    """A value judgement in the superlative."""
    ABSOLUTE = "absolute"
    """Wholly, for ever, without exception: a claim as a fact, not as an aim."""
    MULTIPLE = "multiple"
    """Many times more, without the figure."""
    EFFECT = "effect"
    """A praised effect without a figure nearby."""
    HEARSAY = "hearsay"
    """A source that nobody can ask."""
    START = "start"
    """Hearsay only where nobody is named as the hearer or speaker."""
    REPORTED = "reported"
    """Citizens report: hearsay where it accuses and nothing tells when or where it was reported."""
    NET = "net"
    """Said on the net: no finding where the item itself checks it."""
    VOICES = "voices"
    """What everybody says."""
    WHOLE = "whole"
    """What everybody does or is."""
    SAMPLE = "sample"
    """A few cases and then all."""
    LAW = "law"
    """What is said to hold always and for everybody: 只要…就一定, 凡是…一定是, 照此看全市…."""


FAMILY_CHECK = {
    Family.GUESS: Check.SPECULATION,
    Family.HEDGE: Check.SPECULATION,
    Family.MOTIVE: Check.SPECULATION,
    Family.UNIQUE: Check.EXAGGERATION,
    Family.RANK: Check.EXAGGERATION,
    Family.BEST: Check.EXAGGERATION,
    Family.ABSOLUTE: Check.EXAGGERATION,
    Family.MULTIPLE: Check.EXAGGERATION,
    Family.EFFECT: Check.EXAGGERATION,
    Family.HEARSAY: Check.VAGUE_SOURCE,
    Family.START: Check.VAGUE_SOURCE,
    Family.REPORTED: Check.VAGUE_SOURCE,
    Family.NET: Check.VAGUE_SOURCE,
    Family.VOICES: Check.GENERALISATION,
    Family.WHOLE: Check.GENERALISATION,
    Family.SAMPLE: Check.GENERALISATION,
    Family.LAW: Check.GENERALISATION,
}


_CLASS = re.compile(r"\{([一-龥]+)\}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: an id for reasons, the pattern that gives the span, the literals that call for it."""

    id: str
    check: Check
    family: Family
    pattern: re.Pattern[str]
    anchors: tuple[str, ...]


def load_rules(tables: Tables) -> tuple[Rule, ...]:
    """Rules of the district. Raises DistrictError with the line of a bad row."""
    classes = {row["class"]: row.parts("words") for row in tables.get(WORDS, ())}
    return tuple(_rule(row, classes) for row in table(tables, TABLE, COLUMNS))


def _rule(row: Row, classes: Mapping[str, tuple[str, ...]]) -> Rule:
    try:
        family = Family(row["family"])
    except ValueError:
        raise row.error(f"family: '{row['family']}' is none of {', '.join(Family)}") from None
    check = FAMILY_CHECK[family]
    if row["check"] != check:
        raise row.error(f"check: family '{family}' belongs to '{check}', not '{row['check']}'")
    if row["kind"] not in ("literal", "regex") or not row["term"]:
        raise row.error("kind must be literal or regex, and term must not be empty")
    name = f"{check}.{family}:{row.line}"
    if row["kind"] == "literal":
        return Rule(name, check, family, late(re.escape(row["term"])), (row["term"],))
    anchors = tuple(word for one in row.parts("anchors") for word in _words(row, one, classes))
    if not anchors:
        raise row.error("anchors: a regex needs literals, one of which every match contains")
    return Rule(name, check, family, _pattern(row, classes), anchors)


def _words(row: Row, anchor: str, classes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    match = _CLASS.fullmatch(anchor)
    return _class(row, match[1], classes) if match else (anchor,)


def _class(row: Row, name: str, classes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if name not in classes:
        raise row.error(f"'{{{name}}}' is no class of words of {WORDS}")
    return classes[name]


def _pattern(row: Row, classes: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    """The term with its classes of words written out, longest words first."""

    def written(match: re.Match[str]) -> str:
        return f"(?:{'|'.join(sorted(map(re.escape, _class(row, match[1], classes)), key=lambda word: -len(word)))})"

    return late(term := _CLASS.sub(written, row["term"]), lambda: row.compiled("term", term))
