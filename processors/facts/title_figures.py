"""A title's figures of people against those of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from processors.document import Document
from processors.facts.casualties import Casualties, settle
from processors.facts.mismatch import mismatch
from processors.facts.persons import mentions
from processors.facts.statements import Found, Statements
from processors.late import late
from schemas.assessment import Finding

_TITLED = {"deaths": "死亡", "missing": "失联", "trapped": "被困", "evacuated": "转移", "injured": "受伤"}
_DOUBTED = late(r"[？?]|网传|网曝|官方[:：]|再有|又有|又一|又增|新增|再增|又找到|又救|尚有|还有|仍有")
"""A title that asks, quotes a rumour or tells only what came new has no total to compare."""
_LOST = late(r"遇难|死亡|身亡|丧生|死")
_NUMERAL = late(r"[\d一二两三四五六七八九十百俩仨]")
_EVENT = late(
    r"斗殴|聚集|互殴|械斗|送医|中毒|腹泻|呕吐|就医|被困|受伤|死亡|遇难|失联|转移|疏散|上访|讨薪|获救|落水|溺|感染"
)


def check(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    """A figure of the title that the text gives otherwise, or does not know."""
    if _DOUBTED.search(document.norm, 0, document.shift):
        return
    found = list(_title_casualties(document, statements, figures))
    yield from found or _title_people(document)


def _title_casualties(document: Document, statements: Statements, figures: Casualties) -> Iterator[Finding]:
    if not any(found.title for found in statements.found):
        return
    head = settle(statements, title=True)
    for kind, name in _TITLED.items():
        said, stated = getattr(head, kind), getattr(figures, kind)
        if (
            said is None
            or stated is None
            or said == stated
            or (kind == "injured" and head.deaths is None and figures.deaths)
        ):
            continue
        if kind == "injured" and stated + (figures.deaths or 0) == said:
            continue
        if _counted(document, said):
            continue  # the text knows the number, of a part or of a day
        for found in statements.of(kind, title=True):
            if (
                found.figure == said
                and not found.implied
                and _exact(document, found)
                and not _of_bodies(document, found)
            ):
                message = f"标题{name}{said}人，正文{stated}人"
                yield mismatch(document, found.start, found.end, message, "facts.title", f"{stated}人")
                return


def _counted(document: Document, number: int) -> bool:
    """Whether the text counts so many persons anywhere."""
    return bool(
        re.search(rf"(?<![\d.]){number}(?:名|人|例|位|个人)(?!(?:已|痊愈)*出院)", document.norm[document.shift :])
    )


def _of_bodies(document: Document, found: Found) -> bool:
    """两名失踪者遗体找到: a title that counts those found, not those dead."""
    return bool(
        re.match(r"[^，。；]{0,10}?(?:遗体|尸体)", document.norm[found.end : min(found.end + 14, document.shift)])
    )


def _exact(document: Document, found: Found) -> bool:
    """Whether the title gives an exact number (百余名 against 112名 is no contradiction, nor 5万人 against 50400人)."""
    said = document.norm[max(found.start - 1, 0) : found.end]
    return bool(_NUMERAL.search(said)) and not re.search(r"余|多|近|约|超|逾|万", said)


def _title_people(document: Document) -> Iterator[Finding]:
    """15人斗殴 in the title, where the text knows no such number nor a sum that gives it."""
    if not _EVENT.search(document.norm[: document.shift]):
        return
    if _LOST.search(document.norm, 0, document.shift) and not _LOST.search(document.norm, document.shift):
        return  # 9人遇难, of whom the text does not speak
    title = [mention for mention in mentions(document.norm[: document.shift]) if mention.figure and not mention.pair]
    if len(title) != 1 or title[0].figure is None or title[0].figure < 2:
        return
    body = document.norm[document.shift :]
    inside = [mention for mention in mentions(body) if not mention.pair]
    counts = [mention.figure for mention in inside if mention.figure]
    if not counts or len(counts) > 8 or any(mention.figure is None for mention in inside):
        return
    wanted = title[0].figure
    sums = {*counts, sum(counts), *(one + other for one, other in pairwise(counts))}
    if (
        wanted in sums
        or re.search(rf"(?<!\d){wanted}(?![\d时分日月点:：.])", body)
        or re.search(r"余|多|近|约|超|万", document.norm[max(title[0].start - 1, 0) : title[0].end + 1])
    ):
        return
    message = f"标题写{wanted}人，正文没有这个数"
    yield mismatch(document, title[0].start, title[0].end, message, "facts.title")
