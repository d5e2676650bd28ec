"""Who calls: an API key in ``Authorization: Bearer``, or the signed cookie of a browser that showed one."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

COOKIE = "huiyao_session"
SESSION_S = 12 * 60 * 60
BEARER = "Bearer "
SEE_OTHER = 303
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def sign(key: bytes, name: str, now: float) -> str:
    """A cookie value: name, end of validity, signature."""
    body = f"{name}|{int(now) + SESSION_S}"
    return f"{body}|{_mac(key, body)}"


def verify(key: bytes, cookie: str, now: float) -> str | None:
    """The name in a cookie that is ours and still valid."""
    body, _, mac = cookie.rpartition("|")
    name, _, end = body.rpartition("|")
    if not name or not hmac.compare_digest(mac.encode(), _mac(key, body).encode()):
        return None
    return name if end.isdecimal() and int(end) > now else None


def caller(request: Request) -> str:
    """The name of the caller. Raises 401."""
    desk = request.app.state.desk
    header = request.headers.get("authorization", "")
    if header.startswith(BEARER):
        name: str | None = desk.database.key_name(header.removeprefix(BEARER).strip())
    else:
        name = browser(request)
    if name is None:
        raise HTTPException(
            401,
            "show an API key: Authorization: Bearer KEY (the first one is in api_key_file, see `huiyao status --json`)",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return name


def browser(request: Request) -> str | None:
    """The name in the browser's cookie. For a change the browser must also say that the form is ours."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or not (request.method in _READING or from_here(request)):
        return None
    return verify(request.app.state.desk.deps.session_key, cookie, time.time())


def from_here(request: Request) -> bool:
    """Whether a request comes from one of our own pages; SameSite=Strict alone lets sister sites through."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def visitor(request: Request) -> str:
    """The name of who looks at a page. Sends everybody else to the login, and back afterwards."""
    who = browser(request)
    if who is not None:
        return who
    wanted = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method in _READING else "/"
    where = "/login" if wanted == "/" else f"/login?to={quote(wanted, safe='')}"
    raise HTTPException(SEE_OTHER, headers={"Location": where})


Visitor = Annotated[str, Depends(visitor)]


def own_path(wanted: str) -> str:
    """Where to go after login: a path of ours, never another site."""
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/login")) and wanted.isprintable()
    return wanted if ours else "/"


def _mac(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
