"""An invented issue with everything a bulletin can have, for the tests of all formats."""

from __future__ import annotations

from datetime import datetime

from schemas.bulletin import Bulletin, BulletinChart, BulletinEntry, BulletinHead, BulletinSection
from schemas.vocab import BulletinName, Level

NOON = datetime.fromisoformat("2026-11-05T12:00:00+08:00")
NASTY = "#show: x => none 甲 & 乙 <b> $x^2$ @ref \\ {{ 7*7 }} *粗* _斜_ //注"
"""Words that mean something to Typst, XML, HTML or Jinja."""

LANDSLIDE = BulletinEntry(
    item_ids=("i1", "i2"),
    title="沙石镇一处边坡滑塌",
    text="11月5日8时20分，沙石镇一处边坡滑塌，3人受伤。\n已转移群众18户56人。",
    contributors=("沙石镇", "区应急局"),
    level=Level.III,
    notes=("总数3人与分项1＋1不符",),
)
VISIT = BulletinEntry(item_ids=("i3",), title="区水利局检查水库", text=NASTY, contributors=("区水利局",))
CHARTS = (
    BulletinChart(title="各时段网络舆情数量", form="line", labels=("8时", "9时", "10时"), values=(0, 12, 3)),
    BulletinChart(title="舆情主题分布", form="bar", labels=("物业", "教育<1>"), values=(8, 5)),
)


def full_bulletin(**fields: object) -> Bulletin:
    """Signed, numbered, with charts, an empty section and words that try to break out."""
    values: dict[str, object] = {
        "name": BulletinName.YUQING,
        "title": "今日重要舆情",
        "date": "2026-11-05",
        "district": "zhanggong",
        "issue_number": 7,
        "total_number": 107,
        "draft": False,
        "head": BulletinHead(office="章贡区委办公室", recipients=("市委办公室", "区委领导"), editor="值班编辑"),
        "sections": (
            BulletinSection(name="涉区舆情", entries=(LANDSLIDE, VISIT)),
            BulletinSection(name="各地重大事件"),
        ),
        "charts": CHARTS,
        "covers_from": NOON,
        "covers_to": NOON,
        "made_at": NOON,
    }
    return Bulletin.model_validate(values | fields)
