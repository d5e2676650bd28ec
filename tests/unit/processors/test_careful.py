"""The second reader is asked where the fast judges are unsure, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import numpy as np
import pytest

from huiyao.judges import load_arrays, make_judge
from huiyao.network import FILE, OnnxNetwork
from huiyao.settings import load_settings
from huiyao.wiring import district_of
from processors.assess import Judge
from processors.careful import CarefulJudge
from processors.document import Document
from processors.reader.model import EMERGENCY_HEADS, Doubts, ReaderSettings, Readings, SecondReader
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Category, Kind, Lane

SURE_TEXT = "11月21日14时许，水东镇七里村一民房起火，过火面积约40平方米，消防救援人员15分钟后到场扑灭，无人员伤亡。"
BARE_TEXT = "那边好像出了点事，有知道的说一声。"
VAGUE_TEXT = "楼下那边好像出了点事，围了一圈人，车也过不去，有知道的说一声。"


@dataclass
class FakeReader:
    """Says 急情要事 of everything, loudly."""

    weight: float = 0.9
    type_name: str = "火灾"
    settings: ReaderSettings = field(
        default=ReaderSettings(1, 1, Doubts(0.9, 0.02, 0.95, 0.9), Doubts(0.9, 0.02, 0.95, 0.9))
    )
    read_items: list[Item] = field(default_factory=list)

    def read(self, items: Sequence[Item]) -> Readings:
        self.read_items += items
        shares = np.full((len(items), len(Category)), -9.0)
        shares[:, list(Category).index(Category.URGENT)] = -0.001
        odds = np.tile([8.0, -8.0, -8.0], (len(items), 1))
        types = np.full((len(items), 2), -9.0)
        types[:, 1] = -0.001
        return Readings(np.full(len(items), self.weight), shares, odds, types, ("火灾", self.type_name))


@cache
def judge() -> Judge:
    settings = load_settings()
    return make_judge(district_of(settings), settings.models_dir, second_reader=False)


def careful(reader: FakeReader) -> CarefulJudge:
    first = judge()._judges.first
    return CarefulJudge(first._emergency, first._category, reader)  # type: ignore[arg-type]


def item(text: str, lane: Lane = Lane.OPINION, kind: Kind = Kind.NORMAL) -> Item:
    source = "区应急局" if lane is Lane.REPORT else "本地论坛"
    return Item(lane=lane, source=source, text=text, kind=kind, published_at=datetime(2026, 11, 21, 18, tzinfo=CHINA))


def documents(*items: Item) -> tuple[list[Document], list]:
    docs = [Document(one) for one in items]
    return docs, judge()._judges.scanner.scan_many([one.norm for one in docs])


def test_only_what_is_unsure_is_read() -> None:
    reader = FakeReader()
    found = careful(reader).judge_many(*documents(item(SURE_TEXT, Lane.MEDIA), item(VAGUE_TEXT)))
    assert found.asked == (1,)
    assert [one.text for one in reader.read_items] == [VAGUE_TEXT]
    assert found.categories[1].category is Category.URGENT
    assert found.emergencies[1].is_emergency


def test_the_sure_verdict_stays_as_it_was() -> None:
    docs, scans = documents(item(SURE_TEXT, Lane.MEDIA), item(VAGUE_TEXT))
    alone = judge()._judges.first.judge_many(docs, scans)
    heard = careful(FakeReader()).judge_many(docs, scans)
    assert alone.categories[0] == heard.categories[0]
    assert alone.emergencies[0] == heard.emergencies[0]
    assert alone.emergencies[1].score < heard.emergencies[1].score


def test_a_zero_report_is_never_read() -> None:
    reader = FakeReader()
    found = careful(reader).judge_many(*documents(item("今日无重要情况。", Lane.REPORT, Kind.ZERO)))
    assert found.asked == ()
    assert reader.read_items == []
    assert found.categories[0].category is Category.OTHER


def test_a_reader_of_no_weight_changes_nothing() -> None:
    docs, scans = documents(item(VAGUE_TEXT))
    alone = judge()._judges.first.judge_many(docs, scans)
    heard = careful(FakeReader(weight=0.0)).judge_many(docs, scans)
    assert heard.categories[0].scores == pytest.approx(alone.categories[0].scores, abs=1e-5)
    assert heard.emergencies[0].score == pytest.approx(alone.emergencies[0].score, abs=1e-4)


def test_explanations_name_the_reader_where_it_was_asked() -> None:
    docs, scans = documents(item(SURE_TEXT, Lane.MEDIA), item(VAGUE_TEXT))
    judges = careful(FakeReader())
    assert not any("第二判读" in line for line in judges.explain(docs[0], scans[0]))
    assert any("第二判读" in line for line in judges.explain(docs[1], scans[1]))


def test_the_network_reads_each_text_alone() -> None:
    """A text's verdict does not depend on what else is in the batch: replay gives the same."""
    settings = load_settings()
    folder = settings.models_dir / "reader"
    reader = SecondReader(OnnxNetwork(folder / FILE), load_arrays(folder))
    both = reader.read([item(SURE_TEXT, Lane.MEDIA), item(VAGUE_TEXT)])
    single = reader.read([item(VAGUE_TEXT)])
    assert both.emergency.shape == (2, EMERGENCY_HEADS)
    assert np.array_equal(both.category[1], single.category[0])
    assert np.exp(both.category).sum(axis=1) == pytest.approx([1, 1])
    assert both.emergency[0, 0] > 0 > both.emergency[0, 1]


@pytest.mark.parametrize("name", ["火灾", "道路交通事故", "溺水"])
def test_the_reader_has_a_word_on_the_type(name: str) -> None:
    found = careful(FakeReader(type_name=name)).judge_many(*documents(item(BARE_TEXT)))
    assert found.emergencies[0].event_type == name


def test_a_type_that_the_district_does_not_know_is_not_chosen() -> None:
    found = careful(FakeReader(type_name="飞碟")).judge_many(*documents(item(BARE_TEXT)))
    assert found.emergencies[0].event_type in {kind.name for kind in judge()._judges.event_types}


def test_posts_have_doubts_of_their_own() -> None:
    never, always = Doubts(0.0, 1.0, 0.0, 0.4), Doubts(1.1, 0.0, 1.0, 0.6)
    settings = ReaderSettings(1, 1, never, always)
    found = careful(FakeReader(settings=settings)).judge_many(
        *documents(item(VAGUE_TEXT, Lane.MEDIA), item(VAGUE_TEXT), item(VAGUE_TEXT, Lane.REPORT))
    )
    assert found.asked == (1,)
    assert settings.weights(np.array([False, True])).tolist() == [0.4, 0.6]
    assert ReaderSettings.from_array(settings.array().tolist()) == settings
