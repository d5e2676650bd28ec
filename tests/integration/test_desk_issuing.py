"""Bulletins at the desk over a real Elasticsearch: arranging, what came since, signing, issues; and Kafka."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.testing import Running
from huiyao.outbox import KafkaOutbox
from publishers.atom import NAMESPACE
from schemas.assessment import AssessedItem, Emergency
from schemas.bulletin import Bulletin
from schemas.connections import ElasticsearchConnection, KafkaConnection
from schemas.topics import BULLETINS
from schemas.vocab import Level
from streams.topics_admin import ensure_topics
from tests.desk_server import ANSWER_S, HEADERS, KEY, RunningDesk, apart, remove, running_desk
from tests.index_events import after, assessed, item_id
from tests.integration.test_desk_people import as_person

pytestmark = pytest.mark.integration
DAY = "/bulletins/huiyao/2026-11-20"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def connection(engines: Running) -> Iterator[ElasticsearchConnection]:
    made = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    yield made
    apart(remove(made))


@pytest.fixture
def desk(connection: ElasticsearchConnection, tmp_path: Path) -> Iterator[RunningDesk]:
    with running_desk(connection, tmp_path) as running:
        running.index(urgent(1), urgent(2))
        yield running


def urgent(number: int, hours: float = -1, **more: Any) -> AssessedItem:
    emergency = Emergency(is_emergency=True, level=Level.IV, in_district=True)
    return assessed(number, received=after(hours), emergency=emergency, **more)


def revision(client: httpx.Client, day: str = DAY) -> int:
    found = re.search(r'data-revision="(\d+)"', client.get(f"{day}/arrange").text)
    assert found, "nothing is being arranged"
    return int(found[1])


def change(
    client: httpx.Client, action: str, *, day: str = DAY, at: int | None = None, **fields: Any
) -> httpx.Response:
    data = {"action": action, "revision": revision(client, day) if at is None else at, **fields}
    return client.post(f"{day}/changes", data=data)


def step(
    client: httpx.Client, action: str, *, day: str = DAY, at: int | None = None, reason: str = ""
) -> httpx.Response:
    data = {"action": action, "revision": revision(client, day) if at is None else at, "reason": reason}
    return client.post(f"{day}/signing", data=data)


def rest(desk: RunningDesk, day: str = DAY) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{desk.base}/api/v1{day}", headers=HEADERS, timeout=ANSWER_S).json()
    return found


def entries(bulletin: dict[str, Any]) -> list[tuple[str, str]]:
    """(section, first item)"""
    return [(s["name"], e["item_ids"][0]) for s in bulletin["sections"] for e in s["entries"]]


def published(editor: httpx.Client, leader: httpx.Client, day: str = DAY) -> None:
    """From no draft to an issue."""
    editor.post(f"{day}/begin")
    assert step(editor, "propose", day=day).status_code == 200
    assert step(leader, "sign", day=day).status_code == 200
    assert step(editor, "publish", day=day).status_code == 200


def test_an_arranged_draft_stays_while_items_come(desk: RunningDesk) -> None:
    with as_person(desk, "editor") as client:
        assert "还没有人开始编排" in client.get(f"{DAY}/arrange").text
        assert item_id(1) in client.post(f"{DAY}/begin").text
        change(client, "down", key=item_id(1))
        change(client, "reword", key=item_id(2), title="改过的标题", text="改过的正文。")
        change(client, "place", key=item_id(1), section="区内动态")
        desk.index(urgent(3))
        shown = client.get(f"{DAY}/arrange").text
        fresh = shown.split('id="fresh"')[1].split('id="search"')[0]
        assert item_id(3) in fresh
        assert f'id="e-{item_id(3)}"' not in shown
        assert entries(rest(desk)) == [("区内动态", item_id(1)), ("紧急突发", item_id(2))]
        change(client, "seen")
        shown = client.get(f"{DAY}/arrange").text
        assert item_id(3) not in shown.split('id="fresh"')[1].split("</section>")[0]
        assert item_id(3) in shown  # among those to choose from
        change(client, "add", key=item_id(3), section="紧急突发")
        assert entries(rest(desk))[-1] == ("紧急突发", item_id(3))
        assert "改过的正文。" in client.get(f"{DAY}?draft=true").text
        assert client.get(f"{DAY}/pdf?draft=true").content.startswith(b"%PDF")


def test_of_two_editors_the_second_keeps_what_was_typed(desk: RunningDesk) -> None:
    with as_person(desk, "editor") as one, as_person(desk, "editor") as two:
        one.post(f"{DAY}/begin")
        seen = revision(two)
        change(one, "take_out", key=item_id(1))
        answer = change(two, "reword", at=seen, key=item_id(2), title="我的标题", text=f"我的正文{EVIL}")
        assert answer.status_code == 409
        assert "撤下一条" in answer.text
        assert "我的标题" in answer.text
        assert EVIL not in answer.text
        assert entries(rest(desk)) == [("紧急突发", item_id(2))]
        assert change(two, "reword", key=item_id(2), title="我的标题", text="我的正文").status_code == 200


def test_items_of_a_search_are_added_and_returned_ones_are_not(desk: RunningDesk) -> None:
    desk.index(assessed(5, received=after(-20), text="前一天上午的一条旧闻，水库加固。"), urgent(6))
    with as_person(desk, "editor") as client:
        client.post(f"{DAY}/begin")
        assert item_id(5) in client.get(f"{DAY}/arrange", params={"q": "水库"}).text
        client.post(f"/items/{item_id(6)}/decisions", data={"action": "return", "revision": 0, "reason": "重报"})
        change(client, "add", key=item_id(5), section="区内动态")
        assert ("区内动态", item_id(5)) in entries(rest(desk))
        assert change(client, "add", key=item_id(5), section="区内动态").status_code == 422
        shown = client.get(f"{DAY}/arrange").text
        assert shown.count("来稿已退回或删除") == 1  # 6 stands in the draft, 5 of yesterday is no less there
        answer = step(client, "propose")
        assert (answer.status_code, "来稿已退回或删除，请先撤下" in answer.text) == (422, True)
        change(client, "take_out", key=item_id(6))
        assert change(client, "add", key=item_id(6), section="区内动态").status_code == 422
        assert step(client, "propose").status_code == 200


def test_from_draft_to_issue_takes_two_people_and_gives_numbers(desk: RunningDesk) -> None:
    with as_person(desk, "editor") as editor, as_person(desk, "leader") as leader, as_person(desk, "duty") as duty:
        editor.post(f"{DAY}/begin")
        assert leader.post(f"{DAY}/changes", data={"action": "seen", "revision": 1}).status_code == 403
        assert step(leader, "sign").status_code == 422  # not proposed yet
        step(editor, "propose")
        assert step(editor, "sign").status_code == 422  # editors do not sign this one
        assert change(editor, "take_out", key=item_id(1)).status_code == 422
        assert duty.get(f"{DAY}/arrange").status_code == 403
        step(leader, "back", reason="标题太长")
        for page in (f"{DAY}/arrange", "/bulletins?day=2026-11-20", "/bulletins"):
            assert "退回修改：标题太长" in editor.get(page).text, page  # not in a list that is folded
        step(editor, "propose")
        step(leader, "sign")
        assert "已刊发 第1期" in step(editor, "publish").text
        made = rest(desk)
        assert (made["draft"], made["issue_number"], made["total_number"], made["version"]) == (False, 1, 1, 1)
        assert made["head"]["signer"] == made["head"]["editor"] == "测试"
        assert "已刊发" in editor.get("/bulletins?day=2026-11-20").text
        assert editor.post(f"{DAY}/begin").status_code == 422


def test_a_reporter_sees_where_the_report_was_printed_and_not_the_bulletin(desk: RunningDesk) -> None:
    made = urgent(3)
    desk.index(made.model_copy(update={"source": "U064", "input": made.input.model_copy(update={"source": "U064"})}))
    printed = "刊于 《今日章贡汇要》第1期（11月20日）"
    with (
        as_person(desk, "editor") as editor,
        as_person(desk, "leader") as leader,
        as_person(desk, "reporter", "U064") as town,
    ):
        assert printed not in town.get("/mine").text
        published(editor, leader)
        for client, path in ((town, "/mine"), (town, f"/items/{item_id(3)}"), (editor, f"/items/{item_id(3)}")):
            assert client.get(path).text.count(printed) == 1, path
        assert town.get(DAY).status_code == 403


def test_errata_and_withdrawal_in_the_archive_and_the_feed(desk: RunningDesk) -> None:
    with (
        as_person(desk, "editor") as editor,
        as_person(desk, "leader") as leader,
        as_person(desk, "reporter", "U064") as town,
    ):
        published(editor, leader)
        assert step(editor, "correct", at=0, reason="").status_code == 422
        step(editor, "correct", at=0, reason="人数有误")
        assert "还没有改动" in leader.get(f"{DAY}/arrange").text
        change(editor, "reword", key=item_id(1), title="更正后的标题", text="四人受伤。")
        signing = leader.get(f"{DAY}/arrange").text
        assert "改为“更正后的标题”" in signing  # who signs sees what is corrected
        assert "撤回这一期" in signing  # and need not wait for it
        assert rest(desk)["version"] == 1  # the issue stands until the erratum is out
        step(editor, "propose")
        step(leader, "sign")
        step(editor, "publish")
        made = rest(desk)
        assert (made["issue_number"], made["version"], made["reason"]) == (1, 2, "人数有误")
        whole = editor.get(DAY).text
        assert "【勘误】本期第2次印发" in whole
        assert "改为“更正后的标题”" in whole
        assert "更正后的标题" not in editor.get(f"{DAY}?version=1").text
        assert step(editor, "withdraw", at=2, reason="有误").status_code == 422  # who may not sign may not take back
        assert "已撤回" in step(leader, "withdraw", at=2, reason=f"事实有误{EVIL}").text
        archive = editor.get("/archive", params={"name": "huiyao", "first": "2026-11-01"}).text
        assert "已撤回" in archive
        assert EVIL not in archive
        assert "没有找到" in editor.get("/archive", params={"q": "更正后的标题"}).text
        feed = f"{desk.base}/api/v1/bulletins.atom"
        tree = ElementTree.fromstring(httpx.get(feed, headers=HEADERS, timeout=ANSWER_S).content)
        [entry] = tree.findall(f"{{{NAMESPACE}}}entry")
        assert "（已撤回）" in (entry.findtext(f"{{{NAMESPACE}}}title") or "")
        assert httpx.get(feed, auth=("reader", KEY), timeout=ANSWER_S).status_code == 200
        assert httpx.get(feed, auth=("reader", "wrong"), timeout=ANSWER_S).status_code == 401
        assert httpx.get(feed, timeout=ANSWER_S).status_code == 401
        assert town.get("/api/v1/bulletins.atom").status_code == 403


def test_what_came_after_the_cut_off_is_carried_over(desk: RunningDesk) -> None:
    desk.index(urgent(7, 6), urgent(8, 7), urgent(9, 20))  # 18:00, 19:00, and 8:00 of the next day
    tomorrow = "/bulletins/huiyao/2026-11-21"
    assert [item for _, item in entries(rest(desk, tomorrow))] == [item_id(7), item_id(8), item_id(9)]
    with as_person(desk, "editor") as editor, as_person(desk, "leader") as leader:
        editor.post(f"{DAY}/begin")
        change(editor, "take_out", key=item_id(8))
        step(editor, "propose")
        step(leader, "sign")
        step(editor, "publish")  # at 12:00
        made = rest(desk, tomorrow)
        assert [item for _, item in entries(made)] == [item_id(8), item_id(9)]
        whys = {e["item_ids"][0]: e["why"] for s in made["sections"] for e in s["entries"]}
        assert "上期截稿后收到" in whys[item_id(8)]
        assert "上期截稿后收到" not in whys[item_id(9)]


async def test_the_outbox_brings_issues_to_kafka_and_the_index_shows_them(
    engines: Running, connection: ElasticsearchConnection, tmp_path: Path
) -> None:
    kafka = KafkaConnection(bootstrap=engines.kafka, prefix=f"t{uuid4().hex[:10]}.")
    await ensure_topics(kafka)
    with running_desk(connection, tmp_path, decisions=KafkaOutbox(kafka)) as desk:
        desk.index(urgent(1))
        with as_person(desk, "editor") as editor, as_person(desk, "leader") as leader:
            published(editor, leader)
            step(leader, "withdraw", at=1, reason="事实有误")
            first, second = await issues_on(kafka, 2)
    assert (first.version, second.version, second.withdrawn) == (1, 2, True)
    (tmp_path / "other").mkdir()
    with running_desk(connection, tmp_path / "other") as empty:  # another desk: the index is all it knows
        empty.index(second, first)
        assert (rest(empty)["version"], rest(empty)["reason"]) == (2, "事实有误")


def test_a_new_database_goes_on_from_the_numbers_of_the_index(desk: RunningDesk) -> None:
    yesterday = "/bulletins/huiyao/2026-11-19"
    made = Bulletin.model_validate(rest(desk, yesterday))
    old = made.model_copy(update={"draft": False, "issue_number": 323, "total_number": 4107})
    desk.index(old)
    with as_person(desk, "editor") as editor, as_person(desk, "leader") as leader:
        assert editor.post(f"{yesterday}/begin").status_code == 422  # it is out, whatever the database knows
        published(editor, leader)
        assert (rest(desk)["issue_number"], rest(desk)["total_number"]) == (324, 4108)
        tomorrow = "/bulletins/huiyao/2026-11-21"
        desk.index(urgent(4, 20))
        published(editor, leader, tomorrow)
        assert (rest(desk, tomorrow)["issue_number"], rest(desk, tomorrow)["total_number"]) == (325, 4109)


async def issues_on(kafka: KafkaConnection, count: int) -> list[Bulletin]:
    """What the desk put on the topic."""
    topic = kafka.topic(BULLETINS.name)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        records = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    assert {record.key for record in records} == {b"huiyao:2026-11-20"}
    return [Bulletin.model_validate_json(record.value) for record in records]


def test_with_the_index_away_what_is_kept_can_be_arranged_and_signed(engines: Running, tmp_path: Path) -> None:
    connection = ElasticsearchConnection(url=engines.elasticsearch, prefix=f"t{uuid4().hex[:10]}-")
    with running_desk(connection, tmp_path) as desk:
        desk.index(urgent(1), urgent(2))
        with as_person(desk, "editor") as editor:
            editor.post(f"{DAY}/begin")
            apart(remove(connection))
            assert "索引暂时不可用" in editor.get(f"{DAY}/arrange").text
            assert change(editor, "down", key=item_id(1)).status_code == 200
            assert [item for _, item in entries(rest(desk))] == [item_id(2), item_id(1)]
