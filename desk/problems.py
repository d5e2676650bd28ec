"""Errors as ``application/problem+json`` (RFC 9457), every one of them, naming the field and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from producers.reports import NotJson
from schemas.errors import BrokerUnavailable, FieldError, IndexUnavailable, InvalidItem, ItemTooLarge

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
log = structlog.get_logger("desk")

_WORDS = {
    400: "请求格式有误",
    401: "需要密钥",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的方法",
    413: "内容过大",
    415: "不支持的格式",
    422: "字段有误",
    429: "请求过于频繁",
    500: "内部错误，已记录",
    503: "暂时不可用，请稍后再试",
}


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document; ``detail`` says what happened and what to do."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "title_zh": _WORDS.get(status, ""),
        "status": status,
        "detail": detail,
        "errors": [{"field": e.field, "message": e.message, "message_zh": e.message_zh} for e in errors],
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def unavailable(detail: str) -> JSONResponse:
    """503 with Retry-After: an engine is away; nothing was half done."""
    return problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def install(app: FastAPI) -> None:
    """Map every exception to a problem, at one place."""

    @app.exception_handler(NotJson)
    async def not_json(_: Request, error: NotJson) -> JSONResponse:
        return problem(400, str(error), errors=error.errors)

    @app.exception_handler(ItemTooLarge)
    async def too_large(_: Request, error: ItemTooLarge) -> JSONResponse:
        return problem(413, str(error), errors=error.errors)

    @app.exception_handler(InvalidItem)
    async def invalid(_: Request, error: InvalidItem) -> JSONResponse:
        return problem(422, str(error), errors=error.errors)

    @app.exception_handler(BrokerUnavailable)
    async def broker(_: Request, error: BrokerUnavailable) -> JSONResponse:
        return unavailable(str(error))

    @app.exception_handler(IndexUnavailable)
    async def index(_: Request, error: IndexUnavailable) -> JSONResponse:
        return unavailable(str(error))

    @app.exception_handler(RequestValidationError)
    async def validation(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [_field_error(entry) for entry in jsonable_encoder(error.errors())]
        broken = any(entry.get("type") == "json_invalid" for entry in error.errors())
        return problem(400 if broken else 422, "; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}) or None)

    @app.exception_handler(Exception)
    async def anything(request: Request, error: Exception) -> JSONResponse:
        log.exception("desk.error", path=request.url.path, error=type(error).__name__)
        return problem(500, "internal error; it was logged")


def _field_error(entry: dict[str, Any]) -> FieldError:
    place = [str(part) for part in entry.get("loc", []) if part not in ("body", "query", "path")]
    return FieldError(".".join(place) or "body", str(entry.get("msg", "")), f"取值有误：{entry.get('msg', '')}")
