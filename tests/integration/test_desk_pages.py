"""Pages of the desk over a real Elasticsearch: everything shown is escaped, and what is wrong is said in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.testing import Running
from schemas.alert import Alert, AlertReason, Delivery, Outcome
from schemas.assessment import AssessedItem, Emergency, Facts, Finding, Reason
from schemas.connections import ElasticsearchConnection
from schemas.incident import FigureChange, Incident, IncidentSource
from schemas.item import Item
from schemas.ledger import LedgerEntry, LedgerReport
from schemas.vocab import Check, Lane, LedgerState, Level, Stage
from tests.desk_server import ANSWER_S, HEADERS, KEY, RunningDesk, running_desk
from tests.index_events import DISTRICT, NOON, after, assessed, decision, incident, item_id, story

pytestmark = pytest.mark.integration
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&"
ALIVE = ("<script>alert", "<img src", "onerror=alert(2)>", "javascript:")


@contextmanager
def browsing(desk: RunningDesk) -> Iterator[httpx.Client]:
    """Somebody who is logged in."""
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        entered = client.post("/login", data={"key": KEY}, follow_redirects=False)
        assert entered.headers["location"] == "/"
        yield client


@pytest.fixture
def browser(desk: RunningDesk) -> Iterator[httpx.Client]:
    with browsing(desk) as client:
        yield client


def page(browser: httpx.Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def evil_item(number: int, **changes: object) -> AssessedItem:
    """An item whose every word is an attack."""
    base = assessed(
        number,
        findings=(Finding(check=Check.TYPO, field="text", start=0, end=8, text=EVIL, message=EVIL, suggestion=EVIL),),
        reasons=(Reason(rule=EVIL, field="text", start=8, end=12, text=EVIL),),
        emergency=Emergency(is_emergency=True, doubtful=True, event_type=EVIL, level_rule=EVIL, in_district=True),
        facts=Facts(places=(EVIL,)),
        abstained=True,
    )
    sent = {"title": EVIL, "text": EVIL, "source": EVIL, "url": "javascript:alert(3)", **changes}
    entry = Item.model_validate(base.input.model_dump() | sent)
    return base.model_copy(update={"input": entry, "source": EVIL, "source_name": EVIL})


def evil_incident() -> Incident:
    source = IncidentSource(
        item_id=item_id(1), version=1, lane=Lane.MEDIA, source=EVIL, received_at=NOON, doubts=(EVIL,)
    )
    change = FigureChange(figure=EVIL, before=1, after=2, item_id=item_id(1), contradiction=True)
    update = {"title": EVIL, "event_type": EVIL, "place": EVIL, "level_rule": EVIL, "sources": (source,)}
    return incident(1, 1).model_copy(update=update | {"changes": (change,)})


def evil_alert() -> Alert:
    return Alert(
        alert_id="a1", incident="i1", alert_version=1, district=DISTRICT, level=None, stage=Stage.FIRST,
        reason=AlertReason.NEW, title=EVIL, text=EVIL, doubts=(EVIL,), raised_at=NOON,
    )  # fmt: skip


def evil_delivery() -> Delivery:
    return Delivery(
        delivery_id="d1", alert_id="a1", incident="i1", channel=EVIL, outcome=Outcome.NOT_SENT, tries=1,
        detail=EVIL, at=NOON,
    )  # fmt: skip


def evil_entry() -> LedgerEntry:
    return LedgerEntry(
        department="U028", department_name=EVIL, day="2026-11-20", district=DISTRICT, state=LedgerState.EXCUSED,
        revision=1, explanation=EVIL, cutoff=NOON, changed_at=NOON,
        reports=(LedgerReport(item_id=item_id(1), version=1, received_at=NOON),),
    )  # fmt: skip


def test_no_page_runs_what_items_incidents_alerts_and_the_ledger_say(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(
        evil_item(1), evil_item(2), story(1, "s1"), story(2, "s1"), evil_incident(), evil_alert(), evil_delivery(),
        evil_entry(), decision(1, "return", 1, item_id(1), reason=EVIL),
    )  # fmt: skip
    paths = [
        "/", "/items", f"/items?q={EVIL}", f"/items?status={EVIL}", "/items?q=alert", f"/items/{item_id(1)}", "/duty",
        "/bulletins", "/bulletins/huiyao/2026-11-20", f"/{EVIL}", f"/login?to={EVIL}",
    ]  # fmt: skip
    for path in paths:
        answer = browser.get(path)
        for alive in ALIVE:
            assert alive not in answer.text, (path, alive)
        assert "script-src 'self'" in answer.headers["content-security-policy"] or path.startswith("/bulletins/")
    for path in ("/", "/items", f"/items/{item_id(1)}", "/duty", "/bulletins/huiyao/2026-11-20"):
        assert "&lt;script&gt;" in browser.get(path).text, path  # it was there, as text


def test_today_shows_what_happened_how_sure_we_are_and_who_is_silent(desk: RunningDesk, browser: httpx.Client) -> None:
    source = IncidentSource(
        item_id=item_id(1), version=1, lane=Lane.REPORT, source="U064", received_at=NOON, doubts=("标题3人，正文5人",)
    )
    change = FigureChange(figure="injured", before=3, after=5, item_id=item_id(1), contradiction=True)
    told = {"level": Level.IV, "sources": (source,), "changes": (change,), "facts": Facts(deaths=0, injured=5)}
    alert = evil_alert().model_copy(update={"title": "沙石镇山体滑坡，受伤5人", "text": "正在处置"})
    failed = evil_delivery().model_copy(update={"channel": "值班室", "outcome": Outcome.FAILED})
    entry = evil_entry().model_copy(update={"department": "U064", "state": LedgerState.REPORTED})
    desk.index(assessed(1, abstained=True), incident(1, 1).model_copy(update=told), alert, failed, entry)
    today = page(browser, "/")
    expected = [
        "沙石镇山体滑坡", "一般（IV级）", "未经单位证实", "死亡0，受伤5", "标题3人，正文5人", "说法不一：受伤 3 与 5",
        "沙石镇 12:00", "值班室 未送达", "类别存疑", "区水利局",
    ]  # fmt: skip
    for shown in expected:
        assert shown in today, shown
    assert '<b data-count="items">1</b>' in today
    assert 'aria-label="急情要事" aria-valuemin="0" aria-valuemax="1" aria-valuenow="1"' in today
    silent = today[today.index("尚未报送<span") :]
    assert "沙石镇" not in silent[: silent.index("</section>")]


def test_the_button_under_an_alert(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.decisions.away = True
    desk.index(evil_alert())
    assert "签收</button>" in page(browser, "/")
    assert "签收中" in browser.post("/alerts/a1/ack").text
    assert "签收</button>" not in page(browser, "/")
    assert browser.post("/alerts/nothing/ack").status_code == 404
    answer = browser.post("/alerts/a1/ack", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
    assert answer.headers["location"] == "/login"


def test_search_marks_what_it_found(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(assessed(1), assessed(2, text="水位平稳。"))
    found = page(browser, "/items?q=警戒线")
    assert "共 1 条" in found
    assert '<mark class="hit">警戒</mark>' in found or '<mark class="hit">警戒线</mark>' in found


def test_filters_of_the_address_stay_on_the_next_page(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(*(assessed(number, abstained=number != 7) for number in range(53)))
    first = page(browser, "/items?abstained=true&lane=report")
    assert "共 52 条" in first
    following = first[first.index('rel="next"') :].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = page(browser, following)
    assert second.count('class="row"') == 2
    assert item_id(7) not in first + second
    assert "回到第一页" in second


def test_an_item_shows_marks_verdicts_and_why(desk: RunningDesk, browser: httpx.Client) -> None:
    finding = Finding(check=Check.WORDING, text="山体发生", start=14, end=18, message="语序", suggestion="发生山体")
    desk.index(assessed(1, findings=(finding,)), decision(1, "accept", 1, item_id(1), on_version=1))
    shown = page(browser, f"/items/{item_id(1)}")
    assert '<mark id="text-14" class="finding" title="语病：语序">山体发生</mark>' in shown
    assert '<mark id="text-21" class="category" title="L01">' in shown
    for words in ("已采用", "王编辑", "发生山体", "按时", "急情要事"):
        assert words in shown


def test_an_erased_item_leaves_a_trace_and_no_word(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(assessed(1), decision(1, "erase", 1, item_id(1), reason="当事人申请"))
    shown = page(browser, f"/items/{item_id(1)}")
    for words in ("已删除", "王编辑", "当事人申请"):
        assert words in shown
    assert "滑坡" not in shown


def test_an_item_that_has_not_come_yet_is_not_there(desk: RunningDesk, browser: httpx.Client) -> None:
    desk.index(story(1, "s1"))
    assert "没有找到" in page(browser, f"/items/{item_id(1)}", 404)


WRONG = [
    ("/nothing", 404, "没有找到"), ("/bulletins/gazette/2026-11-20", 404, "没有找到"),
    ("/?day=2026-13-01", 422, "日期格式应为"), ("/duty?day=x", 422, "日期格式应为"),
    ("/bulletins?day=x", 422, "日期格式应为"), ("/items?lane=fax", 422, "report、media、opinion"),
    ("/items?cursor=W10", 422, "请从第一页开始"), ("/items?q=" + "长" * 501, 422, "不超过500个字"),
    ("/alerts/a1/ack", 405, "不支持的方法"),
]  # fmt: skip


def test_what_is_wrong_is_a_page(browser: httpx.Client) -> None:
    for path, status, said in WRONG:
        shown = page(browser, path, status)
        assert said in shown, path
        assert "/static/desk.css" in shown


def test_the_same_errors_are_problems_for_programs(desk: RunningDesk) -> None:
    for path, status in (("/nothing", 404), ("/items?lane=fax", 422), ("/items?cursor=W10", 422)):
        answer = httpx.get(f"{desk.base}/api/v1{path}", headers=HEADERS, timeout=ANSWER_S)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_the_index_away_is_said_on_every_page(engines: Running, tmp_path: Path) -> None:
    nobody = ElasticsearchConnection(url="http://127.0.0.1:9", prefix=f"t{uuid4().hex[:10]}-")
    unmade = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    for number, connection in enumerate((nobody, unmade)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with running_desk(connection, folder) as desk, browsing(desk) as client:
            for path in ("/", "/items", "/items/x", "/duty", "/bulletins", "/bulletins/huiyao/2026-11-20"):
                shown = page(client, path, 503)
                assert "暂时" in shown
                assert "Traceback" not in shown
            problem = client.get("/api/v1/items")
            assert problem.headers["content-type"] == "application/problem+json"
            assert int(problem.headers["retry-after"]) > 0


def test_after_login_one_comes_where_one_wanted_to_go(desk: RunningDesk) -> None:
    desk.index(assessed(1))
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        asked = client.get("/items?q=滑坡&lane=report")
        assert asked.url.path == "/login"
        wanted = asked.url.params["to"]
        assert 'value="/items?q=' in asked.text
        assert "密钥不对" in client.post("/login", data={"key": "x", "to": wanted}).text
        assert client.post("/login", data={"key": KEY, "to": wanted}).url.params["q"] == "滑坡"
        assert client.get("/login").url.path == "/"
        assert client.post("/logout").url.path == "/login"
        assert client.get("/").url.path == "/login"


def test_login_leads_to_no_other_site(desk: RunningDesk) -> None:
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/login", "\t//evil", "/\n/evil", ""):
        answer = httpx.post(f"{desk.base}/login", data={"key": KEY, "to": to}, timeout=ANSWER_S)
        assert answer.headers["location"] == "/", to
    cross = httpx.post(
        f"{desk.base}/login", data={"key": KEY}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=ANSWER_S
    )
    assert cross.status_code == 403


def test_bulletins_of_a_day_with_their_state(desk: RunningDesk, browser: httpx.Client) -> None:
    urgent = Emergency(is_emergency=True, level=Level.IV, in_district=True)
    desk.index(assessed(1, received=after(-1), emergency=urgent))
    shown = page(browser, "/bulletins?day=2026-11-20")
    assert shown.count("草稿") == 3
    assert "沙石镇山体滑坡（1）" in shown
    whole = page(browser, "/bulletins/huiyao/2026-11-20")
    assert "今日章贡汇要" in whole


@pytest.mark.parametrize(
    ("form", "begins", "media"), [("pdf", b"%PDF", "application/pdf"), ("docx", b"PK", "officedocument")]
)
def test_a_bulletin_as_a_file(browser: httpx.Client, form: str, begins: bytes, media: str) -> None:
    answer = browser.get(f"/bulletins/yuqing/2026-11-20/{form}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert media in answer.headers["content-type"]
    assert f'filename="yuqing-2026-11-20.{form}"' in answer.headers["content-disposition"]
    assert browser.get("/bulletins/yuqing/2026-11-20/exe").status_code == 404
