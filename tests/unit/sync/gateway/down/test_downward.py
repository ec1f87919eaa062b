from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Addressed, Publishing
from sync.protocol.down import DownQuestion, Standing, read_head
from tests.unit.sync.gateway.down.test_publishing import recipient


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
