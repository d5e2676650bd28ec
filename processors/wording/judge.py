"""Wording judgement: model and rules together. Suggests only; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Sequence

from processors.wording import guards
from processors.wording.candidates import Kind
from processors.wording.finding import Genre, WordingFinding
from processors.wording.model import Proposal, WordingModel
from processors.wording.rules import Seen, WordingRules
from schemas.vocab import Check

_SOUNDS = {0: "context", 1: "homophone", 2: "shape", 3: "near_homophone"}


def judge_wording(
    texts: Sequence[str],
    model: WordingModel,
    rules: WordingRules,
    *,
    genre: Genre | str = Genre.OFFICIAL,
    seen: Sequence[Sequence[Seen]] | None = None,
) -> list[list[WordingFinding]]:
    """Findings of each text, in order of place. Judge many texts in one call: the model's cost is shared.

    ``genre``: ``official`` (reports), ``news`` (media: higher bar, no house style), ``opinion`` (table typos only).
    Spans are code points of the text given. ``seen``: as in ``WordingRules.find_many``.
    """
    genre = Genre(genre)
    if genre is Genre.OPINION:
        return rules.find_many(texts, genre, seen)
    written = rules.find_many(texts, genre, seen)
    proposed = [
        guards.kept(text, found, model.is_word) if found else found
        for text, found in zip(texts, model.propose(texts, genre), strict=True)
    ]
    return [_merge(text, rules, w, p) for text, w, p in zip(texts, written, proposed, strict=True)]


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
    match proposal.kind:
        case Kind.INSERT:
            return "lm:dropped", f"“{context}”疑漏“{meant}”字"
        case Kind.REMOVE if written in (text[start - 1 : start], text[end : end + 1]):
            return "lm:doubled", f"“{context}”中“{written}”疑重复"
        case Kind.REMOVE:
            return "lm:extra", f"“{context}”疑多“{written}”字"
        case Kind.SWAP:
            return "lm:swapped", f"“{written}”疑为“{meant}”之颠倒"
        case Kind.WORD:
            return "lm:word", f"“{written}”疑为“{meant}”之误（同音）"
        case _:
            return f"lm:{_SOUNDS[proposal.relation]}", f"“{context}”中“{written}”疑为“{meant}”之误"
