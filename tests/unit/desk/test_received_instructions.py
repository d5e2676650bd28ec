"""Instructions of city, province and above: entered at the desk with their source, then like the district's own."""

from __future__ import annotations

from typing import Any

import pytest

from desk.accounts import Role
from desk.auth import COOKIE
from desk.services import Desk
from processors.fold_instructions import fold_instruction
from processors.instructions.model import told
from processors.instructions.report import special_report
from publishers.supervision import supervision_pages
from schemas.bulletin import BulletinHead
from tests.unit.desk.conftest import NOON, Harness
from tests.unit.desk.test_instruction_rights import OTHER, OWNER, key, step, visit

ORDER = {
    "level": "city", "giver": "市委主要领导", "given_on": "2026-11-18", "reference": "市委办〔2026〕3号",
    "topic": "章江堤防隐患排查", "owner": OWNER, "text": "请认真核查，举一反三。", "deadline": "d3",
}  # fmt: skip
ORIGIN = "市级批示（市委主要领导，2026-11-18，市委办〔2026〕3号）"


@pytest.fixture
def services(desk: Harness) -> Desk:
    found: Desk = desk.client.app.state.desk  # type: ignore[attr-defined]
    return found


def enter(desk: Harness, headers: dict[str, str], **change: Any) -> Any:
    return desk.client.post("/api/v1/instructions/received", json=ORDER | change, headers=headers)


def test_it_is_entered_with_its_source_and_comes_back_done(desk: Harness, services: Desk) -> None:
    office, owner = key(services, Role.DUTY), key(services, Role.REPORTER, OWNER)
    made = enter(desk, office)
    assert made.status_code == 201
    one = made.json()
    assert (one["level"], one["origin"], one["topic"], one["by"]) == ("city", ORIGIN, ORDER["topic"], "xduty")
    assert (one["giver"], one["given_on"], one["reference"]) == ("市委主要领导", "2026-11-18", "市委办〔2026〕3号")
    assert enter(desk, office).json()["id"] == one["id"], "the button pressed twice enters one"
    [seen] = desk.client.get("/api/v1/instructions", headers=owner).json()["items"]
    assert (seen["origin"], seen["by_name"], seen["possible"]) == (ORIGIN, "区委办", ["acknowledge", "answer"])
    assert not {"by", "item_id", "credited"} & seen.keys()
    assert step(desk, owner, "answer", one["id"], words="已核查", final=True).status_code == 202
    watch = key(services, Role.SUPERVISOR)
    assert step(desk, watch, "close", one["id"], revision=2).json()["state"] == "closed"


def test_the_index_and_the_special_report_say_where_it_comes_from(desk: Harness, services: Desk) -> None:
    name = enter(desk, key(services, Role.EDITOR)).json()["id"]
    [decision] = services.database.decisions_on("instruction", name)
    document = fold_instruction(None, decision)
    assert (document["level"], document["giver"], document["given_on"]) == ("city", "市委主要领导", "2026-11-18")
    one = told(name, document["decisions"])
    assert one is not None
    report = special_report([one], NOON.date(), NOON.date(), NOON, services.deps.instruction_rules)
    said = [each.text for each in supervision_pages(report, BulletinHead(office="区委办"), {}).paragraphs]
    assert f"{ORIGIN}：请认真核查，举一反三。" in said
    assert any("登记转办，时限" in line for line in said)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"level": "district"}, ["level"]),
        ({"giver": " "}, ["giver"]),
        ({"given_on": "昨天"}, ["given_on"]),
        ({"given_on": "2026-11-21"}, ["given_on"]),
        ({"given_on": "2019-01-01"}, ["given_on"]),
        ({"topic": ""}, ["topic"]),
        ({"level": "", "giver": "", "owner": "无此单位", "deadline": "2020-01-01T09:00"},
         ["level", "giver", "owner", "deadline"]),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_is_told_at_once(
    desk: Harness, services: Desk, change: dict[str, str], fields: list[str]
) -> None:
    refused = enter(desk, key(services, Role.SUPERVISOR), **change)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (422, fields)
    assert desk.client.get("/api/v1/instructions", headers=key(services, Role.DUTY)).json()["items"] == []


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.EDITOR, 201), (Role.DUTY, 201), (Role.SUPERVISOR, 201), (Role.LEADER, 201), (Role.ADMIN, 403),
     (Role.REPORTER, 403)],
)  # fmt: skip
def test_the_office_enters_and_takes_back_the_own_entry(desk: Harness, services: Desk, role: Role, status: int) -> None:
    headers = key(services, role, OWNER if role is Role.REPORTER else None)
    made = enter(desk, headers)
    assert made.status_code == status
    visit(desk, role, services, OWNER if role is Role.REPORTER else None)
    assert desk.client.get("/instructions/enter").status_code == (200 if status == 201 else 403)
    if status == 201:
        name = made.json()["id"]
        other = key(services, Role.DUTY if role is not Role.DUTY else Role.EDITOR)
        assert step(desk, other, "withdraw", name, words="重复登记").status_code == 403
        assert step(desk, headers, "withdraw", name, words="重复登记").json()["state"] == "withdrawn"


def test_what_people_write_is_masked_and_escaped(desk: Harness, services: Desk) -> None:
    headers = key(services, Role.DUTY)
    made = enter(
        desk, headers, topic="<script>x</script>王小明反映", text="请联系13812345678", giver="市领导 13812345678"
    )
    text = made.text
    assert made.status_code == 201
    assert "13812345678" not in text
    visit(desk, Role.DUTY, services)
    page = desk.client.get(f"/instructions/{made.json()['id']}").text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_the_form_keeps_what_was_typed_and_refuses_other_sites(desk: Harness, services: Desk) -> None:
    visit(desk, Role.SUPERVISOR, services)
    filled = ORDER | {"giver": "", "topic": "堤防<b>", "item_id": ""}
    refused = desk.client.post("/instructions/enter", data=filled)
    assert refused.status_code == 422
    for words in (
        "请写明批示领导的职务",
        "堤防&lt;b&gt;",
        "请认真核查",
        f'value="{OWNER}" selected',
        "市委办〔2026〕3号",
    ):
        assert words in refused.text, words
    foreign = desk.client.post(
        "/instructions/enter", data=ORDER, headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False
    )
    assert foreign.headers["location"].startswith("/login")
    done = desk.client.post("/instructions/enter", data=ORDER)
    assert done.status_code == 200
    assert ORIGIN in done.text
    assert ORIGIN in desk.client.get("/instructions").text
    assert COOKIE in desk.client.cookies


def test_openapi_describes_the_call(desk: Harness) -> None:
    assert "post" in desk.client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/instructions/received"]


def test_who_is_not_the_owner_does_not_see_it(desk: Harness, services: Desk) -> None:
    name = enter(desk, key(services, Role.DUTY)).json()["id"]
    other = key(services, Role.REPORTER, OTHER)
    assert desk.client.get(f"/api/v1/instructions/{name}", headers=other).status_code == 404
