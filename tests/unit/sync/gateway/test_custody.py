from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive
from support.gateway import receive as arrive

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.domain.recording.record import ChainLink
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.blobs import Blobs, Content
from sync.gateway.custody import (
    DAMAGED,
    MISSING,
    AnchorKeeper,
    VouchKeeper,
    fault_named,
    fault_of,
    is_there,
    mark_lost,
    mark_verified,
)
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, Outcome
from sync.gateway.tables import anchors, manifests, records, vouches
from sync.protocol.down import Vouch, Vouches
from sync.protocol.messages import ANCHOR_TYP, Anchors, Announcement
from tests.unit.sync.gateway.conftest import enrolled

CONTENT = Content(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_what_is_wrong_with_an_object_is_named(tmp_path: Path) -> None:
    blobs = Blobs.in_folder(tmp_path)
    with pytest.raises(FileNotFoundError):
        fault_of(blobs, "sealed/a", CONTENT)  # the whole store is away
    blobs.put("sealed/a", b"abc")
    blobs.put("sealed/b", b"abd")
    assert [fault_of(blobs, f"sealed/{name}", CONTENT) for name in "abc"] == ["", DAMAGED, MISSING]


def test_a_bad_sector_is_damage_and_a_locked_door_is_not(tmp_path: Path) -> None:
    blobs = Blobs.in_folder(tmp_path)
    assert fault_named(blobs, OSError(errno.EIO, "Input/output error")) == DAMAGED
    with pytest.raises(PermissionError):
        fault_named(blobs, PermissionError(errno.EACCES, "Permission denied"))


@pytest.fixture
def arrived(gateway_context: GatewayContext, kit: Kit) -> list[sa.Row[Any]]:
    """Let two records arrive; return their rows as `is_there` takes them."""
    for _ in range(2):
        record_id, manifest, sealed, _ = kit.record(size=100)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
    query = sa.select(records, manifests.c.size_bytes).join(manifests, manifests.c.record_id == records.c.record_id)
    with gateway_context.reading() as connection:
        return list(connection.execute(query).all())


def lost(gateway_context: GatewayContext) -> dict[str, object]:
    with gateway_context.reading() as connection:
        return {row.record_id: row.lost_at for row in connection.execute(sa.select(records))}


def test_a_loss_is_told_once_and_ends_with_the_bytes(
    gateway_context: GatewayContext, kit: Kit, arrived: list[sa.Row[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sync.gateway.custody")  # `fieldkit gateway verify` in the same process hushes it
    one, other = arrived
    at = kit.clock.now()
    mark_lost(gateway_context, kit.name, one.record_id, "an older receipt", MISSING)
    assert lost(gateway_context) == {one.record_id: None, other.record_id: None}
    mark_lost(gateway_context, kit.name, one.record_id, one.receipt, MISSING)
    kit.clock.advance(hours=1)
    mark_lost(gateway_context, kit.name, one.record_id, one.receipt, MISSING)
    assert lost(gateway_context) == {one.record_id: at, other.record_id: None}
    assert [one.record_id in message for message in caplog.messages] == [True]
    for wrong in ((other.record_id, other.receipt), (one.record_id, "an older receipt")):
        mark_verified(gateway_context, kit.name, *wrong)
        assert lost(gateway_context)[one.record_id] == at
    mark_verified(gateway_context, kit.name, one.record_id, one.receipt)
    assert lost(gateway_context) == {one.record_id: None, other.record_id: None}


def test_what_was_erased_on_purpose_is_not_lost(
    gateway_context: GatewayContext, kit: Kit, arrived: list[sa.Row[Any]]
) -> None:
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(erased_at=kit.clock.now()))
    for row in arrived:
        mark_lost(gateway_context, kit.name, row.record_id, row.receipt, MISSING)
    assert set(lost(gateway_context).values()) == {None}


@pytest.mark.parametrize(
    ("happens", "fault"), [("nothing", ""), ("cut", DAMAGED), ("gone", MISSING), ("away", ""), ("locked", "")]
)
def test_an_object_is_lost_when_it_is_known_to_be_gone_or_of_another_size(
    gateway_context: GatewayContext,
    folder: Path,
    arrived: list[sa.Row[Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    happens: str,
    fault: str,
) -> None:
    caplog.set_level("WARNING", "sync.gateway.custody")
    one, other = arrived
    file = folder / "objects" / one.key
    if happens == "cut":
        file.write_bytes(b"x")
    elif happens == "gone":
        file.unlink()
    elif happens == "away":
        (folder / "objects" / "sealed").rename(folder / "away")
    elif happens == "locked":
        monkeypatch.setattr(Blobs, "size", locked)
    assert is_there(gateway_context, one) == (not fault)
    assert {record_id: at is not None for record_id, at in lost(gateway_context).items()} == {
        one.record_id: bool(fault),
        other.record_id: False,
    }
    assert [fault in message for message in caplog.messages] == [True] * bool(fault)


def locked(_self: Blobs, _key: str) -> int:
    raise PermissionError(errno.EACCES, "Permission denied")


A, B = "a" * 64, "b" * 64


def anchor(kit: Kit, sequence: int, digest: str = A, **other: object) -> str:
    word: dict[str, object] = {
        "kit": kit.name,
        "chain": "c1",
        "sequence": sequence,
        "digest": digest,
        "at": kit.clock.now().isoformat(),
    }
    return kit.signer.sign({**word, **other}, ANCHOR_TYP)


@pytest.fixture
def keeper(gateway_context: GatewayContext) -> AnchorKeeper:
    return AnchorKeeper(gateway_context)


def words(keeper: AnchorKeeper, kit: Kit, *jws: str) -> tuple[str, ...]:
    return keeper.keep(kit.name, Anchors(anchors=jws)).words


def test_the_newest_of_each_chain_comes_back_as_the_kit_signed_it(keeper: AnchorKeeper, kit: Kit) -> None:
    first, second, other = anchor(kit, 5), anchor(kit, 9, B), anchor(kit, 1, chain="c2")
    answer = keeper.keep(kit.name, Anchors(anchors=(first, second, other)))
    assert answer.words == ("", "", "")
    assert answer.kept == (second, other)
    assert keeper.keep(kit.name, Anchors(anchors=())).kept == (second, other)
    assert words(keeper, kit, first, anchor(kit, 5, B)) == ("", "anchor.forked")


def test_a_rewritten_log_is_named_and_proven(keeper: AnchorKeeper, kit: Kit, gateway_context: GatewayContext) -> None:
    genuine = anchor(kit, 9)
    assert words(keeper, kit, genuine, genuine) == ("", "")
    kit.clock.advance(hours=1)
    assert words(keeper, kit, anchor(kit, 9, B), anchor(kit, 7, B)) == ("anchor.forked", "anchor.behind")
    assert keeper.keep(kit.name, Anchors(anchors=())).kept == (genuine,)
    with gateway_context.engine.begin() as connection:
        assert sorted(connection.scalars(sa.select(anchors.c.digest))) == [A, B]


def test_only_the_kits_own_word_counts(
    keeper: AnchorKeeper, kit: Kit, gateway_context: GatewayContext, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    word = {"kit": kit.name, "chain": "c1", "sequence": 1, "digest": A, "at": clock.now().isoformat()}
    forged = JwsSigner(certificates.new_private_key(), kit.name).sign(word, ANCHOR_TYP)
    named_after_another = kit.signer.sign({**word, "kit": other.name}, ANCHOR_TYP)
    bad = (anchor(other, 1), forged, kit.signer.sign(word, MANIFEST_TYP), "a.b.c", named_after_another)
    assert words(keeper, kit, *bad, anchor(kit, 3)) == (*["anchor.invalid"] * 5, "")
    assert keeper.keep(other.name, Anchors(anchors=())).kept == ()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"chain": "c" * 64}, ""),
        ({"chain": "c" * 65}, "anchor.invalid"),
        ({"chain": "c\0"}, "anchor.invalid"),
        ({"chain": "c\ud800"}, "anchor.invalid"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "anchor.invalid"),
    ],
)
def test_what_fits_into_no_row_is_refused(
    keeper: AnchorKeeper, kit: Kit, other: dict[str, object], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "fieldkit.vault.device_trust._json", lambda part: json.dumps(part).encode()
    )  # half characters pass
    assert words(keeper, kit, anchor(kit, 1, **other)) == (word,)


def test_a_place_that_no_row_can_number_is_refused(keeper: AnchorKeeper, kit: Kit) -> None:
    assert words(keeper, kit, anchor(kit, 2**63 - 1), anchor(kit, 2**63)) == ("", "anchor.invalid")


@pytest.fixture
def record_id(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=500)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    arrive(gateway_context, kit, record_id, sealed)
    return record_id


def opener(context: GatewayContext, during: Callable[[], None] = lambda: None) -> Opener:
    """Hold every record for which nobody signed."""

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        with context.engine.begin() as connection:
            row = connection.execute(sa.select(records.c.record_id, records.c.kit)).one()
            place = connection.execute(sa.text("SELECT chain, sequence FROM manifests")).one()
        during()
        note = "" if known.vouches else LEAD_WANTED
        return OpenedRecord(row.record_id, row.kit, ChainLink(*place, ""), "3315014107900123", note=note)

    return Opener(context, open_sealed, NikRule())


def vouch(record_id: str, signature: str = "a.b.c") -> Vouches:
    return Vouches(vouches=(Vouch(record_id=UUID(record_id), signature=signature, certificate=b"not one of ours"),))


def told(context: GatewayContext, kit: Kit) -> list[tuple[str, str, str]]:
    return [(item.code, item.reason, item.verdict) for item in Ledger(context).statuses(kit.name, "").items]


def test_a_held_record_has_no_verdict_is_told_once_and_goes_on_when_it_is_signed_for(
    gateway_context: GatewayContext, kit: Kit, record_id: str
) -> None:
    working = opener(gateway_context)
    assert working.run_pending() == 0
    working.release()
    assert working.run_pending() == 0
    assert working.opened[Outcome.HELD] == 2
    assert told(gateway_context, kit) == [("PROCESSING", LEAD_WANTED, "")]
    assert VouchKeeper(gateway_context).keep(kit.name, vouch(record_id)).words == ("",)
    assert working.run_pending() == 1
    assert told(gateway_context, kit)[-1][2] == "valid"


def test_what_is_signed_while_an_opener_has_the_record_is_not_missed(
    gateway_context: GatewayContext, kit: Kit, record_id: str
) -> None:
    keeper = VouchKeeper(gateway_context)
    late = opener(gateway_context, lambda: keeper.keep(kit.name, vouch(record_id)) and None)
    assert late.run_pending() == 0
    assert late.run_pending() == 1


def test_a_signature_for_a_record_that_is_not_here_is_not_kept(
    gateway_context: GatewayContext, kit: Kit, record_id: str
) -> None:
    other = "00000000-0000-7000-8000-000000000000"
    assert VouchKeeper(gateway_context).keep(kit.name, vouch(other)).words == ("vouch.unknown",)
    assert VouchKeeper(gateway_context).keep("another", vouch(record_id)).words == ("vouch.unknown",)


def test_the_newest_few_signatures_of_a_record_are_kept_each_once(
    gateway_context: GatewayContext, kit: Kit, record_id: str
) -> None:
    keeper = VouchKeeper(gateway_context)
    for number in (*range(12), 11):
        gateway_context.clock.advance(seconds=1)  # type: ignore[attr-defined]
        keeper.keep(kit.name, vouch(record_id, f"a.b.{number}"))
    with gateway_context.engine.begin() as connection:
        kept = list(connection.scalars(sa.select(vouches.c.jws).order_by(vouches.c.received_at)))
    assert kept == [f"a.b.{number}" for number in range(4, 12)]
