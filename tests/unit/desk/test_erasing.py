"""An erased item is gone from instructions and requests too: nothing of its title is left in the desk's database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desk.commissioning import Commissions
from desk.database import Database
from desk.decision_log import DecisionLog
from desk.erasing import erase_topics
from huiyao.desk import forget_wordings
from huiyao.settings import load_settings
from processors.duty.points import Record, points
from processors.duty.scoring import Scoring
from processors.instructions.model import ERASED, told
from schemas.decision import Decision
from schemas.errors import BrokerUnavailable
from tests.unit.desk.conftest import FakeDecisions, district
from tests.unit.desk.test_commissioning import ASKING
from tests.unit.desk.test_parts import NOON

TOPIC = "某小区住户反映噪声"
ERASURE = Decision(
    decision_id="e1", district="zhanggong", subject_type="item", subject_id="i1", action="erase", by="张主任",
    at=NOON + timedelta(hours=1), reason="本人申请",
)  # fmt: skip


def instructed(subject: str, item: str) -> Decision:
    details = {
        "item_id": item,
        "owner": "U028",
        "topic": TOPIC,
        "text": "请核实。",
        "deadline": "2026-11-25T17:30+08:00",
    }
    return Decision.model_validate(
        {"decision_id": f"d-{subject}", "district": "zhanggong", "subject_type": "instruction", "subject_id": subject,
         "action": "instruct", "by": "书记", "at": NOON, "details": details}
    )  # fmt: skip


def filled(address: Path | str) -> tuple[Database, Commissions]:
    database = Database(address)
    office = Commissions(database, "zhanggong", ["U028", "U029"])
    for subject, item in (("n1", "i1"), ("n2", "i2"), ("n3", "i1")):
        database.put_decision(instructed(subject, item))
    database.sent("d-n1")
    office.ask(replace(ASKING, topic=TOPIC, about="i1"), by="li", now=NOON)
    office.ask(replace(ASKING, topic="别的题目"), by="li", now=NOON)
    return database, office


def test_topics_of_an_erased_item_are_gone_and_of_another_stay(address: Path | str) -> None:
    database, office = filled(address)
    log = DecisionLog(database, "instruction")
    assert told("n1", log.of("n1")) is not None  # a desk that runs has read them
    made = erase_topics(database, ERASURE)
    assert sorted((one.subject_type, one.action) for one in made) == [
        ("instruction", "erase"), ("instruction", "erase"), ("request", "erase"),
    ]  # fmt: skip
    assert [key for key, body in database.rows("SELECT decision_id, body FROM outbox") if TOPIC in body] == ["d-n2"]
    assert {topic for (topic,) in database.rows("SELECT topic FROM commissions")} == {ERASED, "别的题目"}
    shown = {name: told(name, log.of(name)) for name in ("n1", "n2", "n3")}
    assert {name: one.topic for name, one in shown.items() if one} == {"n1": ERASED, "n2": TOPIC, "n3": ERASED}
    assert {one.revision for one in shown.values() if one} == {1}  # who writes an answer meanwhile missed nothing
    assert {one.commission.topic for one in office.all(NOON + timedelta(hours=2))} == {ERASED, "别的题目"}
    assert [one.subject_id for one in made if one.subject_type == "instruction"] == ["n1", "n3"]
    assert erase_topics(database, ERASURE) == []
    waiting = {one.event_id for one in database.waiting()}
    assert {one.decision_id for one in made} <= waiting


def test_points_do_not_say_the_topic_again(tmp_path: Path) -> None:
    database, _ = filled(tmp_path / "desk.sqlite3")
    scoring, late = Scoring.from_tables(district().tables), NOON + timedelta(days=9)
    before = database.decisions_of_kind("request", ())
    assert [one for one in points(Record(decisions=before), late, scoring) if TOPIC in one.why]
    undo = before[0].model_copy(update={"decision_id": "u", "action": "undo", "at": NOON + timedelta(hours=2)})
    told_now = [*before, *erase_topics(database, ERASURE), undo.model_copy(update={"details": {"decision_id": "x"}})]
    found = points(Record(decisions=told_now), late, scoring)
    assert [one.why for one in found if ERASED in one.why]
    assert not [one for one in found if TOPIC in one.why]


def test_the_command_tells_kafka_or_leaves_it_to_the_desk(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert forget_wordings(settings, ERASURE, FakeDecisions()) == []
    path = tmp_path / "desk" / "desk.sqlite3"
    filled(path)[0].close()
    with pytest.raises(BrokerUnavailable):
        forget_wordings(settings, ERASURE, FakeDecisions(away=True))
    database, sink = Database(path), FakeDecisions()
    erasures = [one for one in database.waiting() if isinstance(one.event, Decision) and one.event.action == "erase"]
    assert len(erasures) == 3
    database.put_decision(instructed("n4", "i1"))
    assert [one.subject_id for one in forget_wordings(settings, ERASURE, sink)] == ["n4"]
    assert [one.subject_id for one in sink.sent] == ["n4"]
    bodies = dict(database.rows("SELECT decision_id, body FROM outbox"))
    assert [key for key, body in bodies.items() if TOPIC in body] == ["d-n2"]
