"""Wrong input is refused with a reason; it never makes a fault of ours, and a bad manifest is refused alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.gateway import Kit, World
from support.planted import PlantedBug, demand_caught, demand_quiet
from support.tries import some_of
from support.wrong_input import faults, signed_payloads

from fieldkit.domain.delivery import MANIFEST_TYP
from sync.gateway.app import build_app
from sync.gateway.receiving.manifests import Manifests
from sync.protocol.messages import Announced, Manifest


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    with TestClient(build_app(world.gateway_context, None)) as made:
        yield made


def bearer(kit: Kit, world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {kit.token(world.gateway_context)}"}


@pytest.mark.days
@pytest.mark.parametrize("every", some_of([7, 1], 1))
def test_wrong_input_is_never_a_fault_of_ours(client: TestClient, kit: Kit, world: World, every: int) -> None:
    assert faults(client, kit, world.gateway_context, every=every) == []


@pytest.mark.days
def test_this_test_sees_a_planted_fault(
    client: TestClient, kit: Kit, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep, bug = Manifests.keep, PlantedBug("a size that SQLite cannot hold", "^500 POST /announce ")

    def planted(
        manifests: Manifests, connection: sa.Connection, read: Sequence[tuple[Manifest, str]], *given: Any, **named: Any
    ) -> list[Announced]:
        if any(manifest.size_bytes > 2**63 for manifest, _ in read):
            raise OverflowError
        return keep(manifests, connection, read, *given, **named)

    monkeypatch.setattr(Manifests, "keep", planted)
    good = client.post("/announce", headers=bearer(kit, world), json={"manifests": [kit.record()[1]]})
    demand_quiet([] if good.status_code == 200 else [good.text], bug)
    assert caplog.text == ""
    demand_caught(faults(client, kit, world.gateway_context, "/announce"), bug)
    told = caplog.text
    assert told.splitlines().count("OverflowError") == told.count("POST /announce failed") > 0
    caplog.clear()


@pytest.mark.days
def test_a_bad_manifest_is_refused_alone(client: TestClient, kit: Kit, world: World) -> None:
    headers = bearer(kit, world)
    bad = list(signed_payloads(kit, MANIFEST_TYP))
    for at in range(0, len(bad), 50):
        good = [kit.record()[1] for _ in range(2)]
        answer = client.post("/announce", headers=headers, json={"manifests": [good[0], *bad[at : at + 50], good[1]]})
        assert answer.status_code == 200
        words = answer.json()["manifests"]
        assert (words[0]["code"], words[-1]["code"]) == ("", "")
