"""The spelling reader: what it reads, what it answers, and how its word joins that of the n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from huiyao.judges import load_arrays, make_judge
from huiyao.network import FILE, OnnxNetwork
from huiyao.settings import load_settings
from huiyao.wiring import district_of
from processors.reader.tokens import END, PAD, START, UNKNOWN
from processors.spelling.characters import Characters
from processors.spelling.judge import Read, SpellingJudge, proposals
from processors.spelling.model import Answer, SpellingReader
from processors.spelling.sentences import LONGEST, sentences
from processors.wording import Genre, WordingModel, WordingRules, judge_wording
from processors.wording.candidates import Kind
from processors.wording.model import Proposal

ROOT = Path(__file__).parents[3]
WORDS = [PAD, UNKNOWN, START, END, "1", "a", "，", "师", "付", "傅", "傳", "好"]


def test_a_number_and_a_word_of_letters_are_one_token_and_blanks_are_none() -> None:
    ids, places = Characters(WORDS).encode("师付 2026，GDP好")
    assert [WORDS[one] for one in ids] == [START, "师", "付", "1", "，", "a", "好", END]
    assert places == [-1, 0, 1, 3, 7, 8, 11, -1]


def test_a_character_that_the_network_does_not_know_keeps_its_place() -> None:
    ids, places = Characters(WORDS).encode("师龘")
    assert [WORDS[one] for one in ids[1:-1]] == ["师", UNKNOWN]
    assert places[1:-1] == [0, 1]


def test_sentences_end_where_they_end_and_long_ones_overlap() -> None:
    text = "今天检查了三家企业。“明天再来！”\n好。" + "长" * (LONGEST + 30) + "。"
    spans = list(sentences(text))
    assert [text[start:end] for start, end in spans[:2]] == ["今天检查了三家企业。", "“明天再来！”"]
    assert all(end - start <= LONGEST for start, end in spans)
    assert spans[2][1] > spans[3][0], "a slip at the seam is seen whole"
    assert spans[-1][1] == len(text)


class FakeNetwork:
    """States of two numbers: how wrong a token is (that of 付 alone), and which answer is meant."""

    def states(self, ids: Sequence[int]) -> npt.NDArray[np.float32]:
        return np.array([[4.0 if WORDS[one] == "付" else -4.0, 1.0] for one in ids], dtype=np.float32)


def fake_reader(best: str) -> SpellingReader:
    answers = np.zeros((len(WORDS) + 1, 2), dtype=np.int8)
    answers[WORDS.index(best), 0] = 100
    answers[WORDS.index("傅"), 0] = 50
    return SpellingReader(
        FakeNetwork(),
        {
            "tokens": np.array(WORDS),
            "detect": np.array([1.0, 0.0, 0.0], dtype=np.float32),
            "turn": np.eye(2, dtype=np.float16),
            "turn_bias": np.zeros(2, dtype=np.float32),
            "norm": np.ones(2, dtype=np.float32),
            "norm_bias": np.zeros(2, dtype=np.float32),
            "answers": answers,
            "answer_scales": np.full(len(WORDS) + 1, 0.1, dtype=np.float32),
            "answer_bias": np.zeros(len(WORDS) + 1, dtype=np.float32),
        },
    )


def test_only_doubted_characters_are_answered() -> None:
    (answer,) = fake_reader("傅").read("师付好", lambda char: ["傅"] if char == "付" else [])
    assert (answer.place, answer.meant) == (1, "傅")
    assert answer.detected == 4.0
    assert answer.margin > 4


def test_only_what_is_taken_for_the_character_is_offered() -> None:
    (answer,) = fake_reader("好").read("师付，", lambda _: ["傅"])
    assert answer.meant == "傅"
    assert answer.share < -3, "that something else would be likelier speaks against it"


def answer_at(place: int, meant: str, odds: float = 3.0) -> tuple[float, Read]:
    return odds, Read(0, 0, 20, Answer(place, meant, 1.0, 1.0, -0.1))


def none(_written: str, _meant: str) -> int:
    return 0


def test_answers_for_neighbours_are_one_proposal() -> None:
    (one,) = proposals("热心周道", [answer_at(2, "州"), answer_at(3, "到", 4.0)], none)
    assert (one.kind, one.start, one.end, one.meant, one.source) == (Kind.WORD, 2, 4, "州到", "reader")
    assert one.score == pytest.approx(1 / (1 + np.exp(-4.0)))


def test_neighbours_the_other_way_round_are_exchanged() -> None:
    (one,) = proposals("先后看递", [answer_at(2, "递"), answer_at(3, "看")], none)
    assert (one.kind, one.meant) == (Kind.SWAP, "递看")


def test_a_word_typed_twice_is_taken_out_once() -> None:
    (one,) = proposals("值班电话接听接听96个", [answer_at(6, ""), answer_at(7, "")], none)
    assert (one.kind, one.start, one.end, one.meant) == (Kind.REMOVE, 6, 8, "")


class FakeSpeller:
    """Proposes the same of every text."""

    def __init__(self, *found: Proposal) -> None:
        self._found = list(found)

    def propose(self, texts: Sequence[str], _genre: Genre) -> list[list[Proposal]]:
        return [self._found for _ in texts]


@cache
def model() -> WordingModel:
    return WordingModel.from_arrays(load_arrays(ROOT / "models" / "wording"))


def judged(text: str, *found: Proposal, genre: Genre = Genre.OFFICIAL) -> list[tuple[int, int, str | None, str, str]]:
    rules = WordingRules.compile([], [], [])
    (findings,) = judge_wording([text], model(), rules, genre=genre, speller=FakeSpeller(*found))
    return [(one.start, one.end, one.suggestion, one.rule, one.message) for one in findings]


def test_the_readers_word_is_a_finding_of_its_own_rule() -> None:
    slip = Proposal(Kind.REPLACE, 2, 3, "谈", 1, 0.9, source="reader")
    assert judged("先约探三家。", slip) == [(2, 3, "谈", "reader:homophone", "“先约探三家”中“探”疑为“谈”之误")]
    twice = Proposal(Kind.REMOVE, 4, 6, "", 0, 0.9, source="reader")
    assert judged("电话接听接听九十个。", twice)[0][3:] == ("reader:doubled", "“接听接听九十”中“接听”疑重复")


def test_what_facts_decide_and_opinion_posts_are_left_alone() -> None:
    name = Proposal(Kind.REPLACE, 4, 5, "民", 1, 0.99, source="reader")
    assert judged("县长杨孟敏主持会议。", name) == []
    level = Proposal(Kind.REPLACE, 1, 2, "县", 0, 0.99, source="reader")
    assert judged("全市上下一心。", level) == []
    slip = Proposal(Kind.REPLACE, 2, 3, "谈", 1, 0.9, source="reader")
    assert judged("先约探三家。", slip, genre=Genre.OPINION) == []


@cache
def judge() -> SpellingJudge:
    folder = ROOT / "models" / "spelling"
    arrays = load_arrays(folder)
    return SpellingJudge(model(), SpellingReader(OnnxNetwork(folder / FILE), arrays), arrays)


SLIPS = [
    ("这项做法值得认真总结、大力推厂。", "大力推广"),
    ("社区今年推形楼栋议事凳，居民都说好。", "推行楼栋"),
    ("师付把他的手按住，教他听声音辨别电机的毛病。", "师傅"),
    ("村明之间的心结一次次解开。", "村民之间"),
    ("区统计局组织专家对入库项木逐一复核。", "项目"),
]
CLEAN = [
    "检查组要求企业先培训、后开机，并对整改情况逐项复查。",
    "师傅把他的手按住，教他听声音辨别电机的毛病。",
    "群众人人称赞，家家户户门前都干干净净。",
    "社区干部带着双方爬到楼上看了漏点，原来是公共立管裂了。",
]


@pytest.mark.parametrize(("text", "right"), SLIPS)
def test_slips_of_desk_prose_are_put_right(text: str, right: str) -> None:
    (found,) = judge().propose([text], Genre.OFFICIAL)
    assert any(right in text[: one.start] + one.meant + text[one.end :] for one in found)


def test_clean_sentences_are_left_alone() -> None:
    assert judge().propose(CLEAN, Genre.OFFICIAL) == [[] for _ in CLEAN]


def test_a_verdict_does_not_depend_on_neighbours() -> None:
    texts = [text for text, _ in SLIPS] + CLEAN
    together = judge().propose(texts, Genre.OFFICIAL)
    assert together == [judge().propose([text], Genre.OFFICIAL)[0] for text in texts]
    assert together[::-1] == judge().propose(texts[::-1], Genre.OFFICIAL)


def test_news_is_held_to_the_higher_bar() -> None:
    settings = judge().settings
    assert settings.news >= settings.official > 0


def test_the_setting_of_the_second_reader_leaves_it_out() -> None:
    settings = load_settings()
    judge = make_judge(district_of(settings), settings.models_dir, second_reader=False)
    assert judge._judges.wording._speller is None


@pytest.mark.parametrize("text", ["", "。", "\n\n", "啊", "2026", "𠮷野家" * 60, "\ud800坏了的字"])
def test_odd_texts_are_read_without_harm(text: str) -> None:
    assert judge().propose([text, "好"], Genre.OFFICIAL)[1] == []
