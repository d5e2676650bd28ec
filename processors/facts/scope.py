"""What a sentence speaks of: the event itself, or history, statistics, a drill, a hypothesis, a court case, fiction.

Figures count only where the event itself is spoken of (LABELS.md "Figures", SPEC 7.4).
"""

from __future__ import annotations

from processors.document import Document
from processors.late import late
from processors.scan import Scan, ScannerBuilder
from schemas.vocab import Kind

RECENT_DAYS = 62
"""A date with its year counts as the event's where it lies at most two months back: older ones are history (SYN)."""

_PAST = late(
    r"去年|前年|上年|往年|历年|同期|(?:近[一二两三四五六七八九十几数\d]*年|[一二两三四五六七八九十几数\d]+年(?:间|来|内)|多年来)(?![^，。；]{0,8}(?:最|首|第|罕见|未遇|一遇|严重))|"
    r"年前|历史上|[曾](?:经|于|发生|造成|因|有|"
    r"致)|以往|当年|早些年|那年|上世纪|民国|年代"
)
_EVER = late(r"年|同期|历史上|曾|以往|上世纪|民国")
"""What every match of _PAST has; each branch begins with a character, so that the search skips to them."""
_YEAR = late(r"(?<!\d)((?:19|20)\d\d)年(?:(\d{1,2})月)?")
_OWN_DATE = late(r"(?<![\d年])\d{1,2}月\d{1,2}日\d{1,2}[时:：]")
"""2018年一起未破的案件，12月10日22时嫌疑人落网: what is told is of now."""
_COUNTED = r"[^。；]{0,30}(?:\d|[一二三四五六七八九十百])+(?:起|件|批|例)"
_STATISTICS = late(
    r"同比|环比|较去年|较上年|比上年|人次|年均|月均|平均每|共接报[^，。；]{0,8}(?:起|警情)|共发生[^，。]{0,12}(?<!多)起|"
    + "|".join(
        span + _COUNTED
        for span in ("全年", "上半年", "今年以来", "年以来", r"前[一二三四五六七八九十\d]+个?月", "季度")
    )  # each branch begins with a character
)
_GONE_WRONG = late(
    r"意外(?!险)|突发情况|突发状况|失控|假戏真做|弄假成真|误将|不慎|突然[^，。“”]{0,6}(?:爆|崩|裂|"
    r"倒|坠|断|垮|塌|晕|摔)|崩裂|爆裂|叫停|中止|真的(?:着|起|受|出)"
)
COURT, UNREAL = "facts.court", "facts.unreal"
DRILL = "facts.drill"
_COURT_WORDS = tuple(
    ("宣判 开庭审理 被告人 获刑 判处有期 判处死刑 一审 二审 终审 公益诉讼 提起公诉 庭审 被执行死刑").split()
)
_UNREAL_WORDS = tuple(
    (
        "未完待续 连载小说 小小说 小说《 剧情 手游 网游 玩家 采茶戏 谜语 星座 愚人节 系谣言 为谣言 "
        "是谣言 旧视频 不实信息 纯属谣言 系旧 系摆拍 系编造 被截取 没有这回事"
    ).split()
)
_DRILL_WORDS = tuple(
    (
        "演练 演习 拉练 推演 实兵 无脚本 不设脚本 模拟场景 模拟火灾 模拟事故 模拟救援 模拟地震 "
        "模拟的是 应急比武 技术比武 演示 展演 桌面沙盘"
    ).split()
)
_SUPPOSED = late(
    r"如果|假如|假设|假定|一旦|万一|要(?<!主要)是|倘若|设想|恐将|或将|或致|可能(?:会)?(?:造成|导致|引发|致)|理论上"
)
_QUAKE = late(r"(\d(?:\.\d)?)级(?:左右)?(?:的)?(?:强烈?)?地?震")
_ANOTHER = late(r"前一[天日晚]|刚刚?发生|此前|日前|上[周月]|(?<!以)前发生")
"""Of an event before the one that is told."""
_QUOTED_ROLE = late(
    r"[“\"][^”\"]{0,6}(?:伤员|被困|伤者|中毒|群众|遇难|唤醒|获救|救出?|转移|人员|工人|学生)[^”\"]{0,6}[”\"]"
)


def register(builder: ScannerBuilder) -> None:
    """Look for the words that silence a whole item."""
    for tag, words in ((COURT, _COURT_WORDS), (UNREAL, _UNREAL_WORDS), (DRILL, _DRILL_WORDS)):
        for word in words:
            builder.literal(tag, word)


class Scope:
    """Which sentences of a document may give figures.

    ``sure``: the item is known to tell of a real event, so that words of rumours silence their own sentence only, and
    a drill has gone wrong.
    """

    def __init__(self, document: Document, scan: Scan, *, sure: bool = False) -> None:
        text = document.norm
        self._published = document.item.published_at
        self._closed = document.item.kind is Kind.FINAL
        self.drill = scan.has(DRILL)
        self.wrong = self.drill and (sure or bool(_GONE_WRONG.search(text)))
        self.silent = not sure and (scan.has(COURT) or scan.has(UNREAL))
        self._denied = sure and scan.has(UNREAL)
        own = _QUAKE.search(text, document.shift) if "级" in text and "地震" in text else None
        self._magnitude = own[1] if own is not None else None
        self._known: dict[str, tuple[bool, bool]] = {}

    @property
    def nothing(self) -> bool:
        """Whether no sentence gives figures of a real event."""
        return self.silent or (self.drill and not self.wrong)

    def admits(self, sentence: str, *, history: bool = False) -> bool:
        """Whether figures in ``sentence`` are the event's; ``history``: words of the past do not matter."""
        known = self._known.get(sentence)
        if known is None:
            known = self._known[sentence] = (self._spoken_of(sentence), self._closed or not self._past(sentence))
        return known[0] and (history or known[1])

    def _other_quake(self, sentence: str) -> bool:
        """前一天8.2级地震迄今造成6人死亡: of a quake of another magnitude, told beside the item's own."""
        if self._magnitude is None or not _ANOTHER.search(sentence):
            return False
        told = _QUAKE.findall(sentence)
        return bool(told) and self._magnitude not in told

    def _spoken_of(self, sentence: str) -> bool:
        if "级" in sentence and self._other_quake(sentence):
            return False
        if _STATISTICS.search(sentence) or _SUPPOSED.search(sentence):
            return False
        if self._denied and any(word in sentence for word in _UNREAL_WORDS):
            return False
        return not (self.drill and _QUOTED_ROLE.search(sentence))

    def _past(self, sentence: str) -> bool:
        if _EVER.search(sentence) is None:
            return False
        return ("年" in sentence and self._old_year(sentence)) or _PAST.search(sentence) is not None

    def _old_year(self, sentence: str) -> bool:
        found = _YEAR.search(sentence)
        if found is None or (found[2] is None and _OWN_DATE.search(sentence, found.end())):
            return False
        year, month = int(found[1]), int(found[2] or 0)
        if year == self._published.year:
            return False
        months = (self._published.year - year) * 12 + self._published.month - month if month else 99
        return not 0 <= months * 30 <= RECENT_DAYS
