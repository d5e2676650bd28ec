"""Filing from a file: a Word document fills the form, a table is looked over row by row before anything is filed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from desk.accounts import Account
from desk.auth import Filer
from desk.imports import FILE_BYTES, MOST_ROWS, ROW_FIELDS, Imported, Sent, from_file, from_pasted, local_time
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.reporting import AWAY, FIELDS, TIMES, report_page, submission
from desk.services import Desk
from producers.reports import Receipt
from producers.times import parse_time
from schemas.assessment import Assessment
from schemas.errors import BrokerUnavailable, FieldError, InvalidItem
from schemas.vocab import Kind

router = APIRouter(include_in_schema=False, prefix="/report")
PATH = "/report/file"
KINDS = list(Kind)
DIGITS = 7
_NO_KIND = f"没有这种类型，应为{'、'.join(kind.label for kind in KINDS)}"


@dataclass(frozen=True, slots=True)
class Looked:
    """A row with what the judges say of it, or with its receipt."""

    row: Sent
    said: Assessment | None = None
    receipt: Receipt | None = None
    new: bool = True


@router.post("/file")
async def read_file(
    desk: Services,
    who: Filer,
    file: Annotated[UploadFile | None, File()] = None,
    cells: Annotated[str, Form()] = "",
) -> Response:
    """Read a file or pasted cells; nothing is filed yet."""
    try:
        found = await _read(file, cells)
    except InvalidItem as error:
        return report_page(desk, who, dict.fromkeys(FIELDS, ""), errors=error.errors, status=422)
    if found.rows:
        return await _preview(desk, who, [await _looked(desk, who, row) for row in found.rows])
    given = dict.fromkeys(FIELDS, "") | {name: value for name, value in found.letter.items() if name in FIELDS}
    given["source"] = who.department or _resolved(desk, given["source"])
    kinds = {kind.label: kind.value for kind in Kind} | {kind.value: kind.value for kind in KINDS}
    given |= {"kind": kinds.get(given["kind"].strip(), "")} | {name: local_time(given[name]) for name in TIMES}
    return report_page(desk, who, given, note=found.note or "已从文件填入，请核对后再报送。")


async def _read(file: UploadFile | None, cells: str) -> Imported:
    if file is not None and file.filename:
        return await asyncio.to_thread(from_file, file.filename, await file.read(FILE_BYTES + 1))
    if cells.strip():
        return await asyncio.to_thread(from_pasted, cells)
    raise InvalidItem([FieldError("file", "choose a file or paste cells", "请选择文件，或粘贴表格")])


@router.post("/rows")
async def file_rows(request: Request, desk: Services, who: Filer) -> Response:
    """File the rows that are ticked, as they stand on the page now; those with a fault stay to be mended."""
    rows, taken = await _posted(request)
    done: list[Looked] = []
    for place, row in enumerate(rows):
        done.append(await _filed(desk, who, row) if place in taken else await _looked(desk, who, row))
    away = any(AWAY in one.row.errors for one in done)
    faulty = any(one.row.errors for one in done)
    return await _preview(desk, who, done, status=503 if away else 422 if faulty else 200, filed=True)


async def _posted(request: Request) -> tuple[list[Sent], set[int]]:
    """(rows of the preview's form, the places of those that are ticked)"""
    form = await request.form(max_fields=MOST_ROWS * (len(ROW_FIELDS) + 2) + 10)
    columns = {name: [str(value) for value in form.getlist(name)] for name in (*ROW_FIELDS, "line")}
    count = min(len(columns["text"]), MOST_ROWS + 1)
    if any(len(values) != len(columns["text"]) for values in columns.values()):
        raise InvalidItem([FieldError("body", "fields of rows are missing", "表格不完整，请重新上传")])
    taken = {number for value in form.getlist("take") if (number := _number(str(value))) is not None}
    rows = [
        Sent(
            _number(columns["line"][place]) or place + 1,
            {name: columns[name][place] for name in ROW_FIELDS},
        )
        for place in range(count)
    ]
    return rows, taken


def _number(given: str) -> int | None:
    """A number of a row; None for what is none, or has more digits than any has."""
    return int(given) if given.isdecimal() and len(given) <= DIGITS else None


def _resolved(desk: Desk, source: str) -> str:
    found = desk.deps.register.resolve(source)
    return found.id if found else ""


def _payload(desk: Desk, who: Account, row: Sent) -> dict[str, Any]:
    """A row as a submission; without a time of its own it is of now."""
    given = dict(row.given)
    given["source"] = given.get("source", "").strip() or who.department or ""
    stated = given.pop("published_at", "").strip()
    made = submission(desk, given)
    moment = parse_time(stated) if stated else None
    return made | ({"published_at": moment.isoformat() if moment else stated} if stated else {})


async def _looked(desk: Desk, who: Account, row: Sent) -> Looked:
    """What would be said of a row if it were filed."""
    source = row.given.get("source", "")
    row = Sent(row.line, dict(row.given) | {"source": _resolved(desk, source) or source}, row.errors)
    if row.errors:
        return Looked(row)
    try:
        prepared = desk.filing.prepare(_payload(desk, who, row), who)
        item = prepared.item.model_copy(update={"received_at": desk.deps.clock.now()})
        return Looked(row, await asyncio.to_thread(desk.deps.judge.assess_one, item))
    except InvalidItem as error:
        return Looked(Sent(row.line, row.given, _in_words(error.errors)))


def _in_words(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The names of kinds as people know them; those of the interface are for programs."""
    return tuple(replace(one, message_zh=_NO_KIND) if one.field == "kind" else one for one in errors)


async def _filed(desk: Desk, who: Account, row: Sent) -> Looked:
    try:
        receipt, new = await desk.filing.submit(_payload(desk, who, row), who)
    except InvalidItem as error:
        return Looked(Sent(row.line, row.given, _in_words(error.errors)))
    except BrokerUnavailable:
        return Looked(Sent(row.line, row.given, (AWAY,)))
    return Looked(row, receipt=receipt, new=new)


async def _preview(
    desk: Desk, who: Account, looked: Sequence[Looked], *, status: int = 200, filed: bool = False
) -> Response:
    names = {one.id: one.short_name for one in desk.deps.register}
    return render(
        desk, who, "rows.html.j2", here="/report", status=status, filed=filed, kinds=KINDS, departments=names,
        done=[one for one in looked if one.receipt], open=[one for one in looked if one.receipt is None],
        hidden=[name for name in ROW_FIELDS if name not in _shown(who)],
    )  # fmt: skip


def _shown(who: Account) -> tuple[str, ...]:
    """Fields of a row that the preview lets people change; a reporter's department is never one."""
    shown = ("kind", "title", "published_at", "text")
    return shown if who.department else ("source", *shown)
