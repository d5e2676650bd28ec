"""What counts as a time and a place: other forms of them, and what only looks like one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huiyao.districts import load_district
from processors.content import ContentJudge
from processors.content.named import Named
from processors.document import Document
from processors.scan import ScannerBuilder
from processors.tables import Table, Tables, parse_table
from schemas.errors import DistrictError
from schemas.item import Item
from schemas.vocab import Category, Check, Lane

TABLES = load_district(Path("districts/zhanggong")).tables
NAMED = Named(TABLES)


@pytest.mark.parametrize(
    "text",
    [
        "我们楼停水六天了，没人管。",
        "连续40天没有下透雨，菜地裂开了。",
        "困在服务区外面第12个小时，孩子一直哭。",
        "6点下班经过天桥，看见有人翻过栏杆。",
        "父亲节那天他带孩子去钓鱼，落水了。",
        "年三十灶房烧起来了，人都跑出来了。",
        "放学的时候校门口那棵树倒了，压着两个人。",
        "棚子一夜全叫雪压垮了。",
        "三点四十矿车翻下坡，人还卡在里面。",
    ],
)
def test_other_forms_of_a_time(text: str) -> None:
    assert NAMED.names_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "解放路87号那栋楼冒烟了，快来人！",
        "桥边的房子塌了，明天孩子怎么上学。",
        "五一路口的铺子烧起来了。",
        "关于救援，我说明3点。",
        "墙塌了，一点没伤着人。",
    ],
)
def test_what_only_looks_like_a_time(text: str) -> None:
    assert not NAMED.names_time(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("今年走访企业32家，解决诉求41件。", True),
        ("本周登记信访事项17件，办结15件。", True),
        ("街道开展汛期安全检查，查看工地12处。", False),
        ("我局开展春季防火检查，当天查看林场3处。", False),
        ("党校学员下午分组讨论，晚上整理笔记。", False),
        ("裸露面积较上季度缩小两成。", False),
        ("近日，我局总结今年工作，走访企业32家。", False),
    ],
)
def test_what_dates_work(text: str, named: bool) -> None:
    assert NAMED.names_time(text, work=True) is named


def test_just_now_is_a_time_of_a_post() -> None:
    assert NAMED.is_live("刚路过城南，小车翻在沟里")
    assert NAMED.is_live("刚才楼下一声响")
    assert not NAMED.is_live("刚性支出一分不少，刚好够用")


@pytest.mark.parametrize(
    "text",
    [
        "望江大厦19楼，灯在晃，是地震吗",
        "14点在柳塘站出来，水已经到小腿",
        "银街的火灭了，是招牌烧着了",
        "碧水蓝天7幢一单元有煤气味",
        "石桥里某小区，走廊里全是烟",
        "青湖工业区一间冷库漏气",
        "家住岭南福泽家园，昨天出门未归",
        "9号线水涨到胸口，出不来了",
        "住在汀江边从来没淹过",
        "二环路有公交车冒烟",
        "“锦江名城”售楼部门口聚了四十多人",
        "政务大厅叫号系统坏了，取不了号",
        "客船在马鲁海域失去联系",
        "G6011往北方向追尾，五六台车",
        "望月酒楼后厨冒烟了",
    ],
)
def test_other_forms_of_a_place(text: str) -> None:
    assert NAMED.names_place(text)


@pytest.mark.parametrize(
    "text",
    [
        "烟往街对面小区飘，刺眼睛",
        "车在高架桥下面被水围住了",
        "二楼一家厨房冒黑烟",
        "今天下午学校好多人头晕",
        "社区医院说先观察",
        "派出所来了三台车才分开",
        "冷库那边在喊跑",
        "辖区一家仓库货架倒了",
        "我们家门外那条小河沟突然涨水",
        "各位老乡，水又涨了",
        "楼下已经站了很多人",
        "路边小饭店煤气罐漏气",
    ],
)
def test_what_names_no_place(text: str) -> None:
    assert not NAMED.names_place(text)


def _build() -> object:
    builder = ScannerBuilder()
    judge = ContentJudge.from_tables(TABLES, builder)
    scanner = builder.build()

    def checks(text: str, lane: Lane, category: Category = Category.URGENT, **more: str) -> set[Check]:
        item = {"lane": lane, "source": "x", "text": text, "published_at": "2026-05-06T10:00:00+08:00", **more}
        doc = Document(Item.model_validate(item))
        emergency = category is Category.URGENT
        found = judge.judge(
            doc, scanner.scan(doc.norm), category=category, is_emergency=emergency, has_time=False, places=()
        )
        return {one.check for one in found}

    return checks


CHECKS = _build()


@pytest.mark.parametrize(
    ("text", "lane", "missing"),
    [
        ("惠安这雨像倒下来一样，车库进水了", Lane.OPINION, False),
        ("堵在义乌出不去，前面着火了", Lane.OPINION, False),
        ("他在外地打工，家里塌了一角", Lane.OPINION, True),
        ("火把楼梯间烧黑了，人跑下来了", Lane.OPINION, True),
        ("楼梯村的晒场着火了", Lane.OPINION, False),
        ("永善地震发布会：失联的人都找到了两名", Lane.MEDIA, False),
        ("沙石镇老赖电话：田埂上掉下一根电线，电死一头牛", Lane.REPORT, True),
        ("沙石镇居民来电：一片房子停电，家里有病人", Lane.REPORT, False),
    ],
)
def test_where_an_emergency_names_its_place(text: str, lane: Lane, missing: bool) -> None:
    assert (Check.MISSING_PLACE in CHECKS(text, lane)) is missing  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ("人找到了，在候车室坐着，谢谢各位", Lane.OPINION),
        ("大家别传了，没有人受伤", Lane.OPINION),
        ("客车翻沟事故遇难人数升至9人", Lane.MEDIA),
        ("滑坡搜救结束，4名被埋者全部找到", Lane.MEDIA),
    ],
)
def test_what_comes_later_need_not_repeat(text: str, lane: Lane) -> None:
    assert CHECKS(text, lane) == set()  # type: ignore[operator]


def test_that_fire_is_no_follow_up() -> None:
    found = CHECKS("楼下那场火真吓人，烟灌满了楼道", Lane.OPINION)  # type: ignore[operator]
    assert found == {Check.MISSING_TIME, Check.MISSING_PLACE}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("5月3日，我镇对辖区餐馆开展燃气检查，查看41家。", True),
        ("5月3日，大队走进幼儿园给孩子上消防课。", True),
        ("5月3日，我局对全区药店开展检查，查看139家。", False),
        ("5月3日，街道召开动员会，部署检查工作。", False),
    ],
)
def test_an_activity_on_site_names_its_place(text: str, missing: bool) -> None:
    found = CHECKS(text, Lane.REPORT, Category.WORK_NEWS)  # type: ignore[operator]
    assert (Check.MISSING_PLACE in found) is missing


def _with(*rows: str) -> Tables:
    """The district's table, with these rows behind its own."""
    own = TABLES["time_place"]
    more = parse_table("time_place.tsv", "\n".join(["\t".join(own.columns), *rows]))
    return {"time_place": Table(own.file, own.columns, (*own.rows, *more.rows))}


def test_words_are_the_districts() -> None:
    text = "圩日那阵子棚子塌了"
    assert not NAMED.names_time(text)
    assert Named(_with("time\t圩日\ta market day\tSYN")).names_time(text)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("weather\t下雨\t\tSYN", "kind: 'weather' is none of time, since"),
        ("time\t\t\tSYN", "pattern: must not be empty"),
        ("time\t圩(日\t\tSYN", "bad regular expression"),
        ("venue\t{unknown}(那\t\tSYN", "bad regular expression"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row: str, cause: str) -> None:
    def asked() -> bool:
        named = Named(_with(row))
        return named.names_time("无") or named.names_place("无")

    with pytest.raises(DistrictError, match=rf"time_place\.tsv:2: .*{re.escape(cause)}"):
        asked()


def test_a_kind_without_a_row_is_told() -> None:
    own = TABLES["time_place"]
    some = Table(own.file, own.columns, tuple(row for row in own if row["kind"] != "vague"))
    with pytest.raises(DistrictError, match="no row of kind 'vague'"):
        Named({"time_place": some})
