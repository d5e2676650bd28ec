"""Enumerations of the field, with the Chinese words that people see (CONTRACT.md; LABELS.md gives the meanings)."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """Where an item comes from."""

    REPORT = "report"
    MEDIA = "media"
    OPINION = "opinion"

    @property
    def label(self) -> str:
        return {"report": "部门报送", "media": "媒体", "opinion": "网络舆情"}[self.value]


class Kind(StrEnum):
    """The kind of a department's report."""

    NORMAL = "normal"
    ZERO = "zero"
    FIRST = "first"
    FOLLOW_UP = "followup"
    FINAL = "final"

    @property
    def label(self) -> str:
        return {"normal": "普通", "zero": "零报告", "first": "首报", "followup": "续报", "final": "终报"}[self.value]


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


class Level(StrEnum):
    """Severity; I is the highest."""

    I = "I"  # noqa: E741 - the statutory name
    II = "II"
    III = "III"
    IV = "IV"

    @property
    def label(self) -> str:
        return {"I": "特别重大", "II": "重大", "III": "较大", "IV": "一般"}[self.value]


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


class Check(StrEnum):
    """What a finding is about."""

    SPECULATION = "speculation"
    EXAGGERATION = "exaggeration"
    VAGUE_SOURCE = "vague_source"
    GENERALISATION = "generalisation"
    NUMBER_MISMATCH = "number_mismatch"
    IMPOSSIBLE_DATE = "impossible_date"
    MISSING_TIME = "missing_time"
    MISSING_PLACE = "missing_place"
    MISSING_RESULT = "missing_result"
    TYPO = "typo"
    WORDING = "wording"
    TITLE_ORDER = "title_order"
    NUMBER_USAGE = "number_usage"
    PUNCTUATION = "punctuation"

    @property
    def label(self) -> str:
        return _CHECK_LABELS[self.value]


_CHECK_LABELS = {
    "speculation": "主观估计",
    "exaggeration": "人为拔高",
    "vague_source": "来源不明",
    "generalisation": "以点带面",
    "number_mismatch": "数字不符",
    "impossible_date": "日期有误",
    "missing_time": "缺时间",
    "missing_place": "缺地点",
    "missing_result": "缺成效",
    "typo": "错别字",
    "wording": "语病",
    "title_order": "职务称谓",
    "number_usage": "数字用法",
    "punctuation": "标点",
}


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


class Stage(StrEnum):
    """Where an incident stands."""

    PROVISIONAL = "provisional"
    PHONED = "phoned"
    FIRST = "first"
    FOLLOW_UP = "followup"
    FINAL = "final"

    @property
    def label(self) -> str:
        return {
            "provisional": "待核实",
            "phoned": "电话报告",
            "first": "首报",
            "followup": "续报",
            "final": "终报",
        }[self.value]


class Link(StrEnum):
    """Why an item was added to an incident; from the strongest evidence to the weakest."""

    LABEL = "label"
    NAME = "name"
    FIGURES = "figures"
    PLACE = "place"
    UNKNOWN_PLACE = "unknown_place"
    PERSON = "person"

    @property
    def label(self) -> str:
        return {
            "label": "同一事件编号",
            "name": "同一村组、道路",
            "figures": "数字相同",
            "place": "同一镇街、同类、同时",
            "unknown_place": "未写地点，同类同日仅此一件",
            "person": "人工并入",
        }[self.value]


class Side(StrEnum):
    """Whom a deadline of an incident binds, and towards whom."""

    DEPARTMENT = "department"
    CITY = "city"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        return {"department": "单位报区", "city": "区报市", "public": "对外发布"}[self.value]


class LedgerState(StrEnum):
    """What a department did on a day."""

    REPORTED = "reported"
    ZERO = "zero"
    LATE = "late"
    MISSING = "missing"
    AMENDED = "amended"
    EXCUSED = "excused"
    PENDING = "pending"
    """Nothing yet, and the cut-off has not passed: as seen at a moment, or after a report moved to another day."""

    @property
    def label(self) -> str:
        return {
            "reported": "已报",
            "zero": "零报告",
            "late": "迟报",
            "missing": "缺报",
            "amended": "已更正",
            "excused": "免报",
            "pending": "待报",
        }[self.value]


class DayKind(StrEnum):
    """What sort of day it is; a weekend day that is worked (调休) is a workday."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"

    @property
    def label(self) -> str:
        return {"workday": "工作日", "weekend": "周末", "holiday": "节假日"}[self.value]


class BulletinName(StrEnum):
    """The three bulletins; the value is the slug used in file names and addresses."""

    HUIYAO = "huiyao"
    YUQING = "yuqing"
    XINXI = "xinxi"

    @property
    def full_title(self) -> str:
        return {"huiyao": "今日章贡汇要", "yuqing": "今日重要舆情", "xinxi": "章贡信息"}[self.value]
