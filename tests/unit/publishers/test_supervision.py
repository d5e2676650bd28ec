"""The special report on instructions: the same words in HTML, PDF and DOCX, whatever people wrote."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from processors.duty.calendar import Calendar
from processors.instructions.model import Instruction, State, Step
from processors.instructions.report import special_report
from processors.instructions.rules import read_rules
from publishers.document import Role
from publishers.supervision import Pages, render_pages, supervision_pages
from schemas.bulletin import BulletinHead
from tests.index_events import NOON, after

RULES = read_rules(
    {"usual": "d1", "phrases": ["请核实。"], "deadline": [{"key": "d1", "name": "1日", "days": 1}]}, Calendar()
)
EVIL = "<script>alert(1)</script> #let x = 1 $y$"
HEAD = BulletinHead(office="区委办公室", recipients=("区委领导",))


def given(identifier: str, state: State, *steps: Step, **more: Any) -> Instruction:
    fields = {"owner": "U1", "credited": "", "level": "district", "topic": f"事项{identifier}", "text": "请核实处置。"}
    fields |= {"item_id": "i", "deadline": after(24), "by": "ld", "at": NOON, "revision": 1} | more
    return Instruction(id=identifier, state=state, steps=steps, **fields)


def pages(*instructions: Instruction) -> Pages:
    now = NOON + timedelta(days=10)
    return supervision_pages(special_report(instructions, NOON.date(), NOON.date(), now, RULES), HEAD, {"U1": "甲局"})


def some() -> Pages:
    said = Step("a", "answer", "u", after(2), words="已整改\n并公示", final=True)
    checked = Step("c", "check", "s", after(3), "属实", satisfied=True)
    return pages(
        given("一", State.CLOSED, said, checked, answered_at=after(2)),
        given("二", State.NOTED, Step("r", "remind", "system", after(30), reminder="overdue@x"), text=EVIL),
        given("三", State.ISSUED, deadline=after(24 * 30)),
        given("四", State.WITHDRAWN),
    )


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_it_tells_what_was_instructed_of_whom_and_how_it_stands() -> None:
    text = "\n".join(one.text for one in some().paragraphs)
    for words in (
        "本期领导批示3件，已反馈1件，按时反馈率50%，已办结1件",
        "逾期未反馈1件",
        "甲局：承办3件，已反馈1件，已办结1件，逾期1件。",
        "已逾期6个工作日",
        "反馈（11月20日14:00）：已整改 并公示",
        "回访：属实",
        "催办1次，最近一次",
    ):
        assert words in text
    assert "事项四" not in text
    order = [
        text.index(words) for words in ("三、逾期未反馈", "事项二", "四、正在办理", "事项三", "五、已办结", "事项一")
    ]
    assert order == sorted(order)


def test_nothing_to_tell_is_told() -> None:
    made = pages()
    assert "本期没有领导批示件。" in [one.text for one in made.paragraphs]
    assert sum(one.role is Role.EMPTY for one in made.paragraphs) == 4
    assert made.file == "ducha-2026-11-20-2026-11-20"


def words_in(form: str, content: bytes) -> str:
    match form:
        case "pdf":
            read = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
            return squeezed(re.sub(r"—\s*\d+\s*—", "", read))
        case "docx":
            return squeezed("".join(one.text for one in Document(io.BytesIO(content)).paragraphs))
        case _:
            tree = LexborHTMLParser(content)
            assert tree.css("script") == []
            for node in tree.css("style, title"):
                node.decompose()
            assert tree.body is not None
            return squeezed(tree.body.text())


@pytest.mark.parametrize("form", ["html", "pdf", "docx"])
def test_the_formats_have_the_same_words(form: str) -> None:
    made = some()
    found, at = words_in(form, render_pages(made, form)), 0
    for one in made.paragraphs:
        place = found.find(squeezed(one.text), at)
        assert place >= 0, (one.role, one.text)
        at = place if one.role in (Role.MARK, Role.OFFICE) else place + len(squeezed(one.text))
