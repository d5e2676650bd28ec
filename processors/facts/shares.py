"""Rates, shares and changes of a hundred that the numbers beside them contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from processors.facts.counted import Amount, Slip
from processors.facts.numerals import NUMBER, value
from processors.facts.quantities import UNIT
from processors.late import late

_RATE = late(
    r"(?P<what>整改|办结|签约|完成|化解|合格|满意|达标|到位|解决|调解|回复|参与|接种|入住|出勤|立案|优良|优秀|及格|安装|开工|复工|中签|兑付|修复|上岗|返岗)率(?P<how>超过|达到?|为|是|已达)?(?P<r>[一二三四五六七八九]成|\d+(?:\.\d+)?%)"
)
_SHARE = late(
    r"[^，。；\d]{0,4}，占(?:比|总[数量额]的?|全部的?)?(?:(?P<r>\d+(?:\.\d+)?)%|(?P<tenths>[一二三四五六七八九])成)(?=[，。；、）]|$)"
)
_TENTHS = late(rf"占(?P<tenths>[一二三四五六七八九])成，(?:计|共|为|即|约)(?P<n>{NUMBER})(?P<u>人次|件次|{UNIT})")
_TENTH_OFF = 7.0
"""Points of a hundred by which 六成 is no longer a round word for a share."""
_CHAINED = late(
    rf"(?P<way>增加|减少|多|少|增|减)了?(?P<d>{NUMBER})(?P<u>{UNIT})，(?:同比|环比)?"
    r"(?P<change>(?:增长|上升|提高|增幅|下降|降低|降幅|减少|降|增加)[了达为]*(?P<x>\d+(?:\.\d+)?)%)"
)
AGAINST = late(
    rf"(?P<what>[一-龥]{{2}})(?:人数|数量|总量|总数|数|量)?(?:较|比)[^，。；\d]{{0,14}}(?P<a>{NUMBER})(?P<ua>{UNIT})"
    rf"(?P<change>(?P<way>增加|减少|上升|下降|多|少)了?(?P<d>{NUMBER})(?P<ud>{UNIT}))"
)


def rated(run: Sequence[Amount], sentence: str) -> Slip | None:
    """问题127个，已整改98个，整改率超过八成; 94件，其中61件，占74.9%; the amounts are of one unit."""
    for match in _RATE.finditer(sentence) if "率" in sentence else ():
        before = [one for one in run if one.end <= match.start() and one.exact and not one.moved]
        part = next((one for one in before[1:] if match["what"] in one.label), None)
        if part is None or "未" in part.label or part.number > before[0].number:
            continue
        real, said = part.number / before[0].number * 100, _percent(match["r"])
        if match["how"] == "超过":
            wrong = real < said - 0.5 or (match["r"].endswith("成") and real >= said + 10)
        else:
            wrong = match["r"].endswith("%") and abs(real - said) > _precision(match["r"])
        if wrong:
            message = f"{part.number:g}÷{before[0].number:g}＝{real:.1f}%，与“{match[0]}”不符"
            return match.start(), match.end(), message
    return None


def shared(run: Sequence[Amount], sentence: str) -> Slip | None:
    """8846件，网上4913件，占总量的46.5%; 153人次……占六成，计107人次."""
    for part in run[1:] if "占" in sentence else ():
        match = _SHARE.match(sentence, part.end)
        if match is not None:
            said = match["r"] or match["tenths"]
            span = (
                (match.start("r"), match.end("r") + 1)
                if match["r"]
                else (match.start("tenths"), match.end("tenths") + 1)
            )
        else:
            match = _tenths(sentence, part)
            if match is None:
                continue
            said, span = match["tenths"], (match.start("tenths"), match.end())
        before = [one for one in run if one.end <= part.start and one.number >= part.number]
        if not before or not part.exact or not all(one.exact for one in before):
            continue
        share = 10 * (value(said) or 0.0) if match["tenths"] else float(said)
        off = _TENTH_OFF if match["tenths"] else _precision(said)
        reals = [part.number / one.number * 100 for one in before]
        if (len(before) == 1 or min(reals) == max(reals)) and off < abs(reals[0] - share) < 30:
            message = f"{part.number:g}÷{before[0].number:g}＝{reals[0]:.1f}%，与所写{share:g}%不符"
            return *span, message
    return None


def _tenths(sentence: str, part: Amount) -> re.Match[str] | None:
    return next((match for match in _TENTHS.finditer(sentence) if match.start("n") == part.start), None)


def chained(run: Sequence[Amount], sentence: str) -> Slip | None:
    """由23例降到6例，减少17例，下降63.9%: the difference is right and its share is not."""
    for match in _CHAINED.finditer(sentence):
        difference, said = value(match["d"]), float(match["x"])
        before = [one.number for one in run if one.end <= match.start()][-4:]
        bases = {
            (max if match["way"] in ("减少", "少", "减") else min)(one, other)
            for index, one in enumerate(before)
            for other in before[index + 1 :]
            if difference and abs(abs(one - other) - difference) < 1e-6
        }
        if len(bases) != 1 or difference is None or not (base := bases.pop()):
            continue
        real = difference / base * 100
        if abs(real - said) > _precision(match["x"]):
            message = f"{difference:g}÷{base:g}＝{real:.1f}%，与“{match['change']}”不符"
            return match.start("change"), match.end("change"), message
    return None


def against(told: Sequence[Amount], sentence: str) -> Iterator[Slip]:
    """死亡14人……死亡人数较中午的8人增加5人: ``told`` are the amounts before the sentence."""
    for match in AGAINST.finditer(sentence):
        base, difference = value(match["a"]), value(match["d"])
        now = {one.number for one in told if one.exact and not one.moved and one.label.endswith(match["what"])}
        if base is None or difference is None or match["ua"] != match["ud"] or len(now) != 1:
            continue
        real = now.pop() - base
        if match["way"] in ("减少", "下降", "少"):
            real = -real
        if real > 0 and abs(real - difference) > 1e-6 and abs(real - difference) <= 0.3 * base:
            yield match.start("change"), match.end("change"), f"应为{match['way']}{real:g}{match['ud']}"


def _percent(text: str) -> float:
    return float(text[:-1]) if text.endswith("%") else 10 * (value(text[:-1]) or 0.0)


def _precision(text: str) -> float:
    return 0.11 if "." in text else 1.01
