"""The statistics page and its tables as files."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from desk.auth import Reader
from desk.downloads import file_header
from desk.rendering import render
from desk.routes.api import Services
from desk.spreadsheets import FORMS, Form
from desk.statistics import sheet_of, span_of, tables
from publishers.charts import picture
from schemas.base import local_day

router = APIRouter(include_in_schema=False)
Day = Annotated[str, Query(max_length=10)]
First = Annotated[str, Query(alias="from", max_length=10)]


@router.get("/stats")
async def stats(desk: Services, who: Reader, first: First = "", to: Day = "") -> Response:
    """Numbers over days: charts with their tables."""
    span = span_of(first, to, local_day(desk.deps.clock.now()))
    found = await tables(desk.index, desk.deps.district, span)
    return render(desk, who, "stats.html.j2", here="/stats", tables=found, span=span, picture=picture)


@router.get("/stats/{name}.{form}")
async def table(name: str, form: Form, desk: Services, who: Reader, first: First = "", to: Day = "") -> Response:
    """One table as a file."""
    del who
    span = span_of(first, to, local_day(desk.deps.clock.now()))
    found = {one.name: one for one in await tables(desk.index, desk.deps.district, span)}
    if name not in found:
        raise HTTPException(404, "no such table")
    days = f"{span.first}至{span.last}" if span.first != span.last else f"{span.first}"
    headers = file_header(f"{name}-{span.first}-{span.last}.{form}", f"{found[name].title}（{days}）.{form}")
    body = await asyncio.to_thread(FORMS[form].write, sheet_of(found[name]))
    return Response(body, media_type=FORMS[form].media_type, headers=headers)
