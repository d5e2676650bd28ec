"""Logging in at the provider outside and coming back."""

from __future__ import annotations

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.auth import SEE_OTHER, address_of, own_path
from desk.oidc import DEFAULT_LABEL, Advice, OidcAway, OidcRefused
from desk.outside import LASTS
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.session import Wanted, set_session
from desk.services import Desk

router = APIRouter(include_in_schema=False, prefix="/oidc")
COOKIE = "huiyao_oidc"
Given = Annotated[str, Query(max_length=4000)]
log = structlog.get_logger("desk.oidc")


@router.get("/start")
async def start(desk: Services, to: Wanted = "/") -> Response:
    """To the provider, with a cookie that comes back from there: Lax, since the way back begins on another site."""
    if desk.provider is None or desk.outside is None:
        raise HTTPException(404, "no provider is set")
    target = own_path(to)
    way = await asyncio.to_thread(desk.outside.begin, target)
    try:
        where = await desk.provider.address(way.state, way.nonce, way.verifier)
    except (OidcAway, OidcRefused) as error:
        return _failed(desk, str(error), Advice.AWAY, target)
    response = RedirectResponse(where, SEE_OTHER)
    response.set_cookie(
        COOKIE, way.browser, max_age=int(LASTS.total_seconds()), path="/oidc", httponly=True, samesite="lax",
        secure=desk.deps.cookie_secure,
    )  # fmt: skip
    return response


@router.get("/back")
async def back(request: Request, desk: Services, code: Given = "", state: Given = "", error: Given = "") -> Response:
    """Back from the provider: the code for who it is, and that for an account."""
    if desk.provider is None or desk.outside is None:
        raise HTTPException(404, "no provider is set")
    address, target = address_of(request), "/"
    try:
        way = await asyncio.to_thread(desk.outside.take, state, request.cookies.get(COOKIE, ""))
        target = way.target
        if error or not code:
            said = error[:100] or "没有代码"
            raise OidcRefused(f"the provider says {error[:100]!r}", f"对方没有让此人登录（{said}）")
        claims = await desk.provider.claims(code, way.verifier, way.nonce)
        account = await asyncio.to_thread(desk.outside.account, claims, address)
    except OidcAway as away:
        return _failed(desk, str(away), Advice.AWAY, target)
    except OidcRefused as refused:
        await asyncio.to_thread(desk.people.record, "oidc", "login_failed", "", refused.recorded, address)
        return _failed(desk, refused.reason, refused.advice, target)
    token = await asyncio.to_thread(desk.people.enter, account, address)
    # A page and no redirect: to one that began on another site the browser would not show the Strict cookie.
    response = render(desk, None, "entered.html.j2", here="/login", to=way.target)
    set_session(desk, response, token)
    response.delete_cookie(COOKIE, path="/oidc", httponly=True, samesite="lax")
    return response


def _failed(desk: Desk, reason: str, advice: Advice, target: str) -> Response:
    """The login page with what to do; a password leads where the person wanted to go."""
    log.warning("oidc.failed", reason=reason)
    status = 503 if advice is Advice.AWAY else 401
    wrong = advice.value.replace(DEFAULT_LABEL, desk.deps.oidc.label if desk.deps.oidc else DEFAULT_LABEL)
    return render(
        desk, None, "login.html.j2", here="/login", wrong=wrong, to=target, changed=False, out=False, status=status
    )
