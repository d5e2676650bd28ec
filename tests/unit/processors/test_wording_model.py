"""The trained model on sentences written for this test: it finds slips, leaves good prose alone, and keeps its
promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.tables import parse_table
from processors.wording import ARRAYS, Genre, WordingModel, WordingRules, judge_wording
from processors.wording.candidates import Candidates, Kind
from processors.wording.encoding import PADDING
from processors.wording.finder import MOST_GAIN
from processors.wording.model import EAGER, Searched, asked, least_logits
from processors.wording.needed import needed_gain
from processors.wording.network import grounds
from schemas.vocab import Check

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def model() -> WordingModel:
    folder = ROOT / "models" / "wording"
    return WordingModel.from_arrays({name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS})


@pytest.fixture(scope="module")
def rules() -> WordingRules:
    folder = ROOT / "districts" / "zhanggong"
    tables = [
        parse_table(f"{n}.tsv", (folder / f"{n}.tsv").read_text(encoding="utf-8")) for n in ("typos", "text_rules")
    ]
    return WordingRules.compile(*tables)


SLIPS = [
    ("坚持以人民为中心的发展思想，切实保障和改善民声，提高公共服务水平。", "保障和改善民生", "homophone"),
    ("加强安全生产监管，坚决遏制重特大事故发生，维护社会和皆稳定。", "社会和谐稳定", "shape"),
    ("推进农业供给侧结构性改革，加快发展现带农业。", "发展现代农业", "homophone"),
    ("深入实施创新驱动发展战略，加快建设创新型型城市。", "建设创新型城市", "doubled"),
    ("全面推进乡村振兴，促进经济社发展迈上新台阶。", "经济社会发展", "dropped"),
    ("进一步完善知识产保护制度，激发全社会创新活力。", "知识产权保护", "dropped between words known together"),
    ("严格落实安全生责任制，深入开展隐患排查整治。", "安全生产责任制", "dropped at the end of a word"),
    ("深化“放管服”改革，优化商环境，提升政务服务水平。", "优化营商环境", "dropped at the head of a word"),
    ("建立健全长机效制，巩固提升治理成果。", "健全长效机制", "swapped across two words"),
    ("进一步优化营商环镜，激发市场主体活力。", "营商环境", "typo table or shape"),
    ("健全社会障保体系，扩大城乡居民基本医疗保险覆盖面。", "社会保障体系", "swapped"),
]


@pytest.mark.parametrize(("text", "right", "kind"), SLIPS, ids=[kind for _, _, kind in SLIPS])
def test_a_slip_is_found_and_put_right(
    model: WordingModel, rules: WordingRules, text: str, right: str, kind: str
) -> None:
    findings = judge_wording([text], model, rules)[0]
    repaired = [text[: f.start] + (f.suggestion or "") + text[f.end :] for f in findings if f.check is Check.TYPO]
    assert any(right in r for r in repaired), kind


CLEAN = [
    "坚持以人民为中心的发展思想，切实保障和改善民生，提高公共服务水平。",
    "昨天下午，章江边的篮球场上热闹非凡，退休教师老钟带着孙女来看热闹，说好久没见过这么多年轻人。",
    "记者从气象台获悉，受冷空气影响，未来三天赣南多阴雨，早晚温差明显，市民出门记得添衣。",
    "店主刘春香把刚出锅的艾米果摆上案头，蒸汽里满是清香，“一早就卖掉两百多个”，她笑着说。",
    "球队主教练穆里尼奥赛后表示，对阵阿森纳的比赛踢得并不理想，后卫范戴克的伤情还要等检查结果。",
    "客家门匾、九狮拜象、赣南采茶戏轮番登场，网红主播“阿香妹”直播三小时，带货脐橙四千多斤。",
]


@pytest.mark.parametrize("genre", [Genre.OFFICIAL, Genre.NEWS])
def test_good_prose_is_left_alone(model: WordingModel, rules: WordingRules, genre: Genre) -> None:
    assert judge_wording(CLEAN, model, rules, genre=genre) == [[] for _ in CLEAN]


def test_a_known_name_is_no_slip(model: WordingModel) -> None:
    text = SLIPS[0][0]
    bare, named = WordingRules.compile([], []), WordingRules.compile([], [], names=["改善民声"])
    assert judge_wording([text], model, bare)[0]
    assert judge_wording([text], model, named)[0] == []


def test_opinion_posts_are_spared(model: WordingModel, rules: WordingRules) -> None:
    text = "切实保障和改善民声，说得好听，俺们这旮沓咋没人管捏"
    assert judge_wording([text], model, rules, genre="opinion") == [[]]


def test_a_missing_array_is_named() -> None:
    with pytest.raises(ValueError, match="grams3"):
        WordingModel.from_arrays({name: np.zeros(1) for name in ARRAYS if name != "grams3"})


def test_judging_together_equals_judging_alone(model: WordingModel, rules: WordingRules) -> None:
    texts = [text for text, _, _ in SLIPS] + CLEAN + ["", "，", "安"]
    together = judge_wording(texts, model, rules)
    assert together == [judge_wording([t], model, rules)[0] for t in texts]
    assert together[-3:] == [[], [], []]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="安全生产工作的了，。、“”《》一二12%aΩ😀\n 龘", max_size=60), max_size=4))
def test_any_text_gives_spans_that_hold(texts: list[str]) -> None:
    folder = ROOT / "models" / "wording"
    model = WordingModel.from_arrays({name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS})
    found = judge_wording(texts, model, WordingRules.compile([], []))
    assert len(found) == len(texts)
    for text, findings in zip(texts, found, strict=True):
        for finding in findings:
            assert 0 <= finding.start < finding.end <= len(text)
            assert text[finding.start : finding.end] == finding.text
            assert finding.suggestion != finding.text


def test_what_is_missing_at_the_very_end_is_found_whatever_follows(model: WordingModel) -> None:
    text = "街道建成便民网点12处，居民在家门口就能用上综合性社区服"
    [alone] = model.propose([text], next(iter(Genre)))
    assert [one.meant for one in alone] == ["务"]
    assert model.propose([text, "今日无重要情况。"], next(iter(Genre)))[0] == alone


def _weighed(model: WordingModel, searched: Searched, genre: Genre) -> list[tuple[int, int, int, int]]:
    """Place, kind, what is meant and gain of the candidates that pass the cheap judge."""
    batch, found, strange, shares, _ = searched
    owner = batch.owner(found.at)
    cheap = grounds(model.finder.language, batch, found, strange, shares, owner)
    passed = model.network.worth(cheap, found.at, found.kind, asked(shares, genre, owner, found.kind))
    columns = (getattr(found, name)[passed].tolist() for name in ("at", "kind", "meant", "gain"))
    return list(zip(*columns, strict=True))


NOTES = [
    "昨晚八点多，城西菜市场旁边那家卖卤味的店铺冒出浓烟，隔壁修鞋的老曾拎着水桶冲进去，没等消房队赶到就扑灭了。",
    "村里晒场上的谷子被一阵骤雨打湿，几个后生披着蓑衣抢收，老支书站在屋沿下喊大家莫慌，先把秤砣和风东搬进仓。",
    "网友小鹿发帖称，赣江边的绿道夜里路灯昏暗，有人骑电瓶车载着泡沫箱逆行，差点撞上遛狗的嫲嫲，盼有关部们管管。",
]


@pytest.mark.parametrize("genre", [Genre.OFFICIAL, Genre.NEWS])
def test_candidates_left_out_at_once_would_never_have_been_weighed(model: WordingModel, genre: Genre) -> None:
    texts = [*NOTES, *CLEAN, *(text for text, _, _ in SLIPS)]
    few = model.search(texts, genre)
    eager = np.concatenate([np.zeros(PADDING, dtype=bool), np.repeat(
        least_logits(few.shares, genre) < EAGER, few.batch.lengths + PADDING
    )])  # fmt: skip
    trigrams = model.finder.language.trigrams(few.batch.ids)
    every = few._replace(found=model.finder.find(few.batch, trigrams, few.strange, eager))
    assert len(every.found.at) > len(few.found.at) > 0
    assert _weighed(model, few, genre) == _weighed(model, every, genre)


def test_the_needed_gain_is_the_least_that_the_cheap_judge_lets_pass(model: WordingModel) -> None:
    batch, _, strange, shares, _ = model.search(NOTES)
    places = np.arange(PADDING + 2, len(batch.ids) - PADDING - 2)
    kinds = np.full(len(places), Kind.REPLACE)
    least = asked(shares, Genre.OFFICIAL, batch.owner(places), kinds)
    need = needed_gain(model.network, model.finder.language, batch, places, strange, shares, least)
    assert 0 < need.min() <= MOST_GAIN < need.max()
    zero, floor = np.zeros(len(places), dtype=np.int64), model.network.floor(kinds, least)
    for gain in range(MOST_GAIN + 1):
        best = np.full(len(places), -np.inf)
        for relation in (1, 2, 3):
            found = Candidates(kinds, places, zero, zero + relation, zero + gain, zero, zero - 1)
            said = grounds(model.finder.language, batch, found, strange, shares, batch.owner(places))
            best = np.maximum(best, model.network.cheap(said, kinds))
        assert not ((best >= floor) & (gain < need)).any()
        assert (best[need == gain] >= floor[need == gain] - 0.02).all()
