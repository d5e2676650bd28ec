"""Coming and going of a browser: name and password, or a key, for a session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk import interface
from desk.auth import COOKIE, SEE_OTHER, Visitor, address_of, browser, from_here, own_path
from desk.headers import STATIC_FILES
from desk.people import FIRST, SESSION, PasswordExpired
from desk.rendering import HOMES, render
from desk.routes.api import Services
from desk.services import Desk
from desk.tries import TooManyTries
from schemas.errors import InvalidItem

router = APIRouter(include_in_schema=False)
Wanted = Annotated[str, Query(max_length=2000, description="Where to go afterwards; a path of ours")]
Secret = Annotated[str, Form(max_length=200)]


@router.get("/login")
async def login_form(
    request: Request, desk: Services, to: Wanted = "/", changed: bool = False, out: bool = False
) -> Response:
    """Asks for name and password. ``changed``: whoever comes here has just set a new one; ``out``: has just gone."""
    if browser(request) is not None:
        return RedirectResponse(own_path(to), SEE_OTHER)
    return _login_page(desk, own_path(to), changed=changed, out=out)


def _login_page(
    desk: Desk,
    to: str,
    wrong: str = "",
    *,
    status: int = 200,
    changed: bool = False,
    out: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    return render(
        desk, None, "login.html.j2", here="/login", wrong=wrong, to=to, changed=changed, out=out, status=status,
        headers=headers,
    )  # fmt: skip


@router.post("/login")
def login(
    request: Request,
    desk: Services,
    name: Annotated[str, Form(max_length=64)] = "",
    password: Secret = "",
    key: Secret = "",
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Name and password, or an API key, for a session. In a thread: argon2 takes its time on purpose."""
    if not from_here(request):
        raise HTTPException(403, "the form is not ours")
    try:
        token = _session(desk, name, password, key.strip(), address_of(request))
    except TooManyTries as error:
        minutes = -(-error.wait_s // 60)
        wrong, headers = f"多次登录失败，请{minutes}分钟后再试。", {"Retry-After": str(error.wait_s)}
        return _login_page(desk, own_path(to), wrong, status=429, headers=headers)
    except PasswordExpired:
        wrong = "这个一次性密码已过期，请联系管理员重置。"
        return _login_page(desk, own_path(to), wrong, status=401)
    if token is None:
        wrong = "密钥不对。首个密钥在数据目录的 secrets/api.key 中，由管理员保管。" if key else "账号或密码不对。"
        return _login_page(desk, own_path(to), wrong, status=401)
    response = RedirectResponse(_landing(desk, token, own_path(to)), SEE_OTHER)
    set_session(desk, response, token)
    return response


def set_session(desk: Desk, response: Response, token: str) -> None:
    """The session's cookie: not for scripts, not for requests that another site begins."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=desk.deps.cookie_secure,
    )


def _landing(desk: Desk, token: str, wanted: str) -> str:
    """Where a person begins who asked for no page: a leader at the leader's, a duty officer at the board."""
    account = desk.people.of_session(token)
    if account is None or wanted != "/":
        return wanted
    return HOMES.get(account.role, wanted)


def _session(desk: Desk, name: str, password: str, key: str, address: str) -> str | None:
    if not key:
        return desk.people.login(name, password, address)
    account = desk.people.of_key(key)
    return None if account is None else desk.people.open_session(account.name, address)


@router.post("/logout")
async def logout(request: Request, desk: Services) -> Response:
    """End the session; on a machine that several people use."""
    response = RedirectResponse("/login?out=1", SEE_OTHER)
    if from_here(request):
        desk.people.logout(request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/account")
async def account(desk: Services, who: Visitor) -> Response:
    """The person's own account: password and key."""
    return render(desk, who, "account.html.j2", here="/account", errors=(), key=None)


@router.post("/account")
def change_password(
    request: Request, desk: Services, who: Visitor, old: Secret = "", password: Secret = ""
) -> Response:
    """A new password; every session of the account ends, this one too."""
    try:
        desk.people.change_password(who.name, old, password, address_of(request))
    except InvalidItem as error:
        return render(desk, who, "account.html.j2", here="/account", errors=error.errors, key=None, status=422)
    if who.name == FIRST:
        desk.deps.first_password_file.unlink(missing_ok=True)
    return RedirectResponse("/login?changed=1", SEE_OTHER)


@router.post("/account/key")
async def new_key(request: Request, desk: Services, who: Visitor) -> Response:
    """An API key of the account's own, shown once."""
    if desk.people.account(who.name) is None:
        raise HTTPException(403, "the first key is kept in a file; keys belong to accounts")
    key = desk.people.new_key(who.name, address_of(request))
    return render(desk, who, "account.html.j2", here="/account", errors=(), key=key)


@router.get("/account/api")
async def api_page(request: Request, desk: Services, who: Visitor) -> Response:
    """The REST interface for a person who is to write a program against it."""
    document = interface.described(request.app)
    base = str(request.base_url).rstrip("/")
    return render(
        desk, who, "api.html.j2", here="/account", calls=interface.calls(document), base=base, address=interface.PATH
    )


@router.get("/favicon.ico")
async def icon() -> Response:
    """Browsers ask for it on pages that name no icon, as bulletins do."""
    return FileResponse(STATIC_FILES / "icon.svg", media_type="image/svg+xml")
