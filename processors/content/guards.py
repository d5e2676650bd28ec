"""What excuses a doubtful phrase: who said it, proof beside it, an aim instead of a claim, a quotation."""

from __future__ import annotations

import re

from processors.late import late

_QUOTED = late(r"“[^”]{0,200}”|「[^」]{0,200}」|『[^』]{0,200}』|《[^》]{0,80}》")
_CLAUSE_BREAK = late(r"[，,。；;！!？?：:\n]")
_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|[一二两三四五六七八九十百千万]+(?=[成倍]))"
_FIGURE = late(
    rf"{_NUMBER}\s*(?:个百分点|%|％|‰|万|亿|倍|成|人|户|家|件|起|次|名|例|处|元|吨|亩|公里|平方|米|分钟|小时|天|场|辆|台|个|宗|单|份|项|篇|岁|对)"
    r"|下降[一二三四五六七八九]|一半|翻番|翻了?[一两]番|对半"
)
_AUTHORITY = late(
    r"专家|工程师|技术人员|技术员|气象|地震台|水文|消防|警方|公安|交警|民警|派出所|法医|医生|医院|医疗|疾控|检测|检验|鉴定|"
    r"勘[查察验]|调查(?:组|显示|结果|认定|发现)|部门|初步|初判|测算|评估|评定|研判|预报|预测|模型|机构|统计|学者|教授|院士|研究员|分析师"
)
_SPEAKS = late(r"(?:说|称|表示|认为|分析|判断|介绍|指出|解释|推断|认定|判定|提醒|通报)$")
_PROOF = late(
    r"排行|排名(?!第一)|通报|公布|认定|评为|获评|评选|荣获|(?:获得|斩获)[^，。；]{0,12}(?:奖|称号|荣誉|认定|批准|专利|证书|冠军|第[一二三])|入选|[红金]榜|榜单|据[^，。；]{0,12}(?:统计|发布|数据|测算|消息|报告|气象|水文|监测)|"
    r"统计局|数据显示|监测显示|《|〔[0-9]{4}〕|号文|备案|批准|批复|授牌|授予|查新|认证|验收|鉴定|[纪记]录|证书|核定|经[^，。；]{2,12}(?:核实|确认|认定)|表彰|督查激励|"
    r"评估报告|考核|白皮书|满意度(?:调查|测评)|有气象|吉尼斯|检测报告|普查|年鉴|文物|考古"
)
_AIM = late(
    r"(?:打造|构筑|构建|创建|培育)(?!出?了|成)|进军|争创|争当|力争|争取|努力|目标|迈向|对标|瞄准|冲刺|朝着|向着|加快|推动|推进|促进|要(?!求)|应当?|须|必须|确保|不断|追求|愿景|规划|"
    r"希望|期盼|盼|呼吁|建议|能否|何时|如何|怎|才能|尽快|早日|请|旨在|以期|有望|计划|拟|着力|全力|致力|需要?|若|如果|建设(?!的|了)|要求|强调|部署|"
    r"探索|坚决|切实|逐步|进一步|可望|愿|想要"
)
_CLAIM = late(r"已|成功|真正|届时|从此|终于|实现了|做到了|使得|一举")
_NEGATION = late(
    r"(?:不|没|没有|未|未能|尚未|无法|难以|很难|极难|难于|并非|不是|非|不能|未必|不可能|不敢|谈不上|称不上|不算|别|莫|勿|拒绝|不一定|不得|禁止|严禁|虚假宣传|号称)[^，。；]{0,6}$"
)
_CONTESTED = late(r"号称|自称|宣称|谎称|标榜|吹嘘|虚假|夸大|所谓|涉嫌|违规|广告法|骗|谣")
_VERIFIED = late(
    r"核实|核查|取样|解释|假的|系夸大|否认|均已否|我[局镇区街办乡]|查证|证实|辟谣|不实|谣言|失实|澄清|回应|警方|通报|调查|视频系|旧视频|求证|记者(?:从|致电|联系|走访)|属实|虚假|正在核|待核|未核实|已?立案|处置|研判|引发(?:关注|热议)"
)
_CHECKABLE = late(
    r"12345|热线|工单|信访|来信|来电|留言|投诉件|编号|反映人|举报人|问政|登记|座谈|走访|入户|接访|微信群接龙|联名|问卷|(?:先生|女士|某某)|[张王李刘陈杨黄赵吴周徐孙马朱胡郭何高林罗][某老大]"
)
_SURVEY = late(
    r"[0-9]+(?:\.[0-9]+)?%|[一二三四五六七八九]成|问卷|回访|满意度|满意率|测评|抽样|样本|调查显示|统计显示|数据显示|有效票|表决|签名|(?:[0-9]{2,}|[0-9]\s*[0-9])[余多]?(?:名|位|户|人|家)"
)
_MEETING = late(
    r"与会|参会|会议|评委|专家|听证|代表们?(?:经|对)?|审议|表决|组委会|双方|各方|委员|理事|合议庭|评审|会上|部门负责人|研究认为|调查组"
)
_NORM = late(
    r"要(?!求[^，。；]{0,4}的)|应|须|必须|不得|不能|不准|不许|禁止|确保|要求|需|可(?!见|惜|怜)|能够|才能|争取|力争|希望|建议|呼吁|如果|只要|凡|若|是否|能不能|"
    r"规定|并非|不是|不可能|未必|难道|目标|推动|促进"
)
_OBJECT = late(
    r"(?:对|向|为|给|由|除|将|把|让|使|与|和|同|替|覆盖|涉及|发动|组织|动员|通知|深入|走遍|走进|送到|送进|惠及)$"
)
_DONE = late(
    r"已(?!经?养成)|均已|撤离|转移|完成|安装|到位|签|关闭|出院|获救|救出|停[工产业课]|送医|过火|死亡|遇难|落实|整改|排查|更换|更新|接种|覆盖|入库|开工|投产|化解|办结|兑现|清零|免费|纳入"
)


_STOCK = late(
    r"^(?:并|也|既|更|都)?(?:直接)?(?:关系到?|事关|关乎|关系着)"
    r"|^(?:更好地?)?为[^，。；了]{2,24}(?:创造|提供|营造|奠定|打下|注入)(?![^，。；]*[了样])"
    r"|(?:政治|社会|法律|经济|生态)效果[^，。；]{0,14}统一|^[^，。；了]{0,8}[用以]实际行动[^，。；了]*$"
)


def is_stock(clause: str) -> bool:
    """Whether a clause says what a matter is for or touches (关系到广大群众的…, 为…创造更好环境): it claims nothing
    that was reached, and words of all or more in it are a turn of phrase."""
    return bool(_STOCK.search(clause))


def quoted_spans(norm: str) -> list[tuple[int, int]]:
    """Quotations and titles of works: other people's words or names."""
    return [match.span() for match in _QUOTED.finditer(norm)] if ("“" in norm or "《" in norm or "「" in norm) else []


class Place:
    """A phrase in its surroundings: the clause before it, its sentence, what follows."""

    __slots__ = ("after", "before", "clause", "end", "left", "norm", "sentence", "sentence_end", "start", "tail")

    def __init__(self, norm: str, start: int, end: int, sentence: tuple[int, int]) -> None:
        self.norm, self.start, self.end = norm, start, end
        self.sentence_end = sentence[1]
        self.sentence = norm[sentence[0] : sentence[1]]
        self.before = norm[sentence[0] : start]
        self.after = norm[end : sentence[1]]
        cut = 0
        for match in _CLAUSE_BREAK.finditer(self.before):
            cut = match.end()
        self.clause = self.before[cut:]
        self.left = self.before[:cut].rstrip("，,：:")
        stop = _CLAUSE_BREAK.search(self.after)
        self.tail = self.after[: stop.start()] if stop else self.after

    @property
    def at_clause_start(self) -> bool:
        """Whether no subject stands before the phrase in its clause."""
        return not self.clause.strip(" 　“但可而且也还又另此外同时")

    def window(self, reach: int) -> str:
        """Text within ``reach`` characters on both sides."""
        return self.norm[max(0, self.start - reach) : self.end + reach]


def by_authority(place: Place) -> bool:
    """Somebody whose task it is to judge says it: in the clause itself, or speaking in the one before."""
    if _AUTHORITY.search(place.clause):
        return True
    previous = _CLAUSE_BREAK.split(place.left)[-1] if place.left else ""
    return bool(_SPEAKS.search(previous) and _AUTHORITY.search(previous))


def proved_by_source(place: Place) -> bool:
    """A document, ranking, award or record in the sentence."""
    return bool(_PROOF.search(place.sentence))


def has_figure(text: str) -> bool:
    """A number with a unit of measurement."""
    return bool(_FIGURE.search(text))


def is_aim(place: Place) -> bool:
    """The clause speaks of what should be."""
    return bool(_AIM.search(place.clause))


def is_claim(place: Place, text: str) -> bool:
    """Told as done or as sure to come: “彻底解决了”, “届时将彻底解决”."""
    return text.endswith("了") or place.after[:1] == "了" or bool(_CLAIM.search(place.clause))


def is_negated(place: Place) -> bool:
    """Denied in the clause."""
    return bool(_NEGATION.search(place.clause))


def is_boast(place: Place) -> bool:
    """Told of somebody who boasts or deceives."""
    return bool(_CONTESTED.search(place.sentence))


def is_verified(norm: str) -> bool:
    """The item itself checks the rumour."""
    return bool(_VERIFIED.search(norm))


def is_checkable(text: str) -> bool:
    """Tells where the report can be looked up."""
    return bool(_CHECKABLE.search(text))


def is_surveyed(place: Place) -> bool:
    """A share, a survey or a count of those asked stands in the sentence."""
    return bool(_SURVEY.search(place.sentence))


def is_meeting(place: Place) -> bool:
    """A closed circle that did agree: a meeting, a jury, the parties."""
    return bool(_MEETING.search(place.before))


def is_norm(place: Place, text: str) -> bool:
    """All should, may or are to: a norm, not an observation."""
    return bool(_NORM.search(place.clause) or _NORM.search(text + place.tail[:4]) or _OBJECT.search(place.clause))


def is_count(place: Place, text: str) -> bool:
    """All of a closed and counted set did something that is on record."""
    return bool(_DONE.search(text) or _DONE.search(place.tail) or re.search(r"[0-9]", place.clause))
