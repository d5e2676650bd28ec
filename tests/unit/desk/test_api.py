"""REST: receipts, repeats, problems with named fields, keys, limits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from desk.app import create_app
from tests.unit.desk.conftest import KEY, Harness

REPORT = {
    "lane": "report",
    "source": "区水利局",
    "text": "今日上午，我局对章江堤防开展巡查，未发现异常。",
    "published_at": "2026-11-20T11:00:00+08:00",
}
PROBLEM = "application/problem+json"


def fields(response: Any) -> list[str]:
    return [error["field"] for error in response.json()["errors"]]


def test_a_report_gets_a_receipt_after_the_broker_has_it(desk: Harness) -> None:
    response = desk.post(REPORT)
    assert response.status_code == 201
    receipt = response.json()
    assert len(receipt["item_id"]) == 32
    assert receipt["received_at"] == "2026-11-20T12:00:00+08:00"
    assert [parcel.item_id for parcel in desk.sink.parcels] == [receipt["item_id"]]


def test_the_same_submission_again_gives_the_first_receipt_and_is_not_sent_again(desk: Harness) -> None:
    first, second = desk.post(REPORT), desk.post(REPORT)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(desk.sink.parcels) == 1


def test_a_correction_is_sent(desk: Harness) -> None:
    base = REPORT | {"id": "r-1"}
    assert desk.post(base).status_code == 201
    corrected = base | {"text": "更正：发现渗漏一处。", "updated_at": "2026-11-20T11:30:00+08:00"}
    assert desk.post(corrected).status_code == 201
    assert len({parcel.item_id for parcel in desk.sink.parcels}) == 1


def test_broker_away_is_503_with_retry_after_and_can_be_sent_again(desk: Harness) -> None:
    desk.sink.down = True
    response = desk.post(REPORT)
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["content-type"].startswith(PROBLEM)
    desk.sink.down = False
    assert desk.post(REPORT).status_code == 201


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"sender": "x"}, 422, "sender"),
        ({"source": "不存在局"}, 422, "source"),
        ({"published_at": "昨天"}, 422, "published_at"),
        ({"kind": "urgent"}, 422, "kind"),
        ({"text": "机密★一年\n会议纪要。"}, 422, "text"),
    ],
)
def test_bad_fields_are_named_in_both_languages(desk: Harness, change: dict[str, Any], status: int, field: str) -> None:
    response = desk.post(REPORT | change)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(PROBLEM)
    assert field in fields(response)
    assert all(error["message"] and error["message_zh"] for error in response.json()["errors"])
    assert desk.sink.parcels == []


def test_missing_fields_are_named(desk: Harness) -> None:
    assert fields(desk.post({"lane": "report", "source": "区水利局"})) == ["text", "published_at"]


@pytest.mark.parametrize("body", [b"{not json", b"[1, 2]", b"", b"\xff\xfe"])
def test_what_is_not_an_object_is_400(desk: Harness, body: bytes) -> None:
    response = desk.client.post("/api/v1/reports", content=body, headers={"Authorization": "Bearer first-key"})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith(PROBLEM)


def test_a_long_body_is_413_announced_or_not(desk: Harness) -> None:
    assert desk.post(REPORT | {"text": "长" * 10_000}).status_code == 413

    def chunks() -> Any:
        for _ in range(30):
            yield b"x" * 1000

    response = desk.client.post("/api/v1/reports", content=chunks(), headers={"Authorization": "Bearer first-key"})
    assert response.status_code == 413
    assert fields(response) == ["body"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
@pytest.mark.parametrize("path", ["/api/v1/items", "/api/v1/alerts", "/api/v1/metrics", "/api/v1/events"])
def test_every_call_needs_a_key(desk: Harness, path: str, headers: dict[str, str]) -> None:
    response = desk.client.get(path, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"].startswith(PROBLEM)


def test_health_needs_no_key_and_readiness_names_what_is_away(desk: Harness) -> None:
    assert desk.client.get("/api/v1/healthz").json() == {"status": "ok"}
    response = desk.client.get("/api/v1/readyz")
    assert response.status_code == 503
    assert "elasticsearch" in response.json()["detail"]


def test_no_log_has_what_stands_in_a_path(desk: Harness) -> None:
    with capture_logs() as lines:
        answer = desk.client.get("/api/v1/items/a-secret", headers={"Authorization": "Bearer first-key"})
    assert answer.status_code == 503
    assert [line["path"] for line in lines if line["event"] == "desk.index_away"] == ["/api/v1/items/{item_id}"]


def test_the_index_away_is_503_with_retry_after(desk: Harness) -> None:
    response = desk.client.get("/api/v1/items", headers={"Authorization": "Bearer first-key"})
    assert response.status_code == 503
    assert response.headers["retry-after"]


@pytest.mark.parametrize("path", ["/api/v1/items?colour=red", "/api/v1/items?day=gestern", "/api/v1/items?limit=0"])
def test_wrong_parameters_are_named(desk: Harness, path: str) -> None:
    response = desk.client.get(path, headers={"Authorization": "Bearer first-key"})
    assert response.status_code == 422
    assert fields(response)[0] in path


def test_unknown_paths_and_methods_are_problems(desk: Harness) -> None:
    assert desk.client.get("/api/v1/nothing").headers["content-type"].startswith(PROBLEM)
    assert desk.client.put("/api/v1/healthz").status_code == 405


def test_openapi_describes_the_contracts_calls(desk: Harness) -> None:
    paths = desk.client.get("/api/v1/openapi.json").json()["paths"]
    wanted = {"reports", "items", "items/{item_id}", "duty", "alerts", "alerts/{alert_id}/ack", "subscriptions"}
    wanted |= {"bulletins/{name}/{date}", "events", "healthz", "readyz", "metrics"}
    assert wanted <= {path.removeprefix("/api/v1/") for path in paths}


def test_openapi_can_be_read_by_programs(desk: Harness) -> None:
    """Every reference leads somewhere, calls say that they want a key, and errors are what is really answered."""
    document = desk.client.get("/api/v1/openapi.json").json()
    known = document["components"]["schemas"]
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert wanted <= set(known)
    assert "$defs" not in json.dumps(document)
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    calls = [(path, one) for path, item in document["paths"].items() for one in item.values()]
    open_paths = {path for path, one in calls if one.get("security") == []}
    assert open_paths == {"/api/v1/healthz", "/api/v1/readyz", "/api/v1/receipts/{channel}/{secret}"}
    assert all(list(one["responses"]["default"]["content"]) == [PROBLEM] for _, one in calls)
    refused = desk.post({"lane": "report"})
    assert set(refused.json()) == set(known["Problem"]["properties"])
    assert set(known["Problem"]["required"]) <= set(refused.json())


def test_a_county_is_called_a_county(desk: Harness) -> None:
    ours = desk.client.app.state.desk  # type: ignore[attr-defined]
    assert "区级信息报送" in desk.client.get("/login").text
    county = create_app(replace(ours.deps, district_name="归山县", district_level="县级"))
    with TestClient(county, base_url="http://desk") as client:
        assert "县级信息报送" in client.get("/login").text
        described = client.get("/api/v1/openapi.json").json()["info"]["description"]
    assert described.startswith("县级信息报送、研判、刊发与预警。Times")


def test_the_page_on_the_interface_tells_every_call(desk: Harness) -> None:
    assert desk.client.get("/account/api", follow_redirects=False).headers["location"].startswith("/login")
    desk.client.post("/login", data={"key": KEY})
    page = desk.client.get("/account/api").text
    for path, item in desk.client.get("/api/v1/openapi.json").json()["paths"].items():
        for method in item:
            assert f"<code>{method.upper()} {path}</code>" in page
    assert "<code>published_at</code> <span" in page  # fields of the body, and which of them must be there
    assert "normal | zero | first | followup | final" in page


def test_subscriptions_are_kept_once(desk: Harness) -> None:
    headers = {"Authorization": "Bearer first-key"}
    body = {"who": "值班室", "channel": "webhook-1", "levels": ["I", "undecided"], "hours": "08:00-20:00"}
    first = desk.client.post("/api/v1/subscriptions", json=body, headers=headers)
    assert first.status_code == 201
    assert desk.client.post("/api/v1/subscriptions", json=body, headers=headers).json() == first.json()
    listed = desk.client.get("/api/v1/subscriptions", headers=headers).json()
    assert (listed["total"], listed["next"], listed["items"][0]["who"]) == (1, None, "值班室")
    unnamed = desk.client.post("/api/v1/subscriptions", content=json.dumps(body), headers=headers)
    assert (unnamed.status_code, "Content-Type: application/json" in unnamed.json()["detail"]) == (422, True)
    wrong = desk.client.post("/api/v1/subscriptions", json=body | {"hours": "8-20"}, headers=headers)
    assert wrong.status_code == 422
    assert fields(wrong) == ["hours"]


def test_a_zero_report_again_the_same_day_is_answered_with_the_first_receipt(desk: Harness) -> None:
    zero = {"lane": "report", "source": "区水利局", "kind": "zero", "text": "今日无重要信息，特此零报告。"}
    first = desk.post(zero | {"published_at": "2026-11-20T09:00:00+08:00"})
    again = desk.post(zero | {"published_at": "2026-11-20T09:07:00+08:00"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(desk.sink.parcels) == 1
    for other in (
        {"published_at": "2026-11-19T09:00:00+08:00"},
        {"published_at": "2026-11-20T09:00:00+08:00", "source": "沙石镇"},
        {"published_at": "2026-11-20T09:00:00+08:00", "updated_at": "2026-11-20T10:00:00+08:00"},
        {"published_at": "2026-11-20T09:00:00+08:00", "id": "z-1"},
    ):
        assert desk.post(zero | other).status_code == 201, other


def test_metrics_are_prometheus_text(desk: Harness) -> None:
    response = desk.client.get("/api/v1/metrics", headers={"Authorization": "Bearer first-key"})
    assert "huiyao_desk_outbox_waiting 0.0" in response.text
