"""Times without a date: a part of the day at the head of a note, a month of reported work."""

from __future__ import annotations

from datetime import datetime

from processors.document import Document
from processors.facts.better_times import DAY
from processors.facts.time_roles import ANALYSIS
from processors.late import late
from processors.scan import Scan
from schemas.assessment import EventTime
from schemas.base import CHINA
from schemas.vocab import Kind, Lane, Precision

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


_MONTH = late(r"(?:(?<![\d年])|(?<=今年))(\d{1,2})月(?:份)?(?:起|以来|里|开始)")


def month(document: Document, scan: Scan) -> EventTime | None:
    """11月起: to the month, for reported work only."""
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
    return EventTime(start=datetime(year, int(match[1]), 1, tzinfo=published.tzinfo), precision=Precision.MONTH)
