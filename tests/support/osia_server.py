"""OSIA servers on loopback, made from descriptions of the interfaces of the Secure Identity Alliance.

A request is matched with a path of the description; its required query parameters and its body are checked against it,
and so is what a handler answers. The description of the ABIS stands here as far as it is used (`abis.yaml` 1.4.0), that
of the Enrollment in `osia_enrollment.py`.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_ID = {"type": "string"}
_ERROR = {"type": "object", "required": ["code", "message"], "additionalProperties": False,
          "properties": {"code": {"type": "integer"}, "message": _ID}}  # fmt: skip
_TRANSACTION = {"name": "transactionId", "in": "query", "required": True, "schema": _ID}
_CALLBACK = {"name": "callback", "in": "query", "required": False, "schema": _ID}
_ITEM = (
    "biometricType", "biometricSubType", "instance", "image", "imageRef", "captureDate", "captureDevice",
    "impressionType", "width", "height", "bitdepth", "resolution", "compression", "missing", "metadata", "comment",
)  # fmt: skip


def _answers(**schemas: Any) -> dict[str, Any]:
    return {
        code.removeprefix("_"): {"content": {"application/json": {"schema": schema}}} if schema else {}
        for code, schema in {**schemas, "_400": _ERROR, "_403": None, "_500": _ERROR}.items()
    }


def _asks(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


_ENCOUNTER = {
    "type": "object",
    "required": ["status", "encounterType", "biometricData"],
    "additionalProperties": False,
    "properties": {
        "encounterId": _ID,
        "status": {"enum": ["ACTIVE", "INACTIVE"]},
        "encounterType": _ID,
        "galleries": {"type": "array", "items": _ID, "minItems": 1},
        "contextualData": {"type": "object"},
        "biographicData": {"type": "object"},
        "biometricData": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["biometricType"],
                "additionalProperties": False,
                "properties": {
                    **{name: {} for name in _ITEM},
                    "biometricType": {"enum": ["FACE", "FINGER", "IRIS", "SIGNATURE", "UNKNOWN"]},
                    "captureDate": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
                    "image": {"type": "string", "pattern": "^[A-Za-z0-9+/]*=*$"},
                },
            },
        },
    },
}
_CANDIDATES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["personId", "rank", "score"],
        "additionalProperties": False,
        "properties": {"personId": _ID, "rank": {"type": "integer"}, "score": {"type": "number"}, "scoreList": {}},
    },
}
ABIS: Mapping[str, Any] = {
    "paths": {
        "/v1/persons/{personId}/encounters/{encounterId}": {
            "post": {
                "operationId": "createEncounter",
                "parameters": [_TRANSACTION, _CALLBACK],
                "requestBody": _asks(_ENCOUNTER),
                "responses": _answers(_201=None, _202=_ID),
            },
            "get": {
                "operationId": "readEncounter",
                "parameters": [_TRANSACTION, _CALLBACK],
                "responses": _answers(_200=_ENCOUNTER, _202=_ID, _404=None),
            },
        },
        "/v1/identify/{galleryId}/{personId}": {
            "post": {
                "operationId": "identifyFromId",
                "parameters": [_TRANSACTION, _CALLBACK],
                "requestBody": _asks({"type": "object"}),
                "responses": _answers(_200=_CANDIDATES, _202=_ID),
            }
        },
    }
}

Said = tuple[int, Any]
Handler = Callable[[Mapping[str, str], Mapping[str, list[str]], Any], Said]


class OsiaServer:
    """Answers by `handlers`, a function per operation; keeps what it was asked and what broke the description."""

    def __init__(self, interface: Mapping[str, Any], handlers: Mapping[str, Handler]) -> None:
        self._interface = interface
        self.handlers = dict(handlers)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.broken: list[str] = []
        self.first: list[Said] = []  # said before any handler is asked, such as 503
        self.url = ""
        self.more_headers: dict[str, str] = {}  # of each answer
        registry: Registry[Any] = Registry().with_resource("urn:i", Resource(_for_requests(interface), DRAFT202012))
        self._requests = registry
        self._answers: Registry[Any] = Registry().with_resource("urn:i", Resource(dict(interface), DRAFT202012))

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Said:
        self.asked.append(f"{method} {target}")
        self.headers.append(headers)
        if self.first:
            return self.first.pop(0)
        parts = urlsplit(target)
        for template, operations in self._interface["paths"].items():
            found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), parts.path)
            operation = operations.get(method.lower()) if found else None
            if found and operation:
                break
        else:
            self.broken.append(f"no {method} {parts.path}")
            return 404, None
        query, said = parse_qs(parts.query), json.loads(body) if body else None
        self._check_request(operation, query, said)
        names = {name: unquote(value) for name, value in found.groupdict().items()}
        status, answer = self.handlers[operation["operationId"]](names, query, said)
        self._check_answer(operation, status, answer)
        return status, answer

    def _check_request(self, operation: Any, query: Mapping[str, list[str]], body: Any) -> None:
        known = {parameter["name"]: parameter for parameter in operation["parameters"] if parameter["in"] == "query"}
        self.broken += [f"query {name}" for name in query if name not in known]
        self.broken += [f"no {name}" for name, told in known.items() if told.get("required") and name not in query]
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            self._check(schema, body, self._requests)

    def _check_answer(self, operation: Any, status: int, answer: Any) -> None:
        told = operation["responses"].get(str(status))
        if told is None:
            self.broken.append(f"{operation['operationId']} never says {status}")
        elif "content" in told:
            self._check(told["content"]["application/json"]["schema"], answer, self._answers)

    def _check(self, schema: Any, value: Any, registry: Registry[Any]) -> None:
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:i#/'))
        self.broken += [
            error.message[:200] for error in Draft202012Validator(absolute, registry=registry).iter_errors(value)
        ]


def _for_requests(interface: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description whose read-only members are not required of a request (OpenAPI 3.0, readOnly)."""
    made = deepcopy(dict(interface))
    for schema in made.get("components", {}).get("schemas", {}).values():
        fixed = {name for name, told in schema.get("properties", {}).items() if told.get("readOnly")}
        schema["required"] = [name for name in schema.get("required", []) if name not in fixed]
        if not schema["required"]:
            del schema["required"]
    return made


@contextmanager
def serving(server: OsiaServer, tls: ssl.SSLContext | None = None) -> Iterator[OsiaServer]:
    """Listen on loopback for a block."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = server.answer(self.command, self.path, dict(self.headers), body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **server.more_headers}.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    if tls is not None:
        listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
