"""A bound on request bodies, enforced while they are read: nobody can fill the memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.problems import answer
from schemas.errors import FieldError


class BodyLimit:
    """Answers 413 to a body longer than ``limit`` bytes, announced or not; ``larger``: of paths that take files, from
    those who are ``known``."""

    def __init__(
        self,
        app: ASGIApp,
        limit: int,
        larger: Mapping[str, int] | None = None,
        known: Callable[[Scope], bool] = lambda _: True,
    ) -> None:
        self._app, self._limit, self._larger, self._known = app, limit, dict(larger or {}), known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit
        if scope["method"] == "POST" and scope["path"] in self._larger and self._known(scope):
            limit = self._larger[scope["path"]]
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > limit:
            await _refuse(limit, scope, receive, send)
            return
        await self._bounded(limit, scope, receive, send)

    async def _bounded(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        begun = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLong
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLong:
            if not begun:
                await _refuse(limit, scope, receive, send)


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    size = f"{limit // 1024} KiB"
    error = FieldError("body", f"longer than {size}; shorten it or split it", f"内容超过{size}，请精简或分次报送")
    response = answer(Request(scope), 413, f"the body is longer than {size}", errors=[error])
    await response(scope, receive, send)


class _TooLong(Exception):
    """The body passed the limit."""
