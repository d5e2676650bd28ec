"""The wording model: finds slips of the pen in official prose by what is usually written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from processors.wording.candidates import Candidates, Kind, pick, unfamiliarity
from processors.wording.contexts import Contexts
from processors.wording.encoding import (
    BMP,
    FIRST_HAN,
    ID_BITS,
    MAX_IDS,
    PADDING,
    Array,
    Batch,
    build_lut,
    encode,
    pack,
)
from processors.wording.features import NAMES, OLD_LENGTH, WORD_LENGTHS, GeneralWords, describe
from processors.wording.finder import WORD_STEP, Finder
from processors.wording.finding import Genre
from processors.wording.language import ORDERS, Language
from processors.wording.needed import needed_gain
from processors.wording.network import Network, grounds
from processors.wording.phrases import FixedPhrases, Slip
from processors.wording.table import lookup

# Texts are judged in groups of about this many characters, a balance: larger groups leave the processor's cache,
# smaller ones pay numpy's cost a call more often (0.18 ms an item at 15,000, 0.12 at 30,000, 0.14 at 60,000).
GROUP_CHARACTERS = 32_000
# Names of the arrays that a model is made of: one ``.npy`` file each in ``models/wording``.
ARRAYS = (
    "han", "unigrams", *(f"grams{n}" for n in ORDERS), "novel_right", "novel_left",
    "context_keys", "context_lengths", "context_entries",
    "relations", "related_keys", "related_offsets", "related_entries",
    "word_keys", "word_offsets", "word_entries", "lexicon", "singles", "phrases",
    *(f"network_{name}" for name in Network.__slots__),
)  # fmt: skip

# Least log odds by share of unknown trigrams in the whole text: the less a text is like the corpus, the less its
# oddities mean.
# Set on held-out reports and laws (unknown share 0.03 to 0.15) and on news (0.2 to 0.5); docs/judgement/wording.md.
_SHARES = (0.0, 0.15, 0.30, 0.45)
_LEAST_LOGITS = {Genre.OFFICIAL: (2.2, 2.8, 3.6, 4.0), Genre.NEWS: (6.0, 6.8, 7.3, 7.8)}
# What is asked beside that of each kind (replaced, dropped, too many, exchanged, word), in official prose like the
# corpus: a dropped character seldom leaves more than a doubt, and alarms of the last three kinds are rare anyhow. The
# less a text is like the corpus, the less of it applies (``_TAPER`` by share).
_KIND_LOGITS = {
    Genre.OFFICIAL: np.array([-0.5, -2.3, -1.5, -2.0, -2.0]),
    Genre.NEWS: np.zeros(5),
}
_TAPER = ((0.15, 0.45), (1.0, 0.0))
# Where less is asked, gates of the finder stand wide open.
EAGER = 3.95
# What a slip in a fixed phrase is held to be worth: of those looked at by hand nearly all were one.
PHRASE_SCORE = 0.98
# A share is taken without the trigrams that one slip makes unknown, and a short text is supposed to be like others:
# as if this many characters with this share stood beside it.
SLIP_TRIGRAMS, PRIOR_CHARACTERS, PRIOR_SHARE = 3, 20, 0.15


class Proposal(NamedTuple):
    """A correction: ``text[start:end]`` becomes ``meant``. ``relation``: as in ``Candidates``; ``phrase``: the fixed
    phrase that is meant, where one says so; ``source``: how its rule begins."""

    kind: Kind
    start: int
    end: int
    meant: str
    relation: int
    score: float
    phrase: str = ""
    source: str = "lm"


class Searched(NamedTuple):
    """``strange``: unfamiliarity of each position of the batch; ``shares``: share of unknown trigrams of each text;
    ``slips``: of fixed phrases, where they were asked for."""

    batch: Batch
    found: Candidates
    strange: Array
    shares: Array
    slips: list[Slip]


@dataclass(frozen=True, slots=True)
class WordingModel:
    """Immutable and free of I/O; safe to share between threads."""

    lut: Array
    han: Array
    finder: Finder
    network: Network
    phrases: FixedPhrases

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> WordingModel:
        """``arrays``: those named in ``ARRAYS``, memory-mapped or not. Raises ValueError when one is missing or of
        the wrong shape."""
        missing = [name for name in ARRAYS if name not in arrays]
        if missing:
            raise ValueError(f"wording model: missing arrays {', '.join(missing)}; run `make train-wording`")
        # A plain view: indexing a np.memmap object costs more than the look-up itself.
        plain = {name: np.asarray(arrays[name]) for name in ARRAYS}
        if plain["network_hidden"].shape[1] != len(NAMES):
            raise ValueError("wording model: trained with other features; run `make train-wording`")
        lut = build_lut([chr(point) for point in plain["han"]])
        language = Language(
            {n: plain[f"grams{n}"] for n in ORDERS}, plain["unigrams"], plain["novel_right"], plain["novel_left"]
        )
        # Lengths of a byte take a quarter of the room of offsets, and a sum costs a millisecond.
        plain["context_offsets"] = np.concatenate(([0], np.cumsum(plain["context_lengths"], dtype=np.uint32)))
        contexts, words, related = (
            Contexts(*(plain[f"{name}_{part}"] for part in ("keys", "offsets", "entries")))
            for name in ("context", "word", "related")
        )
        general = GeneralWords(plain["lexicon"], plain["singles"])
        finder = Finder(language, contexts, plain["relations"], words, related, general)
        network = Network(*(plain[f"network_{name}"] for name in Network.__slots__))
        return cls(lut, plain["han"], finder, network, FixedPhrases(plain["phrases"]))

    def propose(self, texts: Sequence[str], genre: Genre) -> list[list[Proposal]]:
        """Corrections of each text in order of place, none overlapping. Groups are searched one by one, their few
        candidates weighed together."""
        searched = [self.search(group, genre) for group in _groups(texts)]
        return self._weigh(texts, genre, joined(searched)) if searched else []

    def is_word(self, text: str) -> bool:
        """Whether two to four characters are a general word (frequency of about 10)."""
        ids = [int(self.lut[min(ord(char), BMP - 1)]) for char in text]
        if min(ids) < FIRST_HAN or len(ids) not in WORD_LENGTHS:
            return False
        key = pack([np.array([number], dtype=np.uint64) for number in ids])
        return int(lookup(self.finder.general.lexicon, key)[0]) >= WORD_STEP

    def _weigh(self, texts: Sequence[str], genre: Genre, searched: Searched) -> list[list[Proposal]]:
        batch, found, strange, shares, slips = searched
        owner = batch.owner(found.at)
        least = asked(shares, genre, owner, found.kind)
        cheap = grounds(self.finder.language, batch, found, strange, shares, owner)
        worth = self.network.worth(cheap, found.at, found.kind, least)
        found, owner, least = pick(found, worth), owner[worth], least[worth]
        features = describe(self.finder.language, self.finder.general, batch, found, strange, shares)
        logits = self.network.logits(features, found.kind)
        chosen = np.flatnonzero(logits >= least)
        result: list[list[Proposal]] = [[] for _ in texts]
        for slip in slips:
            text = int(batch.owner(np.array([slip.at]))[0])
            _add(result[text], self._of_phrase(texts[text], slip, slip.at - int(batch.starts[text])))
        for index in chosen[np.argsort(-logits[chosen], kind="stable")]:
            text = int(owner[index])
            _add(
                result[text],
                self._proposal(texts[text], found, int(index), int(batch.starts[text]), float(logits[index])),
            )
        for proposals in result:
            proposals.sort(key=lambda p: p.start)
        return result

    def search(self, texts: Sequence[str], genre: Genre | None = None) -> Searched:
        """Without a genre all candidates, with one those that could be reported."""
        batch = encode(texts, self.lut)
        trigrams = self.finder.language.trigrams(batch.ids)
        strange = unfamiliarity(trigrams, batch.ids)
        shares = unknown_shares(batch, trigrams)
        eager = np.ones(len(texts), dtype=bool) if genre is None else least_logits(shares, genre) < EAGER
        spread = np.repeat(eager, batch.lengths + PADDING)
        spread = np.concatenate((np.zeros(PADDING, dtype=bool), spread))
        needed = None if genre is None else partial(self._needed, batch, strange, shares, genre)
        found = self.finder.find(batch, trigrams, strange, spread, needed)
        slips = (
            []
            if genre is None
            else self.phrases.find(
                batch,
                trigrams,
                self.finder.language,
                self.finder.general,
                self.finder.relations,
                genre is Genre.NEWS,
            )
        )
        return Searched(batch, found, strange, shares, slips)

    def _needed(self, batch: Batch, strange: Array, shares: Array, genre: Genre, places: Array) -> Array:
        """What a broken word must gain at these places, so that it could be reported."""
        kinds = np.full(len(places), Kind.REPLACE, dtype=np.int64)
        least = asked(shares, genre, batch.owner(places), kinds)
        return needed_gain(self.network, self.finder.language, batch, places, strange, shares, least)

    def _proposal(self, text: str, found: Candidates, index: int, offset: int, logit: float) -> Proposal:
        kind = Kind(int(found.kind[index]))
        start = int(found.at[index]) - offset
        end = start + int(OLD_LENGTH[kind])
        meant = self._meant(text[start:end], kind, int(found.meant[index]))
        return Proposal(kind, start, end, meant, int(found.relation[index]), 1 / (1 + float(np.exp(-logit))))

    def _of_phrase(self, text: str, slip: Slip, start: int) -> Proposal:
        end = start + int(OLD_LENGTH[slip.kind])
        meant = self._meant(text[start:end], slip.kind, slip.meant)
        phrase = "".join(chr(int(self.han[number - FIRST_HAN])) for number in slip.ids)
        return Proposal(slip.kind, start, end, meant, slip.relation, PHRASE_SCORE, phrase)

    def _meant(self, text: str, kind: Kind, packed: int) -> str:
        if kind is Kind.REMOVE:
            return ""
        if kind is Kind.SWAP:
            return text[::-1]
        ids = (packed >> ID_BITS, packed & (MAX_IDS - 1)) if kind is Kind.WORD else (packed,)
        return "".join(chr(int(self.han[number - FIRST_HAN])) for number in ids)


def _add(proposals: list[Proposal], one: Proposal) -> None:
    """Keep a proposal where none that was surer touches its place."""
    if all(one.end < other.start or other.end < one.start for other in proposals):
        proposals.append(one)


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in groups of about GROUP_CHARACTERS."""
    group: list[str] = []
    size = 0
    for text in texts:
        group.append(text)
        size += len(text)
        if size >= GROUP_CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def joined(searched: Sequence[Searched]) -> Searched:
    """What was found in several groups as if they were one."""
    if len(searched) == 1:
        return searched[0]
    batches, found, strange, shares, slips = zip(*searched, strict=True)
    offsets = np.cumsum([0, *(len(batch.ids) for batch in batches[:-1])])
    points, ids, starts, lengths = (
        np.concatenate([getattr(batch, name) for batch in batches]) for name in ("points", "ids", "starts", "lengths")
    )
    starts += np.repeat(offsets, [len(batch.starts) for batch in batches])
    together = Candidates(*(np.concatenate([getattr(one, name) for one in found]) for name in Candidates.__slots__))
    together.at[:] += np.repeat(offsets, [len(one.at) for one in found])
    moved = [
        slip._replace(at=slip.at + int(offset)) for group, offset in zip(slips, offsets, strict=True) for slip in group
    ]
    return Searched(
        Batch(points, ids, starts, lengths), together, np.concatenate(strange), np.concatenate(shares), moved
    )


def least_logits(shares: Array, genre: Genre) -> Array:
    """Log odds that a candidate needs in texts with these shares of unknown trigrams."""
    return np.interp(shares, _SHARES, _LEAST_LOGITS[genre])


def asked(shares: Array, genre: Genre, owner: Array, kinds: Array) -> Array:
    """Log odds that candidates of these kinds need in the texts (``owner``) with these shares."""
    taper = np.interp(shares, *_TAPER)[owner]
    return np.asarray(least_logits(shares, genre)[owner] + _KIND_LOGITS[genre][kinds] * taper)


def unknown_shares(batch: Batch, trigrams: Array) -> Array:
    """Share of unknown trigrams in each text."""
    unknown = np.concatenate(([0], np.cumsum(trigrams == 0)))
    low = np.minimum(batch.starts, len(trigrams))
    high = np.clip(batch.starts + batch.lengths - 2, low, len(trigrams))
    strange = np.maximum(unknown[high] - unknown[low] - SLIP_TRIGRAMS, 0)
    return np.asarray((strange + PRIOR_SHARE * PRIOR_CHARACTERS) / (high - low + PRIOR_CHARACTERS))
