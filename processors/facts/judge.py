"""The judge of facts: what an item states about an event or an activity (CONTRACT.md `facts`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from processors import places
from processors.document import Document
from processors.facts import amounts, checks, event_time
from processors.facts.casualties import Casualties, gather, settle
from processors.facts.figures import Statements
from processors.facts.moments import expressions
from processors.facts.scope import Scope
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Facts, Finding, Reason
from schemas.base import Time

HARM = "facts.harm"
_HARM_WORDS = tuple(
    "死 亡 伤 失联 失踪 下落不明 走失 走散 遇难 溺 被困 受困 困 埋 压 卡 滞留 疏散 转移 撤 安置 中毒 呕吐 腹泻 感染 确诊 不适 送医 就医 医院 "
    "住院 救 起火 着火 火 爆炸 炸 爆 塌 滑坡 泥石流 撞 侧翻 翻 坠 落水 积水 洪 涝 台风 冰雹 地震 级地震 泄漏 聚集 围 堵 罢 讨薪 上访 持刀 砍 捅 "
    "晕 没了 停电 停水 疫 病 症状 遗体 生命 牺牲 跳楼 险 灾 损失 险情 断 横幅 布条 要说法 对峙 械斗".split()
)
_DISASTER = re.compile(
    r"起火|着火|失火|火灾|火情|山火|烧(?:了|起来|毁|到|死|塌)|爆炸|爆燃|闪爆|爆裂|坍塌|垮塌|倒塌|塌陷|塌了|塌方|滑坡|泥石流|崩塌|剥落|"
    r"相撞|追尾|侧翻|翻(?:车|到|进|下|沉|船)|车祸|事故|撞(?:到|上|倒|死|伤|成)|坠(?:落|楼|亡|井|机|入)|掉下来|落水|溺|沉(?:没|船|下去)|积水|进水|内涝|洪水|山洪|决口|管涌|冒浑水|台风|冰雹|"
    r"大风|龙卷|冻雨|结冰|地震|泄漏|泄露|外溢|异常放热|跑了气|翻肚皮|死鱼|聚集|围堵|堵(?:着|路|门|死|住)|罢工|停工|讨薪|上访|静坐|持刀|砍|捅|杀|抢劫|纵火|跳楼|轻生|中毒|呕吐|腹泻|感染|疫情|发病|"
    r"停电|停水|全黑|断电|宕机|瘫痪|被困|失联|走失|失踪|未归|死亡|遇难|身亡|受伤|重伤|骨折|送医|昏倒|中暑|热射病|踩踏|推搡|互殴|械斗|勒索病毒|集中取款|倾斜|险情|被埋|被压|没气了|人没了|不行了|矿|挟持|绑架|自焚|猪瘟|禽流感|死了\d+头|困在|罢运"
)
_ILL = re.compile(r"呕吐|腹泻|腹痛|拉肚子|中毒|不适|肚子[疼痛]|诺如|食源性")
_SCHOOL = re.compile(r"学校|小学|中学|幼儿园|学生|师生|学员|研学|校园|食堂.{0,20}(?:班|娃)|[一二三四五六七八九十]小|大学|高校|职校|技校|运动会|夏令营|博览会|重大活动")


@dataclass(frozen=True, slots=True)
class FactResult:
    """Facts with findings; ``in_district`` is for an emergency; ``reasons`` show where figures stand."""

    facts: Facts
    findings: tuple[Finding, ...] = ()
    in_district: bool | None = None
    reasons: tuple[Reason, ...] = ()


class FactJudge:
    """Reads the facts of one item; gates by content, since it runs before or beside the other judges."""

    def __init__(self, gazetteer: places.Gazetteer) -> None:
        self._gazetteer = gazetteer

    @classmethod
    def from_tables(cls, tables: Tables, builder: ScannerBuilder) -> Self:
        """Register what facts are looked for with; the scanner is built by the caller."""
        for word in _HARM_WORDS:
            builder.literal(HARM, word)
        return cls(places.Gazetteer.from_tables(tables, builder))

    def judge(self, document: Document, scan: Scan) -> FactResult:
        """Facts of a document whose ``norm`` was scanned."""
        text = document.norm
        named = self._gazetteer.find(document, scan)
        harmful = scan.has(HARM) and bool(_DISASTER.search(text))
        onset = event_time.find(document, harmful=harmful)
        findings = list(checks.dates(document))
        figures: dict[str, object] = {}
        reasons: tuple[Reason, ...] = ()
        scope = Scope(document)
        if scan.has(HARM) and not scope.nothing:
            statements = gather(document, scope)
            people = settle(statements)
            figures = _figures(document, scope, people, harmful)
            findings += checks.casualties(document, statements, people)
            reasons = _reasons(document, statements)
        findings += checks.numbers(document)
        facts = Facts(event_time=onset, places=places.names(named), **figures)  # type: ignore[arg-type]
        return FactResult(facts, tuple(findings), places.in_district(document, named), reasons)


def _figures(document: Document, scope: Scope, people: Casualties, harmful: bool) -> dict[str, object]:
    text = document.norm
    found: dict[str, object] = {
        name: getattr(people, name)
        for name in ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated")
    }
    if not harmful:
        return found
    admitted = [text[start:end] for start, end in document.sentences() if scope.admits(text[start:end])]
    whole = "".join(admitted)
    loss = amounts.losses(whole) if "损失" in whole else []
    found["direct_loss"] = max((amount.number for amount in loss), default=None)
    found["magnitude"] = amounts.magnitude(whole) if "震" in whole else None
    found["area_forest"] = amounts.forest_area(whole)
    found["households"] = amounts.households(whole)
    found["participants"] = amounts.crowd(admitted)
    found["hours"] = amounts.blocked_hours(whole) if "小时" in whole else None
    if people.injured is not None and _ILL.search(whole) and _SCHOOL.search(whole):
        found["cases"] = people.injured
    found["as_of"] = _as_of(document)
    return found


_AS_OF = re.compile(r"截[至止](?:到|目前|于)?")


def _as_of(document: Document) -> Time | None:
    """The time at which the figures were counted (截至18时)."""
    match = _AS_OF.search(document.norm, document.shift)
    if match is None:
        return None
    for expression in expressions(document.norm, document.item.published_at, match.end() + 20):
        if match.end() <= expression.start <= match.end() + 4:
            return expression.moment()
    return None


def _reasons(document: Document, statements: Statements) -> tuple[Reason, ...]:
    return tuple(
        document.reason(f"facts.{found.kind}", found.start, found.end) for found in statements.found if not found.old
    )
