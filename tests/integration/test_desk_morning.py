"""The pages of the morning over a real Elasticsearch: what happened since yesterday, and what waits for a signature."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from desk.mornings import ALERTS
from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.assessment import Emergency, Facts
from schemas.ledger import LedgerEntry
from schemas.vocab import LedgerState, Stage
from streams.elastic.client import connect
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk, apart
from tests.index_events import NOON, after, assessed, decision, incident, item_id
from tests.integration.test_desk_people import as_person

pytestmark = pytest.mark.integration
HALF_PAST_SEVEN = NOON + timedelta(hours=19, minutes=30)


def said(state: LedgerState, department: str, name: str) -> LedgerEntry:
    return LedgerEntry(
        department=department, department_name=name, day="2026-11-20", district="zhanggong", state=state, revision=1,
        cutoff=after(5.5), changed_at=after(6),
    )  # fmt: skip


def raised(number: int, event: str, hours: float) -> Alert:
    return Alert(
        alert_id=f"{event}:{number}", incident=event, alert_version=number, district="zhanggong", level=None,
        stage=Stage.FIRST, reason=AlertReason.NEW, title=f"预警{event}之{number}", text="", signed=True,
        raised_at=after(hours),
    )  # fmt: skip


def part(page: str, name: str) -> str:
    return page.split(f'id="{name}"')[1].split("</section>")[0]


def test_what_happened_yesterday_is_there_in_the_morning(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.clock.time = HALF_PAST_SEVEN
    doubt = Emergency(doubtful=True)
    closed = {"closed": True, "signed": True, "title": "一死的滑坡", "changed_at": after(8), "facts": Facts(deaths=1)}
    desk.index(
        incident(1, 1, name="i1").model_copy(update={"title": "网传的事"}),
        incident(1, 2, name="i2").model_copy(update=closed),
        incident(1, 3, name="i3").model_copy(update=closed | {"title": "前天的事", "changed_at": after(-30)}),
        incident(1, 4, name="i4").model_copy(update={"title": "不属实的事", "rejected": True, "closed": True}),
        assessed(1, received=after(1), emergency=doubt), assessed(2, received=after(2), abstained=True),
        assessed(3, received=after(3), emergency=doubt), decision(1, "accept", 4, item_id(3)),
        raised(1, "i2", 1), raised(2, "i2", 2), raised(1, "i1", 3),
        said(LedgerState.MISSING, "U001", "区委办"), said(LedgerState.REPORTED, "U028", "区水利局"),
    )  # fmt: skip
    page = browser.get("/").text
    happened = part(page, "incidents")
    assert happened.index("一死的滑坡") < happened.index("网传的事")
    assert "已办结" in happened
    assert "前天的事" not in happened
    assert "不属实的事" not in happened
    people = part(page, "people")
    assert '<span class="count">2</span>' in people
    assert item_id(3) not in people
    alerts = part(page, "alerts")
    assert "同一事件另有 1 条" in alerts
    assert alerts.index("预警i2之2") < alerts.index("预警i2之1")
    silent = part(page, "silent")
    assert "昨日未报" in silent
    assert "今日还没报的" in silent

    yesterday = browser.get("/?day=2026-11-20").text
    assert "一死的滑坡" in part(yesterday, "incidents")
    assert "昨日未报" not in yesterday

    desk.clock.time = HALF_PAST_SEVEN + timedelta(hours=6)
    assert "今日还没报的" not in browser.get("/").text


def test_an_old_alert_that_nobody_acknowledged_stands_before_newer_ones(
    desk: RunningDesk, browser: httpx.Client
) -> None:
    desk.clock.time = HALF_PAST_SEVEN
    many = [raised(n, f"n{n}", 10 + n / 100) for n in range(ALERTS + 5)]
    answers = [decision(n, "acknowledge", 12, one.alert_id, kind="alert") for n, one in enumerate(many)]
    desk.index(raised(1, "old", -50), *many, *answers)
    alerts = part(browser.get("/").text, "alerts")
    assert alerts.index("预警old之1") < alerts.index("预警n")
    assert "另有 6 条没有列出" in alerts
    board = part(browser.get("/duty/board").text, "alerts")
    assert "预警old之1" in board


NEWER = frozenset({"calls", "clocks", "merged", "acts", "signed", "changes", "level_rule", "doubts", "kinds"})
NEWER_OF_PARTS = frozenset({"doubts", "names", "level", "detail", "recipient"})


async def _old_documents(desk: RunningDesk) -> None:
    """Incidents and alerts as the first versions wrote them."""
    client = connect(desk.connection)
    try:
        for alias, parts in (("incidents", "sources"), ("alerts", "deliveries")):
            found = (await client.search(index=desk.connection.alias(alias), size=100))["hits"]["hits"]
            assert found
            for hit in found:
                old = {name: value for name, value in hit["_source"].items() if name not in NEWER}
                old[parts] = [{k: v for k, v in one.items() if k not in NEWER_OF_PARTS} for one in old[parts]]
                await client.index(index=hit["_index"], id=hit["_id"], document=old, refresh=True)
    finally:
        await client.close()


def test_documents_of_an_earlier_version_do_not_break_a_page(desk: RunningDesk, browser: httpx.Client) -> None:
    one = incident(1, 1, name="i1").model_copy(update={"title": "早先的滑坡", "changed_at": after(1)})
    attempt = Delivery(
        delivery_id="d1", alert_id="i1:1", incident="i1", channel="log", outcome=Outcome.FAILED, tries=1, at=after(1)
    )
    desk.index(one, incident(2, 2, name="i2"), raised(1, "i1", 1), attempt)
    apart(_old_documents(desk))
    for path in ("/", "/duty/board", "/incidents/i1", "/?day=2026-11-20"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "早先的滑坡" in answer.text
    with as_person(desk, "leader") as leader:
        assert "早先的滑坡" in leader.get("/leader").text
    shown = httpx.get(f"{desk.base}/api/v1/incidents", headers=HEADERS, timeout=ANSWER_S).json()["items"]
    assert {"calls", "clocks", "signed"} <= shown[0].keys()


def test_yesterdays_issue_waits_for_its_signature_this_morning(desk: RunningDesk) -> None:
    desk.index(assessed(1, received=after(-1)))
    path = "/bulletins/huiyao/2026-11-20"
    with as_person(desk, "editor") as editor, as_person(desk, "leader") as leader:
        desk.clock.time = HALF_PAST_SEVEN
        assert "昨日（11月20日）的《今日章贡汇要》《今日重要舆情》还没有刊发" in editor.get("/bulletins").text
        editor.post(f"{path}/begin")
        assert "待签发" not in leader.get("/leader").text
        editor.post(f"{path}/signing", data={"action": "propose", "revision": 1})
        for page in ("/leader", "/bulletins"):
            assert f'href="{path}/arrange">去签发</a>' in leader.get(page).text
        assert f'href="{path}/arrange">去看</a>' in editor.get("/bulletins").text  # who proposed it does not sign it
