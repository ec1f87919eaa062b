from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

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
