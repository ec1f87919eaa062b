"""What the office sends down reaches two kits of a real gateway, and who is shut out stays out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.commands import fieldkit
from support.homes import ADMIN, CLOCK, PASSPHRASE, PIN, Nobody, Office, open_office, opened, record
from support.kept import biodata
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.clock import SystemClock
from fieldkit.app.bootstrap.enrolment import Slip
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.rescue import readmit_kit
from fieldkit.app.cli import gateway_care
from fieldkit.domain.errors import InputError, Problem, Recovery, VaultError
from fieldkit.domain.events import Event
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState
from fieldkit.formats.bundle import write_targets
from fieldkit.ports.delivery import SyncReport
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault.certificates import certificates_to_pem, create_ca, valid_until
from sync.gateway import provision
from sync.gateway.certificates import revoke_person
from sync.gateway.down.publishing import Addressed, KitStanding, Published, Publishing
from sync.gateway.down.tables import down_parts, team_post
from sync.protocol.down import pack

LIST = (
    "NIK,NAMA LENGKAP,TEMPAT LAHIR,TANGGAL LAHIR,JENIS KELAMIN,ALAMAT,RT,RW,DESA,KECAMATAN\n"
    "3505125503480003,MISINEM,BLITAR,15-03-1948,PEREMPUAN,DUSUN KRAJAN,1,2,JIMBE,KADEMANGAN\n"
)
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


def events(context: AppContext, kind: str) -> list[Event]:
    with context.office.units.read() as unit:
        return [event for event in unit.events.all() if event.kind == kind]


def synced(context: AppContext) -> SyncReport:
    report = context.delivery.send(Nobody(), Nobody())
    assert report.stopped_by is None, report
    return report


@pytest.mark.days
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


@pytest.mark.days
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


@pytest.mark.days
def test_bytes_changed_on_the_way_and_an_older_version_leave_the_former(office: Office, tmp_path: Path) -> None:
    home, stick = office.kit(tmp_path / "kit", PETUGAS), tmp_path / "stick"
    stick.mkdir()
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    files = []
    for good in (71, 72, 73):
        publish(office, BundleKind.POLICY, f"name: Kediri\nfingers: {{good: {good}, enough: 50}}\n".encode())
        files.append(pack(*Publishing(gateway_context).file_of(BundleKind.POLICY, "")))
    rows = sa.select(down_parts.c.object_id, down_parts.c.content)

    def swap(old: bytes, new: bytes) -> None:
        with gateway_context.engine.begin() as connection:
            for object_id, content in connection.execute(rows).all():
                its = sa.update(down_parts).where(down_parts.c.object_id == object_id)
                connection.execute(its.values(content=content.replace(old, new)))

    with opened(home) as context:

        def carried(file: bytes) -> tuple[list[int], list[str]]:
            (stick / "kebijakan.kantor").write_bytes(file)
            brought = context.carrying.carry(stick, Nobody(), Nobody()).brought
            return [each.version for each in brought.taken], [each.code for each in brought.problems]

        assert carried(files[1]) == ([2], [])
        swap(b"good: 73", b"good: 03")
        report = synced(context)
        assert (report.from_office, [note.code for note in report.notes]) == ((), ["office.damaged"])
        assert carried(files[2].replace(b"good: 73", b"good: 03")) == ([], ["office.damaged"])
        assert carried(files[0]) == ([], ["office.older"])
    with opened(home) as context:
        assert context.policy.fingers.good == 72
        swap(b"good: 03", b"good: 73")
        assert [each.version for each in synced(context).from_office] == [3]
    gateway_context.engine.dispose()


@pytest.mark.days
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


@pytest.mark.days
def test_nobody_signs_in_whose_certificate_the_office_revoked(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", PETUGAS)
    context_of_gateway = provision.open_gateway(office.folder, CLOCK)
    with context_of_gateway.engine.begin() as connection:
        assert revoke_person(connection, PETUGAS.user_id, (), CLOCK.now()) == ("K01", "K02")
    context_of_gateway.engine.dispose()
    with opened(one) as context:
        assert synced(context).shut_out == Problem("office.user_disabled", recovery=Recovery.ASK_OFFICE)
    with opened(other, ADMIN) as context:  # also where somebody else sends
        assert synced(context).shut_out is None
    for home in (one, other):
        with pytest.raises(VaultError, match="unknown_user"), opened(home):
            pass
    with opened(one, ADMIN) as context:
        context.accounts.start_anew(PETUGAS.user_id, PASSPHRASE, PIN)
    with opened(one) as context:
        assert synced(context).shut_out is None


@pytest.mark.days
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
    with opened(one) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.shut_out) == (
            Problem("sync.kit_revoked", {"status": 401}, Recovery.ASK_OFFICE),
            Problem("office.kit_revoked", recovery=Recovery.ASK_OFFICE),
        )
    with pytest.raises(VaultError, match=r"office\.kit_revoked"), opened(one):
        pass
    slip = provision.readmission_code(office.folder, office.url, "K01", ADMIN.user_id, CLOCK)
    readmit_kit(one, Slip(slip.url, slip.code, slip.ca_fingerprint), ADMIN.user_id, PASSPHRASE)
    with opened(one) as context:
        assert synced(context).shut_out is None


def make_team(office: Office, *kits: str) -> None:
    context = provision.open_gateway(office.folder, CLOCK)
    Publishing(context).make_team("utara", kits)
    context.engine.dispose()


def posted(office: Office) -> tuple[int, int]:
    """Return how many bundles wait, and how many pieces of them are kept."""
    context = provision.open_gateway(office.folder, CLOCK)
    of_post = sa.func.length(down_parts.c.object_id) == 32  # the list of the team's accounts stays
    with context.engine.begin() as connection:
        waiting = connection.scalar(sa.select(sa.func.count()).select_from(team_post))
        pieces = connection.scalar(sa.select(sa.func.count()).select_from(down_parts).where(of_post))
    context.engine.dispose()
    return waiting or 0, pieces or 0


@pytest.mark.days
def test_laptops_of_a_team_exchange_over_the_gateway(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", LEAD)
    for home, user in ((one, PETUGAS), (other, LEAD)):
        with opened(home, user) as context:
            synced(context)
    make_team(office, "K01", "K02")
    with opened(one) as context:
        record(context)
        synced(context)
        assert posted(office)[0] == 1
        synced(context)  # nothing changed: nothing is made again
        assert len(list(events(context, "parcel_made"))) == 1
    with opened(other, LEAD) as context:
        report = synced(context)
        assert (report.exchanged, report.conflicts, report.notes) == (1, 0, ())
        assert context.visits.targets("act-1")[0].state is TargetState.RECORDED
        context.office.visits.walk_in("act-1", biodata("BUDI", "3275010101900001"), ServiceCategory.UMUM)
        synced(context)
        assert context.audit.verify()[1] is None
    with opened(one) as context:
        assert synced(context).exchanged == 1
        assert len(context.visits.targets("act-1")) == 2
        assert synced(context).exchanged == 0
        assert context.audit.verify()[1] is None
    with opened(other, LEAD) as context:
        synced(context)
    with opened(one) as context:
        synced(context)
    assert posted(office) == (0, 0)  # it comes to rest, and nothing is kept of what was delivered


@pytest.mark.days
def test_a_target_list_is_closed_for_its_kits_and_becomes_an_activity(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one", PETUGAS), office.kit(tmp_path / "other", LEAD)
    for home, user in ((one, PETUGAS), (other, LEAD)):
        with opened(home, user) as context:
            synced(context)
    content = write_targets("Jemput bola Jimbe", "Desa Jimbe", CLOCK.today(), "jimbe.csv", LIST.encode())
    assert publish(office, BundleKind.TARGETS, content, "jimbe", "K01").kits == ("K01",)
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    file = pack(*Publishing(gateway_context).file_of(BundleKind.TARGETS, "jimbe"))
    gateway_context.engine.dispose()
    assert b"MISINEM" not in file
    with opened(one) as context:
        assert [(each.kind, each.code) for each in synced(context).from_office] == [(BundleKind.TARGETS, "")]
        overview = context.visits.overview()
        assert overview.activity is not None
        assert overview.activity.name == "Jemput bola Jimbe"
        (target,) = context.visits.targets(overview.activity.activity_id)
        assert target.name == "MISINEM"
        assert context.audit.verify()[1] is None
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "jimbe.kantor").write_bytes(file)
    with opened(other, LEAD) as context:
        assert synced(context).from_office == ()
        brought = context.carrying.carry(stick, Nobody(), Nobody()).brought
        assert [problem.code for problem in brought.problems] == ["office.for_others"]
        assert context.visits.overview().activity is None


class AnHourLater(SystemClock):
    """Certificates end at whole seconds: one of the same second would not live longer."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


@pytest.mark.days
def test_a_longer_life_of_the_authority_comes_down_and_no_other_authority(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_care, "SystemClock", AnHourLater)
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        store = context.office.units
        stranger = create_ca("Dinas Uji", CLOCK.now()).certificate_der
        publish(office, BundleKind.AUTHORITY, certificates_to_pem(stranger).encode())
        assert [each.code for each in synced(context).from_office] == ["office.authority"]
        with store.read() as unit:
            before = KitSettings.of(unit).ca_certificate
        assert fieldkit("gateway", "reissue", "--dir", office.folder, "--authority").code == 0
        assert [(each.version, each.code) for each in synced(context).from_office] == [(2, "")]
        with store.read() as unit:
            after = KitSettings.of(unit).ca_certificate
        assert valid_until(after) > valid_until(before)
    with opened(home) as context:
        synced(context)
        record(context)


@pytest.mark.days
def test_a_letterhead_of_the_office_leaves_the_log_whole(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    publish(office, BundleKind.LETTERHEAD, b"dinas: Dinas Baru\ncity: Kediri\n")
    with opened(home) as context:
        synced(context)
        assert context.office.letterhead.read().dinas == "Dinas Baru"
        assert context.audit.verify()[1] is None
    with opened(home) as context:
        assert [problem.code for problem in context.to_tell] == []
