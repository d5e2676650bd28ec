"""Attachments over REST, and as files to save: never shown in the browser, only to those who may see the item."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from desk.accounts import Account, Right
from desk.attachments import Held
from desk.auth import Caller, Visitor, calling, calls_with
from desk.index import Document
from desk.routes.api import Services
from desk.services import Desk
from schemas.base import EdgeModel
from schemas.errors import InvalidItem

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])
UPLOAD_PATH = "/api/v1/reports/attachments"
Files = Annotated[Account, calls_with(Right.FILE)]
_SHA256 = re.compile(r"[0-9a-f]{64}")
HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}


class Uploaded(EdgeModel):
    """A file that waits for its report: name it with ``POST /reports?attachment=ID`` within a day.

    ``size`` and ``sha256`` are those of what is kept: of a picture without its metadata.
    """

    id: str
    name: str = Field(description="Made harmless; its ending is that of what the file is")
    media_type: str
    size: int
    sha256: str


@api.post(
    "/reports/attachments",
    status_code=201,
    responses={
        413: {"description": "Too large"},
        422: {
            "description": "Not a kind that is taken, a picture that cannot be decoded, a secrecy mark, too many wait"
        },
    },
)
async def post_attachment(
    desk: Services, who: Files, file: Annotated[UploadFile, File(description="PDF, JPEG, PNG, DOCX or XLSX")]
) -> Uploaded:
    """Upload a file for a report that is sent after it. What is never filed goes after a day."""
    store = desk.attachments
    await asyncio.to_thread(store.sweep, datetime.now(UTC))
    data = await file.read(store.rules.each_bytes + 1)
    try:
        return _uploaded(await asyncio.to_thread(store.keep, file.filename or "", data, who.name))
    except InvalidItem as error:
        raise InvalidItem([replace(one, field="file") for one in error.errors]) from error


@api.get("/reports/attachments")
async def get_waiting(desk: Services, who: Files) -> dict[str, Any]:
    """The caller's files that wait for a report."""
    found = [_uploaded(one).model_dump() for one in await asyncio.to_thread(desk.attachments.waiting, who.name)]
    return {"items": found, "next": None, "total": len(found)}


@api.delete("/reports/attachments/{attachment_id}", status_code=204, response_class=Response)
async def delete_waiting(attachment_id: str, desk: Services, who: Files) -> Response:
    """Take a file back before its report is sent. What was filed belongs to the record and stays."""
    if not await asyncio.to_thread(desk.attachments.remove, attachment_id, who.name):
        raise HTTPException(404, "no such attachment of yours waits for a report")
    return Response(status_code=204)


@api.get("/items/{item_id}/attachments")
async def get_attachments(item_id: str, desk: Services, who: Caller) -> dict[str, Any]:
    """What came with a report: name, media type, size, sha256."""
    item = await desk.item(item_id, who)
    if item is None:
        raise HTTPException(404, "no such item")
    listed = _listed(item)
    return {"items": listed, "next": None, "total": len(listed)}


@router.get("/items/{item_id}/attachments/{sha256}")
async def attachment(item_id: str, sha256: str, desk: Services, who: Visitor) -> FileResponse:
    """A file that came with a report."""
    return await _file(desk, who, item_id, sha256)


@api.get("/items/{item_id}/attachments/{sha256}", response_class=FileResponse)
async def get_attachment(item_id: str, sha256: str, desk: Services, who: Caller) -> FileResponse:
    """A file that came with a report, by its hash (``attachments`` of the item)."""
    return await _file(desk, who, item_id, sha256)


async def _file(desk: Desk, who: Account, item_id: str, sha256: str) -> FileResponse:
    item = await desk.item(item_id, who)
    found = next((one for one in _listed(item or {}) if one["sha256"] == sha256), None)
    path = desk.attachments.path(sha256) if found and _SHA256.fullmatch(sha256) else None
    if found is None or path is None:
        raise HTTPException(404, "no such attachment, or it is not kept on this machine")
    return FileResponse(
        path, filename=found["name"], media_type=found["media_type"], content_disposition_type="attachment",
        headers=HEADERS,
    )  # fmt: skip


def _listed(item: Document) -> list[dict[str, Any]]:
    return [] if item.get("erased") else item.get("attachments") or []


def _uploaded(one: Held) -> Uploaded:
    return Uploaded(id=one.id, **one.attachment.model_dump())
