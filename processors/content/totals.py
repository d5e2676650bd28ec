"""Totals that their parts contradict, in the forms that ``processors.facts.parts`` does not weigh.

酒驾6起、醉驾1起、无证2起，共查处8起; 12户，每户500元，合计5600元; 立案18件，追回31万元，其中违规串换19件; 62条分成
三堆，分别为17条、21条、25条; 问题19处，当场改正13处，限期整改7处.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from processors.content.changes import Slip
from processors.document import Document
from processors.facts.quantities import ROUND
from processors.facts.sum_forms import ADDED_UP, FIGURE, Form, Sum, read
from processors.late import late

_ALIKE = frozenset("件项样")
"""Units in which things of all kinds are added up."""
_ROUND = late(rf"{ROUND}|突破|迈上|等")
_COMPARED = late(r"同比|环比|较|比[去上前]|每")
_MORE = late(r"同比|环比|比|较|增|减|升|降|每|占|人均|率")


def find(document: Document) -> Iterator[Slip]:
    """Totals that do not hold, at most one of a sentence and form."""
    text = document.norm
    for start, end in document.sentences():
        if not FIGURE.search(text, start, end):
            continue
        last = None
        for form, told in read(text[start:end]):
            why = _WEIGH[form](told) if form is not last else None
            if why is not None:
                yield Slip(start + told.span[0], start + told.span[1], why)
                last = form


def _listed(told: Sum) -> str | None:
    total, added = _number(told), _added(told)
    plain = told.sentence.startswith(ADDED_UP, told.span[0])
    if not _of_one_unit(told) and not (plain and told.total.unit in _ALIKE):
        return None
    if _ROUND.search(told.text) or _MORE.search(told.text):
        return None
    if abs(added - total) < 0.06 or added > 2 * total or total > 2 * added:
        return None
    return f"各项相加为{added:g}"


def _paid(told: Sum) -> str | None:
    if told.text.count("每") > 1:
        return None  # 每人每月500元
    number, each, total = told.parts[0].number or 0.0, told.parts[1].number, told.total.number
    if not each or not total or _ROUND.search(told.text) or abs(number * each - total) <= 0.006 * total:
        return None
    return f"{number:g}×{each:g}＝{number * each:g}元"


def _among(told: Sum) -> str | None:
    """A part is more than what it is a part of."""
    whole, part = _number(told), _added(told)
    if part <= whole or part > 2 * whole:
        return None
    if _MORE.search(told.sentence, max(told.span[0] - 6, 0), told.span[1]) or _ROUND.search(told.text):
        return None
    return f"{told.parts[0].told}多于总数{told.total.told}"


def _split(told: Sum) -> str | None:
    total, added = _number(told), _added(told)
    if not _of_one_unit(told) or _COMPARED.search(told.text) or _ROUND.search(told.text):
        return None
    return f"各项相加为{added:g}，总数为{total:g}" if added != total and abs(added - total) <= 0.1 * total else None


def _due(told: Sum) -> str | None:
    """What is done and what is still due are not more than all."""
    total, added = _number(told), _added(told)
    if not total < added <= 1.3 * total or _ROUND.search(told.text):
        return None
    return f"两项相加为{added:.0f}，多于总数{total:.0f}"


def _row(told: Sum) -> str | None:
    total, added = _number(told), _added(told)
    if len(told.parts) < 3 or not _of_one_unit(told) or _MORE.search(told.text) or _ROUND.search(told.text):
        return None
    return f"各项相加为{added:g}，总数为{total:.0f}" if added != total and abs(added - total) <= 0.3 * total else None


def _ratio(told: Sum) -> str | None:
    """Shares of all, which rounding leaves a tenth or two off at most."""
    added = _added(told)
    return f"三项相加为{added:g}，不是100" if 0.25 < abs(added - 100) < 10 else None


_WEIGH: dict[Form, Callable[[Sum], str | None]] = {
    Form.LISTED: _listed,
    Form.PAID: _paid,
    Form.ROW: _row,
    Form.DUE: _due,
    Form.RATIO: _ratio,
    Form.AMONG: _among,
    Form.SPLIT: _split,
}


def _number(told: Sum) -> float:
    return told.total.number or 0.0


def _added(told: Sum) -> float:
    return sum(part.number or 0.0 for part in told.parts)


def _of_one_unit(told: Sum) -> bool:
    return all(part.unit == told.total.unit for part in told.parts)
