"""Saved searches of the list of items, and its export."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Form as Field
from fastapi.responses import RedirectResponse, Response

from desk.auth import SEE_OTHER, Reader, address_of
from desk.downloads import file_header
from desk.filters import ITEM_FILTERS
from desk.index import LIST_LIMIT, Document
from desk.routes.api import Services
from desk.searches import EXPORT_ROWS, PARAMETERS, as_listed, sheet_of
from desk.services import EXPORT_EXCLUDES
from desk.spreadsheets import FORMS, Form
from schemas.base import local_day

router = APIRouter(include_in_schema=False)
Name = Annotated[str, Field(max_length=100)]


@router.post("/searches")
async def save(desk: Services, who: Reader, name: Name, query: Annotated[str, Field(max_length=9_000)]) -> Response:
    """Keep the search that is shown."""
    made = await asyncio.to_thread(desk.searches.save, who.name, name, query, desk.deps.clock.now())
    return RedirectResponse(f"/items?{made.query}", SEE_OTHER)


@router.post("/searches/remove")
async def remove(desk: Services, who: Reader, name: Name) -> Response:
    """Forget one."""
    await asyncio.to_thread(desk.searches.remove, who.name, name)
    return RedirectResponse("/items", SEE_OTHER)


@router.get("/items.{form}")
async def export(request: Request, form: Form, desk: Services, who: Reader) -> Response:
    """What the search finds, newest first, as a file; the taking is on the record."""
    given = {name: value for name, value in request.query_params.items() if value}
    filters = as_listed({name: value for name, value in given.items() if name in PARAMETERS})
    found: list[Document] = []
    cursor: str | None = None
    while len(found) < EXPORT_ROWS:
        page = await desk.items(
            filters, text=given.get("q", ""), size=LIST_LIMIT, cursor=cursor, who=who, excludes=EXPORT_EXCLUDES
        )
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    words = "；".join(f"{name}={value}" for name, value in sorted(given.items()) if name in (*ITEM_FILTERS, "q"))
    desk.people.record(who.name, "exported", f"{len(found[:EXPORT_ROWS])}条", words[:200], address_of(request))
    body = await asyncio.to_thread(FORMS[form].write, sheet_of(found[:EXPORT_ROWS]))
    shown = f"信息（{local_day(desk.deps.clock.now())}导出）.{form}"
    headers = file_header(f"items.{form}", shown) | {"X-Total": str(page.total)}
    return Response(body, media_type=FORMS[form].media_type, headers=headers)
