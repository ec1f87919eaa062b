from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from sync.gateway.routes import TusHeaders


async def tells_its_method(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Seen": scope["method"], "Tus-Resumable": "1.0.0"} if "own" in scope["path"] else {}
    await PlainTextResponse("", headers={"Seen": scope["method"], **headers})(scope, receive, send)


@pytest.fixture
def client() -> TestClient:
    return TestClient(TusHeaders(tells_its_method, path="/tus"))


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "HEAD", "patch"])
def test_a_post_may_stand_for_another_method(client: TestClient, method: str) -> None:
    answer = client.post("/tus/x", headers={"X-HTTP-Method-Override": method})
    assert answer.headers["Seen"] == method.upper()


@pytest.mark.parametrize(
    ("sent", "path", "override"),
    [("POST", "/tus/x", "GET"), ("POST", "/tusk", "PATCH"), ("DELETE", "/tus/x", "PATCH"), ("POST", "/tus", "")],
)
def test_nothing_else_is_overridden(client: TestClient, sent: str, path: str, override: str) -> None:
    answer = client.request(sent, path, headers={"X-HTTP-Method-Override": override})
    assert answer.headers["Seen"] == sent


def test_every_answer_bears_the_version_once(client: TestClient) -> None:
    for answer in (client.post("/tus"), client.put("/tus/x"), client.get("/tus/own")):
        assert answer.headers.get_list("Tus-Resumable") == ["1.0.0"]
    assert "Tus-Resumable" not in client.post("/tusk").headers


def test_another_protocol_and_what_is_no_answer_pass_as_they_are() -> None:
    seen: list[object] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append((scope["method"], send is sending))
        await send({"type": "websocket.accept"})

    async def sending(message: Message) -> None:
        seen.append(message)

    async def nothing() -> Message:
        return {}

    scope = {"type": "websocket", "path": "/tus/x", "method": "POST"}
    headers = [(b"x-http-method-override", b"PATCH")]
    asyncio.run(TusHeaders(app, path="/tus")({**scope, "headers": headers}, nothing, sending))
    asyncio.run(TusHeaders(app, path="/tus")({**scope, "headers": headers, "type": "http"}, nothing, sending))
    assert seen == [("POST", True), {"type": "websocket.accept"}, ("PATCH", False), {"type": "websocket.accept"}]
