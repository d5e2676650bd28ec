"""Who calls: an API key in ``Authorization: Bearer``, or the signed cookie of a browser that showed one."""

from __future__ import annotations

import hashlib
import hmac
import time

from fastapi import Request
from starlette.exceptions import HTTPException

COOKIE = "huiyao_session"
SESSION_S = 12 * 60 * 60
BEARER = "Bearer "


def sign(key: bytes, name: str, now: float) -> str:
    """A cookie value: name, end of validity, signature."""
    body = f"{name}|{int(now) + SESSION_S}"
    return f"{body}|{_mac(key, body)}"


def verify(key: bytes, cookie: str, now: float) -> str | None:
    """The name in a cookie that is ours and still valid."""
    body, _, mac = cookie.rpartition("|")
    name, _, end = body.rpartition("|")
    if not name or not hmac.compare_digest(mac, _mac(key, body)):
        return None
    return name if end.isdigit() and int(end) > now else None


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
    """The name in the browser's cookie. A cookie counts for reading and for our own forms (SameSite=Strict)."""
    cookie = request.cookies.get(COOKIE, "")
    return verify(request.app.state.desk.deps.session_key, cookie, time.time()) if cookie else None


def _mac(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()
