"""Claims that no rule names: the n-grams suspect, the reader is asked about what they suspect, both words count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from processors.category.batch import Coded
from processors.category.ngrams import SLOT_BITS, hash_ngrams
from processors.content.judge import _joined
from processors.content.learned import MOST_READ, LearnedClaims, Suspicion
from processors.document import Document
from processors.reader.model import CLAIMS
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Check, Kind, Lane

BOAST, GUESS = CLAIMS.index(Check.EXAGGERATION), CLAIMS.index(Check.SPECULATION)
TEXT = "今日完成二十处排查。雨后空气清新，赛过神仙洞府，群众走得放心。明日继续。"


@dataclass
class FakeReader:
    """Has one odds for every claim of every sentence."""

    odds: float
    asked: list[str] = field(default_factory=list)

    def claims(self, category: Category, sentences: Sequence[str]) -> npt.NDArray[np.float64]:
        self.asked += sentences
        return np.full((len(sentences), len(CLAIMS)), self.odds)


def arrays(word: str, claim: int, *, suspected: float = 0.0, weight: float = 0.5) -> dict[str, Any]:
    """A model that knows one pair of characters, which speaks for one claim; its odds are -2 without."""
    coded = Coded([word])
    [pair] = [one for one in hash_ngrams(coded) if one.order == len(word)]
    slots = np.zeros(1 << SLOT_BITS, dtype=np.uint16)
    slots[pair.slots[0]] = 1
    weights = np.zeros((1, len(CLAIMS)))
    weights[0, claim] = 4.0
    return {
        "slots": slots,
        "checks": pair.checks[:1],
        "weights": weights,
        "bias": np.full(len(CLAIMS), -2.0),
        "settings": np.array([suspected, weight, *[1.0] * len(CLAIMS), *[0.5] * len(CLAIMS)]),
    }


def document(text: str = TEXT, lane: Lane = Lane.REPORT, kind: Kind = Kind.NORMAL, title: str = "") -> Document:
    moment = datetime(2026, 11, 21, 18, tzinfo=CHINA)
    return Document(Item(lane=lane, source="区应急局", text=text, title=title, kind=kind, published_at=moment))


def found(
    learned: LearnedClaims, *documents: Document, category: Category = Category.WORK_NEWS
) -> list[list[Suspicion]]:
    return learned.find_many([(one, category) for one in documents])


def test_the_clause_that_speaks_for_a_claim_is_named() -> None:
    [[one]] = found(LearnedClaims(arrays("赛过", BOAST)), document())
    assert one.check is Check.EXAGGERATION
    assert document().norm[one.start : one.end] == "赛过神仙洞府"
    assert one.odds == pytest.approx(2.0)


def test_a_title_shifts_the_span() -> None:
    titled = document(title="雨后排查")
    [[one]] = found(LearnedClaims(arrays("赛过", BOAST)), titled)
    assert titled.norm[one.start : one.end] == "赛过神仙洞府"


def test_only_suspected_sentences_are_read_and_both_words_count() -> None:
    denies, agrees = FakeReader(-9.0), FakeReader(3.0)
    assert found(LearnedClaims(arrays("赛过", BOAST), denies), document()) == [[]]
    assert denies.asked == ["雨后空气清新，赛过神仙洞府，群众走得放心。"]
    [claims] = found(LearnedClaims(arrays("赛过", BOAST), agrees), document())
    assert {one.check for one in claims} == set(CLAIMS)
    assert {one.odds for one in claims} == {2.5, 0.5}  # (2 + 3) / 2, and (-2 + 3) / 2 for those that no word speaks for


def test_of_a_book_the_most_suspected_sentences_are_read() -> None:
    reader = FakeReader(3.0)
    book = document("雨后空气赛过神仙。" * 2 * MOST_READ + "赛过赛过赛过神仙。")
    [claims, after] = found(LearnedClaims(arrays("赛过", BOAST), reader), book, document())
    assert len(reader.asked) == MOST_READ + 1
    assert reader.asked[0] == "赛过赛过赛过神仙。"
    assert reader.asked[-1] == "雨后空气清新，赛过神仙洞府，群众走得放心。"
    assert {book.norm[one.start : one.end] for one in claims} == {"雨后空气赛过神仙", "赛过赛过赛过神仙"}
    assert after == found(LearnedClaims(arrays("赛过", BOAST), reader), document())[0] != []


def test_what_is_not_suspected_is_no_claim_whatever_the_reader_would_say() -> None:
    reader = FakeReader(9.0)
    assert found(LearnedClaims(arrays("赛过", BOAST, suspected=2.5), reader), document()) == [[]]
    assert reader.asked == []


@pytest.mark.parametrize(
    ("lane", "kind", "category"),
    [
        (Lane.OPINION, Kind.NORMAL, Category.WORK_NEWS),
        (Lane.REPORT, Kind.ZERO, Category.WORK_NEWS),
        (Lane.MEDIA, Kind.NORMAL, Category.WORK_NEWS),
        (Lane.REPORT, Kind.NORMAL, Category.OTHER),
    ],
)
def test_posts_papers_zero_reports_and_chat_make_no_claims(lane: Lane, kind: Kind, category: Category) -> None:
    assert found(LearnedClaims(arrays("赛过", BOAST)), document(lane=lane, kind=kind), category=category) == [[]]


@pytest.mark.parametrize(
    ("claim", "category", "named"),
    [
        (Check.GENERALISATION, Category.LEADER_THINKING, False),
        (Check.GENERALISATION, Category.PROBLEM, True),
        (Check.SPECULATION, Category.ANALYSIS, False),
        (Check.SPECULATION, Category.LEADER_THINKING, True),
    ],
)
def test_a_leader_and_a_forecast_have_their_own_way(claim: Check, category: Category, named: bool) -> None:
    [claims] = found(LearnedClaims(arrays("赛过", CLAIMS.index(claim))), document(), category=category)
    assert bool(claims) is named


def test_a_document_does_not_depend_on_its_neighbours() -> None:
    learned = LearnedClaims(arrays("恐怕", GUESS))
    guess = document("管道破了，恐怕是施工时碰的。")
    assert found(learned, document(), guess, document())[1] == found(learned, guess)[0] != []


def test_a_batch_without_sentences_is_none() -> None:
    assert found(LearnedClaims(arrays("赛过", BOAST)), document("好。")) == [[]]


def test_what_is_quoted_is_others_words_and_where_a_rule_speaks_it_stays_alone() -> None:
    quoting = document("一位老人说“这里赛过神仙洞府”，大家笑了。")
    start = quoting.norm.index("赛过")
    suspicion = Suspicion(Check.EXAGGERATION, start, start + 6, 2.0)
    assert _joined(quoting, [], [suspicion]) == []
    plain = document()
    [one] = found(LearnedClaims(arrays("赛过", BOAST)), plain)[0]
    [alone] = _joined(plain, [], [one])
    assert (alone.rule, alone.text) == ("learned.exaggeration", "赛过神仙洞府")
    ruled = alone.model_copy(update={"rule": "hype", "check": Check.GENERALISATION})
    assert _joined(plain, [ruled], [one]) == [ruled]
