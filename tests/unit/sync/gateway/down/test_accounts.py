from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people import Role
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway.admission import Admission
from sync.gateway.certificates import certify_user, revoke_person
from sync.gateway.database import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.routes import Downward
from sync.protocol.down import DownQuestion, read_head
from sync.protocol.messages import UserRequest
from tests.unit.sync.gateway.down.test_publishing import IDENTITY, recipient


@pytest.fixture
def other(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> Kit:
    made = enrolled_kit(folder, gateway_context, clock, "kit-02")
    csr = make_csr(certificates.new_private_key())
    with gateway_context.engine.begin() as connection:
        dewi = UserRequest(user_id="dewi", name="Dewi", role=Role.KETUA_TIM, csr=csr)
        certify_user(gateway_context, connection, made.name, dewi)
    return made


def told(gateway_context: GatewayContext, kit: Kit) -> tuple[int, list[str]]:
    """Let a kit ask; return the version of the list that is for it, and who stands there."""
    answer = Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    heads = [read_head(head, kit.receipts) for head in answer.bundles]
    listed = [head for head in heads if head.kind is BundleKind.ACCOUNTS]
    if not listed:
        return 0, []
    _, content = Publishing(gateway_context).file_of(BundleKind.ACCOUNTS, "")
    assert b"dewi" not in content
    return listed[0].version, [each["user_id"] for each in json.loads(age.decrypt(content, [IDENTITY]))["users"]]


def test_each_kit_of_a_team_hears_who_works_with_the_others(
    gateway_context: GatewayContext, kit: Kit, other: Kit
) -> None:
    assert told(gateway_context, kit) == told(gateway_context, other) == (0, [])  # no team
    Publishing(gateway_context).make_team("utara", ("kit-01", "kit-02"))
    assert told(gateway_context, kit) == told(gateway_context, other) == (1, ["admin", "dewi"])
    assert told(gateway_context, kit)[0] == 1  # nothing changed
    with gateway_context.engine.begin() as connection:
        revoke_person(connection, "dewi", (), gateway_context.clock.now())
    assert told(gateway_context, kit) == (2, ["admin"])


def test_a_kit_that_left_its_team_hears_of_nobody(gateway_context: GatewayContext, kit: Kit, other: Kit) -> None:
    publishing = Publishing(gateway_context)
    publishing.make_team("utara", ("kit-01", "kit-02"))
    told(gateway_context, other)
    assert told(gateway_context, kit) == (2, ["admin", "dewi"])  # a second kit told its key: closed for it too
    publishing.make_team("utara", ("kit-01",))
    assert told(gateway_context, other) == (3, [])
    assert told(gateway_context, kit) == (4, ["admin"])
    assert told(gateway_context, other)[0] == 3


def test_the_list_is_for_those_who_count_and_told_their_key(
    gateway_context: GatewayContext, kit: Kit, other: Kit
) -> None:
    def listed() -> list[tuple[int, tuple[str, ...]]]:
        return [(each.version, each.kits) for each in publishing.published() if each.kind == "accounts"]

    publishing = Publishing(gateway_context)
    publishing.make_team("utara", ("kit-01", "kit-02"))
    told(gateway_context, other)
    Downward(gateway_context).answer(kit.name, DownQuestion())
    assert listed() == [(1, ("kit-02",))]
    assert told(gateway_context, kit) == (2, ["admin", "dewi"])
    for _ in range(3):
        publishing.publish(BundleKind.SOP, "kia", b"kia", Addressed((kit.name,)))
    told(gateway_context, kit)
    assert listed() == [(2, ("kit-01", "kit-02"))]
    Admission(gateway_context).revoke_kit(other.name)
    assert told(gateway_context, kit) == (3, ["admin"])
    assert listed() == [(3, ("kit-01",))]
