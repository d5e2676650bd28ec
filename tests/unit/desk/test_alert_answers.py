"""Answers, subscriptions, silences become decisions; a signed link answers without login, and only by its button."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from processors.alerting import alert_id
from processors.alerting.board import Board
from publishers.ack_links import VALID, read, token
from tests.unit.desk.conftest import NOON, Harness

HEADERS = {"Authorization": "Bearer first-key"}
ACK_KEY = b"ack"
ALERT = alert_id("i1", 1)


def decisions(desk: Harness, count: int) -> list[Any]:
    """What reached Kafka, once it has."""
    for _ in range(200):
        if len(desk.decisions.sent) >= count:
            break
        time.sleep(0.02)
    return desk.decisions.sent


def test_a_subscription_is_a_decision_that_the_alert_worker_understands(desk: Harness) -> None:
    body = {"who": "值班室", "channel": "webhook-1", "levels": ["I"], "unit": "U031"}
    made = desk.client.post("/api/v1/subscriptions", json=body, headers=HEADERS)
    assert made.status_code == 201
    path = f"/api/v1/subscriptions/{made.json()['id']}"
    board = Board()
    board.add(decisions(desk, 1)[0])
    assert [(one.who, one.unit) for one in board.subscriptions()] == [("值班室", "U031")]
    assert desk.client.delete(path, headers=HEADERS).status_code == 204
    assert desk.client.delete(path, headers=HEADERS).status_code == 404
    for event in decisions(desk, 2):
        board.add(event.model_copy(update={"at": event.at + timedelta(seconds=event.action == "unsubscribe")}))
    assert board.subscriptions() == []
    assert desk.client.get("/api/v1/subscriptions", headers=HEADERS).json()["total"] == 0


def test_a_silence_has_an_end_and_a_reason_and_names_something(desk: Harness) -> None:
    body = {"places": ["沙石镇"], "ends_at": (NOON + timedelta(hours=2)).isoformat(), "reason": "演练"}
    made = desk.client.post("/api/v1/silences", json=body, headers=HEADERS)
    assert made.status_code == 201
    assert desk.client.get("/api/v1/silences", headers=HEADERS).json()["items"] == [made.json()]
    board = Board()
    board.add(decisions(desk, 1)[0])
    assert board.silences()[0].reason == "演练"
    assert desk.client.delete(f"/api/v1/silences/{made.json()['id']}", headers=HEADERS).status_code == 204
    assert decisions(desk, 2)[1].action == "unsilence"
    lines = desk.client.app.state.desk.people.log.page(action="decided")  # type: ignore[attr-defined]
    assert [(one.who, one.subject, one.detail) for one in lines] == [
        ("first", made.json()["id"], action) for action in ("unsilence", "silence")
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"places": []}, ""),
        ({"ends_at": NOON.isoformat()}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59-12:00"}, "ends_at"),
        ({"reason": ""}, "reason"),
        ({"end": 1}, "end"),
    ],
)
def test_a_silence_without_these_is_refused(desk: Harness, change: dict[str, Any], field: str) -> None:
    body = {"places": ["沙石镇"], "ends_at": (NOON + timedelta(hours=2)).isoformat(), "reason": "演练"}
    answer = desk.client.post("/api/v1/silences", json=body | change, headers=HEADERS)
    assert answer.status_code == 422
    assert field in [one["field"] for one in answer.json()["errors"]]


def test_a_signed_link_acknowledges_by_its_button_while_the_index_is_away(desk: Harness) -> None:
    link = f"/a/{token(ACK_KEY, ALERT, '值班员', NOON)}"
    page = desk.client.get(link)
    assert page.status_code == 200
    assert "签收" in page.text
    assert desk.decisions.sent == [], "opening is not answering"
    assert "已签收" in desk.client.post(link).text
    (decision,) = decisions(desk, 1)
    assert (decision.action, decision.subject_id, decision.by) == ("acknowledge", ALERT, "值班员")
    assert desk.client.post(link, data={"action": "close"}).status_code == 422
    desk.client.post(link, data={"action": "confirm"})
    assert decisions(desk, 2)[1].action == "confirm"


def test_a_forged_damaged_or_old_link_is_none(desk: Harness) -> None:
    good = token(ACK_KEY, ALERT, "值班员", NOON)
    old = token(ACK_KEY, ALERT, "值班员", NOON - VALID - timedelta(seconds=1))
    forged = token(b"other", ALERT, "值班员", NOON)
    damaged = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    for wrong in (old, forged, damaged, good[:-3], "x", "签收", good + "="):
        if wrong != good + "=":
            assert read(ACK_KEY, wrong, NOON) is None
            assert desk.client.get(f"/a/{wrong}").status_code == 404
    found = read(ACK_KEY, good, NOON)
    assert found is not None
    assert (found.alert_id, found.recipient) == (ALERT, "值班员")
    assert len(good) <= 60


@pytest.mark.parametrize("path", ["/cap.atom", "/cap/x", "/silences"])
def test_these_need_a_key(desk: Harness, path: str) -> None:
    assert desk.client.get(f"/api/v1{path}").status_code == 401


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("fax", "unknown channel; one of: log, mail, sms, webhook-1, wecom, or an https address"),
        ("http://hooks.example/x", "a webhook address must be https"),
        ("https://", "is no address of a host"),
        ("http://[", "is no address of a host"),
    ],
)
def test_a_subscription_to_a_channel_that_is_none_is_refused_by_name(desk: Harness, channel: str, said: str) -> None:
    body = {"who": "值班室", "channel": channel}
    refused = desk.client.post("/api/v1/subscriptions", json=body, headers=HEADERS)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["field"], error["message"]) == ("channel", said)
    assert error["message_zh"]
    assert desk.client.get("/api/v1/subscriptions", headers=HEADERS).json()["total"] == 0


@pytest.mark.parametrize("channel", ["sms", "log", "https://hooks.example/x", "http://127.0.0.1:8080/x"])
def test_a_channel_of_the_district_or_a_web_address_is_taken(desk: Harness, channel: str) -> None:
    body = {"who": "值班室", "channel": channel}
    assert desk.client.post("/api/v1/subscriptions", json=body, headers=HEADERS).status_code == 201


def test_receipts_are_kept_while_the_index_is_away(desk: Harness) -> None:
    answer = desk.client.post("/api/v1/receipts/sms/door-secret", json={"data": [{"msgid": "7", "state": "DELIVRD"}]})
    assert answer.json() == {"taken": 1, "repeated": 0, "passed_over": 0}
    (kept,) = decisions(desk, 1)
    assert (kept.channel, kept.reference, kept.arrived) == ("sms", "7", True)
