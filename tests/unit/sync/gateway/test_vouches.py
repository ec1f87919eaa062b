from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.gateway import Kit
from support.gateway import receive as arrive

from fieldkit.domain.recording.authority import LEAD_WANTED
from fieldkit.domain.recording.record import ChainLink
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, Outcome
from sync.gateway.penunggalan import NikRule
from sync.gateway.tables import records, vouches
from sync.gateway.vouches import VouchKeeper
from sync.protocol.messages import Announcement
from sync.protocol.vouching import Vouch, Vouches


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
