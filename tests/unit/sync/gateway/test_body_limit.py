from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from sync.gateway.app import MAX_MESSAGE_BYTES, BodyLimit


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()

    @app.post("/tus")
    @app.post("/size")
    async def size(request: Request) -> int:
        body = await request.body()
        assert not await request.is_disconnected()
        return len(body)

    @app.post("/last")
    async def last(request: Request) -> str:
        return (await request.body())[-1:].decode()

    app.add_middleware(BodyLimit, free_path="/tus")
    with TestClient(app) as made:
        yield made


def pieces(count: int, size: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def test_messages_pass_whole(client: TestClient) -> None:
    assert client.post("/size", content=pieces(10, 1000)).json() == 10_000
    assert client.post("/last", content=iter([b"a", b"b", b"c"])).json() == "c"
    assert client.post("/size").json() == 0
    assert client.post("/size", content=b"x" * MAX_MESSAGE_BYTES).json() == MAX_MESSAGE_BYTES


def test_a_flood_is_refused_even_when_it_does_not_say_its_size(client: TestClient) -> None:
    answer = client.post("/size", content=pieces(MAX_MESSAGE_BYTES // 1000 + 1, 1001))
    assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


def test_uploads_pass(client: TestClient) -> None:
    assert client.post("/tus", content=b"x" * (MAX_MESSAGE_BYTES + 1)).json() == MAX_MESSAGE_BYTES + 1
