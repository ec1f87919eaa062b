"""What the office sends down reaches two kits of a real gateway, and who is shut out stays out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.homes import ADMIN, CLOCK, Nobody, Office, open_office, opened
from support.room import LEAD, PETUGAS

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.ports.data_center import SyncReport
from fieldkit.services.context.app_context import AppContext
from sync.gateway import provision
from sync.gateway.down.publishing import Addressed, KitStanding, Published, Publishing

SOP = Path("assets/sop/contoh/kia_di_sekolah.yaml")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(tmp_path / "gateway") as made:
        yield made


def publish(office: Office, kind: BundleKind, content: bytes, name: str = "", *kits: str) -> Published:
    context = provision.open_gateway(office.folder, CLOCK)
    try:
        return Publishing(context).publish(kind, name, content, Addressed(kits))
    finally:
        context.engine.dispose()


def standings(office: Office) -> list[KitStanding]:
    context = provision.open_gateway(office.folder, CLOCK)
    try:
        return list(Publishing(context).standings())
    finally:
        context.engine.dispose()


def synced(context: AppContext) -> SyncReport:
    report = context.delivery.send(Nobody(), Nobody())
    assert report.stopped_by is None, report
    return report


def test_policy_and_sop_come_down(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    publish(office, BundleKind.POLICY, b"name: Kediri\nfingers: {good: 71, enough: 50}\n")
    publish(office, BundleKind.SOP, SOP.read_bytes(), "kia_di_sekolah")
    with opened(home) as context:
        report = synced(context)
        assert [(each.kind, each.version, each.code) for each in report.from_office] == [
            (BundleKind.POLICY, 1, ""),
            (BundleKind.SOP, 1, ""),
        ]
        assert not synced(context).from_office
    with opened(home) as context:
        assert context.policy.fingers.good == 71
        assert "kia_di_sekolah" in {profile.sop_id for profile in context.office.sop.profiles()}
    told = standings(office)
    assert {(each.kind, each.version, each.code) for each in told} == {("policy", 1, ""), ("sop", 1, "")}


def test_what_this_program_cannot_go_by_leaves_the_former(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    publish(office, BundleKind.POLICY, b"name: Kediri\nfingers: {good: 71, enough: 50}\n")
    with opened(home) as context:
        synced(context)
        publish(office, BundleKind.POLICY, b"name: Kediri\nfingers: {god: 1}\n")
        report = synced(context)
        assert [(each.version, each.refused, each.code) for each in report.from_office] == [(1, 2, "rules.policy")]
        assert report.worry is not None
        assert report.worry.code == "office.refused"
        assert not synced(context).from_office  # refused once, not asked for again
    with opened(home) as context:
        assert context.policy.fingers.good == 71
    assert [(each.kit, each.version, each.refused, each.code) for each in standings(office)] == [
        ("K01", 1, 2, "rules.policy")
    ]


def test_nobody_signs_in_whom_the_office_disabled(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        synced(context)  # tells the gateway what may be closed for this kit
        made = publish(office, BundleKind.USERS, b"users: [{user_id: rina, disabled: true}]\n", "", "K01")
        shut = synced(context).shut_out
        assert shut is not None
        assert shut.code == "office.user_disabled"
    with pytest.raises(VaultError, match="unknown_user"), opened(home):
        pass
    with opened(home, ADMIN) as context:
        assert [account.user.user_id for account in context.accounts.everybody() if account.is_disabled] == ["rina"]
    context_of_gateway = provision.open_gateway(office.folder, CLOCK)
    head, content = Publishing(context_of_gateway).file_of(BundleKind.USERS, "")
    context_of_gateway.engine.dispose()
    assert made.kits == ("K01",)
    assert b"rina" not in content
    assert head


def test_a_revoked_laptop_is_refused_by_the_others(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", LEAD)
    with opened(one) as context:
        made = context.office.exchange.make()
    provision.revoke_kit(office.folder, "K01", CLOCK)
    with opened(other, LEAD) as context:
        context.office.exchange.take(made.content, made.code)  # nobody has told this laptop yet
        synced(context)
        with pytest.raises(InputError, match=r"exchange.revoked"):
            context.office.exchange.take(made.content, made.code)
    with opened(other, LEAD) as context:
        assert synced(context).shut_out is None
