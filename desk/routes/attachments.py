"""Attachments as files to save: never shown in the browser, only to those who may see the item."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from desk.accounts import Account
from desk.auth import Caller, Visitor, calling
from desk.routes.api import Services
from desk.services import Desk

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])
_SHA256 = re.compile(r"[0-9a-f]{64}")
HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}


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
    listed = [] if item is None or item.get("erased") else item.get("attachments") or []
    found = next((one for one in listed if one["sha256"] == sha256), None)
    path = desk.attachments.path(sha256) if found and _SHA256.fullmatch(sha256) else None
    if found is None or path is None:
        raise HTTPException(404, "no such attachment, or it is not kept on this machine")
    return FileResponse(
        path, filename=found["name"], media_type=found["media_type"], content_disposition_type="attachment",
        headers=HEADERS,
    )  # fmt: skip
