"""Probes for personal data in many spellings, and what must stay readable. 【】 around what is found."""

from __future__ import annotations

import re

import pytest

from processors.document import narrow
from processors.pii import find_pii
from schemas.vocab import Lane

MARKED = [
    # phones
    ("phone", "有意者请打【13812345678】面谈"),
    ("phone", "电话:【138 1234 5678】，中午别打"),
    ("phone", "手机【138-1234-5678】"),
    ("phone", "手机【138.1234.5678】"),
    ("phone", "手机【138—1234—5678】"),
    ("phone", "手机【1381234 5678】"),
    ("phone", "手机【13812 345678】"),
    ("phone", "号码【1 3 8 1 2 3 4 5 6 7 8】"),
    ("phone", "号码是【1-3-8-1-2-3-4-5-6-7-8】"),
    ("phone", "打我电话【＋８６１３８１２３４５６７８】"),
    ("phone", "【１３８１２３４５６７８】随时在"),
    ("phone", "【+86 138 1234 5678】"),
    ("phone", "【0086-13812345678】"),
    ("phone", "【8613812345678】"),
    ("phone", "tel【13812345678】"),
    ("phone", "我的V【13812345678】同号"),
    ("phone", "【13812345678】wx同号"),
    ("phone", "老李【13812345678】、老王【13987654321】"),
    ("phone", "【13812345678】 【13987654321】"),
    ("phone", "2026-03-11 【13812345678】报料"),
    ("phone", "联系人15号楼 【138 1234 5678】"),
    ("phone", "电话【一三八一二三四五六七八】"),
    ("phone", "电话【幺三八零零幺三八零零零】"),
    ("phone", "电话【一三八 〇〇一三 八〇〇〇】"),
    ("phone", "电话【1三8一2三4五6七8】"),
    ("phone", "家里座机【0797-8123456】"),
    ("phone", "家里电话【8123456】没人接"),
    ("phone", "打【(0797)8123456】找我妈"),
    ("phone", "【0797 8123456】是我家"),
    ("phone", "新号段【19912345678】、【16612345678】"),
    # identity cards
    ("id_card", "身份证【360702199001011234】"),
    ("id_card", "身份证号：【36070219900101123x】"),
    ("id_card", "身份证号：【36070219900101123X】，本人签名"),
    ("id_card", "身份证【３６０７０２１９９００１０１１２３Ｘ】"),
    ("id_card", "身份证【360702 19900101 1234】"),
    ("id_card", "身份证【360702-19900101-123X】"),
    ("id_card", "身份证【3607 0219 9001 0112 34】"),
    ("id_card", "身份证【36070219900101123×】"),
    ("id_card", "身份证号码【362131197906120】"),
    ("id_card", "证号【三六〇七〇二一九九〇〇一〇一一二三四】"),
    ("id_card", "我是【360702199001011234】的家属"),
    # plates
    ("plate", "车牌【赣B12345】"),
    ("plate", "车牌【赣B·12345】"),
    ("plate", "车牌【赣B 12345】"),
    ("plate", "车牌【赣 B12345】"),
    ("plate", "车牌【赣B-12345】"),
    ("plate", "车牌【赣Ｂ１２３４５】"),
    ("plate", "车牌【赣b12a45】"),
    ("plate", "绿牌【赣B·D12345】乱停"),
    ("plate", "绿牌【赣BF12345】乱停"),
    ("plate", "挂车【赣B1234挂】"),
    ("plate", "教练车【赣B1234学】"),
    ("plate", "外地车【粤A·7K3D2】撞了就跑"),
    ("plate", "车牌【赣B 1 2 3 4 5】"),
    # others
    ("bank_card", "卡号【6222021234567890128】"),
    ("bank_card", "卡号【6222 0212 3456 7890 128】"),
    ("email", "发到【abc.d@example.com】"),
    ("account", "加V：【zg_house88】"),
    ("account", "QQ【123456789】"),
    ("account", "微信【wx:xiaolu_0797】"),
    ("name", "孩子叫【廖小军】，读初二"),
    ("name", "村民【曾文】 七月二十八日"),
    ("name", "我爸，【曾庆安】，81岁，走失"),
    ("name", "求扩散。【赖家明】 电话没人接"),
    ("health", "我弟弟【尿毒症】，一个星期透析三次"),
    ("health", "本人【肢体二级残疾】，材料交了三次"),
    ("address", "【家住水南花园12栋1单元803】"),
]
CLEAR = [
    "咨询电话：0797-8123456",
    "区住建局电话：0797-8123456",
    "东外街道城管所，0797-8000000。",
    "客服热线4008123456",
    "打过12345、12315、96119",
    "截至2026-03-11 08:00，共投入138人、1234件次",
    "全长13.8公里，投资12345678元",
    "订单号202611201234567",
    "订单号：13812345678",
    "统一社会信用代码91360702MA35ABCD12",
    "批号20260311138",
    "3月15日至16日、17日至18日、19日至20日",
    "2026年3月11日15时20分30秒",
    "成绩依次为13、14、15、16、17、18、19、20",
    "一二三四五六七八，我们一起练太极",
    "二〇二六年三月十一日上午",
    "赣州A座12345平方米",
    "新A馆2026年开放",
    "云C1级风险",
    "京A股指数3012.55点",
    "@赣州发布 @平安章贡 看一看",
    "@所有人 明天停水",
    "邮箱zgxx@ganzhou.gov.cn",
    "GB/T 15834-2011与GB/T 15835-2011",
    "坐标25.8312,114.9345附近",
    "老师傅带着新手干，老师高度负责",
    "业主方面没有意见，村民白天都在地里",
    "癌症筛查免费，糖尿病门诊周三开",
    "身高172，体重65，三围不说",
    "网址https://www.example.com/news/20260311/13812.html",
]


def _spans(text: str) -> list[tuple[str, str]]:
    return [(found.kind.value, text[found.start : found.end]) for found in find_pii(narrow(text), Lane.OPINION)]


@pytest.mark.parametrize(("kind", "marked"), MARKED)
def test_found(kind: str, marked: str) -> None:
    wanted = [(kind, span) for span in re.findall(r"【(.*?)】", marked)]
    text = re.sub(r"[【】]", "", marked)
    assert [one for one in _spans(text) if one[0] == kind] == wanted


@pytest.mark.parametrize("text", CLEAR)
def test_clear(text: str) -> None:
    assert _spans(text) == []
