from __future__ import annotations

import pytest
from support.gateway import Kit

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.custody import mark_lost
from sync.gateway.ledger import Ledger
from sync.gateway.receiving.standing import Standing, standing
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement


@pytest.mark.allow_logs  # that it was lost
def test_it_tells_every_step_of_a_record(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    uploads = Uploads(gateway_context)

    def now(carrier: str = kit.name) -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, kit.name, record_id, carrier)

    with pytest.raises(Refusal, match=r"404 manifest\.unknown"):
        now()
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    announced = now()
    assert (announced.sha256, announced.size_bytes, announced.jws) == (sha256, 1000, manifest)
    assert (announced.receipt, announced.view) == (None, None)
    uploads.create(kit.name, record_id, 1000)
    uploads.append(kit.name, record_id, 0, sealed[:400])
    view = now().view
    assert view is not None
    assert (view.offset, view.length) == (400, 1000)
    assert now("kit-02").view is None
    uploads.append(kit.name, record_id, 400, sealed[400:])
    received = now("kit-02")
    assert received.receipt
    assert received.view is not None
    assert (received.view.offset, received.view.expires_at) == (1000, None)
    mark_lost(gateway_context, kit.name, record_id, received.receipt, "missing")
    assert (now().receipt, now().view) == (None, None)
