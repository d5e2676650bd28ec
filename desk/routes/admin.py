"""The administrator's pages: accounts and the audit. What shuts somebody out is asked for twice."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Role
from desk.audit import PAGE
from desk.auth import SEE_OTHER, Administrator, address_of
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from desk.subjects import subjects_of
from desk.views import ACTION_NAMES
from schemas.errors import FieldError, InvalidItem

router = APIRouter(include_in_schema=False, prefix="/admin")
Word = Annotated[str, Form(max_length=64)]
Wanted = Annotated[str, Query(max_length=64)]
HERE = "/admin/people"


@router.get("/people")
async def people(desk: Services, who: Administrator) -> Response:
    """All accounts."""
    return _people(desk, who)


@router.post("/people")
def create(
    request: Request,
    desk: Services,
    who: Administrator,
    name: Word = "",
    display: Word = "",
    role: Word = "",
    department: Word = "",
) -> Response:
    """A new account; its one-time password is shown once."""
    try:
        account = Account(name.strip().casefold(), _role(role), display.strip(), _department(desk, role, department))
        password = desk.people.create(account, by=who.name, address=address_of(request))
    except InvalidItem as error:
        typed = {"name": name, "display": display, "role": role, "department": department}
        return _people(desk, who, errors=error.errors, status=422, typed=typed)
    return _people(desk, who, made=(account.name, password))


@router.get("/people/{name}")
async def person(name: str, desk: Services, who: Administrator) -> Response:
    """One account: role, new password, closing."""
    return _person(desk, who, name)


@router.post("/people/{name}/reset")
def reset(request: Request, name: str, desk: Services, who: Administrator, sure: Word = "") -> Response:
    """A new one-time password for somebody; asked for twice, since sessions and keys end."""
    _known(desk, name)
    if sure != "1":
        return _person(desk, who, name, errors=(_NOT_SURE,), status=422)
    return _people(desk, who, made=(name, desk.people.reset(name, by=who.name, address=address_of(request))))


@router.post("/people/{name}/disable")
def disable(
    request: Request, name: str, desk: Services, who: Administrator, on: Word = "1", sure: Word = ""
) -> Response:
    """Close or open an account; closing is asked for twice."""
    _known(desk, name)
    if on == "1" and sure != "1":
        return _person(desk, who, name, errors=(_NOT_SURE,), status=422)
    try:
        desk.people.disable(name, on == "1", by=who.name, address=address_of(request))
    except InvalidItem as error:
        return _person(desk, who, name, errors=error.errors, status=422)
    return RedirectResponse(HERE, SEE_OTHER)


@router.post("/people/{name}/role")
def change_role(
    request: Request, name: str, desk: Services, who: Administrator, role: Word = "", department: Word = ""
) -> Response:
    """Another role for somebody; holds at once."""
    _known(desk, name)
    try:
        given = _department(desk, role, department)
        desk.people.change_role(name, _role(role), given, by=who.name, address=address_of(request))
    except InvalidItem as error:
        return _person(desk, who, name, errors=error.errors, status=422)
    return RedirectResponse(HERE, SEE_OTHER)


@router.post("/people/{name}/mark")
def set_mark(
    request: Request,
    name: str,
    desk: Services,
    who: Administrator,
    mark: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Who at the provider outside has this account."""
    _known(desk, name)
    try:
        desk.people.set_mark(name, mark.strip(), by=who.name, address=address_of(request))
    except InvalidItem as error:
        return _person(desk, who, name, errors=error.errors, status=422)
    return RedirectResponse(f"{HERE}/{name}", SEE_OTHER)


@router.get("/audit")
async def audit(
    desk: Services,
    who: Administrator,
    person: Wanted = "",
    action: Wanted = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """Who did what, newest first, a page at a time; of one person and of one action where asked."""
    found = desk.people.log.page(who=person.strip(), action=action, before=before, limit=PAGE + 1)
    entries, more = found[:PAGE], len(found) > PAGE
    held = {"person": person.strip(), "action": action}
    return render(
        desk, who, "audit.html.j2", here=HERE, entries=entries, chosen=held, actions=desk.people.log.actions(),
        accounts=desk.people.accounts(), said=_said, subjects=await subjects_of(desk, entries),
        next_query=urlencode(held | {"before": entries[-1].number}) if more else None,
        first_query=urlencode(held) if before else None,
    )  # fmt: skip


def _said(detail: str) -> str:
    """What a line adds, in words: names of actions and roles; anything else as it stands."""
    words = ACTION_NAMES | {role.value: role.label for role in Role}
    return " ".join(words.get(word, word) for word in detail.split(" "))


def _people(
    desk: Desk,
    who: Account,
    *,
    errors: tuple[FieldError, ...] = (),
    made: tuple[str, str] | None = None,
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    hours = round(desk.deps.one_time_password.total_seconds() / 3600)
    return render(
        desk, who, "people.html.j2", here=HERE, status=status, errors=errors, made=made, hours=hours,
        accounts=desk.people.accounts(), typed=typed or _EMPTY, **_choices(desk),
    )  # fmt: skip


def _person(desk: Desk, who: Account, name: str, *, errors: tuple[FieldError, ...] = (), status: int = 200) -> Response:
    one = _known(desk, name)
    return render(
        desk,
        who,
        "person.html.j2",
        here=HERE,
        status=status,
        errors=errors,
        one=one,
        mark=desk.people.mark_of(name),
        oidc=desk.deps.oidc,
        **_choices(desk),
    )


def _choices(desk: Desk) -> dict[str, Any]:
    return {"roles": list(Role), "departments": list(desk.deps.register)}


def _known(desk: Desk, name: str) -> Account:
    found = desk.people.account(name)
    if found is None:
        raise HTTPException(404, "no such account")
    return found


_EMPTY = {"name": "", "display": "", "role": "", "department": ""}
_NOT_SURE = FieldError("sure", "tick that you mean it", "请先勾选“确认”，再点按钮")


def _role(given: str) -> Role:
    try:
        return Role(given)
    except ValueError:
        raise InvalidItem([FieldError("role", "is none of the roles", "请选择角色")]) from None


def _department(desk: Desk, role: str, given: str) -> str | None:
    if role != Role.REPORTER:
        return None
    found = desk.deps.register.resolve(given)
    return found.id if found else None
