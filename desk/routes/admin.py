"""The administrator's pages: accounts and the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Role
from desk.auth import SEE_OTHER, Administrator, address_of
from desk.rendering import render
from desk.routes.api import Services
from desk.services import Desk
from schemas.errors import FieldError, InvalidItem

router = APIRouter(include_in_schema=False, prefix="/admin")
Word = Annotated[str, Form(max_length=64)]


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
        return _people(desk, who, errors=error.errors, status=422)
    return _people(desk, who, made=(account.name, password))


@router.post("/people/{name}/reset")
def reset(request: Request, name: str, desk: Services, who: Administrator) -> Response:
    """A new one-time password for somebody."""
    if desk.people.account(name) is None:
        raise HTTPException(404, "no such account")
    return _people(desk, who, made=(name, desk.people.reset(name, by=who.name, address=address_of(request))))


@router.post("/people/{name}/disable")
def disable(request: Request, name: str, desk: Services, who: Administrator, on: Word = "1") -> Response:
    """Close or open an account."""
    try:
        desk.people.disable(name, on == "1", by=who.name, address=address_of(request))
    except InvalidItem as error:
        return _people(desk, who, errors=error.errors, status=422)
    return RedirectResponse("/admin/people", SEE_OTHER)


@router.get("/audit")
async def audit(desk: Services, who: Administrator) -> Response:
    """Who did what."""
    return render(desk, who, "audit.html.j2", here="/admin/people", entries=desk.people.audit())


def _people(
    desk: Desk,
    who: Account,
    *,
    errors: tuple[FieldError, ...] = (),
    made: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    return render(
        desk, who, "people.html.j2", here="/admin/people", status=status, errors=errors, made=made,
        accounts=desk.people.accounts(), roles=list(Role), departments=list(desk.deps.register),
    )  # fmt: skip


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
