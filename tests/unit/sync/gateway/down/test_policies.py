"""A record is held against the policy of the office, whatever its laptop went by."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit, receive
from support.lenient import LENIENT
from support.records import small_draft

from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.cms import RecordSealer
from sync.gateway.database import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing, policy_for
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Outcome
from sync.gateway.opening.process import machine_at
from sync.gateway.routes import SetAside, set_aside
from sync.protocol.messages import Announcement


@pytest.fixture
def record_id(gateway_context: GatewayContext, kit: Kit) -> str:
    """A record that excepts all but the face before nobody else, as a loosened policy on the laptop lets it."""
    now = kit.clock.now()
    draft = small_draft(str(uuid.uuid4()), kit.name, at=now)
    signer, recipients = SigningKey(kit.answer.kit_certificate, kit.key), kit.answer.configuration.age_recipients
    sealed = RecordSealer(signer, kit.petugas, recipients).seal(write_container(draft), now).data
    record_id, manifest, _, _ = kit.record(sealed=sealed, record_id=draft.record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


def publish(context: GatewayContext, content: bytes, *kits: str) -> None:
    Publishing(context).publish(BundleKind.POLICY, "", content, Addressed(kits))


def outcome(folder: Path, clock: HandClock) -> dict[Outcome, int]:
    machine = machine_at(folder, folder / "opener.identity", lambda _: "", clock)
    opener = machine.opener(NikRule())
    opener.release()
    opener.run_pending()
    machine.engine.dispose()
    return dict(opener.opened)


def test_what_no_policy_was_published_for_is_held_against_the_one_that_ships(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock, record_id: str
) -> None:
    assert outcome(folder, clock) == {Outcome.HELD: 1}
    statuses = Ledger(gateway_context).statuses(kit.name, "").items
    assert [(each.code, each.reason, each.verdict) for each in statuses] == [("PROCESSING", LEAD_WANTED, "")]
    publish(gateway_context, LENIENT)
    assert outcome(folder, clock) == {Outcome.VALID: 1}


def test_the_newest_policy_for_a_kit_counts(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock, record_id: str
) -> None:
    publish(gateway_context, LENIENT)
    publish(gateway_context, b"exception_ink: nobody\n", kit.name)
    with gateway_context.engine.begin() as connection:
        assert policy_for(connection, kit.name) == b"exception_ink: nobody\n"
        assert policy_for(connection, "another") == LENIENT
    assert outcome(folder, clock) == {Outcome.HELD: 1}


@pytest.mark.allow_logs
def test_a_policy_that_this_program_cannot_read_judges_nothing(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock, record_id: str
) -> None:
    publish(gateway_context, b"of_a_newer_program: 1\n")
    assert outcome(folder, clock) == {Outcome.SET_ASIDE: 1}
    assert set_aside(gateway_context) == (SetAside(kit.name, record_id, "rules.policy", 1),)
