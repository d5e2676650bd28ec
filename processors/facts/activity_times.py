"""When a reported activity was: what is no harmful event has the time of what was done, held or announced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from processors.document import Document
from processors.facts.loose_times import COMPLAINT
from processors.facts.moments import Expression
from processors.facts.time_body import Body
from processors.facts.time_roles import ANALYSIS, ANNOUNCED_BEFORE, role_of
from processors.late import late
from processors.scan import Scan
from schemas.base import CHINA
from schemas.vocab import Lane, Precision

_REPLY = late(r"回复|答复|您好|收悉|网民")
_REPLIED = late(
    r"关于[^\n。]{2,30}的(?:回复|答复)|[^，。\n]{0,4}网[友民](?:[“\"：:]|您好)|您好|经(?:调查|核实|核查)，?(?:您|网民|网友|反映)"
)
"""How an office's answer to a citizen begins."""
_SAID_TO_BE = late(r"反映[^。]{0,120}(?:属实|问题|情况)|自[^。]{0,12}起停")
_DONE = late(
    r"已|完成|联系|协调|委托|支付|实行|约见|答复|清理|上门|现场|核查|整改|约谈|处理|受理|补录|组织|召开|开展|整治|检查|安排"
)
_ACTIVITY = late(
    r"召开|举行|举办|开展|组织|走访|启动|开工|签约|调研|检查|宣判|开庭|培训|慰问|开业|督查|督导|"
    r"视察|揭牌|部署|座谈|会议|会|讲话|批示|进驻|发布|演练|演习|比武|拉练|推演|强调|指出|提出|"
    r"表示|表态|主持|活动|核查|监测|取样|派人|公开|首演|开放|办起|祭扫|放行|填上|通车|下发|印发|"
    r"出台|审议|挂牌|交付|竣工|完工|抓获|查获|接待|捡到|婚礼|回应|赶赴|拆除|登记|公布|曝光|讲得|接热线|"
    r"起航|开馆|上线|启用|投用|颁奖|揭晓|开幕|闭幕|收官|欢迎|归来|办理|摆"
)
_MEETING = late(r"召开|会议|会上|[会办]$")
_ANALYSIS_TITLE = late(r"分析|预测|展望|研判|走势|复盘|盘点|景气|形势|去哪了|经济[：:]|账单|[？?]\s*$")
_PRESS = late(r"(?:电|讯|消息)(?=[ 　，。：:（(]|$)")
_DATELINE = late(_PRESS.pattern + r"|[^，。；]{0,4}的消息")
_LATELY = late(r"近日|日前|近期|前不久|连日")
"""What was lately is of no day, though it was learnt on one."""
HEADED = 4
"""Characters in front of a day that opens a report."""
EARLY = 30
"""Characters in which a day stands for what a report or an article is about, whatever follows."""
WINDOW = timedelta(days=6)
"""A longer activity is told of before its end; what began earlier is a span over which something was counted."""

SUMMED_UP = timedelta(days=30)
"""The same where a department's report opens with it: weeks and holidays are summed up so."""


_LEADER = late(r"书记|区长|县长|市长|省长|镇长|局长|主任|领导|负责人")


def notified(document: Document, scan: Scan, body: Body) -> Expression | None:
    """4月9日，省教育厅公布……: where nothing else is an activity, the notice at the head is what is reported."""
    text, begins = document.norm, document.shift
    first = body.get(0)
    if first is not None and first.start - begins <= EARLY and _PRESS.match(text, first.end):
        begins = first.end  # 本报7月12日讯 应急管理部今天通报
        first = body.get(1)
    if document.item.lane is Lane.OPINION or first is None or not first.stated_day or first.ranged:
        return None
    start = first.start
    if start - begins > EARLY or role_of(document, scan, first, harmful=False) != "report":
        return None
    if _DATELINE.match(text, first.end) or text[max(start - 2, 0) : start] == "针对":
        return None
    return None if _LATELY.search(text, document.shift, document.sentence_at(start)[1]) else first


_SINCE = late(r"起(?!火)|[^，。；]{0,24}?以来")


def since(document: Document, chosen: Expression) -> bool:
    """自9月18日行动开展以来: what began then is not what is told now."""
    return chosen.hour is None and _SINCE.match(document.norm, chosen.end) is not None


_LABELLED = late(r"[^名止电诉映报]时间[：:]$")
_FORECAST = late(r"预计|将有|可能|预报|预警")


def labelled(document: Document, times: Iterable[Expression]) -> Expression | None:
    """二、停课时间：11月23日: a notice that labels its time."""
    text = document.norm
    if document.item.lane is not Lane.REPORT or "时间" not in text:
        return None
    return next((one for one in times if one.day and _LABELLED.search(text, max(one.start - 4, 0), one.start)), None)


def announced(document: Document, scan: Scan, body: Body) -> Expression | None:
    """6月9日停课安排：……, 截至7月25日，……受理128家: a report that opens with a day and has no other is of that day."""
    first = body.get(0)
    if document.item.lane is not Lane.REPORT or first is None or not first.stated_day:
        return None
    within = {"plan": EARLY, "counting": HEADED}.get(role_of(document, scan, first, harmful=False), -1)
    if first.start - document.shift > within:
        return None
    start, end = document.sentence_at(first.start)
    return None if scan.has(ANALYSIS) or _FORECAST.search(document.norm, start, end) else first


_MEASURE = late(
    r"(?:许|左右|起)?[，,]?(?:针对)?[^，。；：\d]{0,16}?(?:启动|发布|升级|提升|终止|解除|变更|调整)[^，。；]{0,16}?(?:响应|预警|信号)"
    r"|(?:许|左右|起)?[，,]?将[^，。；：\d]{0,16}?(?:响应|预警|信号)[^，。；]{0,4}(?:升级|提升|降|调整|变更|上调|下调)"
)


def measure(document: Document, times: Iterable[Expression]) -> Expression | None:
    """21日至23日有暴雨……决定于21日9时启动应急响应: what was done is the response, not the rain to come."""
    text = document.norm
    if "响应" not in text and "预警" not in text:
        return None
    return next((one for one in times if one.hour is not None and _MEASURE.match(text, one.end)), None)


_OPENED = late(
    r"(?:许|左右|整)?[，,]?[^，。；]{0,4}(?:演练|演习|会议|大会|仪式|活动|比赛|开幕式)[^，。；]{0,4}(?:开始|打响|启动|拉开|模拟)"
)


def opened(document: Document, body: Body, chosen: Expression) -> Expression:
    """5月30日，……开展演练。上午9时30分，演练开始: the hour of that day at which it opened."""
    if chosen.hour is not None or chosen.ranged:
        return chosen
    later = body.after(chosen)
    if later is None or later.hour is None or later.day != chosen.day or later.stated_day:
        return chosen
    return later if _OPENED.match(document.norm, later.end) else chosen


def counted_over(document: Document, scan: Scan, chosen: Expression) -> bool:
    """1月1日至22日共发券486张: a window of counting that opened long before is the time of no activity."""
    moment = chosen.moment() if chosen.ranged and chosen.hour is None else None
    if moment is None:
        return False
    opens = document.item.lane is Lane.REPORT and chosen.start - document.shift <= EARLY
    summed_up = opens and not scan.has(ANALYSIS)
    return document.item.published_at - moment > (SUMMED_UP if summed_up else WINDOW)


def reported_activity(document: Document, scan: Scan, chosen: Expression) -> bool:
    """For what is no harmful event: only the time of a reported activity counts, not any day that is mentioned."""
    text = document.norm
    start, end = document.sentence_at(chosen.start)
    head = text[: document.shift] if document.shift else ""
    active = bool(_ACTIVITY.search(text[chosen.end : min(end, chosen.end + 40)]))
    if document.item.lane is Lane.OPINION and _REPLY.search(text, 0, document.shift + 60):
        return _DONE.search(text, chosen.end, min(end, chosen.end + 30)) is not None
    if document.item.lane is Lane.REPORT and _REPLIED.match(text):
        return _DONE.search(text, chosen.end, min(end, chosen.end + 30)) is not None and not _SAID_TO_BE.search(
            text, start, end
        )
    if document.item.lane is Lane.OPINION and COMPLAINT.search(text):
        return active and (start <= document.shift or "回复" in document.item.source)
    if "预警" in text or "展望" in text or "预报" in text:
        return True
    analysed = _ANALYSIS_TITLE.search(head) and not _MEETING.search(head.strip())
    if analysed or scan.count(ANALYSIS) >= 2:
        return active and not analysed
    if not chosen.stated_day:
        return chosen.start - document.shift <= 40 and chosen.precision is Precision.MINUTE
    early = document.item.lane is not Lane.OPINION and chosen.start - document.shift <= EARLY
    if document.item.lane is Lane.REPORT and "月" in text[chosen.start : chosen.end] and _just_now(document, chosen):
        return True
    first_sentence = early or chosen.start < document.sentence_at(document.shift)[1]
    return first_sentence or bool(_ACTIVITY.search(text[chosen.start : end]))


JUST_NOW = 2
"""Days before a report within which a day that it names is the day of what was done."""


def _just_now(document: Document, chosen: Expression) -> bool:
    """逐户教了两遍。9月22日走完最后一户: the date of yesterday or the day before, wherever it stands."""
    if chosen.day is None or chosen.ranged:
        return False
    apart = document.item.published_at.astimezone(CHINA).date() - chosen.day
    return timedelta(0) <= apart <= timedelta(days=JUST_NOW)


_ISSUED = late(r"(?:公布|发布|宣布|印发|召开)(?!的)")


def spoken(document: Document, scan: Scan, roles: list[tuple[Expression, str]]) -> Expression | None:
    """区委书记4月1日说: where a leader speaks, the time of speaking is the time of what is reported."""
    for expression, role in roles:
        if role == "report" and (expression.stated_day or expression.hour is not None):
            start, end = document.sentence_at(expression.start)
            issued = document.item.lane is not Lane.OPINION and expression.hour is None and expression.stated_day
            issued = issued and scan.count(ANALYSIS) < 2
            told = ANNOUNCED_BEFORE.search(document.norm[start : expression.start])
            if issued and not told and _ISSUED.search(document.norm, expression.end, min(end, expression.end + 30)):
                return expression
            if _LEADER.search(document.norm, max(start, expression.start - 20), expression.end + 12):
                return expression
    return None
