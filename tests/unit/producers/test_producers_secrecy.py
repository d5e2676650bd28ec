"""A secrecy mark is refused; the words in running text are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.secrecy import secrecy_mark

MARKS = [
    "机密★1年",
    "秘密★",
    "绝密★长期",
    "秘密＊10年",
    "密级：机密",
    "密　级： 秘密",
    "密级:【绝密】",
    "000012\n机密★长期\n特急",
    "份号：000001 机密 5年 特急",
    "机密",
    "机 密",
    "机\u200b密★",
    "【秘密】",
    "（机密）关于某项工作的情况",
    "绝密 30年",
    "機密",
    "祕密★",
    "机密文件，注意保存",
    "机密　关于某项工作的情况",
    "本件密级为秘密，请妥善保管。",
    "某局\r\n秘密\r\n报告如下",
]
WORDS = [
    "区科技局开展商业秘密保护培训，走访企业12家。",
    "保密宣传月期间，组织学习保守国家秘密法。",
    "国家秘密的密级分为绝密、机密、秘密三级。",
    "密级：绝密、机密、秘密（三选一）",
    "密级：公开",
    "培训讲解了“机密★1年”等标志的含义。",
    "涉嫌侵犯商业秘密*案件一审宣判。",
    "工作秘密清单已更新。",
    "机密文件管理培训班开班，80人参加。",
    "该厂掌握了秘密配方。",
    "秘密会见、绝密试卷等情节均为小说内容。",
    "",
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_found_in_title_and_text(mark: str) -> None:
    assert secrecy_mark(mark, "") == "title"
    assert secrecy_mark("情况报告", mark) == "text"


@pytest.mark.parametrize("words", WORDS)
def test_words_in_running_text_are_no_mark(words: str) -> None:
    assert secrecy_mark(words, "") is None
    assert secrecy_mark("情况报告", f"章贡区某局报告。\n{words}") is None


def test_a_mark_at_the_end_of_a_title() -> None:
    assert secrecy_mark("关于某项工作的报告（秘密）", "") == "title"
    assert secrecy_mark("", "他读了《某报告（秘密）》一书") is None


@given(st.sampled_from(["机密★", "密级：秘密", "绝密"]), st.text("章贡区报告，。 　\n", max_size=200))
def test_a_mark_on_a_line_of_its_own_is_found_under_any_text(mark: str, before: str) -> None:
    assert secrecy_mark("", f"{before}\n{mark}\n正文") == "text"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("run", [" ", "　", "\n", "【", "0", "特急 ", "机密 ", "密级 "])
def test_long_runs_cost_no_backtracking(run: str) -> None:
    secrecy_mark("", run * 200_000 + "密")
    secrecy_mark("", "密" + run * 200_000)
