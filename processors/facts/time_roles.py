"""What a time of a text is the time of: the onset, the alarm, a count, a plan, a report, the response, or history."""

from __future__ import annotations

from datetime import timedelta

from processors.document import Document
from processors.facts.moments import Expression
from processors.late import late
from processors.scan import Scan
from schemas.vocab import Kind

_COUNTING = late(
    r"(?:截至|截止|截止到|截至目前|直到|直至|持续(?:到|至)|(?<![自从由])至|到了?|"
    r"时间为?至|(?<=[\d日时点])[—–~～])(?:目前|今天|当地时间)?[（(]?$"
)
_COUNTING_ENDS = frozenset("至止到前直了—–~～天间（(\n")
"""With what every match of _COUNTING ends; its end may stand in front of a last line break."""
_PLANNED = late(
    r"(?:预计|计划|将于|将在|定于|拟于|拟在|力争|争取|确保|预定|约定|答应|承诺|有望|原定|应于|"
    r"须于|本来|原本|不晚于|明确|要求|报名|截止|另定|预约|今晚\d+时前|最迟)[^，。；]{0,8}$"
)
ANNOUNCED_BEFORE = late(r"(?:记者从|据|报讯|本报|讯|新华社[一-龥]{0,4}|中新[社网][一-龥]{0,4}|发布|更新)(?:了)?$")
_DATELINES = frozenset({"报讯", "讯"})
_TELLS = late(
    r"(?![^，。；]{0,14}(?:获悉|了解|采访|发布|公布|通报|消息|电[ 　，。（(]))"
    r"(?![^，。；]{0,3}[，,]?[^，。；]{0,8}记者)"
)
"""本报讯8月9日下午1时27分，…: what follows a dateline without a space is told, unless it is the asking."""
_REPORT_WORD = late(
    r"来电|电话(?!诈骗|会|要求|"
    r"里)|值班(?:员|室|来电|记录)|来人说|打来|发布会|发布(?!(?:了)?(?:暴雨|台风|高温|雷电|大风|"
    r"寒潮|冰雹|大雾|山洪|地质|森林|[一-龥]{0,6}预警))|通报|消息|获悉|公布|宣布|回应|披露|表示|介绍|证实|"
    r"透露|报道|致歉|道歉|交代|统计(?!局|部门|开放|数据|人员|调查)|汇总|"
    r"讯(?!息)|电(?=[ 　，。：:（(]|$)|报[：:]|晨报|日报|晚报|更新"
)
_REPORT_LEAD = late(r"(?:许|左右)?(?:[，,]\s?)?")
_REPORT_RUN = late(r"[一-龥“”（）()、0-9A-Za-z]{0,14}")
_CALL_AFTER = late(
    r"^(?:又|再)?(?:[一-龥]{0,10}?)(?:来电|电话|值班|来人|打来|报)?[：:]|^(?:又|"
    r"再)?[一-龥]{0,10}?(?:来电|打来|来人说)"
)
_SAID_AFTER = late(r"^(?:[上下]午|晚|晚间)?(?:说|称|宣称|估算|估计)[，,：:]")
_DIED = late(r"(?:抢救|医治|救治|治疗)无效[^，。；]{0,3}$")
_LEARNT_AFTER = late(r"^[^，。；]{0,3}[，,]?\s?(?:本报|本台|本网)?记者(?:从|获悉|了解|采访|自)")
"""昨日，记者从……获悉: the day is of the asking, not of the event."""
_LEARNT_BEFORE = late(r"记者$")
_LEARNT = late(r"^[^，。；]{0,3}?(?:从|在)?[^，。；]{0,16}?(?:获悉|了解到|采访|得知)")
_LETTER_AFTER = late(r"^[^，。；]{0,6}?的(?:留言|来信|反映|投诉|诉求|提问|来电|问题)")
_BRIEFED = late(r"[^，。；]{0,3}，?[^，。；]{0,24}?(?:召开|举行)[^，。；]{0,12}?(?:发布会|通气会|说明会|通报会)")
_BY_THEN = late(r"^(?:之)?(?:前(?!后|[一-龥]{0,2}方)|以前|止|为止|底)")
_ALARM_AFTER = late(
    r"^(?:许|左右|[一-龥]{0,2})?[，,]?[^，。；]{0,22}?(?:接到|接报|接警|接获|收到|"
    r"接[一-龥]{1,10}(?:报告|报警|电话|来电|求助)|报警[称说]|报告[称说])"
)
_CALLED_AFTER = late(r"^(?:许|左右|整)?[，,]?[^，。；：:]{0,14}?(?:打来电话|打电话|来电(?=[，,]))")
_PROGRESS_WORD = late(
    r"扑灭|熄灭|打熄|熄|控制(?!柜|室|器|阀|台|系统|中心)|恢复|结束(?![^，。；\d]{0,4}时)|获救|救出|捞(?=[起上出获到]|遗)|核实|"
    r"抵达|到达|赶到|赶至|到场|到位|散去|散了|人散|人走|返回|出院|脱困|脱险|解除|疏通|转出|转移完|"
    r"撤完|撤离完|全部|破门|做完|关断|出警|赶赴|停止|终止|收队|发稿|不治|去世|离世|关停|通行|堵漏|"
    r"回落|再报|找到|施救|完成|表态|送医|送达|清理(?:完|现场|结束)|现场清理|弄出来|遗体(?![抬停摆拉])|制服(?=[，。；了嫌歹])|解救|抓获|被抓|落网|搜救|搜寻|关阀|封堵|压下去|乘机飞往|驰援"
)
_END_WORD = late(
    r"扑灭|熄灭|打熄|熄|压下去|控制(?!柜|室|器|阀|台|系统|中心)住?|恢复|结束(?![^，。；\d]{0,4}时)|捞(?=[起上出获到]|遗)|散去|"
    r"散了|人散|人走|返回|出院|解除|疏通|转移完|撤完|收队|不治|去世|离世|通行|堵漏|回落|再报|找到|"
    r"完成|表态"
)
STRUCK = late(
    r"失控|坠|撞|起火|着火|爆炸|爆燃|塌|垮|翻|沉没|倾覆|滑坡|崩|发生|溺|落水|泄漏|追尾|脱轨|脱线|地震|袭击|中毒|捅|砍|刺|劫|冲突|交火"
)
_STRUCK_THEN = late(rf"(?:{STRUCK.pattern}|[卷冲]走|下[水河塘]|游泳)(?![^，。；]{{0,4}}(?:的|中|男|女|老人))")
"""落水男孩的遗体 tells of no falling then."""
_CARRIED = frozenset("抬停摆拉")
"""家属将遗体抬到医院: a protest, not the end of a search."""
_A_BODY = late(r"发现[^，。；]{0,3}[具名][^，。；]{0,8}$")
_LEAD = late(r"(?:许|左右|时分|[，,])*")
_STOP = late(r"[，。；、]")
_OF_EVENT = late(
    r"[^，。；、]{0,14}?(?:火灾|事故|爆炸|滑坡|地震|山火|坍塌|车祸|案件?)[^，。；、]{0,4}?(?:扑救|救援|搜救|处置|善后)"
)
"""11月18日红星村火灾扑救工作结束: the day is the event's, though the end is told."""
LONG_AGO = timedelta(days=300)
"""Before so many days nothing was done that is reported now."""
REACH = 14
"""Characters behind a time in which a word says what happened then."""
ONSET = late(
    r"发生|起火|突发|突然|爆炸|爆燃|闪爆|坍塌|垮塌|倒塌|相撞|追尾|侧翻|坠|滑坡|塌|冒烟|冒出|着火|"
    r"失火|(?<!复)燃|出现|发现|开始|起(?:[，有陆])|泄漏|倾覆|翻|撞|刮|遭遇|遭|登陆|测定|地震|聚集|断电|"
    r"停电|停水|停[梯摆]|沉没|挖[穿破断的]|溺|落水|失联|走失|感染|呕吐|中毒|被困|困|打架|捅|砍|刺|跳|时间是|事发|病"
)
_STILL_THEN = late(r"[^，。；\d]{0,2}还(?:好|是|在|没|能|有)")
_STILL_ON = late(r"[^，。；\d]{0,2}还在(?:冒|烧|着|燃|下|涨)")
_SIGNED = late(r"(?:报[一二三四五六七八九十\d]*|来电|电话|编辑)[（(]$")
_HAPPENED = late(r"^[一-龥]*(?:发生|起火)")
NOTHING, AFTERMATH, ANALYSIS = "facts.nothing", "facts.aftermath", "facts.analysis"


_ADMITTED = late(
    r"(?:许|左右|起)?[，,]?(?:[^，。；\d]{0,12}?医院|[^，。；\d]{0,4})?(?:陆续|先后|共)?(?:收治|接诊|送来|收入)"
)
"""今日14时35分送来环卫工1人: the hour at a hospital's door is of no onset, its day is."""


def role_of(document: Document, scan: Scan, expression: Expression, harmful: bool) -> str:
    """onset, alarm, or what else the time is of (counting, plan, report, progress)."""
    if expression.impossible and expression.day is None:
        return "impossible"
    moment = expression.moment()
    if moment is None:
        return "unknown"
    text = document.norm
    start, end = document.sentence_at(expression.start)
    before, after = (
        text[max(start, expression.start - 18) : expression.start],
        text[expression.end : min(end, expression.end + 40)],
    )
    if before[-1:] == "继" and "后" in text[expression.end : end]:
        return "history"  # 继昨天下午地震之后，今天早上再次地震
    if (before[-1:] in _COUNTING_ENDS and _COUNTING.search(before)) or _BY_THEN.match(after):
        return "counting"
    if "还" in after[:3] and _STILL_THEN.match(after) and (expression.hour is None or _STILL_ON.match(after)):
        return "history"  # 昨天还好好的
    if _PLANNED.search(before):
        return "plan"
    published = document.item.published_at
    local = published.astimezone(moment.tzinfo)
    if moment > published + timedelta(minutes=30) and moment.date() >= local.date():
        return "plan"
    tonight = expression.hour is None and expression.part in {"晚", "夜"} and moment.date() == local.date()
    if tonight and local.hour < 17:
        return "plan"
    if before[-1:] in {"（", "("} and _SIGNED.search(before) and after[:1] in {"）", ")"}:
        return "report"
    if expression.hour is not None and "电" in after and _CALLED_AFTER.match(after):
        return "alarm"
    if ("接" in after or "报" in after or "收到" in after) and _ALARM_AFTER.match(after):
        return "alarm"
    if harmful and expression.hour is not None and _ADMITTED.match(after):
        return "admitted"
    if _is_report(expression, before, after):
        return "report"
    if harmful and not expression.named:
        names_it = expression.hour is None and _OF_EVENT.match(after)
        role = "" if names_it else ("end" if _DIED.search(before) else _response(after))
        if role and not ("事发" in before or "发生于" in before):
            return role
    if expression.named and (not harmful or scan.has(AFTERMATH)):
        return "history"
    if harmful and published - moment > timedelta(days=120) and document.item.kind is not Kind.FINAL:
        return "history"
    if not harmful and published - moment > LONG_AGO:
        return "history"  # 2008年5月12日14时28分……九年过去
    return "onset"


def _is_report(expression: Expression, before: str, after: str) -> bool:
    if "会" in after and _BRIEFED.match(after):
        return True
    told = ANNOUNCED_BEFORE.search(before)
    if told and not (expression.named or _HAPPENED.match(after) or (told[0] in _DATELINES and _TELLS.match(after))):
        return True
    if _SAID_AFTER.match(after) or ("的" in after[:8] and _LETTER_AFTER.match(after)):
        return True
    if "记者" in after and _LEARNT_AFTER.match(after):
        return True
    if "记者" in before[-3:] and _LEARNT_BEFORE.search(before) and _LEARNT.match(after):
        return True
    called = "来" in after or "：" in after or ":" in after
    if called and expression.stated_day is False and _CALL_AFTER.match(after):
        return True
    lead = _REPORT_LEAD.match(after)
    start = lead.end() if lead else 0
    word = _REPORT_WORD.search(after, start)
    if word is None:
        return False
    run = _REPORT_RUN.match(after, start)
    return run is not None and word.start() <= run.end() and not ONSET.search(after[: word.end()])


def _response(after: str) -> str:
    """end or progress where the words behind a time speak of the response; empty otherwise."""
    body = after.find("遗体")
    searched = body >= 0 and after[body + 2 : body + 3] not in _CARRIED
    if searched and not _STRUCK_THEN.search(after, 0, body) and not _A_BODY.search(after, 0, body):
        return "end"
    lead = _LEAD.match(after)
    start = lead.end() if lead else 0
    word = _PROGRESS_WORD.search(after, start)
    if word is None:
        return ""
    stop = _STOP.search(after, start)
    last = min(start + REACH, stop.start() if stop else len(after))
    if word.start() > last:
        return ""
    ending = _END_WORD.search(after, start)
    return "end" if ending is not None and ending.start() <= last else "progress"
