"""Logging in at a provider outside: a real one on loopback, honest, lying, away; and whose account a person gets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from desk.accounts import Account, Role
from desk.auth import COOKIE
from desk.oidc import OidcRules, challenge_of
from desk.people import People
from huiyao.cli.checking import _login
from huiyao.desk import oidc_rules
from huiyao.settings import load_settings
from schemas.errors import InvalidItem, SettingsError
from tests.oidc_provider import CLIENT, SECRET, OidcProvider, new_key, oidc_provider
from tests.unit.desk.conftest import Harness

GOOD = "Luzhu-shan-4417"
BACK = "http://desk/oidc/back"
GIVEN = {"issuer": "https://id.example", "client_id": "h", "redirect_url": "https://desk.example/oidc/back"}


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as running:
        yield running


@pytest.fixture
def oidc(provider: OidcProvider) -> OidcRules:
    return OidcRules(provider.base, CLIENT, "http://localhost/oidc/back", client_secret=SECRET)


@pytest.fixture
def people(desk: Harness) -> People:
    found: People = desk.client.app.state.desk.people  # type: ignore[attr-defined]
    found.change_password("liu.b", found.create(Account("liu.b", Role.EDITOR, "刘"), by="admin"), GOOD)
    return found


def gone_out(client: TestClient, to: str = "/report") -> str:
    """Start at the desk, log in at the provider; the address that the browser is sent back to."""
    out = client.get("/oidc/start", params={"to": to}, follow_redirects=False)
    assert out.status_code == 303, out.text
    there = httpx.get(out.headers["location"])
    return there.headers["location"].replace("http://localhost", "http://desk")


def come_back(client: TestClient, to: str = "/report") -> Any:
    return client.get(gone_out(client, to))


def refused(desk: Harness, client: TestClient | None = None) -> str:
    """Nobody is logged in, the page says so without the reason, and the audit has the reason."""
    answer = come_back(client or desk.client)
    assert answer.status_code == 401
    assert COOKIE not in desk.client.cookies
    entry = desk.client.app.state.desk.people.log.page(action="login_failed")[0]  # type: ignore[attr-defined]
    assert entry.who == "oidc"
    assert entry.detail not in answer.text
    return str(entry.detail)


def test_a_person_logs_in_and_goes_on_where_it_began(desk: Harness, people: People, provider: OidcProvider) -> None:
    assert (
        '<a class="button" href="/oidc/start?to=/report">统一身份认证登录</a>'
        in desk.client.get("/login?to=/report").text
    )
    answer = come_back(desk.client)
    assert answer.status_code == 200
    assert 'content="0;url=/report"' in answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "刘" in desk.client.get("/report").text
    assert people.log.page(action="login")[0].detail == "oidc"
    [asked] = provider.asked
    assert len(asked["code_verifier"]) >= 43
    assert SECRET not in str(asked)  # it goes in the header


def test_the_verifier_is_hashed_as_the_standard_says() -> None:
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iss": "https://other.example"}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": [CLIENT, "another"]}, "给另一次登录"),
        ({"nonce": "guessed"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": NOW - 3600}, "ExpiredTokenError"),
        ({"exp": None}, "exp"),
        ({"iat": NOW + 3600}, "issued in the future"),
        ({"sub": None}, "sub"),
        ({"preferred_username": ""}, "对方没有给出 preferred_username"),
        ({"preferred_username": "nobody"}, "没有标识或账号"),
        ({"preferred_username": "first"}, "没有标识或账号"),
        ({"preferred_username": ["liu.b"]}, "没有标识或账号"),
    ],
)
def test_a_token_that_does_not_hold_opens_nothing(
    desk: Harness, people: People, provider: OidcProvider, claims: dict[str, Any], says: str
) -> None:
    provider.change = lambda honest: {name: value for name, value in (honest | claims).items() if value is not None}
    assert says in refused(desk)


def test_a_signature_of_another_key_opens_nothing(desk: Harness, people: People, provider: OidcProvider) -> None:
    provider.signs_with = new_key("other")
    assert "BadSignature" in refused(desk)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "RS256", "kid": "k9"}])
def test_a_token_without_a_signature_that_can_be_checked_opens_nothing(
    desk: Harness, people: People, provider: OidcProvider, header: dict[str, Any]
) -> None:
    provider.header = header
    assert refused(desk).startswith("身份令牌无效")


def test_another_key_of_the_provider_is_learnt(desk: Harness, people: People, provider: OidcProvider) -> None:
    assert come_back(desk.client).status_code == 200
    provider.key = new_key("k2")
    provider.header = {"alg": "RS256", "kid": "k2"}
    assert come_back(desk.client).status_code == 200


def test_a_provider_that_calls_itself_something_else_is_not_asked(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    provider.says_issuer = "https://other.example"
    assert desk.client.get("/oidc/start", follow_redirects=False).status_code == 503
    assert provider.codes == {}


def test_an_answer_counts_once_in_the_browser_that_began(desk: Harness, people: People, provider: OidcProvider) -> None:
    address = gone_out(desk.client)
    kept = dict(desk.client.cookies)
    desk.client.cookies.clear()
    assert desk.client.get(address).status_code == 401  # somebody else's browser, by a link that was sent to it
    desk.client.cookies.update(kept)
    assert desk.client.get(address).status_code == 401  # and now it is used up
    desk.client.cookies.clear()
    address = gone_out(desk.client)
    assert desk.client.get(address).status_code == 200
    desk.client.cookies.clear()
    assert desk.client.get(address).status_code == 401
    assert len(provider.asked) == 1
    details = [one.detail for one in people.log.page(action="login_failed")]
    assert details == ["这次登录已用过，或超过了10分钟"] * 2 + ["不是从这个浏览器开始的登录"]


def test_a_code_that_was_used_opens_nothing(desk: Harness, people: People, provider: OidcProvider) -> None:
    first = gone_out(desk.client)
    assert desk.client.get(first).status_code == 200
    code = first.split("code=")[1].split("&")[0]
    second = gone_out(desk.client)
    other = second.split("code=")[1].split("&")[0]
    desk.client.cookies.delete(COOKIE)
    assert desk.client.get(second.replace(other, code)).status_code == 401
    assert "invalid_grant" in people.log.page(action="login_failed")[0].detail


def test_a_code_of_another_login_does_not_fit_this_verifier(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    """What PKCE is for: a code that was caught on its way is of no use in another login."""
    caught = gone_out(desk.client).split("code=")[1].split("&")[0]
    mine = gone_out(desk.client)
    own = mine.split("code=")[1].split("&")[0]
    assert desk.client.get(mine.replace(own, caught)).status_code == 401
    assert "invalid_grant" in people.log.page(action="login_failed")[0].detail


def test_a_refusal_at_the_provider_and_a_provider_that_is_away_are_said(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    state = gone_out(desk.client).split("state=")[1]
    said = desk.client.get(f"/oidc/back?error=access_denied&state={state}")
    assert (said.status_code, "没有通过" in said.text) == (401, True)
    address = gone_out(desk.client)
    provider.down = True
    away = desk.client.get(address)
    assert (away.status_code, "暂时没有应答" in away.text, "密码" in away.text) == (503, True, True)


def test_nobody_is_sent_to_a_provider_that_is_away_and_the_way_is_kept(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    """It was believed for ten minutes: people landed on a page of their browser's that said nothing of passwords."""
    gone_out(desk.client)
    provider.down = True
    page = desk.client.get("/oidc/start?to=/mine", follow_redirects=False)
    assert (page.status_code, "请用账号和密码登录" in page.text) == (503, True)
    assert page.text.count('name="to" value="/mine"') == 2  # of both forms
    provider.down = False
    provider.person = {"sub": "s-2", "preferred_username": "nobody"}
    unknown = come_back(desk.client, "/items?q=滑坡")
    assert 'name="to" value="/items?q=滑坡"' in unknown.text
    assert "管理员本人请用密码登录" in unknown.text


def test_who_logs_out_is_told_that_the_provider_does_not(desk: Harness, people: People) -> None:
    come_back(desk.client)
    assert "用“统一身份认证”登录的可以不设密码" in desk.client.get("/account").text
    gone = desk.client.post("/logout").text
    assert "已退出。在公用电脑上，请到“统一身份认证”也退出" in gone
    assert "已退出" not in desk.client.get("/login").text


def test_the_check_asks_the_provider(desk: Harness, provider: OidcProvider) -> None:
    def seen() -> list[tuple[bool, str]]:
        return [(one.ok, one.seen) for one in _login(settings)]

    settings = load_settings()
    assert seen() == []
    given = {"issuer": provider.base, "client_id": "h", "redirect_url": "http://127.0.0.1/oidc/back"}
    settings = load_settings(desk={"oidc": given})
    assert seen() == [(True, f"{provider.base}，回调地址 http://127.0.0.1/oidc/back")]
    provider.says_issuer = "https://other.example"
    assert seen() == [(False, "对方自称 https://other.example，与设置的 ISSUER 不同")]
    provider.down = True
    [(ok, words)] = seen()
    assert (ok, "没有应答" in words, "账号和密码照常登录" in words) == (False, True, True)


def test_where_to_go_afterwards_is_a_path_of_ours(desk: Harness, people: People) -> None:
    assert 'content="0;url=/"' in come_back(desk.client, "https://evil.example/").text


def test_an_account_that_is_closed_stays_closed(desk: Harness, people: People) -> None:
    people.disable("liu.b", True, by="admin")
    assert "账号 liu.b 已停用" in refused(desk)


def test_by_name_alone_nobody_becomes_an_administrator(desk: Harness, people: People, provider: OidcProvider) -> None:
    provider.person = {"sub": "s-9", "preferred_username": "admin"}
    assert "没有标识或账号" in refused(desk)
    people.set_mark("admin", "admin", by="admin")
    assert come_back(desk.client).status_code == 200


def test_a_mark_says_whose_account_it_is_and_belongs_to_one(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    people.create(Account("wang", Role.DUTY, "王"), by="admin")
    people.set_mark("wang", "liu.b", by="admin")
    with pytest.raises(InvalidItem, match="another account"):
        people.set_mark("liu.b", "liu.b", by="admin")
    assert come_back(desk.client).status_code == 200
    assert "王" in desk.client.get("/account").text  # whose password for once nobody has to change now
    people.set_mark("wang", "", by="admin")
    people.set_mark("liu.b", "someone-else", by="admin")
    desk.client.cookies.clear()
    assert "没有标识或账号" in refused(desk)


def rules_of(desk: Harness, **changes: Any) -> None:
    inside = desk.client.app.state.desk  # type: ignore[attr-defined]
    inside.outside._rules = replace(inside.outside._rules, **changes)


def test_people_without_an_account_get_one_only_where_it_is_set(
    desk: Harness, people: People, provider: OidcProvider
) -> None:
    provider.person = {"sub": "s-2", "preferred_username": "Zhao.Q", "name": "赵", "dept": "沙石镇"}
    assert "没有标识或账号" in refused(desk)
    assert people.account("zhao.q") is None
    rules_of(desk, create_role=Role.REPORTER, department_claim="dept")
    assert come_back(desk.client).status_code == 200
    made = people.account("zhao.q")
    assert made is not None
    assert (made.role, made.department, made.display, made.must_change) == (Role.REPORTER, "U064", "赵", False)
    desk.client.cookies.clear()
    for person in ({"preferred_username": "qian", "dept": "没有这个局"}, {"preferred_username": "不合规"}):
        provider.person = {"sub": "s-3"} | person
        assert "没有标识或账号" in refused(desk)


def test_a_mail_address_counts_where_it_is_verified(desk: Harness, people: People, provider: OidcProvider) -> None:
    rules_of(desk, claim="email")
    people.set_mark("liu.b", "liu@office.example", by="admin")
    provider.person = {"sub": "s-1", "email": "liu@office.example"}
    assert "没有核实" in refused(desk)
    provider.person |= {"email_verified": True}
    assert come_back(desk.client).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "http://id.example"},
        {"redirect_url": "https://desk.example/"},
        {"scopes": "profile"},
        {"create_role": "admin"},
        {"create_role": "reporter"},
        {"department_claim": "dept"},
    ],
)
def test_wrong_settings_are_named(change: dict[str, str]) -> None:
    assert oidc_rules(load_settings(desk={"oidc": GIVEN})) == OidcRules(
        "https://id.example", "h", "https://desk.example/oidc/back"
    )
    with pytest.raises(SettingsError, match=r"desk\.oidc"):
        load_settings(desk={"oidc": GIVEN | change})
