from __future__ import annotations

import sqlalchemy as sa

from sync.gateway.context import GatewayContext
from sync.gateway.operations.receipt_check import DIFFERS, FORGED, wrong_receipts
from sync.gateway.tables import records
from tests.unit.sync.gateway.operations.conftest import Arrive


def faults(gateway_context: GatewayContext) -> dict[str, str]:
    with gateway_context.engine.begin() as connection:
        key = gateway_context.configuration.receipt_public_key
        return {finding.record_id: finding.fault for finding in wrong_receipts(connection, key)}


def test_a_receipt_is_ours_and_of_its_record(gateway_context: GatewayContext, arrive: Arrive) -> None:
    (first, _), (second, _), (third, _) = arrive(), arrive(), arrive()
    assert faults(gateway_context) == {}
    with gateway_context.engine.begin() as connection:
        mine = sa.update(records).where(records.c.record_id == first)
        other = connection.scalar(sa.select(records.c.receipt).where(records.c.record_id == second))
        connection.execute(mine.values(receipt=other))
        connection.execute(sa.update(records).where(records.c.record_id == third).values(receipt="a.b.c"))
    assert faults(gateway_context) == {first: DIFFERS, third: FORGED}
