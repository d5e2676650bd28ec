"""A better time than the first: with the word of the onset, sharper, told later, of the slide and not of the rain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from processors.document import Document
from processors.facts.moments import Expression
from processors.facts.time_body import Body, near
from processors.facts.time_roles import ONSET, STRUCK, role_of
from processors.late import late
from processors.scan import Scan

SOON = 90
"""Characters behind a day in which a clock can sharpen it."""
BETTER = 3
"""Later times that may be the onset instead of a first one without a word of the onset."""
_STATED = late(r"时间是|发生(?:于|在)|事发|最后一?次[^，。；]{0,8}(?:信号|联系|通话|出现|看到)(?:是|在)")
_BEGAN = late(r"(?:许|左右|前后)?[，,]?(?:出头)?(?:的事|先是|那声|发生|起火|突发|突然|一声)")
_ON = late(r"开始|到现在|到这会|[一-龥]?就")
"""从九点二十我就没动过: behind a clock since which it has been so."""
_RESPONSE = late(r"抢险|救援|消防|民警|警方|记者|座谈|医护|施救|处置|达成|会商|还有人")
"""Between a day and a clock of that day: the clock is of the response, not of the onset."""
DAY = timedelta(days=1)


def clock_told_later(document: Document, scan: Scan, body: Body, chosen: Expression) -> Expression:
    """21日，……仓库坍塌。……21日14时56分，仓库突然坍塌: the hour of that day, told later with a word of the onset."""
    if chosen.hour is not None or chosen.ranged or chosen.day is None:
        return chosen
    rough: Expression | None = None
    for one in body:
        if rough is not None and (one.minute is None or not _same_hour(one, rough)):
            continue
        if one.hour is None or one.vague or one.day != chosen.day:
            continue
        if one.start <= chosen.start and not one.stated_day:
            continue
        if not _within_part(chosen.part, one.hour):
            continue
        role = role_of(document, scan, one, True)
        if role == "onset" and one.start > chosen.start and struck(document, body, one):
            if one.minute is not None:
                return one
            rough = one
        if role == "alarm" and rough is None and "记者" not in document.norm[one.end : one.end + 4]:
            return one
    return rough or chosen


_IT_WAS = late(
    r"(?:事故|事件|案件|火灾|火情|爆炸|坍塌|垮塌|塌方|地震|灾害|险情|中毒|滑坡|车祸|矿难|冲突|案|事)"
    r"(?:是|系)?(?P<happened>发生)?(?:时间)?(?:是|为|于|在)?(?:当地时间|北京时间|大?约)?$"
)
_HAPPENED = late(r"(?:许|左右|前后)?[，,]?发生")
_THAT_OF = late(
    r"(?:[上下中]午|凌晨|清晨|傍晚|晚上?|夜里?|深夜)?的?(?:这|那)?[起场次]?(?:特?大|较大|强)?"
    r"(?:爆炸|火灾|大火|山洪|洪灾|地震|滑坡|泥石流|坍塌|垮塌|车祸|踩踏|龙卷风|冰雹|沉船|空难|[^，。；]{2,6}事故)"
    r"(?!救援|处置|善后|扑救|调查|应急|预警|现场|发生)"
)
"""14日深夜的爆炸至此造成5人遇难: the day is the event's own."""
_OTHER = late(r"另|上一?次|上[起场]|此前|去年|类似")


def it_was(document: Document, scan: Scan, times: Iterable[Expression], chosen: Expression | None) -> Expression | None:
    """今日上午，……事故3月28日13时40分发生在某地: the sentence that says when it was, wherever it stands."""
    for one in times:
        if one is chosen or one.day is None:
            continue
        start, _ = document.sentence_at(one.start)
        told = _IT_WAS.search(document.norm, max(start, one.start - 16), one.start)
        then = told is not None and (told["happened"] or _HAPPENED.match(document.norm, one.end))
        if not then and not (one.stated_day and not one.named and _THAT_OF.match(document.norm, one.end)):
            continue
        if _OTHER.search(document.norm, start, one.start) or role_of(document, scan, one, True) != "onset":
            continue
        if chosen is None or chosen.day is None or one.day < chosen.day:
            return one
        if one.day == chosen.day and chosen.hour is None and one.hour is not None:
            return one
    return chosen


_HIT = late(
    STRUCK.pattern + r"|爆裂|砸下|折[断成]|[卷冲]走|滑[入落]|突降|突发|突然|突遇|大火|(?<!复)燃|炸|冒烟|引发|失事|失联|"
    r"失去联系|踩踏|伤人|枪击|开枪|行凶|坍|陷|断裂|下来了|决口|溃|进水|走失|遇险|搁浅|触礁|冲[入进向]|身亡|失去(?:了)?知觉|晕倒|昏迷|"
    r"相碰|碰撞|刮碰|龙卷|雷击|击中|摔[倒下]|打砸|肚子[疼痛]|不良反应|出现反应|"
    r"出现[^，。；]{0,6}(?:头[晕痛]|恶心|呕吐|腹[痛泻]|发[烧热]|症状|不适)|呕吐|腹[痛泻]|遭(?:遇|到)?[^，。；]{0,6}袭|被[^，。；]{0,8}(?:砸|压|埋|困|咬|蜇)"
)
_RAIN = late(r"降雨|暴雨|大雨|雨量|强降水|降水")
_SLIDE = late(r"滑坡|泥石流|崩塌|垮塌|坍塌|倒塌|塌方|塌陷|决口|溃[坝堤口]|翻沉|侧翻|触电")


def rain_before(document: Document, scan: Scan, body: Body, chosen: Expression) -> Expression:
    """8日22时至9日1时出现短时强降雨……9日凌晨突发山体滑坡: the rain was before the event."""
    text = document.norm
    _, end = document.sentence_at(chosen.start)
    if not _RAIN.search(text, chosen.end, end) or _SLIDE.search(text, chosen.end, end):
        return chosen
    for one in body:
        if one.start < end or one.day is None or not (one.stated_day or one.hour is not None):
            continue
        hit = _SLIDE.search(text, one.end, min(document.sentence_at(one.start)[1], one.end + 40))
        if hit and role_of(document, scan, one, True) == "onset" and not _RESPONSE.search(text, one.end, hit.start()):
            return one
    return chosen


_PARTS = (
    ("凌晨", 0, 7), ("晨", 4, 10), ("早", 4, 11), ("上午", 5, 13), ("中午", 10, 15), ("午", 11, 20), ("傍晚", 15, 21),
    ("晚", 16, 25), ("夜", 17, 25),
)  # fmt: skip


def _same_hour(one: Expression, other: Expression) -> bool:
    """晚上8点左右 and 19时48分 are one time."""
    minutes = (one.hour or 0) * 60 + (one.minute or 0) - (other.hour or 0) * 60
    return one.day == other.day and -30 <= minutes < 60


def _within_part(part: str, hour: int) -> bool:
    """Whether an hour can lie in a part of the day; without one any hour can."""
    return next((first <= hour < last for name, first, last in _PARTS if name in part), True)


def struck(document: Document, body: Body, one: Expression) -> bool:
    """Whether the clause behind a time tells that it happened then, before any word of the response."""
    following = body.after(one)
    limit = min(following.start if following is not None else len(document.norm), document.sentence_at(one.start)[1])
    found = _HIT.search(document.norm, one.end, min(limit, one.end + 90))
    return found is not None and not _RESPONSE.search(document.norm, one.end, found.start())


def better(document: Document, body: Body, onset: list[Expression], first: Expression) -> Expression:
    """Where the first time has no onset word in its clause but a later one of that day or before has, that is it."""
    if first.named or near(document, body, first):
        return first
    for expression in onset[1 : 1 + BETTER]:
        earlier = (
            first.day is None
            or expression.day is None
            or expression.named
            or (
                _before(expression, first)
                or (
                    expression.hour is not None
                    and expression.day == first.day
                    and _told_on(document, body, first, expression)
                )
            )
        )
        since = document.norm[expression.start - 1 : expression.start] in {"从", "自"}
        if since or document.norm.startswith("前一", expression.start):
            continue
        if earlier and near(document, body, expression):
            return expression
        if _struck_soon(document, body, first, expression) or _struck_next(document, body, first, expression):
            return expression
    return first


def _told_on(document: Document, body: Body, first: Expression, one: Expression) -> bool:
    """8时，王某驾车行驶，8时25分许失控撞向人群: what struck stands behind the second time of one sentence."""
    return one.start < document.sentence_at(first.start)[1] and struck(document, body, one)


SAME_STORY = 120
"""Characters behind a clock of no onset in which the clock of what struck stands."""


def _struck_soon(document: Document, body: Body, first: Expression, one: Expression) -> bool:
    """13时30分，民警传唤两人。14时45分，村民聚集砸车: the later clock of that day tells what happened."""
    if first.hour is None or one.hour is None or one.day != first.day or one.start - first.end > SAME_STORY:
        return False
    return struck(document, body, one) and not struck(document, body, first)


GLUED = 3
"""昨夜到今晨: one span, not two times."""
NEXT_MORNING = 60
"""Characters behind the day before in which the day stands on which it struck."""


def _struck_next(document: Document, body: Body, first: Expression, one: Expression) -> bool:
    """昨夜又落一场雨。今早6时许，半面山坡塌下来: what went before was on the day before."""
    if first.hour is not None or first.ranged or first.day is None or one.day != first.day + DAY or not one.stated_day:
        return False
    if not GLUED < one.start - first.end <= NEXT_MORNING or document.norm[one.start] not in "今次翌":
        return False
    return struck(document, body, one) and not struck(document, body, first)


def _before(one: Expression, first: Expression) -> bool:
    """Whether a time can replace the first: of an earlier day, or of that day and neither later nor coarser."""
    if one.day is None or first.day is None or one.day != first.day or first.hour is None:
        return one.day is not None and first.day is not None and one.day <= first.day
    return one.hour is not None and (one.hour, one.minute or 0) < (first.hour, first.minute or 0)


def sharpen(document: Document, onset: list[Expression], first: Expression) -> Expression:
    """昨晚，……，10点20分左右起火: the clock of the same day that follows soon is the onset's."""
    if first.hour is not None or first.ranged or first.day is None:
        return first
    _, sentence_end = document.sentence_at(first.start)
    for expression in onset:
        if (
            expression.start <= first.start
            or expression.hour is None
            or expression.day not in {first.day, first.day + DAY}
        ):
            continue
        same = expression.start < sentence_end
        if _RESPONSE.search(document.norm, first.end, expression.end + 12) and not _says_onset(document, expression):
            continue
        if expression.stated_day and expression.day != first.day:
            continue
        if (
            same
            and expression.start - first.end <= 60
            and (expression.start - first.end <= 20 or _goes_on(document, expression))
        ) or (expression.start - first.end <= SOON and _says_onset(document, expression)):
            return expression
    return first


def _goes_on(document: Document, expression: Expression) -> bool:
    return bool(ONSET.search(document.norm, expression.end, expression.end + 24))


def _says_onset(document: Document, expression: Expression) -> bool:
    after = document.norm[expression.end : expression.end + 10]
    since = document.norm[expression.start - 1 : expression.start] == "从" and _ON.match(after) is not None
    return since or stated(document, expression) or bool(_BEGAN.match(after))


def stated(document: Document, expression: Expression) -> bool:
    """Whether the words before a time say that it is the onset's: 事故发生在26日深夜."""
    return bool(_STATED.search(document.norm, max(expression.start - 8, 0), expression.start))
