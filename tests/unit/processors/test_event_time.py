"""The onset, on many ways of writing a time. Published on Saturday, 21 November 2026, 20:00, unless said."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.vocab import Kind, Lane
from tests.unit.processors.test_figures import read

CASES = [
    ("11月20日8时许，沙石镇发生山体滑坡。", "11-20 08:00 hour"),
    ("11月20日8时20分许，沙石镇发生山体滑坡。", "11-20 08:20 minute"),
    ("11月20日8时20分左右，沙石镇发生山体滑坡。", "11-20 08:20 minute"),
    ("11月20日8:20，沙石镇发生山体滑坡。", "11-20 08:20 minute"),
    ("2026年11月20日08时20分，沙石镇发生山体滑坡。", "11-20 08:20 minute"),
    ("十一月二十日八时二十分，沙石镇发生山体滑坡。", "11-20 08:20 minute"),
    ("11月20日下午3点多，一厂房起火。", "11-20 15:00 hour"),
    ("11月20日下午3点半，一厂房起火。", "11-20 15:30 minute"),
    ("11月20日15时许，一厂房起火。", "11-20 15:00 hour"),
    ("11月20日下午15时，一厂房起火。", "11-20 15:00 hour"),
    ("昨晚11点，一厂房起火。", "11-20 23:00 hour"),
    ("昨晚11点20分，一厂房起火。", "11-20 23:20 minute"),
    ("昨天下午，一厂房起火。", "11-20 00:00 day"),
    ("昨日凌晨，一厂房起火。", "11-20 00:00 day"),
    ("今天上午，一厂房起火。", "11-21 00:00 day"),
    ("今晨5时40分，一厂房起火。", "11-21 05:40 minute"),
    ("今日凌晨2时许，一厂房起火。", "11-21 02:00 hour"),
    ("前天中午十二点半，一厂房起火。", "11-19 12:30 minute"),
    ("上周五，一厂房起火。", "11-13 00:00 day"),
    ("本周三上午9时，一厂房起火。", "11-18 09:00 hour"),
    ("周四晚8点10分，一厂房起火。", "11-19 20:10 minute"),
    ("20日晚9时，一厂房起火。", "11-20 21:00 hour"),
    ("25日，一厂房起火。", "10-25 00:00 day"),
    ("11月18日至20日，我区出现持续暴雨，多地内涝。", "11-18 00:00 period"),
    ("11月18日8时至10时，我区出现暴雨，多地内涝。", "11-18 08:00 period"),
    ("11月上旬，我区发生多起火灾。", None),
    ("近日，一厂房起火。", None),
    ("刚刚，一厂房起火。", None),
    ("四十多分钟前，一厂房起火。", None),
    ("月初，一厂房起火，事故未造成伤亡。", None),
    ("一厂房起火，截至11月20日18时，事故造成2人受伤。", None),
    ("截至21日18时，滑坡造成2人受伤。滑坡发生于11月20日15时许。", "11-20 15:00 hour"),
    ("据应急管理局11月21日通报，11月20日15时10分，一厂房起火。", "11-20 15:10 minute"),
    ("新华社南昌11月21日电 11月20日15时10分，一厂房发生爆炸。", "11-20 15:10 minute"),
    ("记者11月21日从消防部门获悉，11月20日15时10分，一厂房起火。", "11-20 15:10 minute"),
    (
        "11月20日15时10分，消防指挥中心接到报警，一厂房起火。15时18分消防车赶到现场，16时明火扑灭。",
        "11-20 15:10 minute",
    ),
    ("11月20日15时许，一厂房起火，15时20分消防到场，16时40分扑灭。", "11-20 15:00 hour"),
    ("11月20日晚，一厂房起火。起火时间是22时20分左右。", "11-20 22:20 minute"),
    ("11月20日零时30分，一车侧翻。", "11-20 00:30 minute"),
    ("12月30日，一车侧翻，2人受伤。", None),
    ("12月29日，一车侧翻，2人受伤。", None),
    ("11月31日14时，一厂房起火。", None),
    ("11月20日25时，一厂房起火。", "11-20 00:00 day"),
    ("中午12点半，一厂房起火。", "11-21 12:30 minute"),
    ("傍晚六点一刻，一厂房起火。", "11-21 18:15 minute"),
    ("今早7点56，一辆货车侧翻。", "11-21 07:56 minute"),
    ("18:40左右，一辆货车侧翻，司机受伤。", "11-21 18:40 minute"),
    ("当地时间11月20日17时08分，日本福岛外海发生5.2级地震。", "11-20 17:08 minute"),
    ("北京时间11月20日17时08分，某地发生地震。", "11-20 17:08 minute"),
    ("11月20日，区应急局开展消防检查。", "11-20 00:00 day"),
    ("11月20日上午，全区安全生产会议召开。", "11-20 00:00 day"),
    ("区医保局11月20日召开专题会议，部署参保扩面。", "11-20 00:00 day"),
    ("今年以来，全区办结事项1.2万件，同比增长12%。", None),
    ("请问什么时候能修好？每天早上六点就开始吵。", None),
    ("11月20日夜间，某小区发生燃气闪爆。", "11-20 00:00 day"),
    ("11月20日23时50分许至21日1时，多车追尾。", "11-20 23:50 period"),
    ("当日，一辆校车侧翻。", "11-21 00:00 day"),
    ("11月19日，甲乙两村发生争执。次日上午9时，双方互殴，3人受伤。", "11-19 00:00 day"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_onset(facts: tuple[FactJudge, Scanner], text: str, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 20, 0, tzinfo=CHINA)
    found = read(facts, text, lane=Lane.REPORT, published_at=published).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("截至17时，现场温度正常，撤离群众自16时30分起分批返回。", Kind.FOLLOW_UP, None),
        ("山火明火已于17时50分打熄，1人轻伤。", Kind.FOLLOW_UP, None),
        ("今日无紧急重要信息。", Kind.ZERO, None),
        ("首报。11月21日19时40分，一厂房起火，人员伤亡不明。", Kind.FIRST, "11-21 19:40 minute"),
    ],
)
def test_kinds(facts: tuple[FactJudge, Scanner], text: str, kind: Kind, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 20, 0, tzinfo=CHINA)
    found = read(facts, text, lane=Lane.REPORT, kind=kind, published_at=published).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected


def test_year_turns(facts: tuple[FactJudge, Scanner]) -> None:
    published = datetime(2026, 1, 3, 9, 0, tzinfo=CHINA)
    found = read(facts, "12月30日15时，一车侧翻，2人受伤。", lane=Lane.REPORT, published_at=published).facts.event_time
    assert found is not None
    assert found.start == datetime(2025, 12, 30, 15, 0, tzinfo=CHINA)


def test_small_hours_of_publication_count_to_the_evening_before(facts: tuple[FactJudge, Scanner]) -> None:
    published = datetime(2026, 11, 21, 0, 40, tzinfo=CHINA)
    found = read(facts, "今晚11点50分，一厂房起火。", lane=Lane.REPORT, published_at=published).facts.event_time
    assert found is not None
    assert found.start == datetime(2026, 11, 20, 23, 50, tzinfo=CHINA)
