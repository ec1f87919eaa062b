"""The description of the routes (OpenAPI 3.1), completed: tokens, forms and the headers of tus."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI

from sync.protocol import tus
from sync.protocol.messages import Trouble

_OPEN = frozenset({"/health", "/ca", "/hello", "/token", "/enrol", "/ready"})
_TROUBLE = {"$ref": "#/components/schemas/Trouble"}


def openapi_router(app: FastAPI) -> APIRouter:
    """Return `/openapi.json`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def document() -> dict[str, Any]:
        return described(app.openapi())

    return router


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Complete what the framework knows of the routes; a second call changes nothing."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Trouble"] = Trouble.model_json_schema()
    components["securitySchemes"] = {"kit": {"type": "http", "scheme": "bearer"}}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            responses = operation.setdefault("responses", {})
            responses.pop("422", None)  # a bad body is answered 400, without repeating it
            responses.setdefault(
                "4XX", {"description": "Refused", "content": {"application/json": {"schema": _TROUBLE}}}
            )
            if path.startswith("/tus"):
                _describe_tus(method, operation)
            if path == "/token":
                operation["requestBody"] = _token_form()
            is_open = path in _OPEN or (path.startswith("/tus") and method == "options")
            if not is_open:
                operation["security"] = [{"kit": []}]
    return document


def _describe_tus(method: str, operation: dict[str, Any]) -> None:
    headers: dict[str, dict[str, Any]] = {}
    size = {"type": "integer", "minimum": 0}
    if method != "options":
        headers["Tus-Resumable"] = {"type": "string", "const": tus.VERSION}
    if method == "post":
        headers.update({"Upload-Length": size, "Upload-Metadata": {"type": "string"}})
    if method == "patch":
        headers["Upload-Offset"] = size
        operation["requestBody"] = {
            "required": True,
            "content": {tus.OFFSET_CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    known = [each for each in operation.get("parameters", ()) if each["in"] != "header"]
    named = [{"name": name, "in": "header", "required": True, "schema": schema} for name, schema in headers.items()]
    operation["parameters"] = [*known, *named]


def _token_form() -> dict[str, Any]:
    names = ("grant_type", "client_assertion_type", "client_assertion")
    schema = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}
