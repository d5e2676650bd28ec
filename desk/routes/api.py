"""REST under ``/api/v1`` (CONTRACT.md "REST")."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from desk import duty
from desk.accounts import Account, Right
from desk.alerting import subscribe
from desk.auth import Caller, calling, calls_with
from desk.decisions import ITEM_ACTIONS, Choice
from desk.filters import ITEM_FILTERS, check_day, check_filters
from desk.problems import unavailable
from desk.services import Desk
from producers.reports import Receipt
from schemas.base import EdgeModel
from schemas.bulletin import ToldBulletin
from schemas.item import Submission
from schemas.subscription import Subscription
from schemas.vocab import BulletinName

router = APIRouter(prefix="/api/v1", dependencies=[Depends(calling)])
health = APIRouter(prefix="/api/v1")
"""Without a key: what a load balancer asks."""
PAGE = 50
PAGING = ("q", "limit", "cursor")
SUBMISSION = Submission.model_json_schema()
Reads = calls_with(Right.READ)
Watches = calls_with(Right.WATCH)
Edits = calls_with(Right.EDIT)
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]


async def desk_of(request: Request) -> Desk:
    """The services of this application; a coroutine, so that no thread is asked for it."""
    found: Desk = request.app.state.desk
    return found


Services = Annotated[Desk, Depends(desk_of)]


@router.post(
    "/reports",
    status_code=201,
    response_model=Receipt,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Submission"}}},
        }
    },
    responses={
        200: {"description": "The same submission again: the first receipt"},
        400: {"description": "Not JSON"},
        413: {"description": "Too large"},
        422: {"description": "Wrong fields, unknown department, or a secrecy mark"},
        503: {"description": "Kafka is away; nothing was accepted, send again"},
    },
)
async def post_report(
    request: Request,
    response: Response,
    desk: Services,
    who: Caller,
    attachment: Annotated[list[str], Query(description="Ids of `POST /reports/attachments`, in order")] = [],  # noqa: B006
) -> Receipt:
    """Submit a department's report. 201 only after the broker has acknowledged it."""
    receipt, new = await desk.filing.submit(await request.body(), who, named=attachment)
    response.status_code = 201 if new else 200
    return receipt


@router.get("/items", openapi_extra={"parameters": [
    {"name": name, "in": "query", "schema": {"type": "string"}} for name in ITEM_FILTERS
]})  # fmt: skip
async def get_items(
    request: Request,
    desk: Services,
    who: Caller,
    q: Annotated[str, Query(max_length=500, description="Words in title or text; “…” for a phrase")] = "",
    limit: Limit = PAGE,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Items, newest first."""
    given = dict(request.query_params)
    check_filters(given, [*ITEM_FILTERS, *PAGING])
    filters = {name: value for name, value in given.items() if name in ITEM_FILTERS}
    return (await desk.items(filters, text=q, size=limit, cursor=cursor, who=who)).record()


@router.get("/items/{item_id}")
async def get_item(item_id: str, desk: Services, who: Caller) -> dict[str, Any]:
    """One item with its assessment, story, incident and decisions."""
    item: dict[str, Any] = _found(await desk.item(item_id, who), "item")
    return item


class ItemDecision(EdgeModel):
    """What an editor decides on an item. ``revision``: the number of decisions on it that the editor has seen."""

    action: str = Field(description=", ".join(ITEM_ACTIONS))
    revision: int = Field(ge=0)
    reason: str = ""
    category: str = ""
    title: str = Field(default="", max_length=500)
    text: str = ""
    into: str = Field(default="", max_length=64, description="merge: the item that is kept")


@router.post("/items/{item_id}/decisions", status_code=202, responses={409: {"description": "Decided meanwhile"}})
async def decide_item(
    item_id: str, desk: Services, body: Annotated[ItemDecision, Body()], who: Annotated[Account, Edits]
) -> dict[str, Any]:
    """Decide on an item; the decision is safe when this answers. 409 where somebody decided meanwhile."""
    decision = _found(await desk.decide(item_id, Choice(**body.model_dump()), who), "item")
    return {"decision_id": decision.decision_id, "item_id": item_id, "by": who.name, "at": decision.at}


@router.get("/incidents", dependencies=[Reads])
async def get_incidents(
    desk: Services, limit: Limit = PAGE, cursor: Cursor = None, open: bool = False
) -> dict[str, Any]:
    """Incidents, last changed first."""
    return (await desk.incidents(open_only=open, size=limit, cursor=cursor)).record()


@router.get("/duty", dependencies=[Reads])
async def get_duty(
    desk: Services,
    day: str,
    as_of: Annotated[str, Query(description="HH:MM of the day, or ISO 8601: what was known then")] = "",
) -> dict[str, Any]:
    """The ledger of a day, and the departments that must report and have not; now, or as it was known ``as_of``."""
    return await duty.told(desk, day, as_of)


@router.get("/alerts", dependencies=[Reads])
async def get_alerts(desk: Services, limit: Limit = PAGE, cursor: Cursor = None, open: bool = False) -> dict[str, Any]:
    """Alerts, newest first."""
    return (await desk.alerts(size=limit, cursor=cursor, open_only=open)).record()


@router.post("/alerts/{alert_id}/ack", status_code=202)
async def acknowledge(alert_id: str, who: Annotated[Account, Watches], desk: Services) -> dict[str, Any]:
    """Acknowledge an alert; the decision is safe when this answers and shows on the alert shortly after."""
    decision = _found(await desk.acknowledge(alert_id, who.name), "alert")
    return {"decision_id": decision.decision_id, "alert_id": alert_id, "by": who.name, "at": decision.at}


@router.get("/subscriptions", dependencies=[Watches])
async def get_subscriptions(desk: Services) -> dict[str, Any]:
    """All subscriptions."""
    found = await desk.subscriptions()
    return {"items": found, "next": None, "total": len(found)}


@router.post("/subscriptions", status_code=201, dependencies=[Watches])
async def post_subscription(who: Caller, desk: Services, body: Annotated[Subscription, Body()]) -> dict[str, Any]:
    """Subscribe to alerts. ``who``: a person of the roster, or any name."""
    return await subscribe(desk, body, who.name)


@router.get("/bulletins/{name}/{date}", dependencies=[Reads])
async def get_bulletin(name: BulletinName, date: str, desk: Services) -> ToldBulletin:
    """A bulletin: as issued, else as editors have arranged it, else a draft made now.

    ``leads`` of a draft: emergencies that public posts alone tell of. They are not in ``sections``; an editor verifies
    them first. Null where the index is away.
    """
    return await desk.bulletins.told(name, check_day(date))


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz", response_model=None)
async def readyz(desk: Services) -> Response | dict[str, Any]:
    """Kafka and Elasticsearch answer."""
    if away := await desk.engines.now():
        return unavailable(f"away: {', '.join(away)}")
    return {"status": "ready", "at": datetime.now().astimezone().isoformat()}


def _found(value: Any, what: str) -> Any:
    if value is None:
        raise HTTPException(404, f"no such {what}")
    return value
