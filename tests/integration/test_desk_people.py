"""People at the desk over a real Elasticsearch: who sees what, who decides, and what two editors do to each other."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.testing import Running
from producers.fakes import FakeSink
from schemas.alert import Alert, AlertReason
from schemas.connections import ElasticsearchConnection
from schemas.item import Attachment
from schemas.vocab import Stage
from tests.desk_server import ANSWER_S, HEADERS, KEY, RunningDesk, apart, remove, running_desk
from tests.index_events import DISTRICT, NOON, after, assessed, decision, incident, item_id
from tests.unit.desk.test_picture_metadata import SECRETS, photo

pytestmark = pytest.mark.integration
GOOD = "Luzhu-shan-4417"
TOWN, OTHER = "U064", "U028"


@pytest.fixture
def sink() -> FakeSink:
    return FakeSink(NOON)


@pytest.fixture
def desk(engines: Running, tmp_path: Path, sink: FakeSink) -> Iterator[RunningDesk]:
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path, sink=sink) as running:
        running.index()
        yield running
    apart(remove(connection))


@contextmanager
def as_person(desk: RunningDesk, role: str, department: str = "") -> Iterator[httpx.Client]:
    """A browser of somebody whom the administrator made an account and who has set a password."""
    name = f"p{uuid4().hex[:8]}"
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as admin:
        admin.post("/login", data={"key": KEY})
        fields = {"name": name, "display": "测试", "role": role, "department": department}
        shown = admin.post("/admin/people", data=fields).text
        once = shown.split("的一次性密码（只显示这一次）：<code>")[1].split("<")[0]
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        assert "一次性密码" in client.post("/login", data={"name": name, "password": once}).text
        client.post("/account", data={"old": once, "password": GOOD})
        assert client.post("/login", data={"name": name, "password": GOOD}).status_code == 200
        yield client


def report(number: int, source: str, **more: object) -> object:
    """An indexed report of a department."""
    made = assessed(number, received=after(-1), **more)  # type: ignore[arg-type]
    return made.model_copy(update={"source": source, "input": made.input.model_copy(update={"source": source})})


def test_the_first_administrator_has_a_one_time_password_that_must_be_changed(desk: RunningDesk) -> None:
    once = desk.first_password.read_text("utf-8").strip()
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as client:
        page = client.post("/login", data={"name": "admin", "password": once})
        assert page.url.path == "/account"
        assert client.get("/items").url.path == "/account"
        assert client.get("/api/v1/items").status_code == 403
        assert client.post("/account", data={"old": once, "password": "short"}).status_code == 422
        assert client.post("/account", data={"old": once, "password": GOOD}).url.path == "/login"
        assert not desk.first_password.exists()
        assert client.post("/login", data={"name": "admin", "password": once}).status_code == 401
        client.post("/login", data={"name": "admin", "password": GOOD})
        audit = client.get("/admin/audit").text
        for words in ("登录失败", "修改密码", "新建账号"):
            assert words in audit
        assert GOOD not in audit


def test_a_reporter_sees_the_own_department_only(desk: RunningDesk) -> None:
    desk.index(report(1, TOWN), report(2, OTHER))  # type: ignore[arg-type]
    with as_person(desk, "reporter", TOWN) as client:
        assert client.get("/").url.path == "/report"
        mine = client.get("/mine").text
        assert "沙石镇山体滑坡（1）" in mine
        assert "沙石镇山体滑坡（2）" not in mine
        assert client.get(f"/items/{item_id(1)}").status_code == 200
        assert client.get(f"/items/{item_id(2)}").status_code == 404
        for path in (
            "/items",
            "/duty",
            "/bulletins",
            "/bulletins/huiyao/2026-11-20/pdf",
            "/admin/people",
            "/admin/audit",
        ):
            assert client.get(path).status_code == 403, path
        found = client.get("/api/v1/items").json()
        assert [one["item_id"] for one in found["items"]] == [item_id(1)]
        assert client.get(f"/api/v1/items/{item_id(2)}").status_code == 404
        for path in ("/api/v1/alerts", "/api/v1/duty?day=2026-11-20", "/api/v1/incidents", "/api/v1/events"):
            assert client.get(path).status_code == 403, path
        foreign = {"lane": "report", "source": OTHER, "text": "代报", "published_at": NOON.isoformat()}
        refused = client.post("/api/v1/reports", json=foreign)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "source")
        assert (
            client.post(f"/items/{item_id(1)}/decisions", data={"action": "accept", "revision": 0}).status_code == 403
        )


def test_an_attachment_is_a_file_to_save_for_those_who_may_see_the_item(desk: RunningDesk, tmp_path: Path) -> None:
    content = b"%PDF-1.7 <script>alert(1)</script>"
    sha256 = hashlib.sha256(content).hexdigest()
    kept = tmp_path / "attachments" / sha256[:2] / sha256
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    listed = Attachment(name="现场 说明.pdf", media_type="application/pdf", size=len(content), sha256=sha256)
    gone = listed.model_copy(update={"sha256": "0" * 64})
    made = report(1, TOWN)
    with_files = made.input.model_copy(update={"attachments": (listed, gone)})  # type: ignore[attr-defined]
    desk.index(made.model_copy(update={"input": with_files}), report(2, TOWN))  # type: ignore[attr-defined,arg-type]
    path = f"/items/{item_id(1)}/attachments/{sha256}"
    for role, department, status in (("reporter", TOWN, 200), ("reporter", OTHER, 404), ("supervisor", "", 200)):
        with as_person(desk, role, department) as client:
            for place in (path, f"/api/v1{path}"):
                answer = client.get(place)
                assert answer.status_code == status, (role, department, place)
            if status == 200:
                assert answer.content == content
                assert answer.headers["content-disposition"].startswith("attachment;")
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["content-security-policy"].startswith("sandbox")
                assert f'href="{path}" download' in client.get(f"/items/{item_id(1)}").text
                assert client.get(f"/items/{item_id(1)}/attachments/{'0' * 64}").status_code == 404
                assert client.get(f"/items/{item_id(2)}/attachments/{sha256}").status_code == 404
    assert (
        httpx.get(f"{desk.base}{path}", follow_redirects=False, timeout=ANSWER_S)
        .headers["location"]
        .startswith("/login")
    )
    desk.index(decision(1, "erase", 1, item_id(1)))
    assert httpx.get(f"{desk.base}/api/v1{path}", headers=HEADERS, timeout=ANSWER_S).status_code == 404


def test_a_program_uploads_a_photo_and_everybody_who_may_sees_it_without_its_place(
    desk: RunningDesk, sink: FakeSink
) -> None:
    with as_person(desk, "reporter", TOWN) as client:
        made = client.post("/api/v1/reports/attachments", files={"file": ("现场.jpg", photo(6))})
        assert made.status_code == 201
        body = {"lane": "report", "source": TOWN, "text": "今日巡查，照片附后。", "published_at": NOON.isoformat()}
        answer = client.post("/api/v1/reports", params={"attachment": made.json()["id"]}, json=body)
        assert answer.status_code == 201
    [parcel] = sink.parcels
    filed = report(1, TOWN)
    carried = filed.input.model_copy(update={"attachments": parcel.item.attachments})  # type: ignore[attr-defined]
    desk.index(filed.model_copy(update={"input": carried}))  # type: ignore[attr-defined]
    path = f"/api/v1/items/{item_id(1)}/attachments"
    for role, department, status in (("reporter", TOWN, 200), ("reporter", OTHER, 404), ("duty", "", 200)):
        with as_person(desk, role, department) as client:
            listed = client.get(path)
            assert listed.status_code == status, role
            if status == 200:
                [one] = listed.json()["items"]
                kept = client.get(f"{path}/{one['sha256']}")
                assert (kept.headers["content-type"], len(kept.content)) == ("image/jpeg", one["size"])
                assert [secret for secret in SECRETS if secret in kept.content] == []
    assert httpx.get(f"{desk.base}{path}", timeout=ANSWER_S).status_code == 401
    desk.index(decision(1, "erase", 1, item_id(1)))
    assert httpx.get(f"{desk.base}{path}", headers=HEADERS, timeout=ANSWER_S).json()["items"] == []


def test_a_decision_shows_at_once_and_goes_to_kafka(desk: RunningDesk) -> None:
    desk.index(assessed(1, received=after(-1)))
    with as_person(desk, "editor") as client:
        path = f"/items/{item_id(1)}"
        assert "撤销上一步" not in client.get(path).text
        shown = client.post(f"{path}/decisions", data={"action": "return", "revision": 0, "reason": "请补充时间"}).text
        assert "已退回" in shown
        assert "请补充时间" in shown
        assert '<span class="soft small">测试　' in shown
        client.post(f"{path}/decisions", data={"action": "categorise", "revision": 1, "category": "问题建议"})
        assert "人工确定" in client.get(path).text
        assert "撤销上一步（改类别）" in client.get(path).text
        undone = client.post(f"{path}/decisions", data={"action": "undo", "revision": 2}).text
        assert "人工确定" not in undone
        assert "已退回" in undone
        empty = client.post(f"{path}/decisions", data={"action": "reject", "revision": 3})
        assert (empty.status_code, "请写明理由" in empty.text) == (422, True)
        assert "撤销上一步（退回）" in client.get(path).text
        client.post(f"{path}/decisions", data={"action": "undo", "revision": 3})
        assert "撤销上一步" not in client.get(path).text
    wait_for(lambda: len(desk.decisions.sent) == 4)
    assert [one.action for one in desk.decisions.sent] == ["return", "categorise", "undo", "undo"]
    assert desk.decisions.sent[2].details == {"decision_id": desk.decisions.sent[1].decision_id}
    desk.index(*desk.decisions.sent)
    answer = httpx.get(f"{desk.base}/api/v1/items/{item_id(1)}", headers=HEADERS, timeout=ANSWER_S).json()
    assert (answer["status"], answer["category_decided"], answer["pending"]) == ("new", None, False)


def test_two_editors_on_one_item_do_not_overwrite_each_other(desk: RunningDesk) -> None:
    desk.index(assessed(1, received=after(-1)))
    path = f"/items/{item_id(1)}/decisions"
    with as_person(desk, "editor") as one, as_person(desk, "editor") as two:
        assert one.post(path, data={"action": "accept", "revision": 0}).status_code == 200
        late = two.post(path, data={"action": "return", "revision": 0, "reason": "重复"})
        assert late.status_code == 409
        assert "测试：采用" in late.text
        assert "别人刚刚处理过" in late.text
        assert "<b>其间</b>" in late.text
        body = {"action": "return", "revision": 0, "reason": "重复"}
        answer = httpx.post(f"{desk.base}/api/v1{path}", json=body, headers=HEADERS, timeout=ANSWER_S)
        assert (answer.status_code, answer.json()["title_zh"]) == (409, "别人刚刚处理过")
        assert "已采用" in two.get(f"/items/{item_id(1)}").text
        assert two.post(path, data={"action": "return", "revision": 1, "reason": "重复"}).status_code == 200


def test_an_edit_keeps_the_original_and_is_what_the_bulletin_prints(desk: RunningDesk) -> None:
    desk.index(report(1, TOWN, category="工作动态"))  # type: ignore[arg-type]
    path = f"/items/{item_id(1)}"
    with as_person(desk, "editor") as client:
        edit = {
            "action": "edit",
            "revision": 0,
            "title": "沙石镇处置一处滑坡",
            "text": "<b>二十日</b>，沙石镇处置一处滑坡。",
        }
        shown = client.post(f"{path}/decisions", data=edit).text
        assert "二十日上午八时许" in shown
        assert "<del>" in shown
        assert "<b>二十日</b>" not in shown
        printed = client.get("/bulletins/huiyao/2026-11-20").text
        assert "沙石镇处置一处滑坡" in printed
        assert "山体滑坡（1）" not in printed
        client.post(f"{path}/decisions", data={"action": "undo", "revision": 1})
        assert "沙石镇山体滑坡（1）" in client.get("/bulletins/huiyao/2026-11-20").text
        client.post(f"{path}/decisions", data={"action": "reject", "revision": 2, "reason": "已用"})
        assert "沙石镇山体滑坡（1）" not in client.get("/bulletins/huiyao/2026-11-20").text


def test_a_report_is_judged_while_typing_and_filed_with_a_receipt(desk: RunningDesk, sink: FakeSink) -> None:
    text = "今天上午10时，沙石镇龙埠村发生山体滑坡，3人受伤，转移群众56人，原因正在调查。"
    with as_person(desk, "reporter", TOWN) as client:
        verdict = client.post("/report/check", data={"text": text, "kind": "first"}).text
        for words in ("急情要事", "山体滑坡", "受伤3", "时限"):
            assert words in verdict
        assert "像是突发事件" not in verdict  # it is declared as one already
        undeclared = client.post("/report/check", data={"text": text}).text
        assert "像是突发事件：请先打电话" in undeclared
        assert 'href="tel:0000-1234567"' in undeclared
        assert "像是突发事件" not in client.post("/report/check", data={"text": "今日召开例会。"}).text
        assert client.post("/report/check", data={"text": ""}).status_code == 200
        assert sink.parcels == []
        receipt = client.post("/report", data={"text": text, "kind": "first", "phoned_at": "2026-11-20T10:20"}).text
        assert "已收到" in receipt
        [parcel] = sink.parcels
        assert (parcel.item.source, parcel.item.kind.value) == (TOWN, "first")  # type: ignore[union-attr]
        assert parcel.item.phoned_at is not None
        assert (
            "先前已收到"
            in client.post("/report", data={"text": text, "kind": "first", "phoned_at": "2026-11-20T10:20"}).text
        )
        assert len(sink.parcels) == 1
        assert "已收到" in client.post("/report/zero").text
        assert sink.parcels[-1].item.kind.value == "zero"  # type: ignore[union-attr]
        assert "先前已收到" in client.post("/report/zero").text
        assert len(sink.parcels) == 2


def test_line_ends_of_a_form_are_no_change(desk: RunningDesk, sink: FakeSink) -> None:
    made = report(1, TOWN)
    lines = made.input.model_copy(update={"text": "第一行\n第二行，写得足够长，好让标记的位置都落在文字里面。"})  # type: ignore[attr-defined]
    desk.index(made.model_copy(update={"input": lines}))  # type: ignore[attr-defined]
    with as_person(desk, "reporter", TOWN) as client:
        client.post("/report", data={"text": "甲\r\n乙"})
    assert sink.parcels[-1].item.text == "甲\n乙"
    with as_person(desk, "editor") as client:
        text = lines.text.replace("\n", "\r\n")
        edit = {"action": "edit", "revision": 0, "title": lines.title, "text": text}
        shown = client.post(f"/items/{item_id(1)}/decisions", data=edit).text
    assert "编辑稿" in shown
    assert "<ins>" not in shown


def test_a_reporter_is_not_led_to_pages_that_are_closed(desk: RunningDesk) -> None:
    desk.index(report(1, TOWN), incident(1, 1))  # type: ignore[arg-type]
    with as_person(desk, "reporter", TOWN) as client:
        shown = client.get(f"/items/{item_id(1)}").text
        assert 'href="/mine"' in shown
        assert 'href="/items' not in shown
    with as_person(desk, "editor") as client:
        assert "同一突发事件的来源" in client.get(f"/items/{item_id(1)}").text


def test_events_end_with_the_session(desk: RunningDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.routes.events.HEARTBEAT_POLLS", 1)
    with as_person(desk, "duty") as client, client.stream("GET", "/api/v1/events", timeout=20) as stream:
        told = stream.iter_lines()
        while next(told) != ": heartbeat":
            pass
        httpx.post(f"{desk.base}/logout", cookies=dict(client.cookies), follow_redirects=False, timeout=ANSWER_S)
        for _ in told:  # ends, where it would go on for ever
            pass


def test_who_only_looks_has_no_button_under_an_alert(desk: RunningDesk) -> None:
    desk.index(
        Alert(
            alert_id="a1", incident="i1", alert_version=1, district=DISTRICT, level=None, stage=Stage.FIRST,
            reason=AlertReason.NEW, title="沙石镇山体滑坡", text="详情", raised_at=NOON,
        )
    )  # fmt: skip
    for role, sees in (("supervisor", False), ("leader", True)):
        with as_person(desk, role) as client:
            shown = client.get("/").text
            assert "沙石镇山体滑坡" in shown
            assert ("签收</button>" in shown) is sees
            assert client.post("/alerts/a1/ack").status_code == (200 if sees else 403)


def test_a_department_that_left_the_register_breaks_no_page(desk: RunningDesk, tmp_path: Path) -> None:
    with as_person(desk, "reporter", TOWN) as client:
        with sqlite3.connect(tmp_path / "desk.sqlite3") as database:
            database.execute("UPDATE accounts SET department = 'U999' WHERE department IS NOT NULL")
        for path in ("/report", "/mine", "/account"):
            assert (client.get(path).status_code, "U999" in client.get(path).text) == (200, True), path
    with httpx.Client(base_url=desk.base, follow_redirects=True, timeout=ANSWER_S) as admin:
        admin.post("/login", data={"key": KEY})
        assert "U999" in admin.get("/admin/people").text


def test_what_was_typed_stays_when_it_is_wrong_or_kafka_is_away(desk: RunningDesk, sink: FakeSink) -> None:
    with as_person(desk, "reporter", TOWN) as client:
        wrong = client.post("/report", data={"text": "机密★1年 内容", "title": "标题甲"})
        assert wrong.status_code == 422
        assert "非涉密系统" in wrong.text
        sink.down = True
        away = client.post("/report", data={"text": "正文乙", "title": "标题甲"})
        assert away.status_code == 503
        for words in ("内容已保留", "正文乙", "标题甲"):
            assert words in away.text
        assert sink.parcels == []


def test_a_form_of_another_site_changes_nothing(desk: RunningDesk) -> None:
    desk.index(assessed(1, received=after(-1)))
    path = f"/items/{item_id(1)}/decisions"
    with as_person(desk, "editor") as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
            answer = client.post(
                path, data={"action": "accept", "revision": 0}, headers=headers, follow_redirects=False
            )
            assert answer.headers["location"] == "/login", headers
    assert desk.decisions.sent == []


def wait_for(done: object) -> None:
    import time

    end = time.monotonic() + 20
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)
