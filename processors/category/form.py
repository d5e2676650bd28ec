"""The form of a text, without its words: signs, letters, length, and how far its dates lie from publication."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from processors.category.batch import Batch
from processors.document import Document
from processors.late import late
from schemas.base import CHINA

Matrix = npt.NDArray[np.float32]

SIGNS = ("？?", "！!", "0123456789", "%", "“", "我", "您", "你", "、", "\n", "。", "，", "：:", "…", "；;")
LENGTHS = (30, 60, 120, 250, 500)
NEAR, WEEK, OLD = timedelta(days=2), timedelta(days=10), timedelta(days=45)

LATER = timedelta(days=180)
DATE_BEFORE, DATE_AFTER = 7, 4
"""Characters before and after 月 that a date takes."""

MOST_DATES = 4
"""Months looked at: what the first dates do not tell, the tenth does not either."""

_DATE = late(r"(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})[日号]")
_DAY_BEHIND = re.compile(r"月(?=\d{1,2}[日号])")
_CENTURIES = ("19", "20")
SEVERAL = 3
"""Different months or years in which a text tells of things one by one: a list of cases, no event."""
DATES = ("date:near", "date:week", "date:old", "date:ahead", "date:year", "date:none", "date:several")
FORM = (
    *(f"sign:{sign[0]}".replace("\n", "line") for sign in SIGNS),
    "sign:latin",
    "sign:emoji",
    *(f"longer:{length}" for length in LENGTHS),
)


def form(batch: Batch) -> Matrix:
    """Signs per hundred characters, letters, emoji, length."""
    hundred = (np.maximum(batch.sizes, 20) / 100)[:, None]
    classes = len(SIGNS) + 3
    signs = _SIGN_CLASS[batch.points]
    where = np.flatnonzero(signs)
    counts = np.bincount(batch.owner[where] * classes + signs[where], minlength=len(batch) * classes)
    density = counts.reshape(len(batch), classes)[:, 1:] / hundred
    longer = batch.sizes[:, None] > np.array(LENGTHS)
    return np.concatenate([np.log1p(density), longer], axis=1, dtype=np.float32)


def _sign_classes() -> npt.NDArray[np.uint8]:
    """The class of each character: 0 none, one for each entry of ``SIGNS``, then letters and emoji."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for number, signs in enumerate(SIGNS, start=1):
        table[[ord(sign) for sign in signs]] = number
    table[[*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1)]] = len(SIGNS) + 1
    table[0xFFFF] = len(SIGNS) + 2
    return table


_SIGN_CLASS = _sign_classes()


def dates(documents: Sequence[Document]) -> Matrix:
    """How far the stated dates lie from publication, and whether they are far apart."""
    return np.array(
        [
            (*(_flags(document) if "月" in document.norm else _UNDATED), _scattered(document.norm))
            for document in documents
        ],
        np.float32,
    )


_UNDATED = (False, False, False, False, False, True)


def _scattered(text: str) -> bool:
    """Whether days of several months or several years are named."""
    if text.count("月") >= SEVERAL and len(_months(text)) >= SEVERAL:
        return True
    return text.count("年") >= SEVERAL and len(_years(text)) >= SEVERAL


def _months(text: str) -> set[str]:
    """The months of full dates, as written: one or two digits, 月, a day."""
    found = set()
    for match in _DAY_BEHIND.finditer(text):
        end = begin = match.start()
        while begin and end - begin < 3 and text[begin - 1].isdecimal():
            begin -= 1
        if 0 < end - begin < 3:
            found.add(text[begin:end])
    return found


def _years(text: str) -> set[str]:
    """The years named with four digits."""
    found = set()
    end = text.find("年", 4)
    while end >= 0:
        year = text[end - 4 : end]
        if year.startswith(_CENTURIES) and year.isdecimal() and not (end > 4 and text[end - 5].isdecimal()):
            found.add(year)
        end = text.find("年", end + 1)
    return found


def _flags(document: Document) -> tuple[bool, ...]:
    near = week = old = ahead = year = False
    none = True
    for days, earlier in _gaps(document):
        near |= abs(days) <= NEAR.days
        week |= abs(days) <= WEEK.days
        old |= days < -OLD.days
        ahead |= days > 1
        year |= earlier
        none = False
    return near, week, old, ahead, year, none


def _gaps(document: Document) -> Iterator[tuple[float, bool]]:
    """Days from publication to each stated date, and whether an earlier year is named."""
    text, place = document.norm, document.norm.find("月")
    moment = document.item.published_at
    published = (moment if moment.tzinfo is CHINA else moment.astimezone(CHINA)).date()
    looked = 0
    while place >= 0 and looked < MOST_DATES:
        looked += 1
        found = _DATE.search(text, max(place - DATE_BEFORE, 0), place + DATE_AFTER)
        if found:
            year, month, day = int(found[1] or published.year), int(found[2]), int(found[3])
            days = (month - published.month) * 30.4 + day - published.day + 365 * (year - published.year)
            if not found[1] and days > LATER.days:  # in spring, a month late in the year is last year's
                days -= 365
            yield days, year < published.year
        place = text.find("月", place + 1)
