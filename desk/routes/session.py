"""Coming and going of a browser: a key for a cookie."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.auth import COOKIE, SEE_OTHER, SESSION_S, browser, from_here, own_path, sign
from desk.headers import STATIC_FILES
from desk.rendering import render
from desk.routes.api import Services

router = APIRouter(include_in_schema=False)
Wanted = Annotated[str, Query(max_length=2000, description="Where to go afterwards; a path of ours")]


@router.get("/login")
async def login_form(request: Request, desk: Services, to: Wanted = "/") -> Response:
    """Asks for a key."""
    if browser(request) is not None:
        return RedirectResponse(own_path(to), SEE_OTHER)
    return render(desk, None, "login.html.j2", here="/login", wrong=False, to=own_path(to))


@router.post("/login")
async def login(
    request: Request,
    desk: Services,
    key: Annotated[str, Form(max_length=200)] = "",
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """A key for a cookie."""
    if not from_here(request):
        raise HTTPException(403, "the form is not ours")
    name = desk.database.key_name(key.strip())
    if name is None:
        return render(desk, None, "login.html.j2", here="/login", wrong=True, to=own_path(to), status=401)
    response = RedirectResponse(own_path(to), SEE_OTHER)
    response.set_cookie(
        COOKIE,
        sign(desk.deps.session_key, name, time.time()),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=desk.deps.cookie_secure,
    )
    return response


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Forget the cookie; on a machine that several people use."""
    response = RedirectResponse("/login", SEE_OTHER)
    if from_here(request):
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


@router.get("/favicon.ico")
async def icon() -> Response:
    """Browsers ask for it on pages that name no icon, as bulletins do."""
    return FileResponse(STATIC_FILES / "icon.svg", media_type="image/svg+xml")
