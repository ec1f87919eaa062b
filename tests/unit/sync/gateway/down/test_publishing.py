from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.vault import age
from sync.gateway.context import GatewayContext
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import kit_standings
from sync.protocol.down import RECIPIENT_TYP, DownQuestion, RecipientWord, read_head

IDENTITY = age.generate_identity()


def recipient(kit: Kit, typ: str = RECIPIENT_TYP, named: str = "") -> str:
    word = RecipientWord(kit=named or kit.name, recipient=str(IDENTITY.recipient), at=kit.clock.now())
    return kit.signer.sign(word.model_dump(mode="json"), typ)


def test_versions_rise_whatever_a_kit_goes_by(gateway_context: GatewayContext, kit: Kit) -> None:
    publishing = Publishing(gateway_context)
    versions = [publishing.publish(BundleKind.POLICY, "", b"a", Addressed()).version for _ in range(2)]
    assert versions == [1, 2]
    assert publishing.publish(BundleKind.SOP, "kia", b"a", Addressed()).version == 1
    with gateway_context.engine.begin() as connection:  # an older copy of the database was put back
        values = {"kit": kit.name, "kind": "policy", "name": "", "version": 9, "refused": 11, "code": "rules.policy"}
        connection.execute(sa.insert(kit_standings).values(**values, told_at=gateway_context.clock.now()))
        lie = {**values, "kind": "sop", "name": "kia", "version": 2**52, "refused": 0}
        connection.execute(sa.insert(kit_standings).values(**lie, told_at=gateway_context.clock.now()))
    assert publishing.publish(BundleKind.POLICY, "", b"a", Addressed()).version == 12
    assert publishing.publish(BundleKind.SOP, "kia", b"a", Addressed()).version == 2
    assert [(each.kind, each.version) for each in publishing.published()] == [("policy", 12), ("sop", 2)]
    assert [(each.kit, each.version, each.refused) for each in publishing.standings()[:1]] == [("kit-01", 9, 11)]


def test_a_head_is_signed_with_the_key_of_the_receipts(gateway_context: GatewayContext, kit: Kit) -> None:
    publishing = Publishing(gateway_context)
    publishing.publish(BundleKind.POLICY, "", b"isi" * 300_000, Addressed(("kit-01",)))
    head, content = publishing.file_of(BundleKind.POLICY, "")
    read = read_head(head, kit.receipts)
    assert (read.kits, read.size_bytes, content) == (("kit-01",), 900_000, b"isi" * 300_000)
    with pytest.raises(InputError, match=r"gateway.not_published"):
        publishing.file_of(BundleKind.SOP, "kia")


def test_what_names_people_is_closed_for_those_who_told_their_key(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing = Publishing(gateway_context)
    with pytest.raises(RuleError, match=r"gateway.no_recipient"):
        publishing.publish(BundleKind.USERS, "", b"users: []", Addressed())
    Downward(gateway_context).answer(kit.name, DownQuestion(recipient=recipient(kit)))
    made = publishing.publish(BundleKind.USERS, "", b"users: []", Addressed())
    assert (made.kits, made.without) == (("kit-01",), (other.name,))
    closed = publishing.file_of(BundleKind.USERS, "")[1]
    assert age.decrypt(closed, [IDENTITY]) == b"users: []"


def test_whom_a_bundle_is_for(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    publishing = Publishing(gateway_context)
    publishing.make_team("utara", ["kit-02"])
    assert publishing.publish(BundleKind.SOP, "a", b"a", Addressed(team="utara")).kits == ("kit-02",)
    assert publishing.publish(BundleKind.SOP, "a", b"a", Addressed((kit.name,), "utara")).kits == ("kit-01", "kit-02")
    publishing.make_team("utara", [])
    for addressed, code in (
        (Addressed(team="utara"), "gateway.team_unknown"),
        (Addressed(("kit-99",)), "gateway.kit_unknown"),
    ):
        with pytest.raises(InputError, match=code):
            publishing.publish(BundleKind.SOP, "a", b"a", addressed)
    with pytest.raises(InputError, match=r"gateway.kit_unknown"):
        publishing.make_team("selatan", ["kit-99"])
    with pytest.raises(InputError, match=r"office.too_large"):
        publishing.publish(BundleKind.SOP, "a", bytes(17 * 1024**2), Addressed())
