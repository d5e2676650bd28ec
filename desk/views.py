"""How documents are shown: filters and names for the templates, and marks in texts. Everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from desk.index import MARK_BEGIN, MARK_END
from processors.fold_items import ItemStatus
from schemas.alert import AlertReason, Outcome
from schemas.base import CHINA
from schemas.case import CaseKind, CaseState, CaseVerdict
from schemas.vocab import Category, Check, Kind, Lane, LedgerState, Level, Precision, Stage

FIGURES = {
    "deaths": "死亡",
    "missing": "失踪",
    "trapped": "被困",
    "injured": "受伤",
    "serious_injuries": "其中重伤",
    "evacuated": "转移",
    "participants": "聚集",
    "households": "影响户数",
    "direct_loss": "直接损失（万元）",
    "magnitude": "震级",
    "area_forest": "受害森林（公顷）",
}
_OUTCOMES = {
    Outcome.DELIVERED: "已送达",
    Outcome.FAILED: "未送达",
    Outcome.UNKNOWN: "是否送达不明",
    Outcome.NOT_SENT: "旧消息，未发送",
    Outcome.RECEIVED: "已收到",
    Outcome.UNDELIVERABLE: "未能送到",
}
_SETTLED = (Outcome.DELIVERED, Outcome.RECEIVED, Outcome.NOT_SENT)
_ALERT_REASONS = {
    AlertReason.NEW: "首次",
    AlertReason.LEVEL_CHANGED: "级别变化",
    AlertReason.FIGURES_CHANGED: "数字变化",
    AlertReason.STAGE_CHANGED: "阶段变化",
    AlertReason.ALL_CLEAR: "解除",
}
ACTION_NAMES = {
    "accept": "采用", "return": "退回", "edit": "修改", "categorise": "改类别", "merge": "并入", "split": "拆分",
    "assign": "转办", "confirm": "确认", "reject": "不采用", "acknowledge": "签收", "excuse": "免报", "close": "办结",
    "reopen": "重新办理", "undo": "撤销", "erase": "删除", "subscribe": "订阅", "unsubscribe": "退订",
    "silence": "静默", "unsilence": "取消静默", "explain": "单位说明", "score": "计分", "appeal": "申诉",
    "report_up": "上报", "phone": "电话记录", "set_duty": "调整报送要求", "instruct": "批示", "answer": "反馈",
    "remind": "催办", "check": "回访", "withdraw": "撤回", "request": "约稿",
}  # fmt: skip
_FIELD_NAMES = {
    "action": "处理方式", "as_of": "截至时刻", "body": "内容", "category": "类别", "channel": "通道",
    "corrects": "更正的分录", "cursor": "翻页", "day": "日期", "deadline": "办理时限", "department": "单位",
    "from": "开始日期", "key": "计分项", "month": "月份", "name": "账号", "owner": "承办单位", "points": "分值",
    "q": "检索词", "reason": "理由", "revision": "其间", "satisfied": "回访结果", "source": "单位", "text": "正文",
    "title": "标题", "to": "结束日期", "verdict": "认定",
}  # fmt: skip
"""Of fields in errors; ``revision`` tells what others decided since the page was made."""
_AUDIT = {
    "login": "登录", "login_failed": "登录失败", "account_created": "新建账号", "password_reset": "重置密码",
    "password_changed": "修改密码", "login_expired": "一次性密码过期", "role_changed": "改角色",
    "mark_set": "设置统一身份标识",
    "account_disabled": "停用账号", "account_enabled": "启用账号",
    "key_made": "生成密钥", "decided": "处理", "bulletin_begin": "开始编排", "bulletin_propose": "送签",
    "bulletin_sign": "签发", "bulletin_back": "退回编排", "bulletin_publish": "刊发", "bulletin_correct": "勘误",
    "bulletin_withdraw": "撤回刊物", "bulletin_abandon": "放弃勘误",
    "commissioned": "约稿", "exported": "导出信息", "mail_again": "重发刊物",
    "instruction_entered": "登记上级批示",
    "instructed": "批示", "instruction_step": "批示件办理",
}  # fmt: skip
_CHANNELS = {
    "log": "本机日志",
    "sms": "短信",
    "mail": "邮件",
    "wecom": "企业微信",
    "dingtalk": "钉钉",
    "feishu": "飞书",
}
"""Channels of alerts.toml by their usual names; others as they are named there."""
_RULE_GROUPS = {"event": "突发事件用语", "evidence": "现场线索", "category": "类别线索"}
"""Of a rule whose concept has no name of its own."""


@lru_cache(maxsize=10_000)
def clock(value: str | None) -> str:
    """11月20日 14:52"""
    if not value:
        return ""
    moment = datetime.fromisoformat(value).astimezone(CHINA)
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def short_day(value: str) -> str:
    """11月20日, of 2026-11-20."""
    day = date.fromisoformat(value)
    return f"{day.month}月{day.day}日"


def time_of_day(value: str | None) -> str:
    """14:52"""
    return f"{datetime.fromisoformat(value).astimezone(CHINA):%H:%M}" if value else ""


def onset(event_time: Mapping[str, Any]) -> str:
    """When it happened, no more exactly than was stated: 11月20日8时许, 11月20日, 2026年11月."""
    moment = datetime.fromisoformat(event_time["start"]).astimezone(CHINA)
    match Precision(event_time["precision"]):
        case Precision.MINUTE:
            return f"{moment.month}月{moment.day}日 {moment:%H:%M}"
        case Precision.HOUR | Precision.PERIOD:
            return f"{moment.month}月{moment.day}日{moment.hour}时许"
        case Precision.DAY:
            return f"{moment.month}月{moment.day}日"
        case Precision.MONTH:
            return f"{moment.year}年{moment.month}月"


def figures(facts: Mapping[str, Any] | None) -> str:
    """The stated figures in a line; what was not stated is left out."""
    stated = [(name, (facts or {}).get(key)) for key, name in FIGURES.items()]
    return "，".join(f"{name}{number:g}" for name, number in stated if number is not None)


def lag(seconds: int | None) -> str:
    """How long ago: 不到1分钟, 12分钟, 3小时, 2天."""
    if seconds is None:
        return "从未"
    for unit, name in ((86_400, "天"), (3_600, "小时"), (60, "分钟")):
        if seconds >= unit:
            return f"{seconds // unit}{name}前"
    return "刚刚"


def file_size(size: int) -> str:
    """820 KB, 3.4 MB"""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"


def health_reason(reason: str) -> str:
    """Why a source does not do as it should, for people of the office; what nobody foresaw is for the administrator."""
    for pattern, words in _HEALTH:
        if found := pattern.search(reason):
            return words.format(*found.groups())
    return reason if any(sign > "\u2e7f" for sign in reason) else f"采集异常，请告诉管理员（{reason[:60]}）"


_HEALTH = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"robots\.txt forbids", "对方网站（robots.txt）不许采集其中的页面，已略过"),
        (r"robots\.txt asks for (\S+) s", "对方网站要求每{0}秒才取一页，采集不了"),
        (r"robots", "对方网站的 robots.txt 读不到，先不采集"),
        (r"(\d+) of (\d+) posts are doubtful", "页面结构可能变了：{1}条里{0}条读不准，一条也没有取"),
        (r"^post .+: ", "有个别帖子读不准，已略过"),
        (r"none of (\d+) entries", "{0}条里没有一条能用"),
        (r"character set|broken characters", "网页编码读不出"),
        (r"not a feed|not a readable feed", "取回的不是订阅内容，地址可能变了"),
        (r"does not resolve|has no address", "网站地址找不到"),
        (r"(?:HTTP|status) (\d{3})", "对方网站答复 {0}"),
        (r"(?i)time[d ]*out", "对方网站没有及时答复"),
        (r"is not among the hosts|not listed", "页面指向没有登记的网站，没有跟过去"),
    )
)


def safe_url(url: str) -> str:
    """Only web addresses become links: a javascript: address of a feed leads nowhere."""
    return url if url.startswith(("http://", "https://")) else "#"


def found_words(text: str) -> Markup:
    """What a search found, escaped, its words marked."""
    begun, *rest = str(escape(text.strip())).split(MARK_BEGIN)  # plain: parts of Markup would each be made Markup again
    parts = [part.partition(MARK_END) for part in rest]
    return Markup(begun + "".join(f'<mark class="hit">{word}</mark>{tail}' for word, _, tail in parts))  # noqa: S704


def last_attempts(deliveries: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """The last attempt to reach each person by each channel; they come in order of time.

    What arrived, or was left out on purpose, is shown once for a channel; what did not or may not have, for everybody.
    """
    last = {(one.get("recipient") or "", one["channel"]): one for one in deliveries or []}
    shown: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for (who, channel), one in last.items():
        shown["" if one.get("outcome") in _SETTLED else who, channel, one.get("outcome", "")] = one
    return list(shown.values())


def recipient_name(recipient: str, names: Mapping[str, str]) -> str:
    """Who was told, as people call them: 联络员:U064 is the liaison of a department of ``names``."""
    post, _, department = recipient.partition(":")
    return f"{names[department]}{post}" if department in names else recipient


def rule_name(rule: str, names: Mapping[str, str]) -> str:
    """What a rule is called: by its concept (``category.harm``), else by its group, else its id."""
    group, _, concept = rule.partition(".")
    return names.get(concept) or _RULE_GROUPS.get(group, rule)


Span = tuple[int, int, str, str]
"""(start, end, class, title), offsets half-open in code points."""


def marked(text: str, spans: Sequence[Span], prefix: str = "") -> Markup:
    """The text, escaped, with spans marked; of overlapping ones the first given. Ids are ``prefix`` and the offset."""
    chosen: list[Span] = []
    for span in spans:
        fits = 0 <= span[0] < span[1] <= len(text)
        if fits and all(span[1] <= other[0] or other[1] <= span[0] for other in chosen):
            chosen.append(span)
    parts: list[Markup] = []
    last = 0
    for start, end, kind, title in sorted(chosen):
        mark = Markup('<mark id="{}{}" class="{}" title="{}">{}</mark>').format(
            prefix, start, kind, title, text[start:end]
        )
        parts += [escape(text[last:start]), mark]
        last = end
    return Markup("").join([*parts, escape(text[last:])])


def spans_of(item: Mapping[str, Any], field: str, names: Mapping[str, str]) -> list[Span]:
    """What is marked in a field: findings first, then why it is an emergency, then why the category; of evidence the
    longer before the shorter (山体滑坡 before 山体), and no single letter, which tells a reader nothing."""
    found = [
        (f["start"], f["end"], "finding", f"{Check(f['check']).label}：{f['message']}")
        for f in item.get("findings") or []
        if f["field"] == field
    ]
    emergency = (item.get("emergency") or {}).get("reasons") or []
    for kind, reasons in (("emergency", emergency), ("category", item.get("reasons") or [])):
        own = [(r["start"], r["end"], kind, rule_name(r["rule"], names)) for r in reasons if r["field"] == field]
        found += sorted((one for one in own if one[1] - one[0] > 1), key=lambda one: one[0] - one[1])
    return found


def environment() -> Environment:
    """The templates with their filters and names."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a look at every file of a page, each time, for templates that change with the release
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clock": clock,
        "short_day": short_day,
        "time_of_day": time_of_day,
        "onset": onset,
        "figures": figures,
        "figure_name": lambda key: FIGURES.get(key, key),
        "health_reason": health_reason,
        "lag": lag,
        "size": file_size,
        "safe_url": safe_url,
        "found_words": found_words,
        "last_attempts": last_attempts,
        "rule_name": rule_name,
        "recipient": recipient_name,
        "channel_name": lambda channel: _CHANNELS.get(channel, channel),
    }
    made.globals |= {
        "lane_names": {one.value: one.label for one in Lane},
        "kind_names": {one.value: one.label for one in Kind},
        "level_names": {one.value: one.label for one in Level},
        "stage_names": {one.value: one.label for one in Stage},
        "case_states": {one.value: one.label for one in CaseState},
        "case_kinds": {one.value: one.label for one in CaseKind},
        "case_verdicts": {one.value: one.label for one in CaseVerdict},
        "state_names": {one.value: one.label for one in LedgerState},
        "check_names": {one.value: one.label for one in Check},
        "status_names": {one.value: one.label for one in ItemStatus},
        "outcome_names": {one.value: name for one, name in _OUTCOMES.items()},
        "alert_reasons": {one.value: name for one, name in _ALERT_REASONS.items()},
        "action_names": ACTION_NAMES,
        "audit_names": _AUDIT,
        "field_names": _FIELD_NAMES,
        "verdict_names": {"on_time": "按时", "late": "迟报", "not_applicable": "不计时限"},
        "category_choices": [(one.value, one.value) for one in Category],
    }
    return made
