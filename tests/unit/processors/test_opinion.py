"""Public opinion: tone, theme, sensitivity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.opinion import TONES, OpinionJudge, load_themes, load_words
from schemas.assessment import Emergency
from schemas.vocab import Category, Lane, Sentiment
from tests.unit.processors.judgement import ROOT, bench

CALM = Emergency()


def _signals(text: str, emergency: Emergency = CALM):  # type: ignore[no-untyped-def]
    category = Category.URGENT if emergency.is_emergency else bench().judge(text, Lane.OPINION)[1].category
    return bench().opinion.judge(*bench().prepare(text, Lane.OPINION), emergency, category)


@pytest.mark.parametrize(
    ("tone", "text"),
    [
        (Sentiment.NEGATIVE, "物业太过分了，电梯坏了没人管，投诉多次石沉大海！"),
        (Sentiment.NEGATIVE, "又堵又脏，垃圾臭得开不了窗，到底谁来管？"),
        (Sentiment.POSITIVE, "给社区的志愿者点赞，太暖心了，奶奶笑得合不拢嘴！"),
        (Sentiment.POSITIVE, "效率真高，昨天反映今天就修好了，必须点赞，感谢你们，好样的"),
        (Sentiment.NEUTRAL, "您好，您的来信收悉，现答复如下：该路段计划十月完工。"),
        (Sentiment.NEUTRAL, "求租章江新区两室一厅，月底入住。"),
    ],
)
def test_tone(tone: Sentiment, text: str) -> None:
    assert _signals(text).sentiment is tone


def test_irony_is_no_praise() -> None:
    assert _signals("呵呵，修了三年还没修好，效率真高，点赞点赞").sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    ("theme", "text"),
    [
        ("教育", "孩子学区划片为什么不公开？教体局电话打不通。"),
        ("交通出行", "红绿灯时间太短，公交又晚点，路口天天堵车。"),
        ("劳动社保", "工地拖欠农民工工资，包工头跑了，社保也没交。"),
        ("生态环境", "作坊偷排污水，河里臭味熏天，环保快来查。"),
        ("房地产与物业", "开发商延期交房，物业费照收，业主没地方说理。"),
        (None, "今天天气真好。"),
    ],
)
def test_theme(theme: str | None, text: str) -> None:
    assert _signals(text).theme == theme


def test_the_event_type_decides_the_theme_of_an_emergency() -> None:
    fire = Emergency(is_emergency=True, event_type="火灾")
    assert _signals("快来人！三楼冒黑烟了", fire).theme == "安全生产"


def test_sensitivity_rises_with_emergencies_and_sensitive_people() -> None:
    plain = _signals("早高峰公交车等了四十分钟")
    urgent = _signals("厂房着火了", Emergency(is_emergency=True, event_type="火灾"))
    school = _signals("学校好多孩子吐了", Emergency(is_emergency=True, event_type="食物中毒", sensitive=True))
    assert plain.sensitivity <= 1
    assert urgent.sensitivity >= 2
    assert school.sensitivity == 3


def test_n_grams_looked_up_once_or_twice_say_the_same() -> None:
    judges = bench()
    texts = ["三年了，校门口那个坑终于填了，填得比路还高", "谢谢修路灯的师傅", "求租两室一厅"]
    prepared = [judges.prepare(text, Lane.OPINION) for text in texts]
    documents, scans = [one for one, _ in prepared], [one for _, one in prepared]
    events = judges.emergency.judge_many(documents, scans)
    none = [None] * len(texts)
    shared = judges.opinion.scores(documents, scans, events, none)
    alone = judges.opinion.scores(documents, scans, [replace(event, basis=None) for event in events], none)
    assert np.allclose(shared, alone, atol=1e-5)
    assert judges.opinion.grams is not None


def test_n_grams_tell_a_grumble_from_praise_and_from_a_question() -> None:
    """They add to the words and the category, so only their order among texts means something."""
    judges = bench()
    grumble = "物业费收得准时，电梯坏了三个月没人来修，打电话都说不归他管"
    praise = "菜市场的大叔帮我奶奶把两袋米背上五楼，水都不肯喝一口就走了，谢谢好心人"
    question = "您好，请问明年的老年证在哪个窗口办，需要带几张照片"
    grams = judges.opinion.grams
    assert grams is not None
    documents = [judges.prepare(text, Lane.OPINION)[0] for text in (grumble, praise, question)]
    negative, neutral, positive = grams.scores(documents, [None] * 3)[:, : len(TONES)].T
    assert int((negative - positive).argmax()) == 0
    assert int(positive.argmax()) == 1
    assert int(neutral.argmax()) == 2
    assert grams.explain(documents[0], TONES.index(Sentiment.NEGATIVE))


def test_n_grams_speak_for_themes_by_name_and_in_an_older_model_for_tones_alone() -> None:
    tables = load_district(ROOT / "districts" / "zhanggong").tables
    themes, arrays = load_themes(tables), dict(load_arrays(ROOT / "models" / "opinion"))
    words, known = load_words(tables, themes), [str(name) for name in arrays["themes"]]
    document = bench().prepare("三路车等了四十分钟才来一趟，司机还不停站", Lane.OPINION)[0]
    tones = np.array(arrays["grams"])[:, : len(TONES)]
    taught = np.zeros((len(tones), len(TONES) + 1 + len(known)), dtype=np.float32)
    taught[:, len(TONES) + 1 + known.index("教育")] = 1
    swapped = [*themes[1:], themes[0]]
    for order in (themes, swapped):
        grams = OpinionJudge(order, words, arrays | {"grams": taught}).grams
        assert grams is not None
        spoken = np.flatnonzero(grams.scores([document], [None])[0]) - len(TONES) - 1
        assert [order[number].name for number in spoken] == ["教育"]
    older = OpinionJudge(themes, words, arrays | {"grams": tones}).grams
    assert older is not None
    scores = older.scores([document], [None])[0]
    assert scores[: len(TONES)].any()
    assert not scores[len(TONES) :].any()
