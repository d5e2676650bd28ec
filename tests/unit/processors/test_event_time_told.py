"""The onset where other times stand before it, behind it or beside it. Published on Saturday, 21 November 2026."""

from __future__ import annotations

from datetime import datetime

import pytest

from processors.document import Document
from processors.facts import FactJudge
from processors.scan import Scanner
from schemas.base import CHINA
from schemas.item import Item
from schemas.vocab import Lane

MEDIA, OPINION, REPORT = Lane.MEDIA, Lane.OPINION, Lane.REPORT
CASES = [
    # the sentence that says when it was
    (MEDIA, "今日上午，现场传来消息，又发现两名遇难者。事故11月13日13时40分左右发生在白水县。", "11-13 13:40 minute"),
    (MEDIA, "白水煤矿上周六透水，今晨9人升井。事故发生于上周六下午3时26分，水位一度上涨。", "11-14 15:26 minute"),
    (MEDIA, "最后两名失联人员今天傍晚被找到。14日深夜的爆炸至此造成5人遇难。", "11-14 00:00 day"),
    (MEDIA, "河运局20日说，18日沉没的渡船失踪人数更新为17人。", "11-18 00:00 day"),
    (MEDIA, "岛国政府20日估算，18日夜里的山洪造成12人遇难，损失巨大。", "11-18 00:00 day"),
    # a later clock of the same day behind which it struck
    (MEDIA, "11月20日13时30分，民警依法传唤两人。14时45分，近百名村民聚集打砸警车，6人受伤。", "11-20 14:45 minute"),
    (MEDIA, "20日3时25分，气象台发布雷电预警。20日早晨8时左右，一名村民在田里被雷电击中身亡。", "11-20 08:00 hour"),
    (MEDIA, "11月20日下午，两车相碰，3人受伤。当日下午2时14分许，一辆货车与罐车正面相碰。", "11-20 14:14 minute"),
    (MEDIA, "昨日，小学组织春游。下午4时20分返校时，学生在扶梯上摔倒，8名学生受伤。", "11-20 16:20 minute"),
    (MEDIA, "学校今天接种疫苗。上午9时30分接种结束后，10时许学生出现反应，8人送医。", "11-21 10:00 hour"),
    (MEDIA, "昨夜又落了一场雨。今早6时许，后山半面坡塌下来，三栋屋没了，2人受伤。", "11-21 06:00 hour"),
    # calls and rescues
    (MEDIA, "昨日下午3时许，救援队将迷路的五人带出山。前晚7时许，队长接到求助电话，一人虚脱被困。", "11-19 19:00 hour"),
    (REPORT, "8时28分接警，8时37分到场：厚德路一店面灯箱着火，无人员伤亡。", "11-21 08:28 minute"),
    (REPORT, "今天早上6点50分，村医打来电话：一家五口烧炭中毒昏迷。7点12分救护车到村里。", "11-21 06:50 minute"),
    (MEDIA, "白水镇滑坡现场下午4时救出1名老人，仍有6人失联。", None),
    (REPORT, "11月21日9时50分，民兵连长来电，两户村民打架，双方各有十来人受伤。", "11-21 09:50 minute"),
    (REPORT, "急诊室：今日10时35分送来环卫工1人，体温41度，考虑热射病。", "11-21 00:00 day"),
    (REPORT, "一家三口煤气中毒送医，住院观察三日，厂家限二日内整改。", None),
    (MEDIA, "昨下午5时许，城东一仓库起火，2人受伤，至今凌晨仍有余烟。", "11-20 17:00 hour"),
    # protests, conflicts, deaths
    (MEDIA, "产妇上周四不治。家属上周六将遗体抬到医院门前抗议，与保安冲突，3人被打伤。", "11-14 00:00 day"),
    (MEDIA, "警方20日说，两个部族18日凌晨在镇外武装冲突，已找到17具遗体。", "11-18 00:00 day"),
    (MEDIA, "百余人日前集体食物中毒，一名妇女经医治无效于20日死亡。这些人17日先后食用了凉菜。", "11-17 00:00 day"),
    (MEDIA, "11月17日凌晨5时，近百名穿着“保安”制服的人员持棍棒袭击工地，7人受伤。", "11-17 05:00 hour"),
    # days in names, months, no day at all
    (MEDIA, "指挥部21日上午发布，又发现4名矿工遇难。至此，“11·07”煤矿事故遇难人数升至9人。", "11-07 00:00 day"),
    (MEDIA, "10月以来持续的秋雨已致20人死亡、3人失踪。其中11月7日，一处山体滑坡造成2人死亡。", "10-01 00:00 month"),
    (OPINION, "林城十月初停水到今天半个多月了，井水喝得好多人拉肚子。", "10-01 00:00 month"),
    (MEDIA, "近日，多地市民抢购食盐引发踩踏，2人受伤，工作人员说早上8点就断货。", None),
    # nights and bare clocks of posts
    (OPINION, "记录一下昨晚小区的大火。十一点四十左右，一楼起火，烧伤两个人。", "11-20 23:40 minute"),
    (OPINION, "昨晚你们睡得好吗？我们楼从三点开始墙砖掉下来砸伤了人。", "11-21 03:00 hour"),
    (OPINION, "9点下班路过大桥，看见一个女的跳河，救上来没气了。", "11-21 09:00 hour"),
    (OPINION, "我哥昨天下午开船去救人，最后一次有信号是下午两点，到现在失联，跪求扩散！", "11-20 14:00 hour"),
    (OPINION, "早上烧的那家鞋厂就在对面，烧伤三个人，说明天照常上班。", "11-21 00:00 day"),
]  # fmt: skip


@pytest.mark.parametrize(("lane", "text", "expected"), CASES)
def test_onset(facts: tuple[FactJudge, Scanner], lane: Lane, text: str, expected: str | None) -> None:
    published = datetime(2026, 11, 21, 12, 0, tzinfo=CHINA)
    document = Document(Item(lane=lane, source="区应急局", text=text, published_at=published))
    scan = facts[1].scan(document.norm)
    found = facts[0].judge(document, scan, event=True, sure=True).facts.event_time
    said = f"{found.start.astimezone(CHINA):%m-%d %H:%M} {found.precision.value}" if found else None
    assert said == expected
