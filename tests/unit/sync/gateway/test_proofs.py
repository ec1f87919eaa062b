from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, receive

from sync.gateway import provision
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.proofs import Proofs
from sync.gateway.tables import records
from sync.protocol.messages import Announcement, ProofQuestion

NONCE = "5a" * 32


@pytest.fixture
def held(gateway_context: GatewayContext, kit: Kit) -> tuple[str, bytes, str]:
    record_id, manifest, sealed, sha256 = kit.record(size=3_000_000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id, sealed, sha256


def question(record_id: str) -> ProofQuestion:
    return ProofQuestion(record_id=UUID(record_id), nonce=NONCE)


def test_the_bytes_are_read_for_the_answer(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str]
) -> None:
    record_id, sealed, _ = held
    kit.clock.advance(days=3)
    proof = Proofs(gateway_context).prove(kit.name, question(record_id))
    assert proof.digest == hashlib.sha256(bytes.fromhex(NONCE) + sealed).hexdigest()
    assert proof.size_bytes == len(sealed)
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(records.c.verified_at)) == kit.clock.now()


@pytest.mark.allow_logs
@pytest.mark.parametrize("harm", ["missing", "flipped", "shorter"])
def test_what_is_not_there_is_not_proven_and_is_lost_from_now_on(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str], folder: Path, harm: str
) -> None:
    record_id, sealed, sha256 = held
    path = provision.sealed_path(folder, sha256)
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1] if harm == "flipped" else []))
    with pytest.raises(Refusal, match=r"404 record\.not_here"):
        Proofs(gateway_context).prove(kit.name, question(record_id))
    assert Ledger(gateway_context).counts(kit.name).lost == 1
    path.write_bytes(sealed)
    with pytest.raises(Refusal, match="404"):  # until a scrub found it again, or it was sent again
        Proofs(gateway_context).prove(kit.name, question(record_id))


def test_nothing_is_said_of_strangers_and_of_a_disk_that_is_away(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str], folder: Path
) -> None:
    record_id, _, _ = held
    for who, what in ((kit.name, str(uuid4())), ("kit-02", record_id)):
        with pytest.raises(Refusal, match=r"404 record\.not_here"):
            Proofs(gateway_context).prove(who, question(what))
    (folder / "objects" / "sealed").rename(folder / "away")
    with pytest.raises(Refusal, match=r"503 objects\.away"):
        Proofs(gateway_context).prove(kit.name, question(record_id))
    assert Ledger(gateway_context).counts(kit.name).lost == 0


def test_a_proof_is_of_the_record_of_that_kit_and_of_none_that_is_erased(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, proofs = enrolled_kit(folder, gateway_context, clock, "kit-02"), Proofs(gateway_context)
    record_id, manifest, sealed, _ = kit.record(size=300)
    _, same_id, content, _ = other.record(size=200, record_id=record_id)
    further_id, further, more, _ = kit.record(size=100)
    for by, jws in ((kit, manifest), (other, same_id), (kit, further)):
        Ledger(gateway_context).announce(by.name, Announcement(manifests=(jws,)))
    for by, its_id, whole in ((kit, record_id, sealed), (other, record_id, content), (kit, further_id, more)):
        receive(gateway_context, by, its_id, whole)
    sizes = [proofs.prove(*each).size_bytes for each in (
        ("kit-01", question(record_id)), ("kit-02", question(record_id)), ("kit-01", question(further_id)),
    )]  # fmt: skip
    assert sizes == [300, 200, 100]
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(kit="kit-01").values(erased_at=clock.now()))
    with pytest.raises(Refusal, match=r"410 record\.erased"):
        proofs.prove("kit-01", question(record_id))
    assert proofs.prove("kit-02", question(record_id)).size_bytes == 200
