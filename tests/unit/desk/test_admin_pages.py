"""The administrator's pages, who reads the metrics, and where a request is said to come from."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from desk.accounts import Account, Role
from desk.services import Desk
from desk.tries import MOST_BY_PAIR
from tests.unit.desk.conftest import KEY, METRICS_KEY, PROXY, Harness

GOOD = "Luzhu-shan-4417"


@pytest.fixture
def admin(desk: Harness) -> TestClient:
    desk.client.post("/login", data={"key": KEY})
    return desk.client


def services(client: TestClient) -> Desk:
    found: Desk = client.app.state.desk  # type: ignore[attr-defined]
    return found


def person(client: TestClient, name: str, role: Role, department: str | None = None, display: str = "") -> None:
    people = services(client).people
    people.change_password(name, people.create(Account(name, role, display, department), by="admin"), GOOD)


def test_a_reset_and_a_closing_are_asked_for_twice(admin: TestClient) -> None:
    person(admin, "liu.b", Role.EDITOR)
    people = services(admin).people
    token = people.login("liu.b", GOOD, "x")
    assert token is not None
    page = admin.get("/admin/people/liu.b").text
    assert page.count('name="sure" value="1" required') == 2
    for step in ("reset", "disable"):
        refused = admin.post(f"/admin/people/liu.b/{step}", data={})
        assert (refused.status_code, "请先勾选" in refused.text) == (422, True)
    assert people.of_session(token) is not None
    made = admin.post("/admin/people/liu.b/reset", data={"sure": "1"})
    assert "一次性密码（只显示这一次）" in made.text
    assert "72小时内" in made.text
    assert people.of_session(token) is None
    assert admin.post("/admin/people/liu.b/disable", data={"sure": "1"}).status_code == 200
    found = people.account("liu.b")
    assert found is not None
    assert found.disabled
    admin.post("/admin/people/liu.b/disable", data={"on": "0"})
    found = people.account("liu.b")
    assert found is not None
    assert not found.disabled


def test_what_was_typed_stays_where_an_account_is_refused(admin: TestClient) -> None:
    typed = {"name": "张三", "display": "张<三>", "role": "reporter", "department": "U064"}
    page = admin.post("/admin/people", data=typed)
    assert (page.status_code, "账号为2至32位" in page.text) == (422, True)
    assert 'value="张三"' in page.text
    assert 'value="张&lt;三&gt;"' in page.text
    assert '<option value="U064" selected>' in page.text
    assert 'value="张三"' not in admin.get("/admin/people").text


def test_a_new_person_sees_only_how_to_set_a_password(desk: Harness) -> None:
    once = services(desk.client).people.create(Account("liu.b", Role.EDITOR), by="admin")
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){2}", once)
    page = desk.client.post("/login", data={"name": "liu.b", "password": once}).text
    assert "请先设置自己的密码" in page
    assert 'id="live"' not in page  # it listens to what may not be heard yet, and said that the login had ended
    assert 'aria-label="栏目"' not in page
    assert "密码已修改" in desk.client.post("/account", data={"old": once, "password": GOOD}).text
    assert "密码已修改" not in desk.client.get("/login").text


def test_a_reporter_is_led_back_to_the_own_pages(desk: Harness) -> None:
    person(desk.client, "rep", Role.REPORTER, "U064")
    desk.client.post("/login", data={"name": "rep", "password": GOOD})
    for path, status in (("/admin/people", 403), ("/nothing", 404)):
        answer = desk.client.get(path)
        assert (answer.status_code, "回到报送" in answer.text, "今日" in answer.text) == (status, True, False)


def test_the_last_administrator_is_told_why_not(admin: TestClient) -> None:
    for step, data in (("disable", {"sure": "1"}), ("role", {"role": "editor"})):
        refused = admin.post(f"/admin/people/admin/{step}", data=data)
        assert (refused.status_code, "最后一个启用的管理员" in refused.text) == (422, True), step
    assert admin.get("/admin/people/nobody").status_code == 404


def test_the_audit_page_goes_on_and_filters(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.routes.admin.PAGE", 5)
    person(admin, "liu.b", Role.EDITOR, display="刘编辑")
    for number in range(8):
        services(admin).people.record("liu.b", "decided", f"item{number}", "accept", "10.2.0.1")
    first = admin.get("/admin/audit").text
    assert ("item7" in first, "item2" in first, "刘编辑" in first, "采用" in first) == (True, False, True, True)
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(following).text
    assert ("item7" in second, "item2" in second) == (False, True)
    assert "回到最新" in second
    assert "没有符合条件的记录" in admin.get("/admin/audit?person=nobody").text
    only = admin.get("/admin/audit?action=account_created").text
    assert "item7" not in only
    assert admin.get("/admin/audit?before=x").status_code == 422
    assert admin.get(f"/admin/audit?before={2**63}").status_code == 422
    assert first.count('<th scope="col">') == 6


def test_the_audit_says_what_a_line_is_about_with_the_index_away(admin: TestClient) -> None:
    """Accounts, issues, requests and departments by name; of what the index alone knows the id stays."""
    person(admin, "liu.b", Role.EDITOR, display="刘<编辑>")
    asked = {"topic": "冬季<安全>生产", "departments": ["U064"], "deadline": "2026-11-21T17:00"}
    admin.post("/commissions", data=asked, follow_redirects=False)
    people = services(admin).people
    people.record("liu.b", "bulletin_sign", "huiyao:2026-11-20", "")
    people.record("liu.b", "mail_again", "yuqing:2026-11-20:2", "区委办")
    people.record("liu.b", "decided", "U064", "excuse")
    people.record("liu.b", "decided", "0123456789abcdef" * 2, "accept")
    people.record("liu.b", "decided", "liu.b", "accept")
    page = admin.get("/admin/audit").text
    for kind, shown in (
        ("账号", '<a href="/admin/people/liu.b">刘&lt;编辑&gt;</a> <span class="soft small">liu.b</span>'),
        ("刊物", '<a href="/bulletins/huiyao/2026-11-20">《今日章贡汇要》11月20日</a>'),
        ("刊物", '<a href="/bulletins/yuqing/2026-11-20">《今日重要舆情》11月20日</a>'),
        ("约稿", '<a href="/commissions">冬季&lt;安全&gt;生产</a>'),
        ("单位", "沙石镇"),
    ):
        assert f'<span class="soft small">{kind}</span> {shown}</td>' in page, shown
    assert "<td>0123456789abcdef0123456789abcdef</td>" in page


@pytest.mark.parametrize(("role", "status"), [(Role.REPORTER, 403), (Role.EDITOR, 403), (Role.ADMIN, 200)])
def test_metrics_are_for_administrators_and_the_metrics_key(desk: Harness, role: Role, status: int) -> None:
    person(desk.client, "liu.b", role, "U064" if role is Role.REPORTER else None)
    key = services(desk.client).people.new_key("liu.b")

    def asked(given: str, path: str = "metrics") -> Any:
        return desk.client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {given}"})

    assert asked(key).status_code == status
    assert "huiyao_desk_outbox_waiting" in asked(METRICS_KEY).text
    assert asked(METRICS_KEY, "subscriptions").status_code == 401  # it opens nothing else
    assert asked("").status_code == 401


def failing(client: TestClient, address: str, forwarded: str | None, name: str) -> int:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    transport = httpx.ASGITransport(client.app, client=(address, 4000))  # type: ignore[arg-type]

    async def once() -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
            answer = await browser.post("/login", data={"name": name, "password": "wrong"}, headers=headers)
            return answer.status_code

    portal = client.portal
    assert portal is not None
    return portal.call(once)


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(desk: Harness) -> None:
    """A stranger who writes another address into every try is still one stranger."""
    made_up = [failing(desk.client, "203.0.113.5", f"198.51.100.{n}", "liu.b") for n in range(MOST_BY_PAIR + 1)]
    assert made_up == [401] * MOST_BY_PAIR + [429]
    # Behind the proxy one guesses from two places, and writes a made-up address before the one that the proxy adds.
    for n in range(MOST_BY_PAIR):
        assert failing(desk.client, PROXY, f"198.51.100.{n}, 192.0.2.7", "wang") == 401
    assert failing(desk.client, "10.1.2.3", "192.0.2.7", "wang") == 429
    assert failing(desk.client, PROXY, "192.0.2.8", "wang") == 401
    assert failing(desk.client, PROXY, None, "wang") == 401
    seen = {one.address for one in services(desk.client).people.log.page(who="wang")}
    assert seen == {"192.0.2.7", "192.0.2.8", PROXY}
