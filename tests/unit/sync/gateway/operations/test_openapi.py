from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.operations.metrics import Switches
from sync.gateway.operations.openapi import described


@pytest.mark.parametrize(("is_on", "status"), [(True, 200), (False, 404)])
def test_it_is_shown_only_when_switched_on(gateway_context: GatewayContext, is_on: bool, status: int) -> None:
    client = TestClient(build_app(gateway_context, None, Switches(shows_openapi=is_on)))
    assert client.get("/openapi.json").status_code == status


def test_tokens_forms_headers_and_refusals_are_described(gateway_context: GatewayContext) -> None:
    app = build_app(gateway_context, None, Switches(shows_openapi=True))
    document = described(described(app.openapi()))
    paths = document["paths"]
    assert "/metrics" not in paths
    assert "security" not in paths["/hello"]["post"]
    assert paths["/counts"]["get"]["security"] == [{"kit": []}]
    patch = paths["/tus/{record_id}"]["patch"]
    assert [each["name"] for each in patch["parameters"]] == ["record_id", "Tus-Resumable", "Upload-Offset"]
    assert list(patch["requestBody"]["content"]) == ["application/offset+octet-stream"]
    assert "application/x-www-form-urlencoded" in paths["/token"]["post"]["requestBody"]["content"]
    assert all("422" not in each["responses"] for methods in paths.values() for each in methods.values())
    assert all("4XX" in each["responses"] for methods in paths.values() for each in methods.values())
    assert {
        (method, path) for path, methods in paths.items() for method, each in methods.items() if "security" not in each
    } == {
        ("get", "/health"),
        ("get", "/ca"),
        ("get", "/ready"),
        ("post", "/hello"),
        ("post", "/token"),
        ("post", "/enrol"),
        *(("options", path) for path in paths if path.startswith("/tus")),
    }
    headers = {
        method: [each["name"] for each in operation["parameters"] if each["in"] == "header"]
        for path, methods in paths.items()
        if path.startswith("/tus")
        for method, operation in methods.items()
    }
    tus = ["Tus-Resumable"]
    assert headers.pop("post") == [*tus, "Upload-Length", "Upload-Metadata"]
    assert headers.pop("patch") == [*tus, "Upload-Offset"]
    assert headers == {"options": [], "head": tus, "delete": tus}
