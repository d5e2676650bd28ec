"""Names, accounts, addresses and illnesses of private persons, by the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processors.pii_numbers import Span
from schemas.vocab import PiiKind

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金"
    "石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔温华凌古巫管幸丘刁卓池甘兰蓝涂宁"
)
_NAME = rf"(?:欧阳|[{_SURNAMES}])[一-龥]{{1,2}}?"
_TOLD = (
    "姓名|当事人|死者|伤者|患者|嫌疑人|举报人|投诉人|信访人|受害人|业主|网民|户主|联系人|反映人|来电人|报告人|申请人|经办人|我叫|我是|本人叫?|名叫|叫做|孩子叫|"
    "儿子叫|女儿叫|房东|老板|医生|老师|班主任|店主|租客|邻居|村民|居民|女主人|男主人|店员|签名|落款|此致敬礼"
)
_KIN = (
    "我爸|我妈|父亲|母亲|我爷爷|我奶奶|爷爷|奶奶|外婆|外公|"
    "儿子|女儿|弟弟|妹妹|哥哥|姐姐|老公|老婆|丈夫|妻子|爱人|老伴|老人|小孩|孩子"
)
_NAME_TOLD = re.compile(
    rf"(?:{_TOLD})[：: ]{{0,2}}(?:系|为|是)?(?P<name>{_NAME})"
    r"(?=[，,（(、。；;：: \n0-9！!]|$|是|住|家住|身份证|电话|手机|联系)"
)
_NAME_KIN = re.compile(
    rf"(?:{_KIN})[，,（(：: ]?(?P<name>{_NAME})"
    r"(?=[，,（( ](?:[^，。]{0,3}(?:[0-9]{1,3}岁|男|女|身份证|电话|住|生于)"
    r"|[在于从到因被患去今昨前现就][^，。]|[0-9]{4}年|[0-9]{1,2}月))"
)
_NAME_BEFORE_NUMBER = re.compile(
    rf"(?:^|[。！？!?\n，,；;：:（( ])(?P<name>{_NAME})[，,：:（(\s]{{0,2}}"
    r"(?:身份证|电话|手机|联系|1[3-9][0-9]{9}|[1-9][0-9]{5}(?:19|20)[0-9]{2})"
)
_NAME_AFTER_NUMBER = re.compile(rf"1[3-9][0-9]{{9}}[，,（( ]{{1,2}}(?P<name>{_NAME})(?=[。！!）)\n，, ]|$)")
_NAME_PATTERNS = (_NAME_TOLD, _NAME_KIN, _NAME_BEFORE_NUMBER, _NAME_AFTER_NUMBER)
_NAME_WORDS = re.compile(rf"{_TOLD}|{_KIN}|1[3-9][0-9]{{9}}|身份证|电话|手机")
_NOT_NAMES = frozenset(
    "高兴 高中 高校 何时 何处 何人 白天 方法 方便 方面 于是 余下 任何 任务 程度 金额 万元 江西 宁都 石城 龙南 安远 "
    "华东 田地 许多 洪水 温馨 任教 管理 管道 夏天 史上 马上 万一 常年 毛坯 武汉 高铁 高层 高速 白血 "
    "周边 周围 周末 周一 周二 周三 周四 周五 周六 周日 黄金 古城 傅带 金钱 方案 石头 江边 田里 严重 程序".split()
)
_HANDLE = re.compile(r"(?<![A-Za-z0-9._%+-])[@＠]([一-龥A-Za-z0-9_·-]{2,20})")
_PUBLIC_HANDLE = re.compile(
    r"发布|日报|晚报|新闻|公安|警方|平安|交警|消防|政府|官方|电视台|网$|融媒|热线|12345|文旅|气象|城管|街道|社区|法院|检察|医院|市监|教体|水务|供电|所有人|全体"
)
_ACCOUNT = re.compile(
    r"(?:QQ群?|qq群?|扣扣|企鹅号?|微信号?|薇信|威信|[Vv]信|[Vv][Xx]|[Ww][Xx]|weixin|[加＋+][VvＶ]|抖音号|快手号|小红书号|支付宝)"
    r"(?:号码?|同号|[Ii][Dd])?[\s:：是为]{0,3}"
    r"((?:[Ww][Xx][:：_])?[A-Za-z0-9][A-Za-z0-9_-]{4,19})"
)
_ACCOUNT_START = re.compile(r"[QqVvWw＋+扣企薇威]|微信|抖音号|快手号|小红书号|支付宝")
_USER_URL = re.compile(r"https?://(?:weibo\.com/u?/?[0-9]+|www\.douyin\.com/user/\S+|www\.xiaohongshu\.com/user/\S+)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PUBLIC_MAIL = re.compile(r"\.gov(?:\.cn)?$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[一-龥]{1,10}(?:路|街|巷|大道|小区|花园|苑|城|府|园|村|湾|广场|公寓|家园|新区|社区)(?:[一-龥A-Za-z]{0,6})"
    r"(?:[0-9]{1,4}号?院?)?(?:[0-9A-Za-z一二三四五六七八九十]{1,4}(?:栋|幢|座|号楼|#))"
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{1,2}?[0-9]{2,4}(?:室|号|房|户)?"
    r"|[一-龥]{2,10}(?:路|街|巷|大道|村|社区|小区)[0-9]{1,4}号(?:[0-9]{1,3}(?:栋|幢|号楼))?"
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{3,4}[室房]"
)
_BUILDING = re.compile(  # begins with one set of characters, to which the search skips
    r"[栋幢座楼#室房](?:(?<![室房])(?:[0-9A-Za-z一二三四五六七八九十]{1,3}单元)?[0-9]{3}|(?<=[0-9]{3}[室房]))"
)
"""What every match of _ADDRESS has: found much faster."""
_ILLNESS = (
    r"尿毒症|精神障碍|精神病|精神分裂症?|精神[一二三四]级残疾|抑郁症|双相情感障碍|老年痴呆症?|阿尔茨海默症?|艾滋病?|HIV|乙肝|梅毒|肺结核|白血病|[一-龥]{0,2}癌(?!症?筛查)|肿瘤|"
    r"(?:肢体|视力|听力|智力)?[一二三四]级(?:伤残|残疾)|心脏(?:支架|搭桥|病)|癫痫|自闭症|瘫痪|脑瘫|中风|糖尿病"
)
_VALUES = (
    r"(?:尿酸|血铅|铅|血糖|血压|转氨酶|肌酐|白细胞|肺部?结节)(?:和[一-龥]{1,3})?"
    r"(?:都|均|也)?(?:偏|过|超)?(?:高|低|超标|异常|阳性)"
)
"""What an examination of one person gave."""
_HEALTH = re.compile(
    rf"(?:本人|我(?:爸|妈|爷|奶|儿子|女儿|弟|妹|哥|姐|老公|老婆|爱人|丈夫|妻子|老伴|母亲|父亲|外公|外婆|家)?|老伴|妻子|丈夫|母亲|父亲|孩子)[^。；！？\n我]{{0,14}}?(?P<told>{_ILLNESS})"
    rf"|(?:得的是|患的是|患有|确诊[为了是]?|查出了?[^，。；！？\n]{{0,4}}?|病历[^。！？\n]{{0,10}}?)(?P<found>{_ILLNESS}|{_VALUES})"
)
_HEALTH_WORD = re.compile(r"残疾|伤残|尿酸|铅|血糖|转氨酶|肌酐|[病症癌瘤肝瘫障痴风痫]|支架|搭桥|HIV|梅毒|结核")


def find_places(text: str) -> list[Span]:
    """Homes by building and room."""
    if not _BUILDING.search(text):
        return []
    return [Span(PiiKind.ADDRESS, *match.span()) for match in _ADDRESS.finditer(text)]


def find_accounts(text: str) -> list[Span]:
    """Mail, and accounts of chat services."""
    spans: list[Span] = []
    if "@" in text or "＠" in text:
        spans += [Span(PiiKind.EMAIL, *m.span()) for m in _EMAIL.finditer(text) if not _PUBLIC_MAIL.search(m.group())]
    if _ACCOUNT_START.search(text):
        spans += [Span(PiiKind.ACCOUNT, *match.span(1)) for match in _ACCOUNT.finditer(text)]
    return spans


def find_private(text: str) -> Iterator[Span]:
    """Handles, names and illnesses; for public posts, since a report names officials at their work."""
    for match in _HANDLE.finditer(text) if "@" in text or "＠" in text else ():
        if not _PUBLIC_HANDLE.search(match.group(1)):
            yield Span(PiiKind.ACCOUNT, *match.span())
    for match in _USER_URL.finditer(text) if "http" in text else ():
        yield Span(PiiKind.ACCOUNT, *match.span())
    if _NAME_WORDS.search(text):
        for pattern in _NAME_PATTERNS:
            for match in pattern.finditer(text):
                if not _is_no_name(match.group("name")):
                    yield Span(PiiKind.NAME, *match.span("name"))
    if _HEALTH_WORD.search(text):
        for match in _HEALTH.finditer(text):
            yield Span(PiiKind.HEALTH, *match.span("told" if match["told"] else "found"))


def _is_no_name(found: str) -> bool:
    """A word that begins like a surname, or a person told by the surname alone (曾女士)."""
    return (
        found in _NOT_NAMES or found[:2] in _NOT_NAMES or found.endswith(("女士", "先生", "某", "某某", "老师", "师傅"))
    )
