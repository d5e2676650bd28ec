"""The archive of issues: a page with search, and an Atom feed."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import Reader, caller
from desk.filters import SEARCH_LIMIT, check_day
from desk.issuing import SHOWN, Sought
from desk.rendering import render
from desk.routes.api import Services
from publishers.atom import MEDIA_TYPE, atom
from publishers.document import issue_line
from schemas.vocab import BulletinName

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1")
BASIC = "Basic "
Day = Annotated[str, Query(max_length=10)]


@router.get("/archive")
def archive(
    desk: Services,
    who: Reader,
    name: Annotated[str, Query(max_length=20)] = "",
    first: Day = "",
    last: Day = "",
    q: Annotated[str, Query(max_length=SEARCH_LIMIT)] = "",
) -> Response:
    """Issues by name, date and words."""
    for day in (first, last):
        if day:
            check_day(day)
    known = name if name in tuple(BulletinName) else ""
    found = desk.bulletins.issuing.archive(Sought(known, first, last, q))
    names = {one.value: rule.title for one, rule in desk.deps.bulletins.items()}
    return render(
        desk, who, "archive.html.j2", here="/bulletins", issues=found, names=names, most=SHOWN,
        chosen={"name": known, "first": first, "last": last, "q": q}, issue_line=issue_line,
    )  # fmt: skip


def feed_reader(request: Request) -> Account:
    """Who reads the feed: as everywhere, or with an API key as the password of HTTP Basic, which feed readers can."""
    header = request.headers.get("authorization", "")
    if not header.startswith(BASIC):
        account = caller(request)
    else:
        found = request.app.state.desk.people.of_key(_password(header.removeprefix(BASIC)))
        if found is None or found.must_change:
            raise HTTPException(401, "show an API key as the password", headers={"WWW-Authenticate": "Basic"})
        account = found
    if not account.may(Right.READ):
        raise HTTPException(403, f"{account.role.value} may not do this: it needs the right 'read'")
    return account


@api.get("/bulletins.atom", responses={200: {"content": {"application/atom+xml": {}}}})
def bulletins_atom(request: Request, desk: Services, _: Annotated[Account, Depends(feed_reader)]) -> Response:
    """The newest issues as an Atom feed, for feed readers. Withdrawn ones say so and have no text."""
    issues = desk.bulletins.issuing.archive(Sought())
    base = str(request.base_url).rstrip("/")
    body = atom(issues, base=base, office=desk.deps.bulletin_head.office, empty_at=desk.deps.clock.now())
    return Response(body, headers={"Content-Type": MEDIA_TYPE})


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
