"""The onset in news of the whole country and abroad. Published on Saturday, 21 November 2026, at noon, unless said."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

CASES = [
    ("新华社河阳11月20日电（记者甲某）河阳市19日晚发生一起重大交通事故，造成9人死亡。", "11-19 00:00 day"),
    ("中新网11月21日电 据外媒报道，当地时间20日晚，首都一座清真寺发生爆炸，8人死亡。", "11-20 00:00 day"),
    ("本报讯 昨日凌晨3时许，国道205线发生一起车祸，3人死亡。", "11-20 03:00 hour"),
    ("本报讯（记者乙某）昨天下午4点半左右，城东一居民楼发生火灾。", "11-20 16:30 minute"),
    ("前晚11时许，两辆轿车在滨江路相撞，4人受伤。", "11-19 23:00 hour"),
    ("前天夜里11点40分，一家歌厅起火，2人受伤。", "11-19 23:40 minute"),
    ("昨天（20日）上午10时10分，一辆校车侧翻，5名学生受伤。", "11-20 10:10 minute"),
    ("20日（星期五）14时20分许，一化工厂发生爆炸。", "11-20 14:20 minute"),
    ("上周五（13日）晚，一辆长途客车坠入山谷，12人死亡。", "11-13 00:00 day"),
    ("本月18日，南岭县发生瓦斯爆炸事故，造成7人死亡。", "11-18 00:00 day"),
    ("本月18日上午9时，南岭县发生瓦斯爆炸事故，造成7人死亡。", "11-18 09:00 hour"),
    ("上月28日，一列客车脱轨，造成3人死亡。", "10-28 00:00 day"),
    ("11月18日14时28分，青岭州发生6.8级地震，截至21日8时已造成35人死亡。", "11-18 14:28 minute"),
    ("据中国地震台网测定，北京时间11月18日14时28分04秒，青岭州发生6.8级地震。", "11-18 14:28 minute"),
    (
        "中国地震台网正式测定：11月20日05时03分在白水县（北纬27.3度，东经103.1度）发生4.6级地震，震源深度10千米。",
        "11-20 05:03 minute",
    ),
    ("当地时间19日22时05分（北京时间20日5时05分），南美洲西岸近海发生7.1级地震，30人死亡。", "11-20 05:05 minute"),
    ("截至20日20时，18日发生的煤矿透水事故已造成5人死亡，仍有4人被困。", "11-18 00:00 day"),
    ("截至11月20日22时，大巴车坠河事故造成13人遇难。事故发生于20日10时30分。", "11-20 10:30 minute"),
    ("记者21日从县政府新闻发布会上获悉，20日15时，县城一商场发生火灾，3人死亡。", "11-20 15:00 hour"),
    ("记者今日上午从省卫生厅获悉，本月17日河阳市一小学发生食物中毒，87名学生住院。", "11-17 00:00 day"),
    ("21日，记者从应急管理部门了解到，白水煤矿20日发生顶板事故，2人遇难。", "11-20 00:00 day"),
    ("11月20日上午8时，王某驾驶大货车由南向北行驶，8时25分许，货车失控撞向人群，造成3人死亡。", "11-20 08:25 minute"),
    (
        "11月20日22时50分，警方接到报警称，解放路一酒吧起火。消防于22时58分到场，23时40分将火扑灭。",
        "11-20 22:50 minute",
    ),
    ("11月19日早餐后，第二中学多名学生陆续出现腹泻。20日，市疾控中心介入调查，共有56名学生就诊。", "11-19 00:00 day"),
    ("11月19日12时许，某小学学生吃完午餐后，13时左右陆续出现呕吐、腹痛症状，共有45人送医。", "11-19 13:00 hour"),
    ("二〇二六年十一月十九日上午九时十五分，县化肥厂液氨泄漏，3人中毒。", "11-19 09:15 minute"),
    ("十九日晚八点一刻，一家网吧失火。", "11-19 20:15 minute"),
    ("今天凌晨零点四十分左右，一辆油罐车追尾起火，2人死亡。", "11-21 00:40 minute"),
    ("今晨6时许，京港高速发生连环追尾事故，4死11伤。", "11-21 06:00 hour"),
    ("周三下午，一枚炸弹在市场爆炸，至少17人死亡。", "11-18 00:00 day"),
    ("星期四早上，两列火车在郊外相撞，造成22人死亡。", "11-19 00:00 day"),
    ("去年11月12日，该厂也曾发生爆炸。昨日16时，该厂再次爆炸，5人受伤。", "11-20 16:00 hour"),
    ("2026年11月15日至18日，南部遭遇特大暴雨，洪水造成6人死亡。", "11-15 00:00 period"),
    ("11月15日以来，全县持续暴雨，山洪已致3人死亡。", "11-15 00:00 day"),
    ("11月16日起，某小学陆续有学生发热，至19日共有43人确诊流感。", "11-16 00:00 day"),
    ("18日12时至19日12时，多地出现大暴雨，引发洪涝，2人失踪。", "11-18 12:00 period"),
    ("据通报，2026年11月20日9时33分，金沙路一工地塔吊倒塌，3人死亡。目前善后工作正在进行。", "11-20 09:33 minute"),
    ("11月20日21时至22时之间，一名男子持刀闯入学校宿舍，砍伤6名学生。", "11-20 21:00 period"),
    ("1998年的洪水令人记忆犹新。昨晚，河阳再次遭遇洪水，2人失踪。", "11-20 00:00 day"),
    ("11月20日是周五，下午5点20分放学时分，校门口发生踩踏，6名学生受伤。", "11-20 17:20 minute"),
    ("搜救工作持续到21日凌晨。18日晚7时20分，载有36人的渡船在青江沉没，11人遇难。", "11-18 19:20 minute"),
    ("21日上午，抢险人员又找到2名遇难者遗体。17日，该矿井下发生透水，14人被困。", "11-17 00:00 day"),
    ("事发昨晚10时许，一辆公交车突然起火，15名乘客受伤。", "11-20 22:00 hour"),
    (
        "19日，河阳市一居民楼发生燃气爆炸。据目击者称，爆炸发生在上午10时15分左右，当时有人在做饭。",
        "11-19 10:15 minute",
    ),
    ("一辆旅游大巴20日在山区公路坠崖，造成14人死亡。当地警方说，事故发生在当天下午3时左右。", "11-20 15:00 hour"),
    ("20日中午12点40分，鞭炮厂爆炸，5人死亡。下午2点，救援结束。", "11-20 12:40 minute"),
    ("昨日上午，记者赶到现场时，大火已被扑灭。据了解，火灾发生在凌晨2点多，2名工人死亡。", "11-20 02:00 hour"),
    ("11月20日早上7:30左右，一辆电动车与公交车相撞，1人死亡。", "11-20 07:30 minute"),
    ("2026-11-20 18:35，一仓库起火，无人员伤亡。", "11-20 18:35 minute"),
    ("某国总统20日宣布，为19日炸弹袭击中的遇难者哀悼三天，袭击造成31人死亡。", "11-19 00:00 day"),
    ("5天前发生的矿难，目前已造成13人死亡。", None),
    ("近日，一批学生食物中毒，21人住院。", None),
    ("日前，河阳市发生一起爆炸案，2人死亡。", None),
    ("一辆客车侧翻，造成3人受伤，事故原因正在调查。", None),
    ("11月20日，法院对去年“3·12”爆炸案一审公开宣判。", "11-20 00:00 day"),
    ("“11·18”煤矿事故遇难人数增至12人，救援仍在继续。", "11-18 00:00 day"),
    ("11·18特大瓦斯爆炸事故已造成12人死亡。", "11-18 00:00 day"),
    ("台风“海棠”于11月19日16时50分前后在沿海登陆，登陆时中心附近最大风力13级，已致2人死亡。", "11-19 16:50 minute"),
    ("预计台风将于22日夜间登陆。20日下午，外围大风已刮倒围墙，砸伤3人。", "11-20 00:00 day"),
    ("11月20日下午5时55分，2号主变压器起火，全城停电。", "11-20 17:55 minute"),
    ("3号楼昨日下午发生坍塌，2人被埋。", "11-20 00:00 day"),
    ("一架客机20日格林尼治时间上午8时左右坠毁，机上57人遇难。", "11-20 08:00 hour"),
    ("昨天晚上快9点的时候，一辆货车撞上收费亭，1人受伤。", "11-20 21:00 hour"),
    ("19日深夜11时50分，一工厂宿舍着火，20日零时40分火势得到控制，7人死亡。", "11-19 23:50 minute"),
    ("今天上午9时20分，“11·18”隧道塌方救援取得进展，又有3名工人被救出，仍有2人被困。", "11-18 00:00 day"),
    (
        "20日深夜，抢险人员排干车库积水，找到1名失踪者，已遇难。“11·19”暴雨死亡人数由4人上升到5人。",
        "11-19 00:00 day",
    ),
    ("11月20日星期五早上7时15分，公交车与摩托车相撞，3人受伤。", "11-20 07:15 minute"),
    ("19日23时许至20日凌晨，暴雨引发泥石流，冲毁民房30间，3人失踪。", "11-19 23:00 period"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_onset_in_news(facts: tuple[FactJudge, Scanner], text: str, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    found = read(facts, text, lane=Lane.MEDIA, published_at=published).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected


ACTIVITIES = [
    (Lane.REPORT, "", "街道党工委书记11月20日说，老城区工作最怕墙上好看、巷里难走。", "11-20 00:00 day"),
    (Lane.REPORT, "", "区统计局11月20日公布，前三季度工业增加值同比增长6%，预计全年增长7%。", "11-20 00:00 day"),
    (Lane.REPORT, "", "副区长11月18日在城管队伍会上要求，执法的手要软一点、眼要尖一点。", "11-18 00:00 day"),
    (
        Lane.REPORT,
        "",
        "11月20日，省教育厅公布评估结果，我区列全省第三位，局里当天把扣分项贴在门口。",
        "11-20 00:00 day",
    ),
    (Lane.REPORT, "", "11月20日，市营商办通报三季度满意度测评，我区比第一名低0.08分。", "11-20 00:00 day"),
    (Lane.REPORT, "", "谁当天进城谁带着去办，村里没有花一分钱。", None),
    (Lane.REPORT, "", "11月20日，社区清理楼道杂物，当天清走12车。", "11-20 00:00 day"),
    (Lane.REPORT, "", "园区专员每天12点40分到企业食堂，随机坐一桌。", None),
    (Lane.REPORT, "", "早餐摊周一最多有23个，平时17个。", None),
    (Lane.REPORT, "", "区长近日主持召开常务会议，对被占的小区实行一周一督办。", None),
    (Lane.REPORT, "", "11月25日8时至17时，罗边村停电检修，请提前做好准备。", "11-25 08:00 period"),
    (Lane.OPINION, "回复：飞线充电", "您反映的情况属实。11月18日已清理车辆21辆。", "11-18 00:00 day"),
    (Lane.OPINION, "答复：入学", "您好，您11月18日的留言我局已收悉，将尽快与您联系。", None),
    (Lane.OPINION, "", "投诉楼下烧烤店，11月18日晚上吵到两点，求管管。", None),
    (Lane.MEDIA, "", "市交警支队昨天披露，长假里查处酒驾31起，同比下降两成。", "11-20 00:00 day"),
    (Lane.MEDIA, "", "记者20日从区住建局了解到，今年要改造42条小巷。", "11-20 00:00 day"),
    (Lane.MEDIA, "", "记者20日从区公安分局获悉，一起十年前的盗窃案近日告破。", None),
    (Lane.MEDIA, "", "新华社南昌11月20日电 前三季度全省受灾人口比上年少三成。", None),
    (Lane.REPORT, "", "针对11月9日督查出的问题，镇里高度重视，立即整改。", None),
    (Lane.REPORT, "", "11月20日，来电反映积水的住户领到了排水泵。", "11-20 00:00 day"),
    (Lane.REPORT, "", "截至11月20日，罗边片区签约392户，签约率九成。", "11-20 00:00 day"),
    (Lane.REPORT, "", "开展书画征集。截至11月20日，共收到作品218副。", None),
    (Lane.REPORT, "", "受寒潮影响，11月23日停课安排：东片14所学校停课一天。", "11-23 00:00 day"),
    (Lane.REPORT, "", "11月25日前后预计有冷空气，最低气温2度。", None),
    (Lane.REPORT, "", "11月9日至15日，窗口受理事项412件，办结398件。", "11-09 00:00 period"),
    (Lane.REPORT, "", "9月1日至10月31日，窗口受理事项412件，办结398件。", None),
    (Lane.REPORT, "", "11月以来，我局检查商户226家，责令整改11家。", "11-01 00:00 period"),
    (Lane.REPORT, "关于护栏的答复", "网友您好！已安排人员现场核实，护栏已修复。2026年11月20日", "11-20 00:00 day"),
    (Lane.MEDIA, "", "预计今夜仍有大雨。市防指决定于11月21日9时将防汛四级应急响应提升至三级。", "11-21 09:00 hour"),
    (Lane.REPORT, "", "一、停课范围：全区小学。二、停课时间：11月23日（周一）。三、做好排查。", "11-23 00:00 day"),
    (Lane.REPORT, "", "建立联席会议制度，由分管副区长于每月10日、20日主持，现场解决问题。", None),
    (Lane.REPORT, "", "消防宣传进院落，逐户教了两遍。11月20日走完最后一户时已是傍晚。", "11-20 00:00 day"),
    (Lane.MEDIA, "", "本报南昌11月20日讯 省应急管理厅今天通报，上半年事故起数下降两成。", "11-20 00:00 day"),
    (Lane.MEDIA, "", "9月28日起开展的专项行动已查处案件11起。", "09-28 00:00 day"),
    (Lane.MEDIA, "", "11月20日，记者从支队获悉，自9月28日行动开展以来，查处酒驾31起。", "11-20 00:00 day"),
    (Lane.MEDIA, "", "市交警支队昨披露，长假里查处酒驾31起。", "11-20 00:00 day"),
    (Lane.REPORT, "", "11月19、20日，街道联合消防对商住楼开展隐患排查。", "11-19 00:00 day"),
    (Lane.MEDIA, "章贡区召开经济形势分析会", "11月20日，区委召开会议，分析前三季度经济形势。", "11-20 00:00 day"),
]


@pytest.mark.parametrize(("lane", "title", "text", "expected"), ACTIVITIES)
def test_time_of_what_is_no_event(
    facts: tuple[FactJudge, Scanner], lane: Lane, title: str, text: str, expected: str | None
) -> None:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    item = Item(lane=lane, source="区应急局", title=title, text=text, published_at=published)
    document = Document(item)
    found = facts[0].judge(document, facts[1].scan(document.norm), event=False).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected


FOLLOW_UPS = [
    ("续报：河头村山火11月20日18时35分全线合围，19时10分明火扑灭，留42人看守。", None),
    ("续报一（11月21日9时）：伤者12人都已出院，昨晚清场。", None),
    ("续报：11月19日14时发生的仓库火灾，2名伤者今天出院。", "11-19 14:00 hour"),
]


@pytest.mark.parametrize(("text", "expected"), FOLLOW_UPS)
def test_a_follow_up_tells_its_own_hours(facts: tuple[FactJudge, Scanner], text: str, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    fields: dict[str, object] = {"lane": Lane.REPORT, "source": "沙石镇", "kind": "followup", "published_at": published}
    found = read(facts, text, **fields).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected


NOTES = [
    ("中午好多娃喊肚子痛，校医室排队排到操场，去了五十二个在县医院。", "11-21 00:00 day"),
    ("早上厂房后面起火了，火很大。", "11-21 00:00 day"),
    ("半夜隔壁起火了，火很大。", None),
    ("这家店每到傍晚油烟就大，今天烧起来了。", "11-21 00:00 day"),
    ("厂房起火了，从上午烧到现在。", "11-21 00:00 day"),
]


@pytest.mark.parametrize(("text", "expected"), NOTES)
def test_part_of_the_day_in_a_note(facts: tuple[FactJudge, Scanner], text: str, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 14, 0, tzinfo=CHINA)
    document = Document(Item(lane=Lane.OPINION, source="微博", text=text, published_at=published))
    found = facts[0].judge(document, facts[1].scan(document.norm), event=True, sure=True).facts.event_time
    assert (f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None) == expected
