"""Enumerations of the field, with the Chinese words that people see (CONTRACT.md; LABELS.md gives the meanings)."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A word of the field as programs write it (``value``) and as people read it (``label``), declared side by side."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        made = str.__new__(cls, value)
        made._value_ = value
        made.label = label
        return made


class Lane(Labelled):
    """Where an item comes from."""

    REPORT = "report", "部门报送"
    MEDIA = "media", "媒体"
    OPINION = "opinion", "网络舆情"


class Kind(Labelled):
    """The kind of a department's report."""

    NORMAL = "normal", "普通"
    ZERO = "zero", "零报告"
    FIRST = "first", "首报"
    FOLLOW_UP = "followup", "续报"
    FINAL = "final", "终报"


class Category(StrEnum):
    """The six categories of information, and 其他."""

    LEADER_THINKING = "领导思路"
    WORK_NEWS = "工作动态"
    PRACTICE = "典型经验"
    PROBLEM = "问题建议"
    URGENT = "急情要事"
    ANALYSIS = "分析预测"
    OTHER = "其他"


class EventClass(StrEnum):
    """The four statutory classes of emergencies (突发事件应对法)."""

    NATURAL = "自然灾害"
    ACCIDENT = "事故灾难"
    HEALTH = "公共卫生"
    SECURITY = "社会安全"


class Level(Labelled):
    """Severity; I is the highest."""

    I = "I", "特别重大"  # noqa: E741 - the statutory name
    II = "II", "重大"
    III = "III", "较大"
    IV = "IV", "一般"


class Precision(StrEnum):
    """How exactly an event time is stated."""

    MINUTE = "minute"
    HOUR = "hour"
    PERIOD = "period"
    DAY = "day"
    MONTH = "month"


class TimelinessVerdict(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    NOT_APPLICABLE = "not_applicable"


class TimelinessRule(StrEnum):
    SAME_DAY = "same_day"
    MAJOR_3H = "major_3h"
    EMERGENCY_NOW = "emergency_now"
    NONE = "none"


class Check(Labelled):
    """What a finding is about."""

    SPECULATION = "speculation", "主观估计"
    EXAGGERATION = "exaggeration", "人为拔高"
    VAGUE_SOURCE = "vague_source", "来源不明"
    GENERALISATION = "generalisation", "以点带面"
    NUMBER_MISMATCH = "number_mismatch", "数字不符"
    IMPOSSIBLE_DATE = "impossible_date", "日期有误"
    MISSING_TIME = "missing_time", "缺时间"
    MISSING_PLACE = "missing_place", "缺地点"
    MISSING_RESULT = "missing_result", "缺成效"
    TYPO = "typo", "错别字"
    WORDING = "wording", "语病"
    TITLE_ORDER = "title_order", "职务称谓"
    NUMBER_USAGE = "number_usage", "数字用法"
    PUNCTUATION = "punctuation", "标点"


class PiiKind(StrEnum):
    """Kinds of personal data that are masked before anything is stored."""

    PHONE = "phone"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"
    ADDRESS = "address"
    NAME = "name"
    HEALTH = "health"
    OTHER = "other"


class Sentiment(StrEnum):
    NEGATIVE = "neg"
    NEUTRAL = "neu"
    POSITIVE = "pos"


class Stage(Labelled):
    """Where an incident stands."""

    PROVISIONAL = "provisional", "待核实"
    PHONED = "phoned", "电话报告"
    FIRST = "first", "首报"
    FOLLOW_UP = "followup", "续报"
    FINAL = "final", "终报"


class Link(Labelled):
    """Why an item was added to an incident; from the strongest evidence to the weakest."""

    LABEL = "label", "同一事件编号"
    NAME = "name", "同一村组、道路"
    FIGURES = "figures", "数字相同"
    PLACE = "place", "同一镇街、同类、同时"
    UNKNOWN_PLACE = "unknown_place", "未写地点，同类同日仅此一件"
    PERSON = "person", "人工并入"


class Side(Labelled):
    """Whom a deadline of an incident binds, and towards whom."""

    DEPARTMENT = "department", "单位报区"
    CITY = "city", "区报市"
    PUBLIC = "public", "对外发布"


class LedgerState(Labelled):
    """What a department did on a day."""

    REPORTED = "reported", "已报"
    ZERO = "zero", "零报告"
    LATE = "late", "迟报"
    MISSING = "missing", "缺报"
    AMENDED = "amended", "已更正"
    EXCUSED = "excused", "免报"
    PENDING = "pending", "待报"
    """Nothing yet, and the cut-off has not passed: as seen at a moment, or after a report moved to another day."""


class DayKind(Labelled):
    """What sort of day it is; a weekend day that is worked (调休) is a workday."""

    WORKDAY = "workday", "工作日"
    WEEKEND = "weekend", "周末"
    HOLIDAY = "holiday", "节假日"


class BulletinName(Labelled):
    """The three bulletins; the value is the slug used in file names and addresses."""

    HUIYAO = "huiyao", "今日章贡汇要"
    YUQING = "yuqing", "今日重要舆情"
    XINXI = "xinxi", "章贡信息"

    @property
    def full_title(self) -> str:
        return self.label
