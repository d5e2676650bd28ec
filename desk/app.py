"""The desk's application: REST and pages over the same services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from desk import interface, problems
from desk.auth import known
from desk.deps import DeskDeps
from desk.doors import Doors
from desk.headers import STATIC_FILES, SecurityHeaders
from desk.imports import FILE_BYTES
from desk.limits import BodyLimit
from desk.mailing import Mailer
from desk.metrics import router as metrics_router
from desk.reminding import keep_reminding
from desk.routes.admin import router as admin_router
from desk.routes.alerting import pages as signed_pages
from desk.routes.alerting import router as alerting_router
from desk.routes.api import health
from desk.routes.api import router as api_router
from desk.routes.appraisal import api as appraisal_api
from desk.routes.appraisal import router as appraisal_router
from desk.routes.archive import api as atom_router
from desk.routes.archive import router as archive_router
from desk.routes.attachments import UPLOAD_PATH
from desk.routes.attachments import api as attachments_api
from desk.routes.attachments import router as attachments_router
from desk.routes.board import api as board_api
from desk.routes.board import router as board_router
from desk.routes.bulletins import router as bulletins_router
from desk.routes.commissions import api as commissions_api
from desk.routes.commissions import router as commissions_router
from desk.routes.events import router as events_router
from desk.routes.importing import PATH as IMPORT_PATH
from desk.routes.importing import router as importing_router
from desk.routes.incidents import router as incidents_router
from desk.routes.instructions import router as instructions_router
from desk.routes.instructions_api import api as instructions_api
from desk.routes.joining import api as joining_api
from desk.routes.joining import router as joining_router
from desk.routes.mailing import api as mailing_api
from desk.routes.mailing import router as mailing_router
from desk.routes.oidc import router as oidc_router
from desk.routes.pages import router as pages_router
from desk.routes.queue import router as queue_router
from desk.routes.receipts import router as receipts_router
from desk.routes.reporting import router as reporting_router
from desk.routes.searches import router as searches_router
from desk.routes.session import router as session_router
from desk.routes.statistics import router as statistics_router
from desk.services import Desk
from desk.whence import Whence
from schemas.errors import DatabaseUnavailable

DESCRIPTION = "Times: ISO 8601. Errors: application/problem+json (RFC 9457)."


def _larger(deps: DeskDeps) -> dict[str, int]:
    """Bodies of the forms that take files."""
    return {
        "/report": deps.body_limit + deps.attachments.total_bytes,
        IMPORT_PATH: deps.body_limit + FILE_BYTES,
        UPLOAD_PATH: deps.body_limit + deps.attachments.each_bytes,
    }


def _logged_in(scope: Scope) -> bool:
    """A form is read before anybody asks who sent it: large ones only of those who have come in."""
    try:
        return known(Request(scope)) is not None
    except DatabaseUnavailable:
        return False  # the route says so, in its own words


def create_app(deps: DeskDeps) -> FastAPI:
    """The application; opens its database now and runs the outbox while it lives."""
    desk = Desk(deps)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(work)
            for work in (desk.outbox.run(), desk.broker.run(), keep_reminding(desk.instructions))
        ]
        if deps.issue_mail is not None:
            issuing = desk.bulletins.issuing
            tasks.append(asyncio.create_task(Mailer(issuing.mailings, issuing, deps.issue_mail).run()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            if deps.issue_mail is not None:
                await deps.issue_mail.close()
            await deps.client.close()
            desk.database.close()

    app = FastAPI(
        title="汇要 Huiyao",
        description=f"{deps.district_level}信息报送、研判、刊发与预警。{DESCRIPTION}",
        version="1",
        lifespan=lifespan,
        openapi_url=interface.PATH,
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk
    app.openapi = lambda: interface.described(app)  # type: ignore[method-assign]
    problems.install(app)
    app.add_middleware(BodyLimit, limit=deps.body_limit, larger=_larger(deps), known=_logged_in)
    app.add_middleware(Doors)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Whence)
    # The outermost: whoever asks for the address afterwards gets that of the browser, or of whoever pretends.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(deps.trusted_proxies))

    # Routes are tried one after the other: those of every minute come first.
    app.include_router(pages_router)
    app.include_router(queue_router)
    app.include_router(events_router)
    app.include_router(health)
    app.include_router(api_router)
    app.include_router(alerting_router)
    app.include_router(receipts_router)
    app.include_router(signed_pages)
    app.include_router(appraisal_api)
    app.include_router(appraisal_router)
    app.include_router(atom_router)
    app.include_router(board_api)
    app.include_router(instructions_api)
    app.include_router(metrics_router)
    app.include_router(session_router)
    app.include_router(searches_router)
    app.include_router(oidc_router)
    app.include_router(commissions_router)
    app.include_router(commissions_api)
    app.include_router(board_router)
    app.include_router(instructions_router)
    app.include_router(archive_router)
    # Before the bulletins, whose last address takes any word for a format.
    app.include_router(mailing_router)
    app.include_router(bulletins_router)
    app.include_router(mailing_api)
    app.include_router(reporting_router)
    app.include_router(importing_router)
    app.include_router(attachments_router)
    app.include_router(attachments_api)
    app.include_router(incidents_router)
    app.include_router(joining_api)
    app.include_router(joining_router)
    app.include_router(admin_router)
    app.include_router(statistics_router)
    app.mount("/static", StaticFiles(directory=STATIC_FILES), name="static")
    return app
