"""Figures and times as pages of news and offices tell them; sentences of our own."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.assessment import Facts
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane

FIGURES = [
    ("一架直升机坠入树林。机上共有十二人，机长重伤，三人轻伤，其余安全。", {"serious_injuries": 1, "injured": 4}),
    ("起火时5名正在装货的工人和4名在屋里的住户被困。", {"trapped": 9}),
    ("踩踏导致6名学生和2名家长受伤。", {"injured": 8}),
    ("翻车后九个孩子和老师、司机共十一人受伤。", {"injured": 11}),
    ("多名学生疑似食物中毒，目前仍有二十三人留医。", {"injured": 23}),
    ("化工厂爆炸已夺去41条性命，另有12人失踪。", {"deaths": 41, "missing": 12}),
    ("列车脱轨已造成15人死亡、52人受伤。此前初步统计的数字为3死8伤。", {"deaths": 15, "injured": 52}),
    ("热气球被风拖行，2名游客遇难，另3名游客和飞行员受伤。", {"deaths": 2, "injured": 4}),
    ("塔吊折断，死亡2人、受伤1人。另一名受伤工人左腿骨折，术后平稳。", {"deaths": 2, "injured": 1}),
    ("滑坡未造成房屋受损和人员伤亡。", {"deaths": 0, "injured": 0}),
    ("某村民小组一村民家中烧炭取暖，一氧化碳中毒造成2人死亡、1人受伤。", {"deaths": 2, "injured": 1}),
    ("幼儿园门前多名儿童，被一名女子砍伤。", {"injured": None}),
    ("洪水围困村庄，300多人受困。全镇已转移近千人，村里大部分被困人员已转移。", {"trapped": 300}),
]
ONSETS = [
    ("14日18时许，两名男生下河摸鱼，一人被浪卷走，今晨7时打捞到遗体。", "2026-07-14T18:00 hour"),
    ("昨天中午的饭馆坐了五桌人。12时40分，屋顶从中间折断，多人被压。", "2026-07-14T12:40 minute"),
    (
        "昨日，一处商场出事。下午3时20分演出结束散场时，扶梯突然逆行，4人受伤。",
        "2026-07-14T15:20 minute",
    ),
    ("早上一名男子持刀在超市门外砍伤3人，已被控制。", "2026-07-15T00:00 day"),
]
ACTIVITIES = [
    (Lane.MEDIA, "13日至16日全省有暴雨。省防指决定于7月14日20时启动防汛四级应急响应。", "2026-07-14T20:00 hour"),
    (Lane.MEDIA, "7月14日，街道组织消防演练。上午9时30分，演练正式开始，警报响起。", "2026-07-14T09:30 minute"),
    (Lane.MEDIA, "2016年7月12日8时20分，一个无法忘记的时刻。十年过去，新城建成。", None),
    (Lane.MEDIA, "7月14日，区里召开大会，嘉奖6月30日勇救落水儿童的两位市民。", "2026-07-14T00:00 day"),
    (Lane.MEDIA, "药监局7月14日曝光6起虚假广告，提醒市民不要轻信。", "2026-07-14T00:00 day"),
    (Lane.MEDIA, "7月13日，一段“大桥被洪水冲垮”的视频吸引了许多人。经交通部门查证，画面是外省旧事。", None),
    (Lane.REPORT, "经调查，反映某项目7月9日晚整夜施工的情况属实。我局已约谈负责人。", None),
]


@pytest.mark.parametrize(("text", "figures"), FIGURES)
def test_figures(facts: tuple[FactJudge, Scanner], text: str, figures: dict[str, int | None]) -> None:
    result = _judged(facts, text, event=True, sure=True)
    assert {name: getattr(result, name) for name in figures} == figures


@pytest.mark.parametrize(("text", "onset"), ONSETS)
def test_onset(facts: tuple[FactJudge, Scanner], text: str, onset: str | None) -> None:
    assert _onset(_judged(facts, text, event=True, sure=True)) == onset


@pytest.mark.parametrize(("lane", "text", "time"), ACTIVITIES)
def test_what_is_no_event_has_the_time_of_what_was_done(
    facts: tuple[FactJudge, Scanner], lane: Lane, text: str, time: str | None
) -> None:
    assert _onset(_judged(facts, text, lane=lane, event=True, sure=False)) == time


def _judged(facts: tuple[FactJudge, Scanner], text: str, *, event: bool, sure: bool, lane: Lane = Lane.MEDIA) -> Facts:
    published = datetime.fromisoformat("2026-07-15T10:00:00+08:00")
    document = Document(Item(lane=lane, source="江右早报", text=text, published_at=published))
    return facts[0].judge(document, facts[1].scan(document.norm), event=event, sure=sure).facts


def _onset(found: Facts) -> str | None:
    time = found.event_time
    return None if time is None else f"{time.start.astimezone(CHINA):%Y-%m-%dT%H:%M} {time.precision.value}"
