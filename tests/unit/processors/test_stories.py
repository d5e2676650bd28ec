"""Stories: what is joined, what is kept apart, and that nothing depends on memory or chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huiyao.districts import load_district
from huiyao.judges import load_arrays
from processors.neardup import signature
from processors.stories import StoryMatcher, StoryRules
from processors.story_model import PairModel
from processors.tables import parse_table
from schemas.assessment import AssessedItem, Assessment, Emergency, EventTime, Facts, Timeliness
from schemas.base import CHINA, local_day
from schemas.errors import DistrictError
from schemas.ids import item_id, version
from schemas.item import Item
from schemas.story import StoryAssigned
from schemas.vocab import Category, Kind, Lane, Precision, TimelinessRule, TimelinessVerdict

RULES = StoryRules.from_tables(load_district(Path("districts/zhanggong")).tables, district="zhanggong")
MODEL = PairModel.from_arrays(load_arrays(Path("models/stories")))
NOON = datetime(2026, 6, 8, 12, 0, tzinfo=CHINA)


def item(
    text: str,
    *,
    at: datetime = NOON,
    lane: Lane = Lane.MEDIA,
    source: str = "江右早报",
    event: str | None = None,
    time: datetime | None = None,
    precision: Precision = Precision.MINUTE,
    places: tuple[str, ...] = (),
    category: Category = Category.URGENT,
    kind: Kind | None = None,
    warning: bool = False,
    **more: Any,
) -> AssessedItem:
    """An item as the judge hands it on; figures and input fields by name."""
    fields = {name: more.pop(name) for name in ("title", "incident", "updated_at", "id") if name in more}
    given = Item.model_validate(
        {"lane": lane, "source": source, "text": text, "published_at": at, "kind": kind, **fields}
    )
    own_id = item_id(given, district="zhanggong", source=source)
    return AssessedItem(
        item_id=own_id,
        district="zhanggong",
        version=version(given),
        source=source,
        received_at=at,
        day=local_day(at),
        input=given,
        assessment=Assessment(
            id=own_id,
            item_id=own_id,
            lane=lane,
            category=category,
            category_scores={},
            emergency=Emergency(is_emergency=event is not None and not warning, event_type=event, warning=warning),
            facts=Facts(event_time=EventTime(start=time, precision=precision) if time else None, places=places, **more),
            timeliness=Timeliness(verdict=TimelinessVerdict.NOT_APPLICABLE, rule=TimelinessRule.NONE),
            rules_version="test",
        ),
        minhash=signature(text),
    )


def joined(*items: AssessedItem) -> bool:
    """Whether all items get one story."""
    matcher = StoryMatcher(RULES, MODEL)
    stories = {matcher.assign(one).story for one in items}
    return len(stories) == 1 and None not in stories


FIRE = "6月8日11时20分，沙河镇河头村一家具作坊起火，过火约60平方米，2人受伤送医，火势12时前扑灭。"
HOUR = timedelta(hours=1)


def fire(text: str = FIRE, **more: Any) -> AssessedItem:
    """A fire in a village."""
    given: dict[str, Any] = {"event": "火灾", "time": NOON - HOUR * 2 / 3, "places": ("沙河镇", "河头村"), "injured": 2}
    return item(text, **(given | more))


def test_three_lanes_on_one_fire() -> None:
    report = fire("河头村来电：家具作坊烧起来了，11点20分起的火，两个人烫到了。", lane=Lane.REPORT, source="沙河镇")
    post = item("河头村那家做家具的烧了！黑烟滚滚", lane=Lane.OPINION, event="火灾", places=("河头村",), at=NOON + HOUR)
    assert joined(report, fire(at=NOON + HOUR / 2), post)


@pytest.mark.parametrize(
    "other",
    [
        fire(FIRE.replace("河头村", "龙村"), places=("沙河镇", "龙村")),
        fire(FIRE.replace("11时20分", "17时40分"), time=NOON + 6 * HOUR, at=NOON + 8 * HOUR),
        fire(FIRE.replace("6月8日", "6月5日"), time=NOON - timedelta(days=3, hours=1)),
        item("河头村一辆小货车与摩托相撞，1人受伤。", event="道路交通事故", places=("河头村",), time=NOON + 4 * HOUR),
        item("漳浦县一仓库起火，2人受伤。", event="火灾", places=("漳浦县",), time=NOON - HOUR * 2 / 3, injured=2),
        item("河头村举行消防演练，30名村民参加。", category=Category.WORK_NEWS, places=("河头村",)),
        fire("预警：沙河镇火险等级高，注意防火。", warning=True, injured=None, time=None, places=("沙河镇",)),
    ],
    ids=["village", "hour", "day", "kind", "county", "drill", "warning"],
)  # fmt: skip
def test_look_alikes_stay_apart(other: AssessedItem) -> None:
    assert not joined(fire(), other)


def test_deaths_may_grow_but_are_not_two_sets() -> None:
    earlier = item("吉泰社区出租屋起火，11人死亡。", event="火灾", places=("吉泰社区",), time=NOON - HOUR, deaths=11)
    later = item(
        "吉泰社区火灾死亡人数升至13人。", event="火灾", places=("吉泰社区",), time=NOON - HOUR, deaths=13,
        at=NOON + 9 * HOUR,
    )  # fmt: skip
    assert joined(earlier, later)


def test_a_follow_up_that_says_little_follows_its_department() -> None:
    first = fire(lane=Lane.REPORT, source="沙河镇", kind=Kind.FIRST)
    bare = item(
        "续：火打熄了，人都好。",
        lane=Lane.REPORT,
        source="沙河镇",
        kind=Kind.FOLLOW_UP,
        event="火灾",
        at=NOON + 3 * HOUR,
    )
    stranger = item(
        "续：火打熄了，人都好。",
        lane=Lane.REPORT,
        source="水西镇",
        kind=Kind.FOLLOW_UP,
        event="火灾",
        at=NOON + 3 * HOUR,
    )
    assert joined(first, bare)
    assert not joined(first, stranger)


def test_an_incident_number_joins_the_final_report_after_weeks() -> None:
    first = fire(lane=Lane.REPORT, source="沙河镇", kind=Kind.FIRST, incident="SH-7")
    final = item(
        "终报：原因已查明，善后结束。", lane=Lane.REPORT, source="沙河镇", kind=Kind.FINAL, event="火灾",
        incident="SH-7", at=NOON + timedelta(days=20),
    )  # fmt: skip
    assert joined(first, final)
    other = final.model_copy(update={"item_id": "b" * 32, "input": final.input.model_copy(update={"incident": "SH-8"})})
    assert not joined(first, other)


ARTICLE = (
    "章江街道在兴国路社区试点小区议事厅，楼栋长、物业、业委会、社区四方每周坐一次，定议题、定规则、定时限，"
    "三个月议了41件事，修好楼道灯86盏，拆除地锁27把，居民从围着吵变成坐着谈。"
)


def test_reprints_of_news_without_an_event() -> None:
    one = item(ARTICLE, category=Category.PRACTICE, places=("章江街道", "兴国路社区"), title="章江街道探索小区议事厅")
    two = item(
        "虔城发布消息 " + ARTICLE.replace("试点", "试行")[:80], category=Category.PRACTICE, source="虔城发布",
        places=("章江街道", "兴国路社区"), title="小区议事厅，坐下来谈", at=NOON + 20 * HOUR,
    )  # fmt: skip
    matcher = StoryMatcher(RULES, MODEL)
    first, second = matcher.assign(one), matcher.assign(two)
    assert (first.relation, second.relation) == ("first", "reprint")
    assert first.story == second.story
    assert second.score > 0


def test_a_form_filled_in_twice_is_two_items() -> None:
    form = "6月8日，{}组织干部巡查水塘{}口，劝离野泳{}人，补设警示牌{}块，发放告家长书{}份。"
    one = item(form.format("楼梯村", 12, 31, 18, 260), category=Category.WORK_NEWS, places=("楼梯村",))
    two = item(form.format("霞峰村", 15, 44, 23, 310), category=Category.WORK_NEWS, places=("霞峰村",))
    assert not joined(one, two)


def test_complaints_of_one_kind_at_two_estates() -> None:
    text = "{}电梯三天两头坏，老人上下楼全靠爬，物业说没钱修，请部门管管。"
    one = item(text.format("锦绣花园"), category=Category.PROBLEM, lane=Lane.OPINION, places=("锦绣花园",))
    two = item(text.format("滨江家园"), category=Category.PROBLEM, lane=Lane.OPINION, places=("滨江家园",))
    assert not joined(one, two)


def test_a_reply_belongs_to_the_letter_whose_date_it_names() -> None:
    letter = item(
        "赞贤路烧烤店油烟直往楼上灌，晚上十二点还在吵。", category=Category.PROBLEM, lane=Lane.OPINION,
        title="赞贤路烧烤油烟扰民", places=("赞贤路",),
    )  # fmt: skip
    reply = item(
        "您好，您6月8日反映的赞贤路烧烤油烟问题，我局已责令3家店清洗净化设备。", category=Category.WORK_NEWS,
        lane=Lane.OPINION, title="关于赞贤路烧烤油烟的回复", places=("赞贤路",), at=NOON + timedelta(days=6),
    )  # fmt: skip
    assert joined(letter, reply)


def test_zero_reports_have_no_story() -> None:
    matcher = StoryMatcher(RULES, MODEL)
    for source in ("沙河镇", "水西镇"):
        zero = item("今日无紧急重要信息。", kind=Kind.ZERO, lane=Lane.REPORT, source=source, category=Category.OTHER)
        assert (matcher.assign(zero).story, matcher.assign(zero).relation) == (None, "alone")


def test_a_correction_keeps_its_story() -> None:
    matcher = StoryMatcher(RULES, MODEL)
    first = matcher.assign(fire(id="7"))
    changed = fire(FIRE.replace("河头村", "罗边村"), id="7", places=("罗边村",), updated_at=NOON + HOUR)
    again = matcher.assign(changed)
    assert (again.story, again.version) == (first.story, changed.version)
    assert matcher.assign(fire(id="7")) == again


def test_a_window_restored_decides_as_the_one_that_lived() -> None:
    items = [
        fire(),
        item(ARTICLE, category=Category.PRACTICE, places=("兴国路社区",), at=NOON + HOUR / 2),
        fire("河头村家具作坊火灾2名伤者出院", time=None, at=NOON + 30 * HOUR),
        fire(at=NOON + HOUR, source="另一家"),
    ]
    lived = StoryMatcher(RULES, MODEL)
    events = [lived.assign(one) for one in items[:2]]
    restored = StoryMatcher(RULES, MODEL)
    read_back = [StoryAssigned.model_validate_json(event.model_dump_json()) for event in events]
    restored.restore(read_back)
    restored.restore(read_back)
    assert [lived.assign(one) for one in items] == [*events, *(restored.assign(one) for one in items[2:])]


def test_the_window_is_bounded_by_days_and_items() -> None:
    late = fire(at=NOON + timedelta(days=5), source="另一家")
    short = StoryMatcher(replace(RULES, window=timedelta(days=2), remembered=0), MODEL)
    small = StoryMatcher(replace(RULES, capacity=1, remembered=0), MODEL)
    filler = item("天气预报：明天多云，偏北风三级。", at=NOON + timedelta(days=4), category=Category.ANALYSIS)
    for matcher in (short, small):
        story = matcher.assign(fire()).story
        matcher.assign(filler)
        assert matcher.assign(late).story != story
    wide = StoryMatcher(RULES, MODEL)
    story = wide.assign(fire()).story
    wide.assign(filler)
    assert wide.assign(late).story == story


DAY = timedelta(days=1)


def test_emergencies_are_remembered_longer_for_what_came_of_them() -> None:
    rebuilt = "沙河镇河头村家具作坊火灾三个月后，损失的作坊主领到赔偿，重建的砖房上周封顶。"
    matcher = StoryMatcher(RULES, MODEL)
    first = matcher.assign(fire())
    matcher.assign(item("天气预报：明天多云，偏北风三级。", at=NOON + 60 * DAY, category=Category.ANALYSIS))
    late = item(rebuilt, at=NOON + 95 * DAY, category=Category.WORK_NEWS, places=("沙河镇", "河头村"))
    assert matcher.assign(late).story == first.story
    forgetful = StoryMatcher(replace(RULES, memory=timedelta(days=40)), MODEL)
    forgetful.assign(fire())
    forgetful.assign(item("天气预报：明天多云，偏北风三级。", at=NOON + 60 * DAY, category=Category.ANALYSIS))
    assert forgetful.assign(late).story != first.story


BUS = "6月7日9时许，江北省临川市云台县一辆客车与货车相撞，客车翻下路基，致3人死亡、21人受伤。"


def crash(text: str = BUS, *, days: float = 0, **fields: Any) -> AssessedItem:
    given = {
        "event": "道路交通事故",
        "time": NOON - 27 * HOUR,
        "precision": Precision.HOUR,
        "places": ("江北省", "临川市", "云台县"),
    }
    return item(text, at=NOON - 20 * HOUR + days * DAY, **(given | fields))


@pytest.mark.parametrize(
    "later",
    [
        crash("云台县客车事故遇难人数由3人增加到5人，其余伤者在县医院治疗。", days=1, time=None, deaths=5),
        crash(
            "记者从“6·7”客车事故善后组获悉，截至7月2日，遇难者家属的赔偿全部到位。",
            days=25, event=None, time=None, places=("临川市",),
        ),
        crash("云台县7日的客车翻车事故中，一名伤者8日晚不治身亡。", days=2, time=NOON + 8 * HOUR, deaths=4),
    ],
)  # fmt: skip
def test_what_came_of_a_crash_joins_it(later: AssessedItem) -> None:
    assert joined(crash(deaths=3, injured=21), later)


@pytest.mark.parametrize(
    "other",
    [
        crash("云台县交警部门检查客车36辆，查出逾期未检2辆，要求7月前整改。", days=5, event=None, time=None),
        crash("云台县对校车、客车司机进行事故警示教育，112人参加。", days=20, event=None, time=None),
        crash("7月20日，云台县一辆客车与货车相撞，致2人死亡。", days=43, time=NOON + 42 * DAY, deaths=2),
        crash("云台县客车事故遇难人数由9人增加到10人。", days=100, time=None, deaths=10),
    ],
)
def test_what_only_speaks_of_crashes_does_not_join_one(other: AssessedItem) -> None:
    assert not joined(crash(deaths=3, injured=21), other)


def test_a_typhoon_has_one_name_wherever_it_is_told() -> None:
    landed = item(
        "台风“青鹭”6月7日20时在东海省临海县登陆，转移群众41万人。", event="台风", time=NOON - 16 * HOUR,
        places=("东海省", "临海县"), evacuated=410_000,
    )  # fmt: skip
    counted = item(
        "据东海省防汛办10日17时统计，台风“青鹭”造成9市受灾，12人死亡。", event="台风", time=NOON + 53 * HOUR,
        places=("东海省",), deaths=12, at=NOON + 54 * HOUR,
    )  # fmt: skip
    another = item(
        "台风“白芷”6月9日在东海省登陆，转移群众12万人。", event="台风", time=NOON + 20 * HOUR, places=("东海省",),
        at=NOON + 24 * HOUR,
    )  # fmt: skip
    assert joined(landed, counted)
    assert not joined(landed, another)


def test_rules_have_defaults_and_a_bad_row_is_named() -> None:
    assert StoryRules.from_tables({}).kin == {}
    bad = parse_table("story_groups.tsv", "group\ttypes\tsource\nfire\t\tSYN\n")
    with pytest.raises(DistrictError, match=r"story_groups\.tsv:2"):
        StoryRules.from_tables({"story_groups": bad})
    bad = parse_table("story_words.tsv", "words\ttypes\tsource\n大火\t\tSYN\n")
    with pytest.raises(DistrictError, match=r"story_words\.tsv:2"):
        StoryRules.from_tables({"story_words": bad})


def test_an_event_told_apart_from_another_brings_only_its_own_places() -> None:
    slide = item(
        "3月4日5时20分，彝良县一村民小组后山下滑，14人失联。", event="山体滑坡", places=("彝良县", "云南"),
        time=NOON - 7 * HOUR, missing=14,
    )  # fmt: skip
    other = item(
        "6月8日11时许，赫章县一处公路边坡滑塌，1人身亡。当地强调，此处与云南彝良不是一回事，请勿混淆。",
        event="山体滑坡", places=("赫章县", "贵州", "云南", "彝良"), time=NOON - HOUR, deaths=1, at=NOON + HOUR,
    )  # fmt: skip
    assert not joined(slide, other)


def test_villages_in_the_text_keep_two_drownings_of_one_town_apart() -> None:
    one = item("茅店镇洋塘村一名初中生在山塘溺亡。", event="溺水", places=("茅店镇",), time=NOON - 2 * HOUR, deaths=1)
    other = item(
        "茅店镇上坝村江段落水的男孩遗体被打捞上岸。", event="溺水", places=("茅店镇", "上坝村"), at=NOON + 20 * HOUR,
        time=NOON + 19 * HOUR, precision=Precision.MINUTE,
    )  # fmt: skip
    assert not joined(one, other)


def test_a_follow_up_with_nothing_of_its_own_follows_its_department() -> None:
    first = fire(lane=Lane.REPORT, source="沙河镇", kind=Kind.FIRST)
    later = item(
        "续报：明火已灭，人员都出来了。", event="其他事故灾难", lane=Lane.REPORT, source="沙河镇", kind=Kind.FOLLOW_UP,
        at=NOON + 2 * HOUR,
    )  # fmt: skip
    assert joined(first, later)


def test_the_hour_of_a_repair_is_no_second_collapse_of_one_road() -> None:
    hole = item("今早7时35分，红旗大道文清路口路面下陷成坑。", event="地面塌陷", places=("红旗大道", "文清路"),
                time=NOON - 4 * HOUR)  # fmt: skip
    repair = item("红旗大道文清路口的塌陷坑，抢险人员16时开始回填。", event="地面塌陷", places=("红旗大道", "文清路"),
                  time=NOON + 4 * HOUR, precision=Precision.HOUR, at=NOON + 6 * HOUR)  # fmt: skip
    assert joined(hole, repair)


def test_two_notes_of_one_day_at_one_place_are_two() -> None:
    wedding = item(
        "6月8日傍晚，9对新人在建春门浮桥举办集体婚礼，桥两岸站满送祝福的市民，誓词都很短，鞭炮换成了泡泡机。",
        category=Category.WORK_NEWS,
        places=("建春门浮桥",),
        at=NOON + 20 * HOUR,
    )
    crowd = item(
        "假期首日景点接待游客11.6万人次，建春门浮桥实行单向通行，文化市场执法人员42名分8组巡查，受理投诉3件。",
        category=Category.WORK_NEWS, places=("建春门浮桥", "八境台"), source="区文旅局", at=NOON + 19 * HOUR,
    )  # fmt: skip
    assert not joined(wedding, crowd)


def test_a_post_without_a_known_place_says_the_county_in_its_own_words() -> None:
    news = item("4月28日，寒亭区一物流园冷库起火，冷库保温层燃烧。", event="火灾", places=("寒亭区",), time=NOON - HOUR,
                title="寒亭冷库起火")  # fmt: skip
    post = item(
        "寒亭那边冷库着了，冷库烟特别黑，物流园门口路封了。", event="火灾", lane=Lane.OPINION, at=NOON - HOUR / 2
    )
    assert joined(news, post)


@pytest.mark.parametrize(
    "change",
    [
        {"text": FIRE.replace("6月8日", "6月18日"), "at": NOON + timedelta(days=10), "time": None},
        {"text": FIRE.replace("沙河镇河头村", "湖江镇上碛村"), "places": ("湖江镇",), "time": None, "at": NOON + HOUR},
    ],
    ids=["day", "town"],
)
def test_the_words_of_an_earlier_report_with_another_day_or_place_are_another_event(change: dict[str, Any]) -> None:
    assert not joined(fire(), fire(**change))


def test_a_reprint_with_a_source_line_and_a_sentence_less_is_joined() -> None:
    news = FIRE + "起火原因正在调查。当地已对同类作坊开展排查，责令3家停业整改。"
    reprint = (
        "据新华社消息，"
        + news.replace("起火原因正在调查。", "").replace("约60", "60余")
        + "（来源：江右早报 编辑：某某）"
    )
    assert joined(fire(news), fire(reprint, source="赣江网", at=NOON + 5 * HOUR))
