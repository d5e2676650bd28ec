"""Attachments over REST: uploaded, listed, taken back, filed with a report; rights and limits are the form's."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from desk.accounts import Role
from tests.unit.desk.conftest import KEY, Harness
from tests.unit.desk.test_admin_pages import GOOD, person
from tests.unit.desk.test_api import PROBLEM, REPORT, fields
from tests.unit.desk.test_attachments import KEPT, PDF, PNG

PATH = "/api/v1/reports/attachments"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def upload(desk: Harness, name: str = "现场.png", data: bytes = PNG, **options: Any) -> Any:
    return desk.client.post(PATH, files={"file": (name, data)}, **({"headers": HEADERS} | options))


def waiting(client: TestClient) -> list[str]:
    return [one["id"] for one in client.get(PATH, headers=HEADERS).json()["items"]]


def file(desk: Harness, *ids: str, **change: Any) -> Any:
    query = "&".join(f"attachment={one}" for one in ids)
    return desk.client.post(f"/api/v1/reports?{query}", json=REPORT | change, headers=HEADERS)


def test_a_file_is_uploaded_and_goes_with_its_report(desk: Harness) -> None:
    made = upload(desk, "../现场.exe")
    assert made.status_code == 201
    one, two = made.json(), upload(desk, "说明.pdf", PDF).json()
    assert (one["name"], one["media_type"], one["size"]) == ("现场.png", "image/png", len(KEPT))
    assert waiting(desk.client) == [one["id"], two["id"]]
    first = file(desk, one["id"], two["id"])
    assert first.status_code == 201
    [parcel] = desk.sink.parcels
    assert [(x.name, x.sha256) for x in parcel.item.attachments or ()] == [
        ("现场.png", one["sha256"]),
        ("说明.pdf", two["sha256"]),
    ]
    assert waiting(desk.client) == []
    # Whoever did not get the answer sends the same again, and is not told that the files are gone.
    again = file(desk, one["id"], two["id"])
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(desk.sink.parcels) == 1


def test_a_file_is_taken_back_before_it_is_filed_and_not_afterwards(desk: Harness) -> None:
    one, two = upload(desk).json()["id"], upload(desk, "说明.pdf", PDF).json()["id"]
    assert desk.client.delete(f"{PATH}/{one}", headers=HEADERS).status_code == 204
    assert desk.client.delete(f"{PATH}/{one}", headers=HEADERS).status_code == 404
    assert waiting(desk.client) == [two]
    refused = file(desk, one)
    assert (refused.status_code, fields(refused)) == (422, ["attachment"])
    assert desk.sink.parcels == []
    assert file(desk, two).status_code == 201
    assert desk.client.delete(f"{PATH}/{two}", headers=HEADERS).status_code == 404
    store = desk.client.app.state.desk.attachments  # type: ignore[attr-defined]
    [listed] = desk.sink.parcels[0].item.attachments or ()
    assert store.path(listed.sha256).read_bytes() == PDF


def test_files_wait_where_kafka_is_away(desk: Harness) -> None:
    one = upload(desk).json()["id"]
    desk.sink.down = True
    assert file(desk, one).status_code == 503
    assert waiting(desk.client) == [one]
    desk.sink.down = False
    assert file(desk, one).status_code == 201


def test_a_file_goes_with_one_report_only(desk: Harness) -> None:
    one = upload(desk).json()["id"]
    assert file(desk, one).status_code == 201
    refused = file(desk, one, text="另一件信息，今日无异常。")
    assert (refused.status_code, fields(refused)) == (422, ["attachment"])
    assert len(desk.sink.parcels) == 1


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("坏.exe", b"MZ", "格式"),
        ("坏.png", PNG[:40], "打不开"),
        ("大.pdf", PDF + bytes(20_000), "超过"),
        ("机密★1年.pdf", PDF, "密级标志"),
    ],
)
def test_what_is_not_taken_is_told_by_field(desk: Harness, name: str, data: bytes, says: str) -> None:
    refused = upload(desk, name, data)
    assert (refused.status_code, fields(refused)) == (422, ["file"])
    assert refused.headers["content-type"].startswith(PROBLEM)
    assert says in refused.json()["errors"][0]["message_zh"]
    assert waiting(desk.client) == []


def test_limits_are_the_forms(desk: Harness) -> None:
    ids = [upload(desk).json()["id"] for _ in range(4)]
    many = file(desk, *ids)
    assert (many.status_code, "最多3个" in many.json()["errors"][0]["message_zh"]) == (422, True)
    assert upload(desk, "大.pdf", PDF + bytes(40_000)).status_code == 413
    assert fields(desk.client.post(PATH, headers=HEADERS)) == ["file"]
    listed = [{"name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64}]
    assert fields(file(desk, attachments=listed)) == ["attachments"]


def test_rights_are_the_forms(desk: Harness) -> None:
    one = upload(desk).json()["id"]
    assert upload(desk, headers={}).status_code == 401
    person(desk.client, "wang.r", Role.REPORTER, "U028")
    desk.client.post("/login", data={"name": "wang.r", "password": GOOD})
    session: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    own = upload(desk, **session).json()["id"]
    # Another site's page has the cookie of a browser at the most.
    assert upload(desk, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 401
    assert [x["id"] for x in desk.client.get(PATH).json()["items"]] == [own]
    assert desk.client.delete(f"{PATH}/{one}", **session).status_code == 404
    body = REPORT | {"source": "U028"}
    refused = desk.client.post(f"/api/v1/reports?attachment={one}", json=body, **session)
    assert (refused.status_code, fields(refused)) == (422, ["attachment"])
    assert desk.client.post(f"/api/v1/reports?attachment={own}", json=body, **session).status_code == 201
    person(desk.client, "chen.l", Role.LEADER)
    desk.client.post("/login", data={"name": "chen.l", "password": GOOD})
    for answer in (upload(desk, **session), desk.client.get(PATH), desk.client.delete(f"{PATH}/{one}", **session)):
        assert answer.status_code == 403


def test_openapi_describes_uploads(desk: Harness) -> None:
    described = desk.client.get("/api/v1/openapi.json").json()
    paths = described["paths"]
    assert set(paths["/api/v1/reports/attachments"]) == {"get", "post"}
    assert set(paths["/api/v1/reports/attachments/{attachment_id}"]) == {"delete"}
    assert "get" in paths["/api/v1/items/{item_id}/attachments"]
    assert "multipart/form-data" in paths["/api/v1/reports/attachments"]["post"]["requestBody"]["content"]
    assert "attachment" in [one["name"] for one in paths["/api/v1/reports"]["post"]["parameters"]]
