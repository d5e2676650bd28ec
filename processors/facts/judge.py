"""The judge of facts: what an item states about an event or an activity (CONTRACT.md `facts`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from processors import places
from processors.document import Document
from processors.facts import amounts, dates, event_time, scope, sums
from processors.facts.casualties import Casualties, gather, settle
from processors.facts.figures import Statements
from processors.facts.moments import expressions
from processors.scan import Scan, ScannerBuilder
from processors.tables import Tables
from schemas.assessment import Facts, Finding, Reason
from schemas.base import Time

HARM, EVENT = "facts.harm", "facts.event"
_HARM_WORDS = tuple(
    "死 亡 遇难 丧生 丧命 罹难 殒命 毙命 离世 去世 不幸离开 不治 抢救无效 生命 牺牲 殉职 殉难 遗体 停止呼吸 没了 没气 挺过来 救过来 救出来 救回来 抢救回来 "
    "抢救过来 人走了 不行了 没留下来 撒手人寰 生还 伤 中毒 呕吐 腹泻 腹痛 拉肚子 肚子 发烧 发热 不适 感染 确诊 发病 患病 染病 中暑 昏迷 昏倒 晕倒 休克 "
    "呼吸困难 头晕 头痛 头昏 送医 医院 卫生院 就医 就诊 救治 入院 住院 治疗 急诊 骨折 症状 病例 缝 失联 失踪 下落不明 走失 走散 失去联 失去了联 找到 未归 "
    "回来 回家 上来 到家 联系不上 踪影 音讯 不知所 生死不明 没见人 没见着 不见了 困 埋 被压 压在 压着 卡在 被卡 被关 被堵 滞留 关在 悬挂 悬在 挂在 斜挂 下不来 "
    "出不来 爬出来 盖住 冲走 卷入 救出 营救 解救 救起 获救 脱险 挖出 抬出 接出 抬上 疏散 转移 撤 安置 避险 搬离 挪到 转出 转上来 转到安全 下来了 出来了 跑出 离开 "
    "吐了 摔倒 跌倒 踩倒 倒地 倒在 划破 人没事 烧到 碰破 送院 挂彩 断了 脚崴 留观 留院 重症 冇看到 送来 被咬 被蜇 被砍 被捅 被打 医院送 不行了 咽气 咽了气 断气 断了气 不在了 关了 关着 送命 遇害 被害 杀害 救不 没救 没有救 身故 破了 出血 流血 熏倒 晕过去 昏过去 呛到 呛了 压断 擦破 扭到 拉稀 恶心 抽搐 中了 过敏 吊针 点滴 挂水 监护室 堵在 吊在 陷在 陷入 隔在 封在 被围 接到 搬到 送到 搬走 搬出 安顿 喊出来 叫出来 全部安全".split()
)
_EVENT_WORDS = tuple(
    "起火 着火 失火 火灾 火情 山火 林火 明火 火场 烧起来 烧了 烧毁 烧到 烧死 烧伤 着了火 起了火 火势 爆炸 爆燃 闪爆 爆裂 炸了 炸开 炸死 炸伤 坍塌 垮塌 倒塌 塌陷 塌了 塌方 塌落 滑坡 泥石流 崩塌 "
    "剥落 相撞 追尾 侧翻 翻车 翻到 翻进 翻下 翻沉 翻船 翻在 车祸 事故 撞到 撞上 撞倒 撞死 撞伤 撞成 被撞 撞向 撞穿 刮擦 剐了 碰撞 坠落 坠楼 坠亡 坠井 坠机 坠入 坠桥 坠崖 坠河 掉下来 掉到 掉进 掉落 跌落 落水 溺水 溺亡 沉没 "
    "翻船 倾覆 积水 进水 内涝 洪水 山洪 决口 管涌 冒浑水 台风 冰雹 大风掀 龙卷 冻雨 结冰 地震 余震 震感 泄漏 泄露 外溢 异常放热 跑了气 跑了 漏气 翻肚皮 死鱼 聚集 围堵 堵着 堵路 堵门 堵死 堵住 堵了 被堵 "
    "罢工 罢运 罢市 罢课 停工 停运 停课 停到现在 讨薪 上访 集访 静坐 持刀 砍人 砍伤 捅 被砍 杀害 杀人 命案 抢劫 纵火 跳楼 跳河 跳江 跳桥 轻生 自杀 自焚 挟持 绑架 劫持 食物中毒 中毒 呕吐 腹泻 吐下 又吐又拉 拉肚子 肚子疼 肚子痛 往厕所跑 "
    "感染 疫情 发病 发热 发烧 停电 停水 停气 全黑 断电 宕机 瘫痪 被困 受困 困在 困住 卡在 卡住 失联 走失 走散 走丢 失踪 下落不明 未归 没回来 没到家 没上来 音讯 踪影 打捞 死亡 遇难 身亡 丧生 罹难 离世 受伤 重伤 轻伤 骨折 "
    "送医 昏倒 昏迷 晕倒 中暑 热射病 踩踏 摔了 摔倒 摔伤 踩得 踩伤 推搡 互殴 斗殴 械斗 对峙 打伤 被打 伤人 勒索病毒 集中取款 挤兑 倾斜 险情 被埋 被压 没气了 人没了 没了 不行了 猪瘟 禽流感 绳子断 断裂 水到 淹 冒烟 冒出 血汗钱 要说法 白布 "
    "横幅 布条 闹事 雨量 暴雨 下不来 割了手 抓伤 咬伤 蜇 烫伤 遇险 触电 电到 打到了 抢救 异响 漏了 症状 确诊 救援 搜救 遗体 砸到 砸中 砸穿 砸伤 砸死 被砸 火龙 红了半边天 烧炭 煤气 矿 浓烟 出不来 没救 滑进 滑下去 没动静 被电 被盖 盖住 扑救 死了 "
    "爆管 管爆 爆裂 决堤 溃 漫堤 沉船 脱轨 失火 投毒 枪 刀 抛锚 冲走 卷走 伤亡 疏散 紧急转移 先转移 转移了 安置点 不适 送来的学生 压过去 送医院 送往医院 留观 救护车 埋了 压到 下来一堆 数据泄露 断供 抢购 停摆 失控 滞留 塌了 塌 泥浆 白雾 沉下去 凫水 沉到".split()
)
_ILL = re.compile(r"症状|轻症|毒素|呕吐|腹泻|腹痛|拉肚子|中毒|不适|肚子[疼痛]|诺如|食源性")
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
        for tag, words in ((HARM, _HARM_WORDS), (EVENT, dict.fromkeys(_EVENT_WORDS))):
            for word in words:
                builder.literal(tag, word)
        scope.register(builder)
        return cls(places.Gazetteer.from_tables(tables, builder))

    def judge(self, document: Document, scan: Scan) -> FactResult:
        """Facts of a document whose ``norm`` was scanned."""
        named = self._gazetteer.find(document, scan)
        harmful = scan.has(EVENT)
        limits = scope.Scope(document, scan) if scan.has(HARM) or harmful else None
        findings = list(dates.check(document))
        figures: dict[str, object] = {}
        reasons: tuple[Reason, ...] = ()
        if limits is not None and not limits.nothing:
            statements = gather(document, limits, sorted(hit.start for hit in scan.hits(HARM)))
            if not harmful:
                statements.found = [found for found in statements.found if not found.implied]
                statements.none.clear()
            people = settle(statements)
            harmful = harmful or bool(statements.found)
            figures = _figures(document, limits, people, harmful)
            findings += sums.people(document, statements, people)
            reasons = _reasons(document, statements)
        findings += sums.check(document)
        onset = None if scan.has(scope.UNREAL) else event_time.find(document, harmful=harmful)
        facts = Facts(event_time=onset, places=places.names(named), **figures)  # type: ignore[arg-type]
        return FactResult(facts, tuple(findings), places.in_district(document, named), reasons)


def _figures(document: Document, limits: scope.Scope, people: Casualties, harmful: bool) -> dict[str, object]:
    text = document.norm
    found: dict[str, object] = {
        name: getattr(people, name)
        for name in ("deaths", "injured", "serious_injuries", "missing", "trapped", "evacuated")
    }
    if not harmful:
        return found
    sentences = [text[start:end] for start, end in document.sentences()]
    admitted = [sentence for sentence in sentences if limits.admits(sentence)]
    whole = "".join(admitted)
    loss = amounts.losses(whole) if "损失" in whole else []
    found["direct_loss"] = max((amount.number for amount in loss), default=None)
    found["magnitude"] = amounts.magnitude(whole) if "震" in whole else None
    found["area_forest"] = amounts.forest_area(whole)
    found["households"] = amounts.households(whole)
    found["participants"] = amounts.crowd([sentence for sentence in sentences if limits.admits(sentence, history=True)])
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
