from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import HandClock
from support.gateway import Kit, open_plainly, receive
from support.tus_headers import checked_at

from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext, Limits
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Circumstances, OpenedRecord, Opener
from sync.gateway.routes import SetAside, ca_ends_at, readiness, set_aside
from sync.gateway.tables import records
from sync.protocol import tus
from sync.protocol.messages import ANCHOR_TYP, ASSERTION_TYP, Announcement
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


def arrive(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=500)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


def breaks(_sealed: bytes, _known: Circumstances) -> OpenedRecord:
    raise ZeroDivisionError


def test_a_new_gateway_is_ready_and_what_waits_is_counted(gateway_context: GatewayContext, kit: Kit) -> None:
    assert readiness(gateway_context).is_ready
    arrive(gateway_context, kit)
    word = readiness(gateway_context)
    assert (word.is_ready, word.waiting, word.set_aside, word.lost) == (True, 1, 0, 0)
    assert word.free_bytes > 0
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert readiness(gateway_context).waiting == 0


@pytest.mark.allow_logs
def test_what_waits_for_a_person_is_named(gateway_context: GatewayContext, kit: Kit, folder: Path) -> None:
    record_id = arrive(gateway_context, kit)
    Opener(gateway_context, breaks, NikRule()).run_pending()
    word = readiness(gateway_context, ["opener.stopped"])
    assert (word.is_ready, word.problems) == (False, ("opener.stopped", "records.set_aside"))
    assert (word.waiting, word.set_aside) == (0, 1)
    assert set_aside(gateway_context) == (SetAside(kit.name, record_id, "ZeroDivisionError", 1),)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=kit.clock.now()))
    assert readiness(gateway_context).problems == ("records.set_aside", "objects.lost")
    (folder / "objects" / "sealed").rename(folder / "away")
    assert "objects.away" in readiness(gateway_context).problems


def test_a_record_that_is_being_opened_is_not_set_aside(gateway_context: GatewayContext, kit: Kit) -> None:
    arrive(gateway_context, kit)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(set_aside_at=kit.clock.now()))
    assert (readiness(gateway_context).is_ready, set_aside(gateway_context)) == (True, ())


def test_records_that_nobody_opens_are_told_after_an_hour(gateway_context: GatewayContext, kit: Kit) -> None:
    arrive(gateway_context, kit)
    kit.clock.advance(seconds=3599)
    assert readiness(gateway_context).problems == ()
    kit.clock.advance(seconds=2)
    word = readiness(gateway_context)
    assert (word.is_ready, word.problems) == (True, ("opener.behind",))
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert readiness(gateway_context).problems == ()


def test_a_disk_below_its_reserve_is_told(gateway_context: GatewayContext) -> None:
    full = replace(gateway_context, limits=Limits(reserve_bytes=2**60))
    assert (readiness(full).problems, readiness(full).free_bytes) == (("disk.full",), 0)


def test_an_authority_that_ends_is_told_in_time(gateway_context: GatewayContext, kit: Kit) -> None:
    kit.clock.advance(days=16 * 365)
    assert readiness(gateway_context).problems == ()
    kit.clock.advance(days=366)
    word = readiness(gateway_context)
    assert (word.is_ready, word.problems) == (True, ("ca.ends",))
    assert (ca_ends_at(gateway_context) - kit.clock.now()).days < 3 * 365


@pytest.mark.parametrize(
    ("free", "left", "is_full"), [(None, -1, False), (99, 0, True), (100, 0, True), (101, 1, False)]
)
def test_what_is_left_is_told_above_the_reserve(
    gateway_context: GatewayContext, monkeypatch: pytest.MonkeyPatch, free: int | None, left: int, is_full: bool
) -> None:
    monkeypatch.setattr(Blobs, "free_bytes", lambda _self: free)
    word = readiness(replace(gateway_context, limits=Limits(reserve_bytes=100)))
    assert (word.free_bytes, "disk.full" in word.problems) == (left, is_full)


def test_what_waits_is_behind_after_its_hour_and_nothing_else_is(gateway_context: GatewayContext, kit: Kit) -> None:
    ids, at = [arrive(gateway_context, kit) for _ in range(4)], kit.clock.now()
    changes = ({"verdict": "valid"}, {"lost_at": at}, {"set_aside_at": at, "set_aside_error": "KeyError"})
    with gateway_context.engine.begin() as connection:
        for record_id, values in zip(ids, changes, strict=False):
            connection.execute(sa.update(records).filter_by(record_id=record_id).values(**values))
    word = readiness(gateway_context)
    assert (word.waiting, word.set_aside, word.lost) == (1, 1, 1)
    kit.clock.advance(hours=1)
    assert "opener.behind" not in readiness(gateway_context).problems
    kit.clock.advance(seconds=1)
    assert "opener.behind" in readiness(gateway_context).problems
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(record_id=ids[3]).values(verdict="valid"))
    assert "opener.behind" not in readiness(gateway_context).problems


@pytest.mark.parametrize(("later", "ends"), [(timedelta(0), False), (timedelta(seconds=1), True)])
def test_an_authority_ends_soon_with_the_last_life_of_a_kit(
    gateway_context: GatewayContext, kit: Kit, later: timedelta, ends: bool
) -> None:
    kit.clock.at = ca_ends_at(gateway_context) - timedelta(days=3 * 365) + later
    assert ("ca.ends" in readiness(gateway_context).problems) is ends
