from __future__ import annotations

import hashlib
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.locks import noting_locks

from fieldkit.domain.office_bundles import BundleKind
from fieldkit.vault import age
from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.routes import Downward
from sync.gateway.down.tables import kit_recipients
from sync.protocol.down import DownQuestion, Standing, read_head, read_revocations, unpack
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


def heads(gateway_context: GatewayContext, kit: Kit, *standings: Standing) -> list[tuple[str, int]]:
    answer = Downward(gateway_context).answer(kit.name, DownQuestion(standings=standings))
    read = [read_head(head, kit.receipts) for head in answer.bundles]
    return [(each.stream, each.version) for each in read]


def test_a_kit_hears_of_the_newest_that_is_for_it(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing = Publishing(gateway_context)
    for content in (b"one", b"two"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed())
    publishing.publish(BundleKind.POLICY, "", b"three", Addressed(("kit-02",)))
    publishing.publish(BundleKind.SOP, "kia", b"kia", Addressed(("kit-01",)))
    assert heads(gateway_context, kit) == [("policy/", 2), ("sop/kia", 1)]
    assert heads(gateway_context, other) == [("policy/", 3)]
    going = Standing(kind="policy", name="", version=2), Standing(kind="sop", name="kia", refused=1, code="x.y")
    assert heads(gateway_context, kit, *going) == []
    assert heads(gateway_context, kit, *going) == []  # told twice is told once
    assert [(each.kind, each.version, each.code) for each in publishing.standings()] == [
        ("policy", 2, ""),
        ("sop", 0, "x.y"),
    ]


def test_only_those_whom_it_is_for_fetch_it(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    downward, content = Downward(gateway_context), bytes(600_000)
    sha256 = hashlib.sha256(content).hexdigest()
    Publishing(gateway_context).publish(BundleKind.SOP, "kia", content, Addressed((kit.name,)))
    assert downward.part(kit.name, sha256, 0) + downward.part(kit.name, sha256, 1) == content
    for who, which, number in (("kit-02", sha256, 0), (kit.name, sha256, 2), (kit.name, "0" * 64, 0)):
        with pytest.raises(Refusal, match=r"bundle.unknown"):
            downward.part(who, which, number)


def test_a_kit_names_its_own_recipient_only(gateway_context: GatewayContext, kit: Kit) -> None:
    downward = Downward(gateway_context)
    for _ in range(2):
        downward.answer(kit.name, DownQuestion(recipient=recipient(kit)))
    for wrong in (recipient(kit, "other+jwt"), recipient(kit, named="kit-02"), "x"):
        with pytest.raises(Refusal, match=r"recipient.invalid"):
            downward.answer(kit.name, DownQuestion(recipient=wrong))


def test_a_kit_hears_of_what_the_gateway_itself_keeps(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    Publishing(gateway_context).make_team("utara", (kit.name,))
    Admission(gateway_context).revoke_kit("kit-02")
    Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    assert heads(gateway_context, kit) == [("accounts/", 1), ("revocations/", 1)]


def test_a_bundle_is_fetched_by_whom_that_very_one_is_for(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing, downward = Publishing(gateway_context), Downward(gateway_context)
    for name, to in (("all", ()), ("first", ("kit-01",)), ("second", ("kit-02",))):
        publishing.publish(BundleKind.SOP, name, name.encode(), Addressed(to))
    expected = {"kit-01": {"all", "first"}, "kit-02": {"all", "second"}}
    for who, names in expected.items():
        for name in ("all", "first", "second"):
            with nullcontext() if name in names else pytest.raises(Refusal, match=r"404 bundle\.unknown"):
                assert downward.part(who, hashlib.sha256(name.encode()).hexdigest(), 0) == name.encode()


def test_the_last_key_that_a_kit_told_counts_and_is_written_once(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    other, downward = enrolled_kit(folder, gateway_context, clock, "kit-02"), Downward(gateway_context)
    newer = str(age.generate_identity().recipient)

    def kept() -> list[tuple[str, str, float]]:
        with gateway_context.reading() as connection:
            rows = connection.execute(sa.select(kit_recipients).order_by(kit_recipients.c.kit)).all()
        return [(row.kit, row.recipient, (row.told_at - began).total_seconds()) for row in rows]

    began = clock.now()
    for each, text in ((other, newer), (kit, ""), (kit, ""), (kit, newer), (kit, newer), (kit, None)):
        told = "" if text is None else recipient(each, text=text) if text else recipient(each)
        downward.answer(each.name, DownQuestion(recipient=told))
        clock.advance(seconds=1)
    assert kept() == [("kit-01", newer, 3.0), ("kit-02", newer, 0.0)]


def test_a_standing_is_written_when_it_changed(gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> None:
    began, publishing, seen = clock.now(), Publishing(gateway_context), []
    for said in ({"version": 1}, {"version": 1}, {"version": 2}, {"version": 2, "refused": 3, "code": "x.y"}):
        heads(gateway_context, kit, Standing(kind="policy", name="", **said), Standing(kind="sop", name="kia"))
        clock.advance(seconds=1)
        times = [(each.kind, (each.told_at - began).total_seconds()) for each in publishing.standings()]
        seen.append(times)
    assert seen == [[("policy", at), ("sop", 0.0)] for at in (0.0, 0.0, 2.0, 3.0)]


def test_a_recipient_is_one_and_of_a_certificate_that_counts(gateway_context: GatewayContext, kit: Kit) -> None:
    downward, none = Downward(gateway_context), recipient(kit, text="age1pq1" + "q" * 100)
    with pytest.raises(Refusal, match=r"400 recipient\.invalid"):
        downward.answer(kit.name, DownQuestion(recipient=none))
    Admission(gateway_context).revoke_kit(kit.name)
    with pytest.raises(Refusal, match=r"400 recipient\.invalid"):
        downward.answer(kit.name, DownQuestion(recipient=recipient(kit)))


def test_the_questions_of_one_kit_come_one_after_the_other(gateway_context: GatewayContext, kit: Kit) -> None:
    with noting_locks(gateway_context.engine) as locks:
        Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    assert locks == ["kits.kit = 'kit-01' FOR UPDATE"] * 2
