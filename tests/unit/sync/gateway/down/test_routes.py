from __future__ import annotations

import hashlib

from fastapi.testclient import TestClient
from support.gateway import Kit

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing


def test_a_kit_asks_with_its_token(gateway_context: GatewayContext, kit: Kit) -> None:
    Publishing(gateway_context).publish(BundleKind.POLICY, "", b"isi", Addressed())
    signed_in = {"Authorization": f"Bearer {kit.token(gateway_context)}"}
    part = f"/down/{hashlib.sha256(b'isi').hexdigest()}/0"
    client = TestClient(build_app(gateway_context, None))
    assert client.post("/down", json={}).status_code == 401
    assert client.get(part).status_code == 401
    assert len(client.post("/down", json={}, headers=signed_in).json()["bundles"]) == 1
    assert client.get(part, headers=signed_in).content == b"isi"
    assert client.get("/down/zz/0", headers=signed_in).status_code in {400, 422}
    assert client.get(part[:-1] + "-1", headers=signed_in).status_code in {400, 422}
