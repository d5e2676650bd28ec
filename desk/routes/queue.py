"""The editors' queue, and two items of one event side by side."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from desk.accounts import Account
from desk.auth import Editor, Reader
from desk.differences import differences
from desk.index import Document
from desk.queue import queue
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.pages import ITEM_ID
from desk.services import Desk
from desk.sources import side_by_side

router = APIRouter(include_in_schema=False)


@router.get("/queue")
async def waiting(request: Request, desk: Services, who: Editor) -> Response:
    """What waits for an editor, by urgency and doubt."""
    done = request.query_params.get("done", "")
    page, last = await asyncio.gather(queue(desk, request.query_params.get("cursor")), _last(desk, who, done))
    revisions = desk.decisions.revisions([item["item_id"] for item in page.items])
    return render(
        desk,
        who,
        "queue.html.j2",
        here="/queue",
        page=page,
        revisions=revisions,
        goes_on="next" in request.query_params,
        last=last,
        last_action=desk.decisions.undoable(done) if last else None,
        last_revision=desk.decisions.revision(done) if last else 0,
    )


async def _last(desk: Desk, who: Account, item_id: str) -> Document | None:
    """The item that was just decided on, which is gone from the queue: a slip can be taken back from here. The address
    may be opened again when the item is erased."""
    found = await desk.item(item_id, who) if ITEM_ID.fullmatch(item_id) else None
    return None if found is None or found.get("erased") else found


@router.get("/items/{item_id}/beside/{other_id}")
async def beside(item_id: str, other_id: str, desk: Services, who: Reader) -> Response:
    """Two texts beside each other: figures that differ, and the words that one has and the other has not."""
    item, other = await desk.item(item_id, who), await desk.item(other_id, who)
    if item is None or other is None or item.get("erased") or other.get("erased"):
        raise HTTPException(404, "no such item")
    changed = {
        field: differences(str(item.get(field) or ""), str(other.get(field) or "")) for field in ("title", "text")
    }
    return render(
        desk, who, "beside.html.j2", here="/items", item=item, other=other, changed=changed,
        rows=side_by_side([item, other]),
    )  # fmt: skip
