"""Doors that need no account: how often one address may knock, what a stranger may send, and from where it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Route

from desk import doors
from desk.accounts import Account, Role
from desk.doors import DOORS, Buckets, Door, site_of
from desk.oidc import OidcRules
from desk.people import People
from processors.alerting import alert_id
from publishers.ack_links import token
from tests.duty_desk import DOOR_SECRET
from tests.unit.desk.conftest import KEY, NOON, PROXY, Harness

GOOD = "Luzhu-shan-4417"
REPORT = {"source": "U028", "lane": "report", "title": "巡查", "text": "今日巡查未发现异常。"}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def oidc() -> OidcRules:
    return OidcRules("http://127.0.0.1:9", "huiyao", "http://desk/oidc/back")


@pytest.fixture
def people(desk: Harness) -> People:
    found: People = desk.client.app.state.desk.people  # type: ignore[attr-defined]
    return found


def at(desk: Harness, address: str) -> TestClient:
    made = TestClient(desk.client.app, base_url="http://desk", client=(address, 1))
    made.portal = desk.client.portal  # one loop for all, as for one desk
    return made


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every door lets three in at once, and one a minute."""
    narrowed = tuple(Door(one.prefix, 3, 1, one.methods) for one in DOORS)
    monkeypatch.setattr(doors.Doors.__init__, "__defaults__", (narrowed,))


def test_a_bucket_lets_in_some_at_once_and_then_one_after_the_other() -> None:
    clock = Clock()
    buckets = Buckets(Door("/", at_once=3, a_minute=60), clock)
    assert [buckets.wait_s("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert buckets.wait_s("b") == 0
    clock.now += 0.5
    assert buckets.wait_s("a") == 0.5
    clock.now += 0.5
    assert [buckets.wait_s("a") for _ in range(2)] == [0, 1]
    clock.now += 3600
    assert [buckets.wait_s("a") for _ in range(4)] == [0, 0, 0, 1]


def test_the_table_of_addresses_has_an_end_and_forgets_the_quiet_first() -> None:
    clock = Clock()
    buckets = Buckets(Door("/", at_once=1, a_minute=1), clock, most=10)
    for number in range(100):
        assert buckets.wait_s(f"10.0.0.{number}") == 0
    assert len(buckets._empty_at) == 10
    assert buckets.wait_s("10.0.0.99") == 60
    assert buckets.wait_s("10.0.0.5") == 0
    clock.now += 61
    buckets.wait_s("10.0.1.1")
    assert list(buckets._empty_at) == ["10.0.1.1"]


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_of_the_new_kind_counts_by_its_site(address: str, site: str) -> None:
    assert site_of(address) == site


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/oidc/start"),
        ("GET", "/oidc/back?state=a&code=b"),
        ("POST", "/login"),
        ("GET", "/a/forged"),
        ("POST", "/a/forged"),
        ("POST", "/api/v1/receipts/sms/wrong"),
    ],
)
@pytest.mark.usefixtures("narrow")
def test_who_knocks_too_often_has_to_wait_and_writes_nothing(
    desk: Harness, people: People, method: str, path: str
) -> None:
    database = desk.client.app.state.desk.database  # type: ignore[attr-defined]
    body: dict[str, Any] = {"data": {"name": "liu", "password": "x"}} if path == "/login" else {}
    knock = [desk.client.request(method, path, follow_redirects=False, **body) for _ in range(3)]
    assert 429 not in {one.status_code for one in knock}
    before = [database.rows(f"SELECT COUNT(*) FROM {table}") for table in ("audit", "oidc_ways", "login_failures")]
    for _ in range(3):
        late = desk.client.request(method, path, follow_redirects=False, **body)
        assert late.status_code == 429
        assert 1 <= int(late.headers["retry-after"]) <= 60
        assert "Content-Security-Policy" in late.headers
        assert ("请求过于频繁" in late.text) or late.json()["title_zh"] == "请求过于频繁"
    after = [database.rows(f"SELECT COUNT(*) FROM {table}") for table in ("audit", "oidc_ways", "login_failures")]
    assert after == before
    assert at(desk, "10.0.0.7").request(method, path, follow_redirects=False, **body).status_code != 429


@pytest.mark.usefixtures("narrow")
def test_what_is_behind_a_login_or_costs_nothing_has_no_such_door(desk: Harness) -> None:
    header = {"Authorization": f"Bearer {KEY}"}
    for _ in range(6):
        assert desk.client.get("/login").status_code == 200
        assert desk.client.get("/api/v1/healthz").status_code == 200
        assert desk.client.get("/api/v1/commissions", headers=header).status_code == 200


@pytest.mark.usefixtures("narrow")
def test_behind_a_trusted_proxy_every_browser_has_its_own_bucket(desk: Harness) -> None:
    proxy = at(desk, PROXY)
    for number in range(6):
        header = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert proxy.get("/a/forged", headers=header).status_code == 404
    for _ in range(3):
        last = proxy.get("/a/forged", headers={"X-Forwarded-For": "203.0.113.5"})
    assert last.status_code == 429


def routes_of(listed: Iterable[Any]) -> Iterator[Route]:
    """Those of included routers too."""
    for one in listed:
        if isinstance(one, Route):
            yield one
        elif hasattr(one, "original_router"):
            yield from routes_of(one.original_router.routes)


def test_every_route_without_an_account_is_known_here(desk: Harness) -> None:
    """Whoever adds one decides whether it needs a door."""
    found = list(routes_of(desk.client.app.routes))  # type: ignore[attr-defined]
    assert len(found) > 100
    open_ones: set[tuple[str, str]] = set()
    for route in found:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            path = route.path.replace("{name}", "huiyao").replace("{date}", "2026-11-20")
            for hole in ("{form}", "{verdict}"):
                path = path.replace(hole, "pdf" if hole == "{form}" else "confirm")
            answer = desk.client.request(method, path, follow_redirects=False)
            location = answer.headers.get("location", "")
            shut = answer.status_code == 403 or (answer.status_code == 401 and path.startswith("/api/"))
            if not shut and not location.startswith("/login"):
                open_ones.add((method, route.path))
    assert open_ones == {
        ("GET", "/api/v1/healthz"), ("GET", "/api/v1/readyz"), ("GET", "/api/v1/openapi.json"),
        ("GET", "/favicon.ico"), ("GET", "/login"), ("POST", "/login"),
        ("GET", "/oidc/start"), ("GET", "/oidc/back"), ("GET", "/a/{token}"), ("POST", "/a/{token}"),
        ("POST", "/api/v1/receipts/{channel}/{secret}"),
    }  # fmt: skip


def test_a_stranger_may_not_send_what_a_form_with_files_may(desk: Harness, people: People) -> None:
    large = {"files": ("a.pdf", b"%PDF-" + bytes(15_000))}  # the desk of these tests takes 10,000 bytes elsewhere
    assert desk.client.post("/report", files=large).status_code == 413
    people.change_password("liu.b", people.create(Account("liu.b", Role.EDITOR), by="admin"), GOOD)
    desk.client.post("/login", data={"name": "liu.b", "password": GOOD})
    assert desk.client.post("/report", files=large, data=REPORT).status_code in (200, 422)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert desk.client.post("/report", files=large, headers=elsewhere).status_code == 413


def test_readiness_is_looked_up_once_however_many_ask(desk: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def ready() -> bool:
        asked.append(1)
        return True

    ours = desk.client.app.state.desk  # type: ignore[attr-defined]
    monkeypatch.setattr(ours.index, "ready", ready)
    monkeypatch.setattr("desk.pulse.FRESH_S", 60.0)
    assert [desk.client.get("/api/v1/readyz").status_code for _ in range(5)] == [200] * 5
    assert len(asked) == 1


def test_every_line_of_the_audit_says_from_where(desk: Harness, people: People) -> None:
    people.change_password("liu.b", people.create(Account("liu.b", Role.EDITOR), by="admin"), GOOD)
    browser = at(desk, "10.0.0.7")
    browser.post("/login", data={"name": "liu.b", "password": GOOD}, follow_redirects=False)
    asking = {"topic": "隐患排查", "text": "", "deadline": "2026-11-21T17:30", "departments": "U028"}
    assert browser.post("/commissions", data=asking, follow_redirects=False).status_code == 303
    silence = {"ends_at": "2026-11-21T12:00:00+08:00", "reason": "演练", "levels": ["IV"]}
    header = {"Authorization": f"Bearer {KEY}"}
    assert at(desk, "10.0.0.8").post("/api/v1/silences", json=silence, headers=header).status_code == 201
    proxied = header | {"X-Forwarded-For": "203.0.113.5"}
    points = {"department": "U028", "key": "adopt.city_市委办", "reason": "采用"}
    assert at(desk, PROXY).post("/api/v1/points", json=points, headers=proxied).status_code == 202
    mark = token(b"ack", alert_id("i1", 1), "值班员", NOON)
    assert at(desk, "10.0.0.9").post(f"/a/{mark}", data={"action": "acknowledge"}).status_code == 200
    lines = [(one.who, one.action, one.address) for one in people.log.page()[:5]]
    assert lines == [
        ("值班员", "decided", "10.0.0.9"),
        ("first", "decided", "203.0.113.5"),
        ("first", "decided", "10.0.0.8"),
        ("liu.b", "commissioned", "10.0.0.7"),
        ("liu.b", "login", "10.0.0.7"),
    ]
    people.record("setup", "key_made", "x")
    assert people.log.page()[0].address == ""


def test_a_gateway_with_the_secret_goes_through(desk: Harness) -> None:
    body = {"data": [{"msgid": "m1", "state": "DELIVRD"}]}
    answer = desk.client.post(f"/api/v1/receipts/sms/{DOOR_SECRET}", json=body)
    assert answer.status_code == 200
