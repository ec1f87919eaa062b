from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient
from support.clock import HandClock
from support.gateway import Kit, open_plainly
from support.tus_headers import checked_at

from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import NikRule
from sync.protocol import tus
from sync.protocol.messages import ANCHOR_TYP, ASSERTION_TYP
from tests.unit.sync.gateway.conftest import enrolled

NONCE = "0f" * 32


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    with TestClient(build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))) as made:
        yield made


def token(gateway_context: GatewayContext, kit: Kit) -> dict[str, str]:
    now = int(kit.clock.now().timestamp())
    names = {"iss": kit.name, "sub": kit.name, "aud": gateway_context.name}
    signed = kit.signer.sign({**names, "jti": uuid4().hex, "iat": now, "exp": now + 60}, ASSERTION_TYP)
    return {"Authorization": f"Bearer {Admission(gateway_context).issue_token(signed).access_token}"}


def test_a_kit_carries_what_another_one_sealed(
    client: TestClient, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    """The dead laptop's manifest, its bytes under its name, its receipt to whoever asks."""
    record_id, manifest, sealed, _ = kit.record(size=5000)
    carrier = enrolled(folder, gateway_context, clock, "kit-02")
    own, owner = token(gateway_context, carrier), {"Fieldkit-Owner": kit.name}
    clock.advance(minutes=1)
    Admission(gateway_context).revoke_kit(kit.name)
    answer = client.post("/carried", json={"manifests": [manifest, "a.b.c"]}, headers=own)
    assert [word["code"] for word in answer.json()["manifests"]] == ["", "manifest.invalid"]

    assert client.post("/tus", headers={**own, **tus.creation_headers(5000, record_id)}).status_code == 404
    created = client.post("/tus", headers={**own, **owner, **tus.creation_headers(5000, record_id)})
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "0")
    whole = {**own, **owner, **checked_at(0, sealed)}
    assert client.patch(f"/tus/{record_id}", headers=whole, content=sealed).status_code == 204

    receipts = [client.get(f"/receipts/{record_id}", headers=h).json()["receipt"] for h in ({**own, **owner}, own)]
    assert receipts[0] == receipts[1]
    # Whoever names an owner is told of that one's record alone.
    named = client.get(f"/receipts/{record_id}", headers={**own, "Fieldkit-Owner": carrier.name})
    assert (named.status_code, named.json()["code"]) == (404, "manifest.unknown")
    question = {"record_id": record_id, "nonce": NONCE}
    proof = client.post("/proofs", json=question, headers={**own, **owner}).json()
    assert proof["digest"] == hashlib.sha256(bytes.fromhex(NONCE) + sealed).hexdigest()
    assert client.post("/proofs", json=question, headers=own).json()["code"] == "record.not_here"


def test_an_owner_that_no_kit_can_be_is_refused(client: TestClient, gateway_context: GatewayContext, kit: Kit) -> None:
    headers = {**token(gateway_context, kit), "Fieldkit-Owner": "kit 01; DROP"}
    assert client.get(f"/receipts/{uuid4()}", headers=headers).json()["code"] == "owner.invalid"


def test_anchors_are_kept(client: TestClient, gateway_context: GatewayContext, kit: Kit) -> None:
    word = {"kit": kit.name, "chain": "c", "sequence": 1, "digest": "a" * 64, "at": kit.clock.now().isoformat()}
    signed = kit.signer.sign(word, ANCHOR_TYP)
    answer = client.post("/anchors", json={"anchors": [signed]}, headers=token(gateway_context, kit)).json()
    assert answer == {"words": [""], "kept": [signed]}


@pytest.mark.parametrize("path", ["/carried", "/proofs", "/anchors"])
def test_nothing_of_this_is_done_without_a_token(client: TestClient, path: str) -> None:
    assert client.post(path, json={}).status_code == 401


@pytest.mark.allow_logs  # the opener finds the disk away too
def test_readiness_is_told_by_the_status_too(
    client: TestClient, gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    assert (client.get("/ready").status_code, client.get("/ready").json()["is_ready"]) == (200, True)
    record_id, manifest, sealed, _ = kit.record(size=100)
    own = token(gateway_context, kit)
    client.post("/announce", json={"manifests": [manifest]}, headers=own)
    client.post("/tus", headers={**own, **tus.creation_headers(100, record_id)})
    client.patch(f"/tus/{record_id}", headers={**own, **checked_at(0, sealed)}, content=sealed)
    (folder / "objects" / "sealed").rename(folder / "away")
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["problems"]) == (503, ["objects.away"])
    assert client.get("/health").status_code == 200
    (folder / "away").rename(folder / "objects" / "sealed")
