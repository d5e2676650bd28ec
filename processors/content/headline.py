"""A title's number of things that the text gives with one slip of the pen: 劝离69台次 over a text of 96台次."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processors.content.changes import Slip
from processors.document import Document
from processors.facts.numerals import value
from processors.facts.quantities import ROUND, WIDE_UNIT
from processors.late import late

_COUNT = late(rf"(?<![\d.第至到—～-])(?P<n>\d{{1,6}}(?:\.\d+)?)(?P<u>{WIDE_UNIT})(?P<of>[一-龥]{{0,3}})")
_PEOPLE = late(r"[人名户]")
_LOOSE = late(rf"{ROUND}|破")
_DENIED = late(r"网传|误|更正|标题|[？?]")


def find(document: Document) -> Iterator[Slip]:
    """At most one number of the title; people are counted by ``processors.facts``."""
    if not document.shift or _DENIED.search(document.norm, 0, document.shift):
        return
    title, body = document.norm[: document.shift], document.norm[document.shift :]
    for said in _COUNT.finditer(title):
        around = title[max(said.start() - 2, 0) : said.end("u") + 1]
        if (
            _PEOPLE.search(said["u"])
            or _LOOSE.search(around)
            or re.search(rf"(?<![\d.]){re.escape(said['n'])}(?![\d.])", body)
        ):
            continue
        told = [one for one in _COUNT.finditer(body) if one["u"] == said["u"]]
        alike = [one for one in told if _is_slip(said, one)]
        if any(value(one["n"]) == value(said["n"]) for one in told) or len({one["n"] for one in alike}) != 1:
            continue
        if not _LOOSE.search(body[max(alike[0].start() - 2, 0) : alike[0].end("u") + 1]):
            yield Slip(said.start(), said.end("u"), f"正文为{alike[0]['n']}{alike[0]['u']}")
            return


def _is_slip(said: re.Match[str], told: re.Match[str]) -> bool:
    """Two figures changed places, or one is another; of a single figure the things counted must be named alike."""
    one, other = said["n"], told["n"]
    if len(one) != len(other) or one == other:
        return False
    if len(one) == 1:
        return len(said["of"]) > 1 and said["of"][:2] == told["of"][:2]
    wrong = [index for index, figure in enumerate(one) if figure != other[index]]
    swapped = (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and one[wrong[1]] == other[wrong[0]]
    )
    return swapped or (len(wrong) == 1 and len(said["of"]) > 1 and said["of"][:2] == told["of"][:2])
