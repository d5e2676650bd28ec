"""The editors' queue, and two items of one event side by side."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from desk.auth import Editor, Reader
from desk.differences import alike, differences
from desk.queue import queue
from desk.rendering import render
from desk.routes.api import Services
from desk.routes.pages import just_decided
from desk.sources import side_by_side

router = APIRouter(include_in_schema=False)


@router.get("/queue")
async def waiting(request: Request, desk: Services, who: Editor) -> Response:
    """What waits for an editor, by urgency and doubt."""
    done = request.query_params.get("done", "")
    page, last = await asyncio.gather(queue(desk, request.query_params.get("cursor")), just_decided(desk, who, done))
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


@router.get("/items/{item_id}/beside/{other_id}")
async def beside(item_id: str, other_id: str, desk: Services, who: Reader) -> Response:
    """Two texts beside each other: figures that differ, and the words that one has and the other has not."""
    item, other = await desk.item(item_id, who), await desk.item(other_id, who)
    if item is None or other is None or item.get("erased") or other.get("erased"):
        raise HTTPException(404, "no such item")
    ours, theirs = ({field: str(one.get(field) or "") for field in ("title", "text")} for one in (item, other))
    close = alike(ours["text"], theirs["text"])
    changed = {field: differences(ours[field], theirs[field]) for field in theirs} if close else theirs
    return render(
        desk, who, "beside.html.j2", here="/items", item=item, other=other, changed=changed,
        rows=side_by_side([item, other]), close=close,
    )  # fmt: skip
