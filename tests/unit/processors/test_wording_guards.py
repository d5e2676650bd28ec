"""What the model must not correct, and fixed phrases with a slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyao.judges import load_arrays
from processors.wording import guards
from processors.wording.candidates import Kind
from processors.wording.finding import Genre
from processors.wording.model import Proposal, WordingModel


@pytest.fixture(scope="module")
def model() -> WordingModel:
    return WordingModel.from_arrays(load_arrays(Path(__file__).parents[3] / "models" / "wording"))


def _replaced(text: str, written: str, meant: str) -> Proposal:
    at = text.index(written)
    return Proposal(Kind.REPLACE, at, at + 1, meant, 1, 0.9)


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("全县上下要行动起来", "县", "省"),
        ("结合我乡实际制定方案", "乡", "省"),
        ("我委将密切关注", "委", "们"),
        ("县长杨孟珠主持召开会议", "孟", "明"),
        ("调研中，卓大林强调", "卓", "做"),
        ("由张孟明、李巍、陈小北带队", "巍", "于"),
        ("业务员单竹同志接了电话", "竹", "位"),
        ("驻军某部官兵赶到", "某", "谋"),
        ("指数跌破三千点", "跌", "突"),
    ],
)
def test_levels_bodies_and_names_are_kept(model: WordingModel, text: str, written: str, meant: str) -> None:
    assert guards.kept(text, [_replaced(text, written, meant)], model.is_word) == []


def test_other_slips_stay(model: WordingModel) -> None:
    text = "全县安全形式严峻"
    assert len(guards.kept(text, [_replaced(text, "式", "势")], model.is_word)) == 1


def test_what_is_written_three_times_is_meant(model: WordingModel) -> None:
    text = "区里坚持科学治霾、依法治霾、铁腕治霾"
    assert guards.kept(text, [_replaced(text, "霾", "理")], model.is_word) == []
    once = "区里坚持依法治霾"
    assert len(guards.kept(once, [_replaced(once, "霾", "理")], model.is_word)) == 1


@pytest.mark.parametrize(
    ("text", "meet"),
    [("骑手手机没电了", True), ("工作作风", True), ("接听听电话", False), ("手手机", False)],
)
def test_words_that_meet_share_no_character(model: WordingModel, text: str, meet: bool) -> None:
    first = next(i for i in range(len(text)) if text[i] == text[i + 1])
    assert guards.words_meet(text, first, model.is_word) is meet


def test_a_body_meets_its_head(model: WordingModel) -> None:
    assert guards.words_meet("区科科长到场", 1, model.is_word, guards.CLOSED[:2])
    assert not guards.words_meet("区科科长到场", 1, model.is_word)


@pytest.mark.parametrize(
    "text",
    [
        "由杨倩倩负责接待",
        "深入群众，设身处地地为群众着想",
        "不断改进工作作风",
        "让大家愉愉快快过节",
        "省教育厅厅长到会",
    ],
)
def test_a_name_or_phrase_that_repeats_is_kept(model: WordingModel, text: str) -> None:
    at = next(i for i in range(1, len(text)) if text[i] == text[i - 1])
    assert guards.kept(text, [Proposal(Kind.REMOVE, at, at + 1, "", 0, 0.9)], model.is_word) == []


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("做好这件事，我们责无旁，", "责无旁贷"),
        ("大家要攻艰克难，抢抓机遇", "攻坚克难"),
        ("要一如继往支持工作", "一如既往"),
        ("只要大家齐心力协，就能办成", "齐心协力"),
    ],
)
def test_a_slip_in_a_fixed_phrase_is_found(model: WordingModel, text: str, phrase: str) -> None:
    assert [one.phrase for one in model.propose([text], Genre.NEWS)[0]] == [phrase]


@pytest.mark.parametrize(("text", "put"), [("降水量比上年同期少4.1%", "减"), ("事故起数同比降7.4%", "下")])
def test_before_a_figure_one_character_is_enough(model: WordingModel, text: str, put: str) -> None:
    at = next(i for i, char in enumerate(text) if char.isdigit()) - 1
    assert guards.kept(text, [Proposal(Kind.INSERT, at, at, put, 0, 0.9)], model.is_word) == []


@pytest.mark.parametrize("text", ["各地发来新年贺辞", "他终于成为有用之材", "全场为之一怔", "山色与湖光融于一体"])
def test_a_variant_is_no_slip_in_news(model: WordingModel, text: str) -> None:
    found = model.propose([text], Genre.NEWS)[0]
    assert guards.kept(text, found, model.is_word, Genre.NEWS) == []


@pytest.mark.parametrize("text", ["落实群防群控措施", "坚持先发制敌", "大家责无旁贷，攻坚克难，齐心协力"])
def test_a_variant_is_no_slip(model: WordingModel, text: str) -> None:
    assert not any(one.phrase for one in model.propose([text], Genre.OFFICIAL)[0])
