"""Places in news of the whole country and abroad, and whether the event lies in the district."""

from __future__ import annotations

import pytest

from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.vocab import Lane
from tests.unit.processors.test_figures import read

NEWS = [
    ("云南省昭通市鲁甸县发生6.5级地震，震中在龙头山镇。", "云南省 昭通市 鲁甸县 龙头山镇", False),
    ("四川汶川县映秀镇一处山体滑坡。", "四川 汶川县 映秀镇", False),
    ("青海省玉树藏族自治州发生地震。", "青海省 玉树藏族自治州", False),
    ("青海玉树州发生地震，玉树市房屋倒塌。", "青海 玉树州 玉树市", False),
    ("贵州黔东南州镇远县遭遇冻雨。", "贵州 黔东南州 镇远县", False),
    ("伊拉克首都巴格达发生汽车炸弹袭击。", "伊拉克 巴格达", False),
    ("巴格达市中心一家餐馆遭炸弹袭击。", "巴格达", False),
    ("阿富汗喀布尔一座清真寺爆炸。", "阿富汗 喀布尔", False),
    ("莫斯科一地铁站发生爆炸。", "莫斯科", False),
    ("尼泊尔加德满都附近一架客机坠毁。", "尼泊尔 加德满都", False),
    ("黑龙江省鹤岗市一煤矿发生瓦斯爆炸。", "黑龙江省 鹤岗市", False),
    ("北京市朝阳区一居民楼起火。", "北京市 朝阳区", False),
    ("上海静安区一幢教师公寓起火。", "上海 静安区", False),
    ("重庆武隆县铁矿乡发生山体垮塌。", "重庆 武隆县 铁矿乡", False),
    ("内蒙古呼伦贝尔市发生森林火灾。", "内蒙古 呼伦贝尔市", False),
    ("新疆乌鲁木齐市一早市发生爆炸。", "新疆 乌鲁木齐市", False),
    ("广西壮族自治区柳州市发生持刀伤人案。", "广西壮族自治区 柳州市", False),
    ("西藏林芝市米林县发生地震。", "西藏 林芝市 米林县", False),
    ("京珠高速河南信阳段发生客车起火事故。", "京珠高速 河南 信阳", False),
    ("甘肃省庆阳市正宁县榆林子镇一辆校车与货车相撞。", "甘肃省 庆阳市 正宁县 榆林子镇", False),
    ("山东省滨州市惠民县大年陈镇一蛋鸡场发生禽流感。", "山东省 滨州市 惠民县 大年陈镇", False),
    ("惠民县通报，大年陈镇一蛋鸡场鸡只死亡。", "惠民县 大年陈镇", False),
    ("赣县区茅店镇洋塘村一名学生溺亡。", "赣县区 茅店镇 洋塘村", False),
    ("陕西渭南大荔县两家村镇银行被储户围堵。", "陕西 渭南 大荔县", False),
    ("今天水位上涨，一处堤坝决口。", "", False),
    ("一辆开往上海的客车在湖北省随州市境内侧翻。", "湖北省 随州市", False),
    ("台湾花莲县海域发生6.2级地震，福建、浙江有震感。", "台湾 花莲县", False),
    ("江西省赣州市南康区一家具厂起火。", "江西省 赣州市 南康区", False),
    ("江西省赣州市章贡区一家具城起火。", "江西省 赣州市 章贡区", True),
    ("赣州市建国路一烧烤店起火。", "赣州市 建国路", True),
    ("犯罪嫌疑人在赣县区被抓获，案件发生在章贡区文清路。", "章贡区 文清路", True),
    ("印度尼西亚苏门答腊岛附近海域发生地震。", "印度尼西亚 苏门答腊岛", False),
    ("美国得克萨斯州一所小学发生枪击案。", "美国 得克萨斯州", False),
    ("阿塞拜疆一架客机坠毁。", "阿塞拜疆", False),
    ("坦桑尼亚一艘渡轮沉没。", "坦桑尼亚", False),
    ("塞尔维亚一座火车站顶棚坍塌。", "塞尔维亚", False),
    ("越南北部高平省一辆长途大巴坠崖。", "越南 高平省", False),
    ("印度东部比哈尔邦发生踩踏。", "印度 比哈尔邦", False),
    ("美国的高速公路上，一辆大巴起火。", "美国", False),
    ("郑州高新区一厂房起火。", "郑州 高新区", False),
    ("高新区一厂房起火。", "", False),
]
TITLED = [
    ("兴国一村民放孔明灯引发山火", "兴国县一村民燃放孔明灯，引燃后山。", "兴国县", False),
    ("浏阳一大巴翻车", "湖南长沙浏阳市境内，一辆客车翻下路坡。", "湖南 长沙 浏阳市", False),
    ("灌云爆炸致32死", "江苏连云港灌云县一化工园区发生爆炸。", "江苏 连云港 灌云县", False),
]
LOCAL = [
    ("report", "区林业局", "水东镇马祖岩村与赣县区交界山场发生火情。", "水东镇 马祖岩村", True),
    ("report", "区应急局", "广东河源发生4.1级地震，我区部分高层住户有震感，区内无伤亡。", "广东 河源", False),
    ("media", "赣州发布", "水南片区停电，正在抢修。", "水南", True),
    ("opinion", "本地宝论坛", "今天水西的公交一台都没等到！师傅们罢运了", "水西", True),
    ("opinion", "小红书", "站东这边烧起来了，好大的烟", "站东", True),
    ("opinion", "微博", "水西下冰雹了，天窗都砸穿了", "水西", True),
    ("opinion", "微博", "一车沙石料翻在路上，压住了人", "", None),
    ("opinion", "微博", "罗坑小学的围墙倒了", "罗坑", True),
    ("opinion", "微博", "罗坑人都知道这件事，着火了", "", None),
    ("media", "新华网", "罗坑小学的围墙倒了", "", False),
    ("opinion", "朋友圈截图", "有人在贡江边落水了", "贡江", True),
    ("media", "新华网", "有人在贡江边落水了", "贡江", None),
    ("opinion", "微博", "南昌一栋楼着火，贡江边都没有这么高的楼", "南昌 贡江", False),
    ("media", "新华网", "浙江温州一小区停电，水西片区受影响。", "浙江 温州", False),
    ("report", "区应急局", "解放思想动员会后，仓库起火。", "", True),
]


@pytest.mark.parametrize(("text", "places", "inside"), NEWS)
def test_news(facts: tuple[FactJudge, Scanner], text: str, places: str, inside: bool | None) -> None:
    result = read(facts, text, lane=Lane.MEDIA, source="新华网")
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)


@pytest.mark.parametrize(("title", "text", "places", "inside"), TITLED)
def test_full_name_of_the_text_stands_for_the_short_one_of_the_title(
    facts: tuple[FactJudge, Scanner], title: str, text: str, places: str, inside: bool | None
) -> None:
    result = read(facts, text, title=title, lane=Lane.MEDIA, source="新华网")
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)


@pytest.mark.parametrize(("lane", "source", "text", "places", "inside"), LOCAL)
def test_local(
    facts: tuple[FactJudge, Scanner], lane: str, source: str, text: str, places: str, inside: bool | None
) -> None:
    result = read(facts, text, lane=Lane(lane), source=source)
    assert (" ".join(result.facts.places), result.in_district) == (places, inside)
