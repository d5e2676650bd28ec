"""A batch is judged judge by judge and rule by rule: each item must get what it gets alone."""

from __future__ import annotations

from datetime import datetime

import pytest

from huiyao.settings import load_settings
from huiyao.wiring import build_judge
from processors.assess import Judge
from processors.content.learned import LearnedClaims
from schemas.assessment import AssessedItem, Origin
from schemas.base import CHINA
from schemas.errors import InvalidItem
from schemas.item import Item
from streams.ports import AssessInput
from tests.gold.load import load_gold
from tests.unit.processors.test_content_learned import BOAST, arrays

NOW = datetime(2026, 11, 20, 12, tzinfo=CHINA)
EVERY = 13
"""One in so many of the train items: all lanes and kinds, with and without a title."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    return build_judge(load_settings())


def _assess(judge: Judge, items: list[Item]) -> list[AssessedItem]:
    origin = Origin(topic="", partition=0, offset=0)
    judged = judge.assess([AssessInput(item, NOW, origin) for item in items])
    assert not any(isinstance(one, InvalidItem) for one in judged)
    return [one for one in judged if isinstance(one, AssessedItem)]


def test_each_item_of_a_batch_gets_what_it_gets_alone(judge: Judge) -> None:
    items = [Item.model_validate(one.item) for one in load_gold("train")][::EVERY]
    assert {item.lane for item in items} == {"report", "media", "opinion"}
    for item, together in zip(items, _assess(judge, items), strict=True):
        alone = _assess(judge, [item])[0].model_dump()
        said = together.model_dump()
        # A product of matrices may round the sixth decimal otherwise in another company.
        shares, shares_alone = (one["assessment"].pop("category_scores") for one in (said, alone))
        assert shares == pytest.approx(shares_alone, abs=5e-6)
        assert said == alone


def test_findings_of_several_rules_stay_with_their_own_text(judge: Judge) -> None:
    texts = [
        "本项目开创了全国首创、史无前例的模式。",
        "约300人左右参加，3千余人到场。",
        "11月31日，共60批次，其中合格25批次、不合格40批次。",
        "会议开得很好。",
    ]
    items = [Item(lane="media", source="某报", text=text, published_at=NOW) for text in [*texts, *reversed(texts)]]
    found = [[finding.rule for finding in one.assessment.findings] for one in _assess(judge, items)]
    assert found == found[::-1]
    assert {"N07", "N14"} <= set(found[1])
    assert {"facts.date", "facts.sum"} <= set(found[2])
    assert not found[3]


def test_a_doubted_clause_is_quoted_without_the_number_in_it(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge._judges.content, "_learned", LearnedClaims(arrays("赛过", BOAST)))
    text = "今日完成二十处排查。打13807971234来问的都说赛过神仙洞府。明日继续。"
    [one] = _assess(judge, [Item(lane="report", source="区应急局", text=text, published_at=NOW)])
    [found] = [finding for finding in one.assessment.findings if finding.rule == "learned.exaggeration"]
    assert text[found.start : found.end] == "打13807971234来问的都说赛过神仙洞府"
    assert found.text in found.message
    assert "13807971234" not in one.model_dump_json()
