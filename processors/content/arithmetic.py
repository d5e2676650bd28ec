"""Sums across a sentence that cannot be right: a change or share of the wrong base, days, anniversaries, payments.

Only what is exact is told: the share must be just what the mistaken base gives, the days more than there are, the
years off by two at least. What facts say of totals and parts is in ``processors.facts``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from processors.content import changes, headline, totals, twice
from processors.document import Document
from processors.facts import sums
from processors.facts.change_forms import raised
from processors.facts.day_spans import DaySpan, lasted
from processors.late import late
from schemas.assessment import Finding
from schemas.vocab import Check, Lane

_FOUNDED = late(r"(?P<year>(?:19|20)\d\d)年[^。；，\d]{0,8}(?P<verb>成立|创办|建成|建校|通车|开业|颁布|施行)")
_ANNIVERSARY = late(r"(?P<verb>成立|创办|建成|建校|通车|开业|颁布|施行)(?P<said>(?P<n>\d{1,3})周年)")
MESSAGE = "“{}”与上下文的数字不符：{}。"


def check(document: Document) -> Iterator[Finding]:
    """Contradictions of reports and media in order of their kind; posts are not measured."""
    if document.item.lane is Lane.OPINION:
        return
    text = document.norm
    yield from _slips(document)
    for told in raised(text):
        now, more, rate = int(told.new.raw), int(told.more.raw), float(told.by.raw)
        if 0 < more < now and abs(100 * more / now - rate) < 0.06 < abs(100 * more / (now - more) - rate):
            why = f"基数应为{now - more}，增幅为{100 * more / (now - more):.1f}%"
            yield _told(document, told.start, told.end, "share", why)
    for span in lasted(text):
        held = _held(document.item.published_at.year, span)
        if held is not None and span.days is not None and span.days > held:
            yield _told(document, span.start, span.end, "days", f"起止日期之间至多{held}天")
    if "周年" in text:
        yield from _anniversaries(document, text)


def _slips(document: Document) -> Iterator[Finding]:
    """What the forms of this package find and facts do not name already (these are asked only then)."""
    slips = [
        (rule, slip)
        for rule, module in (("change", changes), ("total", totals), ("twice", twice), ("title", headline))
        for slip in module.find(document)
    ]
    known = list(sums.check(document)) if slips else []
    for rule, slip in slips:
        found = _told(document, slip.start, slip.end, rule, slip.why)
        if not any(one.field == found.field and one.start < found.end and found.start < one.end for one in known):
            known.append(found)
            yield found


def _held(year: int, span: DaySpan) -> int | None:
    """Days from the first to the last, both counted; None where they are no days of one year."""
    try:
        held = (date(year, *span.last) - date(year, *span.first)).days + 1
    except ValueError:
        return None
    return held if held > 0 else None


def _anniversaries(document: Document, text: str) -> Iterator[Finding]:
    """2019年成立 and 成立八周年 of a text of 2024; the only founding and the only anniversary of a text."""
    founded, told = list(_FOUNDED.finditer(text)), list(_ANNIVERSARY.finditer(text))
    if len(founded) == len(told) == 1 and founded[0]["verb"] == told[0]["verb"]:
        years = document.item.published_at.year - int(founded[0]["year"])
        if years > 0 and abs(years - int(told[0]["n"])) > 1:
            yield _told(document, *told[0].span("said"), "anniversary", f"至发稿时为{years}周年")


def _told(document: Document, start: int, end: int, rule: str, why: str) -> Finding:
    field, first, last = document.locate(start, end)
    text = document.full[start:end]
    return Finding(
        check=Check.NUMBER_MISMATCH, field=field, start=first, end=last, text=text[: last - first],
        message=MESSAGE.format(text, why), rule=f"arithmetic.{rule}",
    )  # fmt: skip
