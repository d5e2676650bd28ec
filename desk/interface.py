"""The REST interface described: OpenAPI as it is (keys, problems, whole references), and the same for a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from schemas.item import Submission

Json = dict[str, Any]
PATH = "/api/v1/openapi.json"
REF = "#/components/schemas/"
OPEN = ("/api/v1/healthz", "/api/v1/readyz", "/api/v1/receipts/")
"""What is called without a key; the receipts' door has its secret in the path."""
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM: Json = {
    "title": "Problem",
    "description": "RFC 9457. `errors` names each field, in English and in Chinese.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "title_zh": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "message", "message_zh")},
            },
        },
    },
    "required": ["type", "title", "status", "detail", "errors"],
}
_REFUSED: Json = {
    "description": "401 no key, 403 not with this account, 422 wrong fields, 503 an engine is away (Retry-After)",
    "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
}


def described(app: FastAPI) -> Json:
    """The OpenAPI document; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = made["components"]["schemas"]
        submission = Submission.model_json_schema(ref_template=f"{REF}{{model}}")
        schemas |= submission.pop("$defs", {}) | {"Submission": submission, "Problem": PROBLEM} | schemas
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)  # FastAPI's own form of errors, which nobody gets here
        made["components"]["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key of an account (/account), with its rights",
            }
        }
        made["security"] = [{"key": []}]
        for path, operation in _operations(made):
            if path.startswith(OPEN):
                operation["security"] = []
            answers = operation["responses"]
            if "HTTPValidationError" in str(answers.get("422", "")):
                del answers["422"]
            answers["default"] = _REFUSED
        app.openapi_schema = made
    return app.openapi_schema


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to give: a parameter (``place``: path, query) or a field of the body."""

    name: str
    place: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call for the page; ``answers``: status and what it means."""

    method: str
    path: str
    about: str
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


def calls(document: Json) -> list[Call]:
    """All calls in the order of the document."""
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answers = [(code, one["description"]) for code, one in operation["responses"].items() if code != "default"]
            about = operation.get("description") or operation.get("summary", "")
            fields = tuple(_fields(document, operation))
            found.append(Call(method.upper(), path, about.replace("``", "`"), fields, tuple(answers)))
    return found


def _fields(document: Json, operation: Json) -> Iterator[Field]:
    for one in operation.get("parameters", ()):
        about = one.get("description") or one["schema"].get("description", "")
        yield Field(one["name"], one["in"], kind_of(document, one["schema"]), one.get("required", False), about)
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(document, content["schema"])
        place = "multipart" if media.startswith("multipart") else "body"
        for name, given in schema.get("properties", {}).items():
            yield Field(
                name, place, kind_of(document, given), name in schema.get("required", ()), given.get("description", "")
            )


def kind_of(document: Json, schema: Json) -> str:
    """A type in few words: string, datetime, report | media | opinion, list of string, the name of what has fields."""
    if "$ref" in schema:
        found = _resolved(document, schema)
        return kind_of(document, found) if "enum" in found else str(schema["$ref"]).removeprefix(REF)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(kind for one in schema["anyOf"] if (kind := kind_of(document, one)) != "null")
    if schema.get("type") == "array":
        return f"list of {kind_of(document, schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "datetime"
    if schema.get("format") == "binary" or "contentMediaType" in schema:
        return "file"
    return str(schema.get("type", "any"))


def _resolved(document: Json, schema: Json) -> Json:
    name = str(schema.get("$ref", "")).removeprefix(REF)
    found: Json = document["components"]["schemas"][name] if name else schema
    return found


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, item[method]
