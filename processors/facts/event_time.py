"""When it began: the onset of the event or of the reported activity, to the precision stated (LABELS.md "Event time").

Times of counting, reporting, rescue and announcement are not the onset; a time at which the alarm was received stands
in for the onset only where no other time is stated.
"""

from __future__ import annotations

from datetime import timedelta

from processors.document import Document
from processors.facts.activity_times import (
    announced,
    counted_over,
    labelled,
    measure,
    notified,
    opened,
    reported_activity,
    since,
    spoken,
)
from processors.facts.better_times import (
    BETTER,
    DAY,
    SOON,
    better,
    clock_told_later,
    it_was,
    rain_before,
    sharpen,
    stated,
    struck,
)
from processors.facts.loose_times import began_in, is_followup, lately, month, signed, today
from processors.facts.moments import Expression, each_expression
from processors.facts.time_body import Body, near
from processors.facts.time_roles import AFTERMATH, ANALYSIS, NOTHING, role_of
from processors.late import late
from processors.scan import Scan, ScannerBuilder
from schemas.assessment import EventTime
from schemas.vocab import Kind, Lane

HEAD = 450
"""Characters in which the onset is looked for: news and reports name it at the start."""
HEAD_OF_ACTIVITY = 200
"""The same for what is no event: a day named later is seldom the activity's."""
NOTICE_WITHIN = 30
"""Characters in which a notice or an advertisement says that it is one."""
_OF_IT = late(
    r"[^，。；]{0,16}?(?:火灾|事故|爆炸|滑坡|山火|坍塌|车祸|案|事件|中毒|洪|暴雨|积水|垮|沉|踩踏|地震|冲突|纠纷|险情|塌|疫)"
)
_DOTTED = late(r"\d[·.．•・]\d")
LATELY = timedelta(days=60)
"""Within so many days an event is spoken of by its day."""
_FIXED = late(r"(?:定于|拟于|将于|定在|计划于|拟在|组织|预约|明)")
_NOTICE = late(r"寻(?:狗|猫|物|人)?启事|招领|寻狗|寻猫|认领|【广告】|(?:^|\n)广告|直播间|\[剧本\]")
"""Lost and found, and advertisements: a day in them is of no activity."""
_RUMOUR = late(r"网传|流传|疯转|视频[^，。]{0,8}(?:吸引|引发|刷屏|热传)|聊天(?:记录|截图)|网上传播|传播的“|有人[讲说]“")
_DENIAL = late(r"经[^，。]{0,12}[核调查]证?查?实?，|核查|不实|假的|辟谣|行政处罚|没有发布过")
"""Where a rumour is refuted, its time is the time of nothing that happened."""
_ANALYSIS_WORDS = "同比 环比 预计 研判 测算 预测 分析 判断 展望 走势 趋势 苗头 概率 增速 降幅".split()
"""The text reads data or looks ahead."""
_NOTHING_WORDS = "零报告 无紧急 没有情况 一切正常 没有事情 无重要信息 无异常情况".split()
_AFTERMATH_WORDS = "调查报告 调查结果 一审 二审 判决 宣判 公诉 追责 问责 周年 表彰 祭".split()
"""Of an event long over: its own date is not the onset of what is told."""
_NOTICED = late(
    r"停[水电气]|封闭|施工|检修|接种|举[行办]|绕行|展出|降雨|雨量|雷雨|大风|暴雨|冰雹|降温|高温|征集|报名|检测"
)


def register(builder: ScannerBuilder) -> None:
    """Look for the words that tell what kind of text it is."""
    listed = ((NOTHING, _NOTHING_WORDS), (AFTERMATH, _AFTERMATH_WORDS), (ANALYSIS, _ANALYSIS_WORDS))
    for tag, words in listed:
        for word in words:
            builder.literal(tag, word)


def _refuted(text: str) -> bool:
    """Whether a rumour is told and denied; a cheap look at characters comes first."""
    told = "视频" in text or "传" in text or "转" in text or "聊天" in text or "有人" in text
    return told and _RUMOUR.search(text) is not None and _DENIAL.search(text) is not None


def find(document: Document, scan: Scan, *, harmful: bool) -> EventTime | None:
    """The onset, or None where it is not stated. ``harmful``: the text speaks of a harmful event."""
    item = document.item
    if item.kind is Kind.ZERO or (not harmful and scan.has(NOTHING)):
        return None
    if not harmful and item.lane is not Lane.REPORT and _refuted(document.norm):
        return None
    if (
        not harmful
        and item.lane is not Lane.REPORT
        and _NOTICE.search(document.norm, 0, document.shift + NOTICE_WITHIN)
    ):
        return None
    end = min(len(document.norm), document.shift + (HEAD if harmful else HEAD_OF_ACTIVITY))
    title, body = Body.split(each_expression(document.norm, item.published_at, end), document.shift)
    chosen = _choose(document, scan, body, harmful=harmful)
    if chosen is None and not is_followup(document):
        dated = [one for one in title if one.day is not None and role_of(document, scan, one, harmful) == "onset"]
        chosen = dated[0] if dated and (harmful or dated[0].named or body.get(0) is None) else None
    taken: Expression | None = None
    if harmful and not is_followup(document):
        chosen = it_was(document, scan, (*title, *body), chosen)
    if not harmful:
        taken = measure(document, (*body, *title)) or labelled(document, body)
        if chosen is None or since(document, chosen):
            chosen = notified(document, scan, body) or chosen
        chosen = taken or chosen or announced(document, scan, body)
    if chosen is not None and not chosen.stated_day and lately(document, chosen):
        return None
    if harmful and (chosen is None or _is_part(document, chosen)) and (begun := began_in(document)):
        return begun
    if chosen is None:
        spoken_of = any(_speaks_of_a_day(document, scan, one) for one in (*title, *body))
        return (month(document, scan) or signed(document)) if not harmful else (None if spoken_of else today(document))
    if (
        not harmful
        and taken is None
        and (counted_over(document, scan, chosen) or not reported_activity(document, scan, chosen))
    ):
        chosen = notified(document, scan, body)
        if chosen is None:
            return signed(document)
    if not harmful:
        chosen = opened(document, body, chosen)
    else:
        chosen = _nicknamed(document, title, body, chosen)
        chosen = rain_before(document, scan, body, chosen)
        chosen = clock_told_later(document, scan, body, chosen)
        if _in_passing(document, body, chosen):
            return None
    chosen = _in_beijing(document, body, chosen)
    moment = chosen.moment()
    return None if moment is None else EventTime(start=moment, precision=chosen.precision)


def _speaks_of_a_day(document: Document, scan: Scan, one: Expression) -> bool:
    """Whether a day is named on which it may have been: no 明天 to come and no 昨天还好好的."""
    if one.impossible:
        return True
    spoken = one.stated_day and one.day is not None
    return spoken and role_of(document, scan, one, True) not in {"plan", "history"}


def _is_part(document: Document, chosen: Expression) -> bool:
    """其中9月17日，……滑坡: one of several of which the whole began before."""
    return document.norm.startswith("其中", max(chosen.start - 2, 0))


def _nicknamed(document: Document, title: list[Expression], body: Body, chosen: Expression) -> Expression:
    """今天下午3时15分，“3·26”冒顶事故救援取得进展: the event has its day in its name."""
    if chosen.named or chosen.day is None or not _DOTTED.search(document.norm) or near(document, body, chosen):
        return chosen
    for one in (*title, *body):
        if one.named and one.day is not None and one.day < chosen.day and _OF_IT.match(document.norm, one.end):
            return one if chosen.day - one.day <= LATELY else chosen
    return chosen


_BEIJING = late(r"[（(，,]\s?(?:即|相当于)?北京时间")


def _in_beijing(document: Document, body: Body, chosen: Expression) -> Expression:
    """当地时间19日22时（北京时间20日5时）: the moment as it was in China."""
    if not _BEIJING.match(document.norm, chosen.end):
        return chosen
    other = body.after(chosen)
    return other if other is not None and other.start - chosen.end <= 12 else chosen


def _choose(document: Document, scan: Scan, body: Body, *, harmful: bool) -> Expression | None:
    roles: list[tuple[Expression, str]] = []
    onset: list[Expression] = []
    first: Expression | None = None
    enough = 1
    for expression in body:
        if len(onset) >= enough and first is not None and expression.start - onset[enough - 1].end > SOON:
            break
        role = role_of(document, scan, expression, harmful)
        if not harmful and not roles and document.norm[expression.start] in "当同":
            continue  # 谁当天进城谁带着去: no day is spoken of
        if harmful and roles and role == "onset" and _CONVENED.match(document.norm, expression.end):
            role = "report"  # 3日起火……昨天上午，市政府召开安全工作会议
        roles.append((expression, role))
        if role != "onset" or not _may_begin(document, body, expression):
            continue
        onset.append(expression)
        if first is None and (expression.stated_day or expression.hour is not None):
            first = expression
            if _settled(document, body, first, harmful):
                return first
            sure = not harmful or first.named or near(document, body, first)
            enough = len(onset) if sure else len(onset) + BETTER
    if not onset:
        return _fallback(document, scan, roles, harmful) or (None if harmful else spoken(document, scan, roles))
    first = first or onset[0]
    if harmful:
        first = better(document, body, onset, first)
        first = _called_before(document, scan, body, first)
    return sharpen(document, onset, first)


def _called_before(document: Document, scan: Scan, body: Body, first: Expression) -> Expression:
    """下午3时将五人救下。前晚7时许接到求助: an hour without a word of the onset gives way to an earlier call."""
    begun = first.moment()
    if first.hour is None or begun is None or near(document, body, first) or struck(document, body, first):
        return first
    for one in body:
        called = one.moment() if one.hour is not None and one.start != first.start else None
        if called is None or not DAY > begun - called > timedelta(0):
            continue
        if role_of(document, scan, one, True) == "alarm":
            return one
    return first


def _may_begin(document: Document, body: Body, expression: Expression) -> bool:
    """A follow-up names the event's day in passing: there a bare clock needs a word of the onset."""
    if not is_followup(document):
        return True
    if near(document, body, expression) and struck(document, body, expression):
        return True
    if not expression.stated_day or expression.named:
        return False
    if _OF_IT.match(document.norm, expression.end):
        return True
    return expression.hour is None and document.norm[expression.start] not in "今昨前当明"


def _settled(document: Document, body: Body, first: Expression, harmful: bool) -> bool:
    """Whether no later time can be better or sharper: most texts need no more roles."""
    if first.hour is None and not first.ranged and first.day is not None:
        return False
    return not harmful or first.named or near(document, body, first)


def _fallback(document: Document, scan: Scan, roles: list[tuple[Expression, str]], harmful: bool) -> Expression | None:
    """Without an onset: the alarm's time, else a rescue's or an arrival's, else, for what is planned, the plan's."""
    if any(role == "impossible" for _, role in roles):
        return None
    if scan.has(AFTERMATH):
        announced = [expression for expression, role in roles if role == "report" and expression.stated_day]
        return announced[0] if announced else None
    wanted = ["admitted", "alarm"]
    at_the_desk = document.item.lane is Lane.REPORT  # 12:28接警，12:37到场: of the day of the note
    if not is_followup(document):
        wanted += ["plan"] if document.item.lane is Lane.MEDIA else ["progress", "plan"]
    for role in wanted:
        for expression, found in roles:
            if role == "plan" and harmful and document.norm[expression.start] in "明后":
                continue  # 说明天就不让取了
            noticed = expression.ranged and _NOTICED.search(document.norm, expression.end, expression.end + 60)
            fixed = (
                role != "plan"
                or noticed
                or _FIXED.search(document.norm[max(expression.start - 12, 0) : expression.start + 1])
            )
            if role == "admitted" == found:
                return expression._replace(hour=None, ranged=False)
            if found == role and fixed and (expression.stated_day or role == "progress" or at_the_desk):
                return expression
    return None


PASSING = 100
"""Characters behind which a day without a word of the onset is of something told in passing."""


def _in_passing(document: Document, body: Body, chosen: Expression) -> bool:
    """连日暴雨导致滑坡，107人被埋。……今天，当地又下起了雨: a day named later, of which no onset is told."""
    if chosen.hour is not None or chosen.named or chosen.start - document.shift < PASSING:
        return False
    if document.norm[chosen.start - 1] == "\n":
        return False
    told = near(document, body, chosen) or struck(document, body, chosen) or stated(document, chosen)
    return not told and _OF_IT.match(document.norm, chosen.end) is None


_CONVENED = late(r"[^，。；]{0,3}，?[^，。；]{0,20}?召开[^，。；]{0,20}?会")
