"""What a text counts once and tells again: the named dead of a stated number, parts of a round one, 另 beside the dead.

另有2人 is one more only beside another number of its own kind; here those are found that are told again.
"""

from __future__ import annotations

from processors.document import Document
from processors.facts.persons import mentions
from processors.facts.predicates import DEATHS, FAMILY, INJURED
from processors.facts.statements import Found, Statements
from processors.late import late

_AGED = late(r"[^，。；]{0,4}?[\d一二三四五六七八九十]{1,3}岁")
_NAMED_HURT = late(r"(?:受伤|伤势|重伤|轻伤|被困)(?:的)?(?:工人|人员|男子|女子|司机|乘客|村民|学生|者|员)")
_ABOUT = late(r"[余多]")
SPREAD = 1.3
"""Up to this many times a round number its exact parts may make."""


def told_again(document: Document, statements: Statements) -> None:
    """Mark those that repeat others, so that they are not added."""
    text = document.norm
    found = statements.found
    for index, one in enumerate(found):
        if not one.other or not one.figure or one.title:
            continue
        earlier = [before for before in found[:index] if not before.title and before.start < one.start]
        if not any(_family(before.kind) == _family(one.kind) for before in earlier):
            found[index] = one._replace(other=False)  # 造成40人丧生，另有13人失踪: beside the dead alone
        elif _named_hurt(text, one, earlier) or _of_those_dead(text, one, earlier) or _beside_the_dead(one, earlier):
            found[index] = one._replace(other=False)
        elif _of_a_round_number(document, one, earlier) or _rest_of_the_ill(one, earlier):
            found[index] = one._replace(part=True, other=False)


def _family(kind: str) -> str:
    return FAMILY.get(kind, kind)


def _named_hurt(text: str, one: Found, earlier: list[Found]) -> bool:
    """受伤1人。……另一名受伤工人骨折: the hurt were counted in a sentence before."""
    if one.figure != 1 or one.kind == DEATHS or not _NAMED_HURT.match(text, one.end):
        return False
    return any(_family(f.kind) == _family(one.kind) and f.figure and f.sentence < one.sentence for f in earlier)


def _of_those_dead(text: str, one: Found, earlier: list[Found]) -> bool:
    """其中2人死亡。……一名59岁的妇女不治身亡。另一名57岁的妇女死亡: each of those counted is described."""
    if one.kind != DEATHS or one.figure != 1 or not _AGED.match(text, one.end):
        return False
    dead = [before for before in earlier if before.kind == DEATHS and before.sentence < one.sentence and before.figure]
    counted = max((before.figure or 0 for before in dead), default=0)
    described = [before for before in dead if before.figure == 1 and _AGED.match(text, before.end)]
    return counted > 1 and len({before.start for before in described}) + 1 <= counted


def _beside_the_dead(one: Found, earlier: list[Found]) -> bool:
    """造成5人死亡，2人受伤。……4人当场死亡，另有2人受伤: 另 stands beside the dead of its sentence."""
    same = [before for before in earlier if before.sentence == one.sentence]
    dead = {before.start for before in same if before.kind == DEATHS}
    same = [before for before in same if before.kind == DEATHS or before.start not in dead]
    if not dead or any(_family(f.kind) == _family(one.kind) for f in same):
        return False
    return any(_family(f.kind) == _family(one.kind) and f.figure == one.figure for f in earlier)


def _of_a_round_number(document: Document, one: Found, earlier: list[Found]) -> bool:
    """40多名工人送医。……收治37名工人，另有10名: the number stated stands."""
    text = document.norm
    whole = [
        before.figure
        for before in earlier
        if before.figure and before.sentence < one.sentence and _family(before.kind) == _family(one.kind)
        and _ABOUT.search(text, before.start, before.end)
    ]  # fmt: skip
    if not whole:
        return False
    start, _ = document.sentence_at(one.start)
    parts = [mention.figure or 0 for mention in mentions(text[start : one.start])]
    total = sum(parts) + (one.figure or 0)
    return bool(parts) and any(number <= total <= number * SPREAD for number in whole)


def _rest_of_the_ill(one: Found, earlier: list[Found]) -> bool:
    """8人中毒，两人当场死亡，另6人送医: the whole less its dead."""
    if _family(one.kind) != INJURED:
        return False
    same = [before for before in earlier if before.sentence == one.sentence]
    dead = sum({before.start: before.figure or 0 for before in same if before.kind == DEATHS}.values())
    return dead > 0 and any(
        _family(before.kind) == INJURED and before.figure == dead + (one.figure or 0) for before in same
    )
