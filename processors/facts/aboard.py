"""Those aboard, and one who is sought: all of them lost, or shut in where a lift or a cable car stands still."""

from __future__ import annotations

from processors.document import Document
from processors.facts.numerals import NUMBER, value
from processors.facts.scope import Scope
from processors.late import late


def in_a_lift(text: str, shift: int) -> int | None:
    """电梯停在9楼与10楼之间，里面共6人: those inside are trapped, though no word says so."""
    if not _LIFT.search(text) or not _STUCK.search(text, shift):
        return None
    if "扶梯" in text:
        return None  # nobody is shut in on an escalator
    match = _INSIDE.search(text, shift)
    if match is None or _HURT_INSIDE.match(text, match.end()):
        return None
    number = value(match["number"])
    return int(number) if number else None


def all_lost(document: Document, scope: Scope) -> int | None:
    """机上人员全部遇难。……机上共有22人: of whom nobody lives, their number stands in another sentence."""
    text = document.norm
    match = _ALL_LOST.search(text, document.shift) if "遇难" in text or "生还" in text or "幸存" in text else None
    if match is None or not scope.admits(text[slice(*document.sentence_at(match.start()))]):
        return None
    numbers = {value(found["n"]) for found in _ABOARD.finditer(text, document.shift)}
    number = numbers.pop() if len(numbers) == 1 else None
    return None if number is None else int(number)


def sought(document: Document) -> int | None:
    """男孩12岁，……走失，帮孩子回家: one person whom a post looks for; None where several are, or they were found."""
    text = document.norm
    if not any(word in text for word in _GONE):
        return None
    match = _SOUGHT.search(text, document.shift)
    if match is None or _SEVERAL.search(text, document.shift) or _CAME_BACK.search(text, document.shift):
        return None
    return 1


_GONE = ("走失", "走散", "走丢", "没回", "没有回", "没找到", "没有找到")
_SOUGHT = late(
    r"(?:我[爸妈爷奶]|男孩|女孩|男童|女童|老人|姥姥|姥爷|奶奶|爷爷|外婆|外公|孩子|小孩|儿子|女儿|母亲|父亲|妈妈|爸爸|男子|女子|老太太?|老汉)"
    r"[^；！？]{0,110}?(?:走失|走散|走丢|没(?:有)?回(?:来|家)?(?![复应信电访去])|(?:到现在|至今|还)没(?:有)?找到)"
)
_SEVERAL = late(r"(?<![我你咱])们|[两二三四五六七八九\d][名个位](?:男|女|孩|老|学生|人)|几[名个位]|猫|狗|犬")
_CAME_BACK = late(
    r"找到了|已找到|找到[啦,，。]|(?<!愿)平安(?!无事)|回家了|送回|如果|防止|预防|避免|易走|容易|手环|曾(?:经|走|多次|有|在|因|被)"
)
_ALL_LOST = late(
    r"(?:[机船艇]上|飞机|客机|机组|乘员)[^，。；\d]{0,10}?(?:全部|无一|均|全体)[^，。；\d]{0,4}?(?:遇难|罹难|丧生|死亡|生还|幸存|幸免)|"
    r"[，。](?:无一|无)(?:一?人)?(?:生还|幸存|幸免)"
)


_ABOARD = late(
    rf"(?:[机船艇]上|搭载|载有|载着|乘坐)(?:共|一共|总共)?(?:有|载有?|搭载)?(?:乘客|人员)?(?:共|约)?(?P<n>{NUMBER})[人名]"
)


_LIFT = late(r"电梯|缆车|轿厢|索道|吊厢|过山车|摩天轮|大摆锤|升降")


_STUCK = late(r"停(?:在|梯|住|了|运)|卡|困|不动|开不了|打不开|坠|骤停|急停|悬|故障")


_INSIDE = late(
    rf"(?:里面?|内|厢|上面?|载有?|坐[着了])[^，。；\d一二两三四五六七八九十]{{0,6}}?(?:共|有|关|"
    rf"还)?[^，。；\d一二两三四五六七八九十]{{0,4}}(?P<number>{NUMBER})(?:余)?(?:名|位|人|个(?:人|"
    rf"大人|小孩|乘客|业主|孩|老))"
)


_HURT_INSIDE = late(r"[^，。；]{0,4}?(?:受|死|遇难|轻|重|骨)")
