"""Who calls: an API key in ``Authorization: Bearer``, or the session of a browser that logged in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right

COOKIE = "huiyao_session"
BEARER = "Bearer "
SEE_OTHER = 303
OWN_PAGE = "/account"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def caller(request: Request) -> Account:
    """Who calls. Raises 401, or 403 where the one-time password was not changed yet."""
    account = known(request)
    if account is None:
        raise HTTPException(
            401,
            "show an API key: Authorization: Bearer KEY (the first one is in api_key_file, see `huiyao status --json`)",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if account.must_change:
        raise HTTPException(403, "change the one-time password first, on the page /account")
    return account


def known(request: Request) -> Account | None:
    """Whose key a request shows, or whose session the browser has."""
    header = request.headers.get("authorization", "")
    if not header.startswith(BEARER):
        return browser(request)
    found: Account | None = request.app.state.desk.people.of_key(header.removeprefix(BEARER).strip())
    return found


def browser(request: Request) -> Account | None:
    """Whose session the browser has. For a change the request must also come from a page of ours."""
    token = request.cookies.get(COOKIE, "")
    if not token or not (request.method in _READING or from_here(request)):
        return None
    found: Account | None = request.app.state.desk.people.of_session(token)
    return found


def from_here(request: Request) -> bool:
    """Whether a request comes from one of our own pages; SameSite=Strict alone lets sister sites through.

    Every browser of these years says so in Sec-Fetch-Site or, on a change, in Origin.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def visitor(request: Request) -> Account:
    """Who looks at a page. Sends everybody else to the login, and back afterwards; a new person to the password."""
    account = browser(request)
    if account is not None:
        if account.must_change and request.url.path != OWN_PAGE:
            raise HTTPException(SEE_OTHER, headers={"Location": OWN_PAGE})
        return account
    wanted = f"{request.url.path}?{request.url.query}".rstrip("?") if request.method in _READING else "/"
    where = "/login" if wanted == "/" else f"/login?to={quote(wanted, safe='')}"
    raise HTTPException(SEE_OTHER, headers={"Location": where})


def calls_with(right: Right) -> Any:
    """A dependency of REST: the caller, who must have a right."""
    return Depends(_demand(calling, right))


def visits_with(right: Right) -> Any:
    """A dependency of pages: the visitor, who must have a right."""
    return Depends(_demand(visiting, right))


async def calling(request: Request) -> Account:
    """The dependency that :func:`caller` is."""
    found: Account = await request.app.state.desk.database.reading(caller, request)
    return found


async def visiting(request: Request) -> Account:
    """The dependency that :func:`visitor` is."""
    found: Account = await request.app.state.desk.database.reading(visitor, request)
    return found


def _demand(
    find: Callable[[Request], Coroutine[Any, Any, Account]], right: Right
) -> Callable[[Request], Coroutine[Any, Any, Account]]:
    async def demanded(request: Request) -> Account:
        account = await find(request)
        if not account.may(right):
            raise HTTPException(403, f"{account.role.value} may not do this: it needs the right {right.value!r}")
        return account

    return demanded


Caller = Annotated[Account, Depends(calling)]
Visitor = Annotated[Account, Depends(visiting)]
Reader = Annotated[Account, visits_with(Right.READ)]
Editor = Annotated[Account, visits_with(Right.EDIT)]
Watcher = Annotated[Account, visits_with(Right.WATCH)]
Filer = Annotated[Account, visits_with(Right.FILE)]
Appraiser = Annotated[Account, visits_with(Right.APPRAISE)]
Administrator = Annotated[Account, visits_with(Right.ADMINISTER)]


def address_of(request: Request) -> str:
    """Where a request comes from, for the audit and the login limits; behind a trusted proxy (app.py) the browser's."""
    return request.client.host if request.client else ""


def own_path(wanted: str) -> str:
    """Where to go after login: a path of ours, never another site."""
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/login")) and wanted.isprintable()
    return wanted if ours else "/"
