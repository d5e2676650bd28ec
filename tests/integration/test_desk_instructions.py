"""An instruction from the leader's two taps to its closing, and the duty board, over a real Elasticsearch."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from kafka import KafkaProducer
from pypdf import PdfReader

from deploy.testing import Running
from huiyao.deadletters import DeadLetterCount
from huiyao.districts import load_district
from huiyao.settings import load_settings
from processors.duty.points import Record, points
from processors.duty.scoring import Scoring
from schemas.alert import Alert, AlertReason, Covered, Delivery, Held, Notice, NoticeVerdict, Outcome, Plan, Purpose
from schemas.assessment import AssessedItem, Emergency, Facts, OpinionSignals
from schemas.connections import ElasticsearchConnection, KafkaConnection
from schemas.incident import IncidentClock
from schemas.item import Item
from schemas.topics import DEADLETTER
from schemas.vocab import Lane, Side, Stage
from streams.topics_admin import ensure_topics
from tests.desk_server import ANSWER_S, HEADERS, RunningDesk, apart, remove, running_desk
from tests.index_events import DISTRICT, NOON, after, assessed, decision, incident, item_id
from tests.integration.test_desk_people import as_person

pytestmark = pytest.mark.integration
OWNER, OTHER = "U064", "U028"
SECRET = "我叫王小明，被店主打了"


@pytest.fixture(scope="module")
def desk(engines: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path_factory.mktemp("desk")) as running:
        running.index(town_report(1), complaint(2))
        yield running
    apart(remove(connection))


@pytest.fixture(scope="module")
def people(desk: RunningDesk) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        roles = {"leader": "", "supervisor": "", "duty": "", "owner": OWNER, "other": OTHER}
        found = {
            name: stack.enter_context(as_person(desk, "reporter" if unit else name, unit))
            for name, unit in roles.items()
        }
        yield found


def town_report(number: int) -> AssessedItem:
    made = assessed(
        number, emergency=Emergency(is_emergency=True, event_type="山体滑坡", in_district=True),
        facts=Facts(places=("沙石镇",)),
    )  # fmt: skip
    return made.model_copy(update={"source": OWNER, "source_name": "沙石镇"})


def complaint(number: int) -> AssessedItem:
    post = Item(id=f"P-{number}", lane=Lane.OPINION, source="论坛", title=SECRET, text=SECRET, published_at=NOON)
    made = assessed(
        number, lane=Lane.OPINION, facts=Facts(places=("水南镇",)), opinion=OpinionSignals(theme="城市管理")
    )
    return made.model_copy(update={"input": post, "source": "论坛", "source_name": "论坛"})


def give(people: dict[str, httpx.Client], number: int, **form: str) -> str:
    """By the form's two taps; the id of the instruction."""
    filled = {"owner": OWNER, "deadline": "d3", "text": "请核实处置，结果及时反馈。"} | form
    answer = people["leader"].post(f"/items/{item_id(number)}/instruct", data=filled, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("#i-")[2]


def settle(desk: RunningDesk) -> None:
    """What the outbox has brought to the list of decisions goes into the index, as the worker would do it."""
    while (
        httpx.get(f"{desk.base}/api/v1/metrics", headers=HEADERS, timeout=ANSWER_S).text.find("outbox_waiting 0.0") < 0
    ):
        time.sleep(0.05)
    desk.index(*desk.decisions.sent)


def test_two_taps_give_an_instruction_that_comes_back_done(desk: RunningDesk, people: dict[str, httpx.Client]) -> None:
    leader, owner, watch = people["leader"], people["owner"], people["supervisor"]
    page = leader.get("/leader").text
    for words in (
        "沙石镇山体滑坡（1）",
        "沙石镇已报告",
        f'value="{OWNER}" selected',
        "3个工作日",
        "下达批示",
        "<h2>刊物",
    ):
        assert words in page
    told = leader.get("/api/v1/leader").json()
    assert [one["item_id"] for one in told["urgent"]] == [item_id(1)]
    assert ([one["state"] for one in told["bulletins"]], told["away"]) == (["草稿"] * 3, False)
    assert len(page.encode()) < 150_000
    name = give(people, 1)
    assert give(people, 1) == name, "the button pressed twice gives one"
    assert f'id="i-{name}"' in leader.get("/leader").text
    assert "请核实处置" in leader.get(f"/items/{item_id(1)}").text
    # The department takes note, answers; a check sends it back; it answers again; it is checked and closed.
    path = f"/instructions/{name}/steps"
    assert "沙石镇山体滑坡" in owner.get("/instructions").text
    for first in ("/report", "/mine"):  # whoever logs in for the owner is told
        assert "件批示件要办" in owner.get(first).text
    assert owner.post(path, data={"action": "acknowledge", "revision": "1"}).status_code == 200
    settle(desk)
    said = {"action": "answer", "revision": "2", "reason": "已转移56人，电话13812345678", "final": "yes"}
    assert "已反馈，待回访" in owner.post(path, data=said).text
    assert "件批示件要办" not in owner.get("/report").text
    back = {"action": "check", "revision": "3", "satisfied": "no", "reason": "请补充安置情况", "deadline": "d10"}
    refused = watch.post(path, data=back | {"reason": " "})
    assert (refused.status_code, 'value="no" checked' in refused.text) == (422, True)
    assert "退回重办" in watch.post(path, data=back).text
    assert owner.post(path, data=said | {"revision": "4", "reason": "已全部安置"}).status_code == 200
    assert watch.post(path, data={"action": "check", "revision": "5", "satisfied": "yes"}).status_code == 200
    settle(desk)
    assert watch.post(path, data={"action": "close", "revision": "6"}).status_code == 200
    settle(desk)
    settle(desk)  # a repetition changes nothing
    one = leader.get(f"/api/v1/instructions/{name}").json()
    assert (one["state"], one["late"], one["possible"]) == ("closed", False, [])
    assert [step["action"] for step in one["steps"]] == [
        "acknowledge", "answer", "check", "answer", "check", "close",
    ]  # fmt: skip
    assert "13812345678" not in str(one)
    # Points of the department whose report it is on, from the same events as they stand on Kafka.
    scoring = Scoring.from_tables(load_district(load_settings().district_dir).tables)
    mine = [one for one in desk.decisions.sent if one.subject_id == name]
    assert [(one.department, str(one.points)) for one in points(Record(decisions=mine), after(99), scoring)] == [
        (OWNER, "10")
    ]


def test_the_unit_complained_of_never_learns_who_complained(desk: RunningDesk, people: dict[str, httpx.Client]) -> None:
    name = give(people, 2, owner=OTHER, text=f"请处理：{SECRET}，电话13812345678。")
    settle(desk)
    other = people["other"]
    seen = other.get("/instructions").text + other.get(f"/instructions/{name}").text
    seen += other.get(f"/api/v1/instructions/{name}").text + other.get("/api/v1/instructions").text
    assert "水南镇城市管理" in seen
    assert not [words for words in ("王小明", "13812345678", item_id(2)) if words in seen]
    assert other.get(f"/items/{item_id(2)}").status_code == 404
    assert people["owner"].get(f"/instructions/{name}").status_code == 404
    assert "王小明" not in str([one.model_dump_json() for one in desk.decisions.sent if one.subject_id == name])


@pytest.mark.parametrize(
    ("form", "said"),
    [({"owner": ""}, "请选择承办单位"),
     ({"text": " "}, "请写明批示内容"), ({"deadline": "at", "until": "2026-11-01"}, "已过"),
     ({"deadline": "at", "until": "bald"}, "时限写作")],
)  # fmt: skip
def test_what_is_wrong_with_an_order_is_said_and_what_was_typed_stays(
    people: dict[str, httpx.Client], form: dict[str, str], said: str
) -> None:
    filled = {"owner": OWNER, "deadline": "d3", "text": "请速办<b>"} | form
    answer = people["leader"].post(f"/items/{item_id(1)}/instruct", data=filled)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "请速办&lt;b&gt;" in answer.text or form.get("text")
    assert people["leader"].post("/items/none/instruct", data=filled).status_code == 404


def test_the_special_report_in_every_format(desk: RunningDesk, people: dict[str, httpx.Client]) -> None:
    give(people, 1, text="请专题研究。")
    watch = people["supervisor"]
    told = watch.get("/api/v1/instructions/report").json()
    assert told["total"] >= 1
    page = watch.get("/instructions/report.html")
    assert "督查专报" in page.text
    assert "unsafe-inline" in page.headers["content-security-policy"]
    pdf = watch.get("/api/v1/instructions/report", params={"format": "pdf"}).content
    assert "请专题研究" in "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages)
    assert watch.get("/instructions/report.docx").content[:2] == b"PK"
    assert watch.get("/instructions/report.exe").status_code == 404
    assert (
        watch.get("/api/v1/instructions/report", params={"from": "2026-12-01", "to": "2026-11-01"}).status_code == 422
    )


def test_the_board_says_who_was_told_who_waits_and_what_runs_out(
    desk: RunningDesk, people: dict[str, httpx.Client]
) -> None:
    clock = IncidentClock(
        rule="city_phone", side=Side.CITY, name="向市值班室报告", started="known", started_at=NOON, deadline=after(0.5)
    )
    flagged = Alert(
        alert_id="b1", incident="b-fire", alert_version=1, district=DISTRICT, level=None, stage=Stage.PROVISIONAL,
        reason=AlertReason.NEW, title="市场火情", text="仅媒体消息", signed=False, raised_at=NOON,
    )  # fmt: skip
    sent = Notice(
        notice_id="n1", recipient="值班员", channels=("sms",), purpose=Purpose.FIRST, at=NOON,
        covers=(Covered(incident="b-fire", alert_id="b1", alert_version=1),),
    )  # fmt: skip
    waits = Held(recipient="主要领导", verdict=NoticeVerdict.UNCONFIRMED)
    attempt = Delivery(
        delivery_id="x1", alert_id="b1", incident="b-fire", channel="sms", outcome=Outcome.DELIVERED, tries=1, at=NOON,
        notice_id="n1", recipient="值班员", purpose=Purpose.FIRST,
    )  # fmt: skip
    one = incident(1, name="b-slide").model_copy(update={"signed": True, "clocks": (clock,)})
    desk.index(one, incident(1, name="b-fire"), flagged, Plan(incident="b-fire", alert_id="b1", notices=(sent,),
                                                              held=(waits,), at=NOON), attempt)  # fmt: skip
    duty = people["duty"]
    found = duty.get("/api/v1/board").json()
    slide = next(each for each in found["incidents"] if each["incident"] == "b-slide")
    assert (slide["clocks"][0]["upward"], slide["clocks"][0]["said"]) == (True, "还剩30分钟")
    [row] = [each for each in found["alerts"] if each["alert_id"] == "b1"]
    assert (row["to_confirm"], row["told"][0]["end"], row["held"][0]["why"]) == (True, "delivered", "待人核实后再报告")
    assert found["dead_letters"] == 2
    page = duty.get("/duty/board").text
    for words in (
        f'data-deadline="{after(0.5).isoformat()}"',
        "主要领导</b> 未告知：待人核实后再报告",
        "属实，报告领导",
    ):
        assert words in page
    assert "属实，报告领导" not in people["supervisor"].get("/duty/board").text
    assert people["supervisor"].post("/alerts/b1/confirm").status_code == 403
    assert people["owner"].get("/duty/board").status_code == 403
    assert "属实，报告领导" not in duty.post("/alerts/b1/confirm").text
    settle(desk)
    assert desk.decisions.sent[-1].action == "confirm"
    [row] = [each for each in duty.get("/api/v1/board").json()["alerts"] if each["alert_id"] == "b1"]
    assert (row["to_confirm"], row["verdict"], row["acknowledged"]) == (False, "confirm", False)
    back = duty.post("/alerts/b1/ack", data={"back": "board"}, follow_redirects=False)
    assert back.headers["location"] == "/duty/board#alerts"


def test_dead_letters_are_counted_by_offsets(engines: Running) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"t{uuid4().hex[:10]}.")
    apart(ensure_topics(kafka))
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    for _ in range(2):
        producer.send(kafka.topic(DEADLETTER.name), b"sealed")
    producer.flush()
    producer.close()
    assert DeadLetterCount(kafka)() == 2
    assert DeadLetterCount(KafkaConnection(bootstrap="127.0.0.1:9"))() is None


def test_an_instruction_made_elsewhere_is_shown_too(desk: RunningDesk, people: dict[str, httpx.Client]) -> None:
    details: dict[str, Any] = {
        "owner": OWNER,
        "text": "市领导批示件。",
        "item_id": item_id(1),
        "deadline": after(1).isoformat(),
    }
    desk.index(decision(900, "instruct", 0, "far1", "instruction", details=details))
    owner = people["owner"]
    assert "市领导批示件" in owner.get("/instructions").text
    done = {"action": "answer", "revision": "1", "reason": "已办", "final": "yes"}
    assert "已反馈" in owner.post("/instructions/far1/steps", data=done).text
    del desk
