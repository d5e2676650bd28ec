"""Pages of the bulletins: the three of a day, one in full and as a file, and the table on which editors make it."""

from __future__ import annotations

import asyncio
import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.auth import SEE_OTHER, Editor, Reader, address_of, visits_with
from desk.bulletins import Edit
from desk.downloads import file_header
from desk.drafts import Draft, DraftConflict, State
from desk.filters import SEARCH_LIMIT, check_day
from desk.offers import SHOWN
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.pages import day_of, neighbours
from desk.services import Desk
from processors.arranging import Since, changes, key_of
from processors.bulletin_rules import days_covered
from publishers.document import chinese_date, file_name, issue_line, notices, signed_line
from publishers.formats import FORMATS
from publishers.html import render_html
from schemas.base import local_day
from schemas.bulletin import Bulletin
from schemas.errors import IndexUnavailable, InvalidItem
from schemas.vocab import BulletinName

router = APIRouter(include_in_schema=False)
Signer = Annotated[Account, visits_with(Right.SIGN)]
Short = Annotated[str, Form(max_length=500)]
Revision = Annotated[int, Form(ge=0)]
MOST_MORE = 20
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""A bulletin is one self-contained page with its own style sheet inside."""


def named(name: str) -> BulletinName:
    """The bulletin of an address. Raises 404."""
    if name not in tuple(BulletinName):
        raise HTTPException(404, "no such bulletin")
    return BulletinName(name)


Named = Annotated[BulletinName, Depends(named)]


@router.get("/bulletins")
async def bulletins(request: Request, desk: Services, who: Reader) -> Response:
    """The three bulletins of a day, as they stand now."""
    day = day_of(request, desk)
    wanted = check_day(day)
    made = await asyncio.gather(*(desk.bulletin(name, wanted) for name in desk.deps.bulletins))
    kept = {name: desk.bulletins.kept(name, wanted) for name in desk.deps.bulletins}
    waiting = [one for one in desk.bulletins.issuing.drafts.proposed() if one != kept.get(one.name)]
    back = desk.bulletins.issuing.drafts.returned()
    return render(
        desk, who, "bulletins.html.j2", here="/bulletins", bulletins=made, kept=kept, waiting=waiting, back=back,
        unissued=_unissued_yesterday(desk, wanted), **neighbours(day),
    )  # fmt: skip


def _unissued_yesterday(desk: Desk, day: datetime.date) -> list[str]:
    """Titles of daily bulletins of yesterday that nobody has issued, where ``day`` is today: they are made in the
    morning, and the page shows today's, which have hardly begun."""
    before = day - datetime.timedelta(days=1)
    if day.isoformat() != local_day(desk.deps.clock.now()):
        return []
    daily = (name for name, rule in desk.deps.bulletins.items() if rule.period == "daily")
    return [desk.deps.bulletins[name].title for name in daily if desk.bulletins.issued(name, before) is None]


@router.get("/bulletins/{name}/{date}")
async def bulletin(
    name: Named, date: str, desk: Services, _: Reader, version: int | None = None, draft: bool = False
) -> Response:
    """A bulletin as it will look; an earlier ``version``, or the ``draft`` of an erratum, where asked for."""
    found = await _wanted(desk, name, check_day(date), version, draft)
    return HTMLResponse(render_html(found), headers={"Content-Security-Policy": POLICY})


@router.post("/bulletins/{name}/{date}/begin")
async def begin(name: Named, date: str, desk: Services, who: Editor, request: Request) -> Response:
    """Start arranging."""
    await desk.bulletins.begin(name, check_day(date), who)
    desk.people.record(who.name, "bulletin_begin", f"{name}:{date}", "", address_of(request))
    return _back(name, date)


@router.get("/bulletins/{name}/{date}/arrange")
async def arrange(
    name: Named,
    date: str,
    desk: Services,
    who: Signer,
    q: Annotated[str, Query(max_length=SEARCH_LIMIT)] = "",
    again: bool = False,
    more: Annotated[int, Query(ge=0, le=MOST_MORE)] = 0,
) -> Response:
    """The table. ``again``: after a change; what the rules propose may be some seconds old. ``more``: how often
    somebody asked for more of the lists beside the draft."""
    return await _table(desk, who, name, date, q=q, fresh=not again, more=more)


@router.post("/bulletins/{name}/{date}/changes")
async def change(
    name: Named,
    date: str,
    desk: Services,
    who: Editor,
    action: Short,
    revision: Revision,
    key: Short = "",
    section: Short = "",
    position: Annotated[int | None, Form(ge=0)] = None,
    title: Short = "",
    text: Annotated[str, Form()] = "",
    more: Annotated[int, Form(ge=0, le=MOST_MORE)] = 0,
) -> Response:
    """One change; back to the table, at the entry. Made on an old draft: the table as it is now, and what was typed."""
    edit = Edit(action, key, section, position, title, text)
    try:
        await desk.bulletins.edit(name, check_day(date), revision, edit, who)
    except DraftConflict as conflict:
        said: dict[str, Any] = {"status": 409, "conflict": conflict.since}
    except InvalidItem as error:
        said = {"status": 422, "errors": error.errors}
    else:
        return _back(name, date, key, more)
    return await _table(desk, who, name, date, more=more, lost=edit if text else None, **said)


@router.post("/bulletins/{name}/{date}/signing")
async def signing(
    request: Request,
    name: Named,
    date: str,
    desk: Services,
    who: Signer,
    action: Short,
    revision: Revision = 0,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """A step on the way to an issue, or after it: editors propose and correct, signers sign, send back and withdraw."""
    if action in ("propose", "correct", "abandon") and not who.may(Right.EDIT):
        raise HTTPException(403, "it needs the right 'edit'")
    day, ours = check_day(date), desk.bulletins
    steps: dict[str, Any] = {
        "propose": lambda: ours.propose(name, day, revision, who),
        "sign": lambda: ours.sign(name, day, revision, who),
        "back": lambda: ours.send_back(name, day, revision, reason, who),
        "publish": lambda: ours.publish(name, day, revision, who, lambda account: _printed(desk, account)),
        "correct": lambda: ours.correct(name, day, reason, who),
        "abandon": lambda: ours.abandon(name, day, revision),
        "withdraw": lambda: ours.withdraw(name, day, revision, reason, who),
    }
    if action not in steps:
        raise HTTPException(404, "no such step")
    try:
        await steps[action]()
    except DraftConflict as conflict:
        return await _table(desk, who, name, date, status=409, conflict=conflict.since)
    except InvalidItem as error:
        return await _table(desk, who, name, date, status=422, errors=error.errors)
    desk.people.record(who.name, f"bulletin_{action}", f"{name}:{date}", reason[:200], address_of(request))
    return _back(name, date)


@router.get("/bulletins/{name}/{date}/{form}")
async def bulletin_file(
    name: Named, date: str, form: str, desk: Services, _: Reader, version: int | None = None, draft: bool = False
) -> Response:
    """A bulletin as a file: ``pdf`` or ``docx`` (or the page itself as ``html``)."""
    if form not in FORMATS:
        raise HTTPException(404, "no such format")
    made = await _wanted(desk, name, check_day(date), version, draft)
    body = await asyncio.to_thread(FORMATS[form].render, made, desk.deps.font_dirs)
    shown = f"{made.title}（{chinese_date(made.date)}）{'草稿' if made.draft else ''}.{form}"
    headers = file_header(file_name(made, form), shown)
    return Response(body, media_type=FORMATS[form].media_type, headers=headers)


async def _wanted(desk: Desk, name: BulletinName, day: datetime.date, version: int | None, draft: bool) -> Bulletin:
    issuing = desk.bulletins.issuing
    found: Bulletin | None
    if draft:
        kept = desk.bulletins.kept(name, day)
        found = kept.bulletin if kept else None
    elif version is not None:
        found = issuing.version(name, issuing.period(name, day), version)
    else:
        found = await desk.bulletin(name, day)
    if found is None:
        raise HTTPException(404, "no such bulletin")
    return found


async def _table(
    desk: Desk, who: Account, name: BulletinName, date: str, *, q: str = "", fresh: bool = True, more: int = 0,
    status: int = 200, **said: Any,
) -> Response:  # fmt: skip
    """The table with a draft, with an issue, or with neither. Works on while the index is away, without its offers."""
    day, issuing = check_day(date), desk.bulletins.issuing
    draft = desk.bulletins.kept(name, day)
    versions = issuing.versions(name, issuing.period(name, day))
    since, hits, away = Since(), [], False
    if draft is not None and draft.state is State.ARRANGING:
        try:
            since = await desk.bulletins.offers.since(draft, day, fresh=fresh, depth=SHOWN * (1 + more))
            hits = await desk.bulletins.offers.search(name, day, q) if q.strip() else []
        except IndexUnavailable:
            away = True
    shown = draft.bulletin if draft else versions[-1] if versions else None
    values = {"conflict": (), "errors": (), "lost": None, **_of_draft(desk, name, day, draft)} | said
    return render(
        desk, who, "arrange.html.j2", status=status, here="/bulletins", name=name.value, day=date, draft=draft,
        versions=versions, since=since, hits=hits, q=q, away=away, rule=desk.deps.bulletins[name], shown=shown,
        may_edit=who.may(Right.EDIT), may_sign=issuing.may_sign(who, name), arranging=_arranging(draft, who),
        more=more, most_more=MOST_MORE, shown_of_lists=SHOWN * (1 + more),
        key_of=key_of, issue_line=issue_line, signed_line=signed_line, notices=notices, chinese_date=chinese_date,
        **values,
    )  # fmt: skip


def _of_draft(desk: Desk, name: BulletinName, day: datetime.date, draft: Draft | None) -> dict[str, Any]:
    """``covered``: the time that it is about; ``corrected``: what an erratum changes so far, for the one who signs."""
    issuing, rule = desk.bulletins.issuing, desk.deps.bulletins[name]
    told = issuing.version(name, issuing.period(name, day), draft.amends) if draft and draft.amends else None
    corrected = changes(told, draft.bulletin) if told is not None and draft is not None else ()
    return {"covered": days_covered(rule, day), "corrected": corrected}


def _arranging(draft: Draft | None, who: Account) -> bool:
    return draft is not None and draft.state is State.ARRANGING and who.may(Right.EDIT)


def _printed(desk: Desk, account: str) -> str:
    """The name that an issue prints; empty, so a line to write on, where a key and not a person did it."""
    found = desk.people.account(account)
    return found.shown if found else ""


def _back(name: BulletinName, date: str, key: str = "", more: int = 0) -> Response:
    place = (f"&more={more}" if more else "") + (f"#e-{key}" if key.isalnum() else "")
    return RedirectResponse(f"/bulletins/{name.value}/{date}/arrange?again=true{place}", SEE_OTHER)
