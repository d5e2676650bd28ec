"""Where the request that is being answered comes from, for the record of who did what.

It stands beside the services and is not handed through each of them: an audit line that forgot to ask would be no
evidence. Threads that a request starts (``asyncio.to_thread``, the pool of Starlette) have it too.
"""

from __future__ import annotations

from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

_ADDRESS: ContextVar[str] = ContextVar("address", default="")


def address() -> str:
    """The address of the browser or program; empty outside of a request (the clock, the command line)."""
    return _ADDRESS.get()


class Whence:
    """Notes it for the time of a request; within the middleware that believes trusted proxies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        client = scope.get("client") or ("",)
        before = _ADDRESS.set(str(client[0] or ""))
        try:
            await self._app(scope, receive, send)
        finally:
            _ADDRESS.reset(before)
