"""The statistics of the desk over a real Elasticsearch: the numbers are those of the items, and exports do no harm."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import httpx
import pytest
from openpyxl import load_workbook

from schemas.assessment import OpinionSignals
from schemas.ledger import LedgerEntry
from schemas.vocab import Lane, LedgerState, Sentiment
from tests.desk_server import RunningDesk
from tests.index_events import DISTRICT, NOON, after, assessed, decision, item_id, story

pytestmark = pytest.mark.integration
FORMULA = "=cmd|' /C calc'!A0"


def table(browser: httpx.Client, name: str, query: str = "from=2026-11-19&to=2026-11-20") -> list[list[str]]:
    answer = browser.get(f"/stats/{name}.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    book = browser.get(f"/stats/{name}.xlsx?{query}")
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    plain, shown = book.headers["content-disposition"].split("; filename")[1:]
    assert plain == f'="{name}-{query[5:15]}-{query[-10:]}.xlsx"'
    assert unquote(shown).endswith(f"（{query[5:15]}至{query[-10:]}）.xlsx")
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    told = [
        [_as_text(cell, like) for cell, like in zip(line, row, strict=True)]
        for line, row in zip(sheet.values, rows, strict=True)
    ]
    assert told == rows
    return rows


def _as_text(cell: object, like: str) -> str:
    """A workbook has numbers where a CSV has their figures."""
    return str(float(cell)) if isinstance(cell, int) and "." in like else str(cell)


def post(number: int, tone: Sentiment, title: str) -> object:
    made = assessed(number, lane="opinion", opinion=OpinionSignals(sentiment=tone, theme="教育"))
    return made.model_copy(
        update={"input": made.input.model_copy(update={"lane": Lane.OPINION, "kind": None, "title": title})}
    )


def entry(department: str, day: str, state: LedgerState) -> LedgerEntry:
    return LedgerEntry(
        department=department, department_name=f"单位{department}", day=day, district=DISTRICT, state=state, revision=1,
        cutoff=NOON, changed_at=NOON,
    )  # fmt: skip


def test_numbers_are_those_of_the_items(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(assessed(1, received=after(-1)), assessed(2, received=after(-24)), assessed(3, received=after(1)))
    desk.index(post(4, Sentiment.NEGATIVE, "甲"), post(5, Sentiment.POSITIVE, "甲"))  # type: ignore[arg-type]
    desk.index(story(4, "s1"), story(5, "s1"), decision(1, "accept", 0.0, item_id(1)))
    assert table(browser, "days") == [
        ["日期", "部门报送", "媒体", "网络舆情", "合计"], ["2026-11-19", "1", "0", "0", "1"],
        ["2026-11-20", "2", "0", "2", "4"],
    ]  # fmt: skip
    categories = {row[0]: row[1:] for row in table(browser, "categories")[1:]}
    assert categories["急情要事"] == ["3", "0", "2", "5"]
    assert categories["领导思路"] == ["0", "0", "0", "0"]
    assert table(browser, "departments")[1] == ["区应急局", "3", "0", "1", "1", "0", "0.3333"]
    assert table(browser, "themes")[1] == ["教育", "2", "1", "0", "1"]
    assert table(browser, "stories")[1] == ["甲", "2"]


def test_on_time_rates_leave_out_what_was_excused(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(
        entry("A", "2026-11-19", LedgerState.ZERO), entry("A", "2026-11-20", LedgerState.LATE),
        entry("B", "2026-11-19", LedgerState.EXCUSED), entry("B", "2026-11-20", LedgerState.REPORTED),
    )  # fmt: skip
    assert table(browser, "duty")[1:] == [
        ["单位A", "2", "1", "1", "0", "0", "0.5"], ["单位B", "1", "1", "0", "0", "1", "1.0"],
    ]  # fmt: skip


def test_no_cell_is_a_formula(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(post(4, Sentiment.NEGATIVE, FORMULA), post(5, Sentiment.NEGATIVE, FORMULA))  # type: ignore[arg-type]
    desk.index(story(4, "s1"), story(5, "s1"))
    assert table(browser, "stories")[1][0] == f"'{FORMULA}"
    assert "=cmd" in browser.get("/stats?from=2026-11-19&to=2026-11-20").text


def test_wrong_days_are_named(desk: RunningDesk, browser: httpx.Client) -> None:
    for query in ("from=x", "from=2026-11-20&to=2026-11-19", "from=2020-01-01&to=2026-11-20"):
        assert browser.get(f"/stats?{query}").status_code == 422, query
    assert browser.get("/stats/none.csv").status_code == 404
    assert browser.get("/stats/days.exe").status_code == 422
    page = browser.get("/stats").text
    assert "这段时间没有数据" in page
    assert "每日信息数量" in page
