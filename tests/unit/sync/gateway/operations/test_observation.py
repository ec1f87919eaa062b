from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient
from support.gateway import Kit

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.operations.metrics import JsonFormatter, Observation, RequestLines, Switches, log_as_json

NIK, NAME = "3315014107900001", "Siti Aminah"


@pytest.fixture
def client(gateway_context: GatewayContext, kit: Kit) -> Iterator[TestClient]:
    logger = logging.getLogger()
    before = list(logger.handlers)
    with TestClient(build_app(gateway_context, None, Switches(logs_json=True))) as made:
        yield made
    logger.handlers = before


def test_a_line_names_the_route_and_the_kit_and_nothing_that_was_sent(
    client: TestClient, kit: Kit, gateway_context: GatewayContext, capsys: pytest.CaptureFixture[str]
) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=500, nik=NIK)
    token = kit.token(gateway_context)
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    client.post("/announce", headers=headers, json={"manifests": [manifest]})
    client.head(f"/tus/{record_id}", headers=headers)
    client.post(f"/tus/{record_id}", headers={**headers, "X-HTTP-Method-Override": "DELETE"})
    client.get(f"/receipts/{record_id}?name={NAME}", headers=headers)
    client.get(f"/{NIK}/{NAME}")
    client.post("/users", headers=headers, json={"user": {"name": NAME, "nik": NIK}})
    client.post("/token", data={"client_assertion": kit.assertion(gateway_context.name)})
    text = capsys.readouterr().err
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/announce", 200),
        ("HEAD", "/tus/{record_id}", 404),
        ("DELETE", "/tus/{record_id}", 404),
        ("GET", "/receipts/{record_id}", 404),
        ("GET", "(no route)", 404),
        ("POST", "/users", 400),
        ("POST", "/token", 400),
    ]
    assert [line.get("kit", "") for line in lines] == ["kit-01"] * 4 + ["", "kit-01", ""]
    assert lines[0]["bytes"] > len(manifest)
    for secret in (NIK, NAME, "Siti", record_id, sha256, token, manifest, sealed[:20].decode("latin-1"), "testclient"):
        assert secret not in text


def test_a_strange_method_is_no_name_of_its_own(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    for method in (*known, "BREW", "TRACE"):
        client.request(method, "/health")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["method"] for line in lines] == [*known, "other", "other"]
    assert lines[-1]["status"] == 405


def test_a_request_that_no_route_took_has_no_kit() -> None:
    noted: list[object] = []
    taker = SimpleNamespace(add=lambda *told: noted.append(told[-1]))

    async def nobody(*_: object) -> None: ...

    observed = Observation(nobody, SimpleNamespace(add=lambda *_: None), taker)
    asyncio.run(observed({"type": "http", "method": "GET"}, nobody, nobody))
    assert noted == [""]


def test_a_page_of_the_office_is_told_with_where_it_stands(
    gateway_context: GatewayContext, capsys: pytest.CaptureFixture[str]
) -> None:
    app = build_app(gateway_context, None, Switches(logs_json=True), FieldCatalogues())
    before = list(logging.getLogger().handlers)
    with TestClient(app, base_url="https://gateway") as office:
        office.get("/office/sign-in")
        office.get("/office/kits/kit-01", follow_redirects=False)
    logging.getLogger().handlers = before
    lines = map(json.loads, capsys.readouterr().err.splitlines())
    assert [line["route"] for line in lines] == ["/office/sign-in", "/office/kits/{kit}"]


def test_warnings_take_the_same_form_without_the_words_of_an_error() -> None:
    logger, stream = logging.getLogger(), io.StringIO()
    before = list(logger.handlers)
    log_as_json()
    log_as_json()
    assert len(logger.handlers) == len(before) + 1
    logger.handlers = before
    try:
        raise ValueError(NIK)
    except ValueError:
        import sys

        record = logging.LogRecord("sync", logging.WARNING, "", 0, "the scrub could not work", (), sys.exc_info())
    said = json.loads(JsonFormatter().format(record))
    assert (said["level"], said["text"], said["error"]) == ("WARNING", "the scrub could not work", "ValueError")
    assert NIK not in json.dumps(said)
    for nothing in (None, (None, None, None)):
        record.exc_info = nothing
        assert "error" not in json.loads(JsonFormatter().format(record))
    RequestLines(lambda: stream).add("GET", "/x", 200, 0.0123, 5, "")
    assert json.loads(stream.getvalue())["ms"] == 12.3
