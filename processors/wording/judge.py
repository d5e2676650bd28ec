"""Wording judgement: model and rules together. Suggests only; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from processors.wording import guards
from processors.wording.candidates import Kind
from processors.wording.finding import Genre, WordingFinding
from processors.wording.model import Proposal, WordingModel
from processors.wording.rules import Seen, WordingRules
from schemas.vocab import Check


class Speller(Protocol):
    """The spelling reader (``processors.spelling``)."""

    def propose(self, texts: Sequence[str], genre: Genre) -> list[list[Proposal]]:
        """Corrections of each text in order of place."""


_SOUNDS = {0: "context", 1: "homophone", 2: "shape", 3: "near_homophone"}


def judge_wording(
    texts: Sequence[str],
    model: WordingModel,
    rules: WordingRules,
    *,
    genre: Genre | str = Genre.OFFICIAL,
    seen: Sequence[Sequence[Seen]] | None = None,
    speller: Speller | None = None,
) -> list[list[WordingFinding]]:
    """Findings of each text, in order of place. Judge many texts in one call: the model's cost is shared.

    ``genre``: ``official`` (reports), ``news`` (media: higher bar, no house style), ``opinion`` (table typos only).
    Spans are code points of the text given. ``seen``: as in ``WordingRules.find_many``. ``speller``: a reader that is
    asked beside the model; where both say something of a place, the model is heard.
    """
    genre = Genre(genre)
    if genre is Genre.OPINION:
        return rules.find_many(texts, genre, seen)
    written = rules.find_many(texts, genre, seen)
    proposed = model.propose(texts, genre)
    if speller is not None:
        proposed = [both(own, read) for own, read in zip(proposed, speller.propose(texts, genre), strict=True)]
    proposed = [
        guards.kept(text, found, model.is_word, genre) if found else found
        for text, found in zip(texts, proposed, strict=True)
    ]
    return [_merge(text, rules, w, p) for text, w, p in zip(texts, written, proposed, strict=True)]


def both(first: list[Proposal], second: list[Proposal]) -> list[Proposal]:
    """The first, and of the second what touches none of them."""
    return first + [one for one in second if all(one.end < other.start or other.end < one.start for other in first)]


def _merge(
    text: str, rules: WordingRules, written: list[WordingFinding], proposed: list[Proposal]
) -> list[WordingFinding]:
    """Written rules first: they name their reason. A known name is no slip."""
    if not proposed:
        return written
    taken = [(f.start, f.end) for f in written] + rules.protected(text)
    free = [p for p in proposed if not any(start < max(p.end, p.start + 1) and p.start < end for start, end in taken)]
    return sorted(written + [_finding(text, p) for p in free], key=lambda f: (f.start, f.end))


def _finding(text: str, proposal: Proposal) -> WordingFinding:
    start, end, meant = proposal.start, proposal.end, proposal.meant
    rule, message = _reason(text, proposal)
    if proposal.kind in (Kind.INSERT, Kind.REMOVE):
        # The span takes in a neighbour, so that a replacement is never empty and never of an empty span.
        if start > 0:
            start, meant = start - 1, text[start - 1] + meant
        else:
            end, meant = end + 1, meant + text[end]
    return WordingFinding(Check.TYPO, start, end, text[start:end], message, meant, rule, round(proposal.score, 4))


def _reason(text: str, proposal: Proposal) -> tuple[str, str]:
    start, end, meant = proposal.start, proposal.end, proposal.meant
    written = text[start:end]
    context = text[max(0, start - 2) : end + 2]
    if proposal.phrase:
        return "phrase", f"“{context}”疑为“{proposal.phrase}”之误"
    size, source = end - start, proposal.source
    match proposal.kind:
        case Kind.INSERT:
            return f"{source}:dropped", f"“{context}”疑漏“{meant}”字"
        case Kind.REMOVE if written in (text[max(0, start - size) : start], text[end : end + size]):
            return f"{source}:doubled", f"“{context}”中“{written}”疑重复"
        case Kind.REMOVE:
            return f"{source}:extra", f"“{context}”疑多“{written}”字"
        case Kind.SWAP:
            return f"{source}:swapped", f"“{written}”疑为“{meant}”之颠倒"
        case Kind.WORD if source == "lm":
            return "lm:word", f"“{written}”疑为“{meant}”之误（同音）"
        case Kind.WORD:
            return f"{source}:word", f"“{written}”疑为“{meant}”之误"
        case _:
            return f"{source}:{_SOUNDS[proposal.relation]}", f"“{context}”中“{written}”疑为“{meant}”之误"
