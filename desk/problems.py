"""Errors, every one of them mapped here: ``application/problem+json`` (RFC 9457) under /api, a page elsewhere."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from desk.accounts import Account
from desk.auth import SEE_OTHER, browser
from desk.decisions import Conflict
from desk.headers import SECURITY_HEADERS
from desk.rendering import render
from desk.views import ACTION_NAMES
from producers.reports import NotJson
from schemas.decision import Decision
from schemas.errors import (
    BrokerUnavailable,
    DatabaseUnavailable,
    FieldError,
    IndexUnavailable,
    InvalidItem,
    ItemTooLarge,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
API = "/api/"
log = structlog.get_logger("desk")

_WORDS = {
    400: "请求格式有误",
    401: "需要密钥",
    403: "没有权限",
    404: "没有找到",
    405: "不支持的方法",
    409: "别人刚刚处理过",
    413: "内容过大",
    415: "不支持的格式",
    422: "没有办成，请看下面的说明",
    429: "请求过于频繁",
    500: "内部错误，已记录",
    503: "暂时不可用，请稍后再试",
}
_ADVICE = {
    404: "地址可能不完整，或者库里没有这条内容。",
    403: "您的账号没有这项权限；需要时请与管理员联系。",
    409: "请回去看过最新的处理后再决定。您刚才的决定没有保存，对方的决定没有被覆盖。",
    405: "请从页面上的链接和按钮操作。",
    413: "请精简内容，或者分次提交。",
    422: "请改正后再试。",
    500: "值班人员可在日志中查到原因。请稍后重试；报送和预警不受影响。",
    503: "索引暂时不可用，这一页现在看不到。报送、电话接报、约稿和批示件的签收反馈照常可办，预警照常发出；"
    "请稍后刷新本页。",
}
_STILL_WRITING, _LOOK_AGAIN = "上一步还在写入", "您刚才的处理正在写入，几秒后回去看，再做这一步。"
_PAGES: Mapping[re.Pattern[str], str] = {
    re.compile(r"/items/[0-9a-f]{32}(?=/)"): "回到这条信息",
    re.compile(r"/incidents/[^/]+(?=/)"): "回到这起事件",
    re.compile(r"/cases/[^/]+(?=/)"): "回到这条线索",
    re.compile(r"/instructions/[^/]+(?=/)"): "回到这件批示",
}
_NOT_SAVED = "数据库暂时没有应答，刚才的操作没有保存。请稍后重试；紧急情况请先打电话。"
_NOT_SENT = "消息系统暂时没有应答，刚才这一步没有办成，请稍后再试。紧急情况请先打电话。"
_OTHERWISE = "请返回上一页重试。"


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


def answer(
    request: Request,
    status: int,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    title: str = "",
    advice: str = "",
) -> Response:
    """A problem document for programs; for people a page that says the same in Chinese, in words of its own or in
    those of the status."""
    sent = dict(headers or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        sent.setdefault("Retry-After", str(RETRY_AFTER_S))
    if request.url.path.startswith(API):
        return problem(status, detail, errors=errors, headers=sent or None)
    return render(
        request.app.state.desk,
        browser(request),
        "problem.html.j2",
        status=status,
        headers=sent,
        here="",
        code=status,
        title=title or _WORDS.get(status, "请求没有完成"),
        advice=advice or _ADVICE.get(status, _OTHERWISE),
        errors=errors,
        back=_back(request),
    )


def too_often(request: Request, wait_s: float) -> Response:
    """429 with Retry-After: nothing was read or done. ``request.app`` must be the desk's."""
    seconds = max(1, math.ceil(wait_s))
    said = f"too many requests from this address; wait {seconds} s"
    return _plain_problem(request, 429, said, advice=f"请{seconds}秒后再试。", wait_s=seconds)


def _plain_problem(request: Request, status: int, detail: str, *, advice: str, wait_s: int = RETRY_AFTER_S) -> Response:
    """Without asking the database who it is."""
    headers = {"Retry-After": str(wait_s)}
    if request.url.path.startswith(API):
        return problem(status, detail, headers=headers)
    return render(
        request.app.state.desk, None, "problem.html.j2", status=status, headers=headers, here="", code=status,
        title=_WORDS[status], advice=advice, errors=(), back=None,
    )  # fmt: skip


def install(app: FastAPI) -> None:
    """Map every exception to a problem, at one place."""

    @app.exception_handler(NotJson)
    async def not_json(request: Request, error: NotJson) -> Response:
        return answer(request, 400, str(error), errors=error.errors)

    @app.exception_handler(ItemTooLarge)
    async def too_large(request: Request, error: ItemTooLarge) -> Response:
        return answer(request, 413, str(error), errors=error.errors)

    @app.exception_handler(InvalidItem)
    async def invalid(request: Request, error: InvalidItem) -> Response:
        return answer(request, 422, str(error), errors=error.errors)

    @app.exception_handler(Conflict)
    async def conflict(request: Request, error: Conflict) -> Response:
        since = meanwhile(request.app.state.desk, error)
        if by_oneself(error, browser(request)) and not request.url.path.startswith(API):
            return answer(request, 409, "", errors=since, title=_STILL_WRITING, advice=_LOOK_AGAIN)
        return answer(request, 409, "somebody decided meanwhile; look again", errors=since)

    @app.exception_handler(BrokerUnavailable)
    async def broker(request: Request, error: BrokerUnavailable) -> Response:
        return answer(request, 503, str(error), advice=_NOT_SENT)

    @app.exception_handler(DatabaseUnavailable)
    async def database(request: Request, error: DatabaseUnavailable) -> Response:
        # Who it is cannot be looked up now, so a page has no name on it and no links.
        return _plain_problem(request, 503, str(error), advice=_NOT_SAVED)

    @app.exception_handler(IndexUnavailable)
    async def index(request: Request, error: IndexUnavailable) -> Response:
        log.warning("desk.index_away", path=_route(request), reason=str(error))
        return answer(request, 503, str(error))

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        errors = [_field_error(entry) for entry in jsonable_encoder(error.errors())]
        if [entry["loc"] for entry in error.errors()] == [("body",)] and isinstance(error.body, bytes):
            errors = [_NOT_SENT_AS_JSON]  # FastAPI reads a body as JSON only where it is called so
        broken = any(entry.get("type") == "json_invalid" for entry in error.errors())
        detail = "; ".join(f"{e.field}: {e.message}" for e in errors)
        return answer(request, 400 if broken else 422, detail, errors=errors)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == SEE_OTHER:
            return RedirectResponse((error.headers or {})["Location"], SEE_OTHER)
        return answer(request, error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def anything(request: Request, error: Exception) -> Response:
        log.exception("desk.error", path=_route(request), error=type(error).__name__)
        # This answer is made outside of the middleware that adds the headers.
        return answer(request, 500, "internal error; it was logged", headers=SECURITY_HEADERS)


def meanwhile(desk: Any, conflict: Conflict) -> list[FieldError]:
    """What was decided since, by whom, for people to read. ``desk``: the services."""
    names = desk.people.shown_names()
    return [
        FieldError(
            "revision",
            f"{one.by}: {one.action} at {one.at.isoformat()}",
            f"{names.get(one.by, one.by)}：{conflict.words.get(one.decision_id) or _done(one)}",
        )
        for one in conflict.since
    ]


def by_oneself(conflict: Conflict, who: Account | None) -> bool:
    """Whether somebody was only quicker than the index with steps of one's own."""
    return who is not None and all(one.by == who.name for one in conflict.since)


def _back(request: Request) -> tuple[str, str] | None:
    """(address, name) of the page that a refused button stood on."""
    if request.method in ("GET", "HEAD"):
        return None
    found = next((match for pattern in _PAGES if (match := pattern.match(request.url.path))), None)
    return (found[0], _PAGES[found.re]) if found else None


def _route(request: Request) -> str:
    """The path as it is declared: what stands in one may be a secret (receipts of gateways, signed links)."""
    return str(getattr(request.scope.get("route"), "path", ""))


def _done(decision: Decision) -> str:
    return ACTION_NAMES[decision.action] + (f"（{decision.reason}）" if decision.reason else "")


_NOT_SENT_AS_JSON = FieldError(
    "body", "send it with Content-Type: application/json", "请加上 Content-Type: application/json"
)
_REASONS = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项",
    "string_too_long": "不超过{max_length}个字",
    "string_too_short": "不少于{min_length}个字",
    "string_pattern_mismatch": "格式不对",
    "enum": "取值应为：{expected}",
    "literal_error": "取值应为：{expected}",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不小于{ge}",
    "less_than_equal": "不大于{le}",
}
"""What pydantic calls its errors, in the words of the office; anything else is 取值有误."""


def _field_error(entry: dict[str, Any]) -> FieldError:
    place = [str(part) for part in entry.get("loc", []) if part not in ("body", "query", "path")]
    text = _REASONS.get(str(entry.get("type")), "取值有误")
    try:
        message_zh = text.format(**(entry.get("ctx") or {}))
    except KeyError:
        message_zh = "取值有误"
    return FieldError(".".join(place) or "body", str(entry.get("msg", "")), message_zh.replace(" or ", "、"))
