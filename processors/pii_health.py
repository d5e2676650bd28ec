"""Illnesses of private persons in public posts: of the writer and the family, and of whoever is named in the post."""

from __future__ import annotations

from processors.late import late
from processors.pii_numbers import Span
from schemas.vocab import PiiKind

_ILLNESS = (
    r"尿毒症|精神障碍|精神病|精神分裂症?|精神[一二三四]级残疾|抑郁症|双相情感障碍|老年痴呆症?|阿尔[茨兹]海默(?:病|症)?|艾滋病?|HIV|乙肝|梅毒|肺结核|白血病|"
    r"[一-龥]{0,2}癌症?(?!症?筛查)|肿瘤|(?:肢体|视力|听力|智力)?[一二三四]级(?:伤残|残疾)|心脏(?:支架|搭桥|病)|癫痫|自闭症|瘫痪(?:在床)?|脑瘫|中风|糖尿病"
)
_ALSO = (
    r"脑(?:梗死?|出血|溢血|瘤)(?:后遗症)?|偏瘫|截瘫|(?:支气管)?哮喘|(?:尘|矽)肺病?|红斑狼疮|白内障|青光眼|肝硬化|[甲丙]肝|肝腹水|帕金森(?:病|症|综合征)?|渐冻症|认知障碍|"
    r"(?:[轻重中]度)?(?:听力|智力|言语|视力)(?:障碍|残疾)|脂肪肝|冠心病|肾衰竭?|肾病综合征|腰椎间盘突出|失明|聋哑|躁郁症|焦虑症|强直性脊柱炎|血友病|地贫|地中海贫血|"
    r"唐氏(?:综合征|儿)?|先天性?心脏病|先心病|甲亢|痛风|类风湿|肺气肿|慢阻肺|高血压|透析(?=[0-9一二两三四五六七八九十几多]+[年个]|[，。])|化疗|登革热|肺炎|股骨头坏死|"
    r"(?:肢体|视力|听力|智力|精神)[一二三四]级|[落留]下?了?残疾|卧床[一二两三四五六七八九十几多0-9]+[年月天]|卧病在床|瘫了[左右两]?[腿手脚]|瘫在床上|"
    r"(?:脑子)?有[点些]糊涂|[左右两]?(?:耳朵?|眼睛?)(?:听不见|看不见|全聋|全瞎|失聪)"
)
"""Told of someone who is named, these too."""
_VALUES = (
    r"(?:尿酸|血铅|铅|血糖|血压|转氨酶|肌酐|白细胞|肺部?结节)(?:和[一-龥]{1,3})?"
    r"(?:都|均|也)?(?:偏|过|超)?(?:高|低|超标|异常|阳性)"
)
"""What an examination of one person gave."""
_KIN = r"爸|妈|爷|奶|儿子|女儿|弟|妹|哥|姐|老公|老婆|爱人|丈夫|妻子|老伴|母亲|父亲|外公|外婆|家"
_NOT_MEANT = r"(?!差点|都[快要]|药|科|门诊|专科|险|讲座)"
_OF_FAMILY = late(
    rf"(?:(?:本人|我(?:{_KIN})|老伴|妻子|丈夫|母亲|父亲|孩子)[^。；！？\n我人办]{{0,14}}?|我(?!们)[^，。；！？\n我人办]{{0,6}}?)(?P<told>{_ILLNESS}){_NOT_MEANT}"
    r"|(?:得的是|患的是|患有|有(?=轻度|老年|阿尔)|确诊[为了是]?|查出来?[了是]?[^，。；！？\n]{0,4}?|病历[^。！？\n]{0,10}?)"
    rf"(?P<found>(?:[轻重中]度)?(?:{_ILLNESS}|{_VALUES}))"
)
_OF_NAMED = late(rf"(?:[轻重中]度)?(?:{_ILLNESS}|{_ALSO}){_NOT_MEANT}")
_OF_VICTIM = late(rf"患(?:有|上)?(?P<found>(?:[轻重中]度)?(?:{_ILLNESS}|{_ALSO}))")
_WORD = late(  # one set to skip to
    r"[残症癌瘤瘫障痴痫聋糊哮疮梗病核酸铅糖肝肺肌伤风架搭默裂床听看节梅V失类](?:(?<=[残症癌瘤瘫痴痫聋糊哮疮梗病肝肺肌])|(?<=障)碍|(?<=内障)|(?<=梅)毒|(?<=失)明|(?<=[听看])不见"
    r"|(?<=糖)尿|(?<=伤)残|(?<=搭)桥|(?<=尿酸)|(?<=血铅)|(?<=血糖)|(?<=[中痛]风)|(?<=支架)|(?<=结核)|(?<=海默)|(?<=分裂)|(?<=卧床)|(?<=HIV))"
)
"""What every illness here has."""
_MISSING = late(r"走失|寻人|扩散|没回[来家]|未归|联系不上|一直联系")


def find_health(text: str, named: bool, reachable: bool) -> list[Span]:
    """Illnesses in a public post; ``named``: it has a name or identity card, ``reachable``: a phone or plate."""
    if not _WORD.search(text):
        return []
    spans = [
        Span(PiiKind.HEALTH, *match.span("told" if match["told"] else "found")) for match in _OF_FAMILY.finditer(text)
    ]
    if named or (reachable and _MISSING.search(text)):
        spans += [Span(PiiKind.HEALTH, *match.span()) for match in _OF_NAMED.finditer(text)]
    return spans


def find_health_of_victims(text: str) -> list[Span]:
    """Illnesses of whoever is named in a report."""
    return [Span(PiiKind.HEALTH, *match.span("found")) for match in _OF_VICTIM.finditer(text)]
