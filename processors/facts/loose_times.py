"""Times without a date: a part of the day at the head of a note, a month of reported work."""

from __future__ import annotations

from datetime import datetime

from processors.document import Document
from processors.facts.better_times import DAY
from processors.facts.moments import Expression
from processors.facts.numerals import value
from processors.facts.time_roles import ANALYSIS
from processors.late import late
from processors.scan import Scan
from schemas.assessment import EventTime
from schemas.base import CHINA
from schemas.vocab import Kind, Lane, Precision

_LATELY = late(r"近日|日前|近期|连日来|前不久|最近|近来")


def lately(document: Document, chosen: Expression) -> bool:
    """近日，多家超市断货，早上8点排队: a bare clock behind a word for some day or other is of no day."""
    if document.item.lane is Lane.OPINION:
        return False
    return _LATELY.search(document.norm, document.shift, chosen.start) is not None


PART_WITHIN = 60
"""Characters in which a part of the day without a date can be the onset."""


COMPLAINT = late(
    r"投诉|建议|诉求|请(?:问|求|有关|尽快|区|相关|查|派|管)|求(?:求|助|查|救)|能不能|能否|何时|"
    r"什么时候|谁(?:来)?管|管管|希望|反映|盼|怎么办|为什么|为何|难道|合不合|呼吁|没人管|避雷|@"
)


def is_followup(document: Document) -> bool:
    """Whether an item says that it goes on: by its kind, or 续报 in its first words."""
    if document.item.kind is Kind.FOLLOW_UP:
        return True
    if document.item.kind is not None:
        return False
    head = document.norm[document.shift : document.shift + CONTINUED_WITHIN]
    return "续" in head and _CONTINUED.search(head) is not None


CONTINUED_WITHIN = 30
"""Characters in which a text says that it goes on: 渌水污染事件续报（二）."""


_CONTINUED = late(r"^续[一二三四五1-9]|(?<![午晚日时府门局办])续报(?:[：:（(一二三四五\d、]|$)|情?况?续[：:]")


_PART_ALONE = late(
    r"(?<![每到至明前昨近几某一两三整天日个])(?P<part>凌晨|清晨|清早|大清早|一大早|早上|早晨|上午|中午|午后|午休|下午|傍晚|晚饭|晚上)(?![\d一二三四五六七八九十两]+[点时:：]|[到至](?!现在|这会)|[一-龥]{0,2}(?:都|经常|总))"
)


_MORNINGS = frozenset("凌晨 清晨 清早 大清早 一大早 早上 早晨 上午".split())


def today(document: Document) -> EventTime | None:
    """中午好多娃喊肚子痛: a part of the day without a date, at the beginning of a note, is of the day it is sent."""
    if is_followup(document) or document.item.kind is Kind.FINAL:
        return None
    found = _PART_ALONE.search(document.norm, document.shift, document.shift + PART_WITHIN)
    if found is None:
        return None
    published = document.item.published_at.astimezone(CHINA)
    late = found["part"] in {"晚上", "晚饭"}
    early = published.hour >= 17 if late else published.hour >= 12 or found["part"] in _MORNINGS
    day = published if early else published - DAY
    return EventTime(start=day.replace(hour=0, minute=0, second=0, microsecond=0), precision=Precision.DAY)


_SIGNED = late(r"[。！\s](20\d\d)年(\d{1,2})月(\d{1,2})日\s*$")
SIGNED_WITHIN = 16
"""Characters at the end of a note in which its date stands alone."""


def signed(document: Document) -> EventTime | None:
    """……如有其他意见可随时反馈。2025年8月13日: a department's note of no other time is of the day under it."""
    if document.item.lane is not Lane.REPORT or not document.norm.rstrip().endswith("日"):
        return None
    match = _SIGNED.search(document.norm, max(document.shift, len(document.norm) - SIGNED_WITHIN))
    if match is None:
        return None
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=CHINA)
    except ValueError:
        return None
    return EventTime(start=day, precision=Precision.DAY) if day <= document.item.published_at else None


_MONTH = late(r"(?:(?<![\d年])|(?<=今年))(\d{1,2})月(?:份)?(起|以来|里|开始)")


def month(document: Document, scan: Scan) -> EventTime | None:
    """11月起: to the month, 11月以来: a span, for reported work only."""
    item = document.item
    if item.lane is Lane.OPINION or "月" not in document.norm:
        return None
    start, end = document.sentence_at(document.shift)
    match = _MONTH.search(document.norm, start, end)
    if match is None or not 1 <= int(match[1]) <= 12:
        return None
    if scan.count(ANALYSIS) or COMPLAINT.search(document.norm):
        return None
    published = item.published_at
    year = published.year if int(match[1]) <= published.month else published.year - 1
    precision = Precision.PERIOD if match[2] == "以来" else Precision.MONTH
    return EventTime(start=datetime(year, int(match[1]), 1, tzinfo=published.tzinfo), precision=precision)


_BEGAN_IN = late(
    r"(?<![\d—~至到-])(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|初|末|底|[上中下]旬)?"
    r"(?:以来|开始|起|[^，。；\d]{0,4}?(?:[爆暴]发|停水|停电|断水|发生|出现))"
)
BEGAN_WITHIN = 60
"""Characters in which a text says in what month it began."""


def began_in(document: Document) -> EventTime | None:
    """9月以来的秋雨已致百人死亡, 5月末开始的霍乱: an event of which only the month is told."""
    match = _BEGAN_IN.search(document.norm, document.shift, document.shift + BEGAN_WITHIN)
    if match is None:
        return None
    published = document.item.published_at.astimezone(CHINA)
    month = int(value(match["month"]) or 0)
    year = int(match["year"] or published.year - (month > published.month))
    return EventTime(start=datetime(year, month, 1, tzinfo=CHINA), precision=Precision.MONTH)
