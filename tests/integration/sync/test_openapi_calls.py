"""Whatever the description of the routes allows, and what it does not: no fault of ours (schemathesis makes it up)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.gateway import Kit, World, enrolled_kit

from sync.gateway.app import build_app
from sync.gateway.operations.metrics import Switches
from sync.gateway.operations.openapi import described

FEW, MANY = 4, 400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "gateway")
    yield made
    made.stop()


@pytest.fixture
def kit(world: World) -> Kit:
    return enrolled_kit(world.folder, world.gateway_context, world.clock, "kit-01")


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    app = build_app(world.gateway_context, None, Switches(shows_openapi=True))
    with TestClient(app, raise_server_exceptions=True) as made:
        yield made


def calls(client: TestClient, kit: Kit, world: World, examples: int) -> int:
    """Ask every operation so often; return how many answers there were."""
    # Here, for its import takes a second of whoever only collects tests.
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
    document = described(client.app.openapi())  # type: ignore[attr-defined]
    schema = schemathesis.openapi.from_dict(document)
    headers = {"Authorization": f"Bearer {kit.token(world.gateway_context)}"}
    answered = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), has_token=st.sampled_from([True, True, True, False]))
        def ask(case: object, has_token: bool) -> None:
            nonlocal answered
            said = case.as_transport_kwargs(headers=headers if has_token else {})  # type: ignore[attr-defined]
            answer = client.request(
                said["method"],
                said["url"],
                headers={name: str(value) for name, value in (said.get("headers") or {}).items()},
                params=said.get("params"),
                json=said.get("json"),
                **{"data" if isinstance(said.get("data"), dict) else "content": said.get("data")},
            )
            assert answer.status_code < 500, (said["method"], said["url"], answer.text)
            answered += 1

        ask()
    return answered


@pytest.mark.days
def test_no_described_request_is_a_fault_of_ours(client: TestClient, kit: Kit, world: World) -> None:
    assert calls(client, kit, world, FEW) > 15 * FEW


@pytest.mark.faults
def test_many_described_requests(client: TestClient, kit: Kit, world: World) -> None:
    count = calls(client, kit, world, MANY)
    print(f"{count} requests, no fault of ours")
    assert count > 15 * 50
