from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi.testclient import TestClient
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing
from sync.protocol.down import read_head, read_revocations, unpack
from tests.unit.sync.gateway.down.test_publishing import recipient


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


def test_a_team_posts_through_it(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    client = TestClient(build_app(gateway_context, None))
    ours, theirs = ({"Authorization": f"Bearer {each.token(gateway_context)}"} for each in (kit, other))
    for each, signed_in in ((kit, ours), (other, theirs)):
        assert client.post("/down", json={"recipient": recipient(each)}, headers=signed_in).status_code == 200
    Publishing(gateway_context).make_team("utara", [kit.name, other.name])
    part = f"/team/post/{'ab' * 16}/0"
    posting = {"object_id": "ab" * 16, "to": ["kit-02"], "sha256": hashlib.sha256(b"isi").hexdigest(), "size_bytes": 3}
    for path, body in (("/team", {}), ("/team/post", posting), ("/team/fetched", {"object_id": "ab" * 16})):
        assert client.post(path, json=body).status_code == 401
    assert client.put(part, content=b"isi").status_code == client.get(part).status_code == 401
    assert client.post("/team/post", json=posting, headers=ours).status_code == 200
    assert client.put(part, content=b"isi", headers=ours).status_code == 200
    answer = client.post("/team", json={}, headers=theirs).json()
    assert ([each["kit"] for each in answer["members"]], len(answer["waiting"])) == (["kit-01"], 1)
    assert client.get(part, headers=theirs).content == b"isi"
    assert client.post("/team/fetched", json={"object_id": "ab" * 16}, headers=theirs).status_code == 200
    assert client.get(part, headers=theirs).status_code == 404


def test_whoever_is_shut_out_may_read_the_list(gateway_context: GatewayContext, kit: Kit) -> None:
    client = TestClient(build_app(gateway_context, None))
    assert client.get("/revocations").status_code == 404
    Admission(gateway_context).revoke_kit(kit.name)
    head, content = unpack(client.get("/revocations").content)
    assert read_head(head, kit.receipts).kind is BundleKind.REVOCATIONS
    assert len(read_revocations(content)) == 2
