from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.clock import HandClock
from support.homes import ADMIN, CLOCK, Nobody, Office, office, opened, record
from support.room import PETUGAS
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.app.bootstrap import office_parts
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.office_parts import LaptopBench, LaptopMessenger, SarprasParts, open_sarpras, watched_files
from fieldkit.documents.signature_check import OfficeSigner
from fieldkit.domain.delivery import AnchorSource
from fieldkit.domain.errors import InputError, RuleError, TransferError
from fieldkit.domain.letters.letter import SigningSettings, SigningWay
from fieldkit.domain.notices import NoticeSettings
from fieldkit.ports.vault import BoxWords, Standing
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault.certificates import certificate_key, certificates_to_pem, create_ca
from fieldkit.vault.keyslots import KeySlotFile
from sync.kit.esign import BsreClient


def test_the_office_belongs_to_the_signed_in_user(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        assert kit.context.office.units.user == kit.context.user == KETUA
        assert kit.context.office.units.clock is kit.clock


OWN_ROOT = certificates_to_pem(create_ca("Siapa saja", CLOCK.now()).certificate_der)


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS)


@pytest.mark.days
def test_a_day_of_work_leaves_nothing_unnoted(home: Home) -> None:
    with opened(home) as context:
        record(context)
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None
        assert context.audit.report().faults == ()
    with opened(home) as context:
        report = context.audit.report()
        assert report.faults == ()
        assert report.proven_to is not None
        with context.audit._store.read() as unit:
            assert AnchorSource.KIT in {anchor.source for anchor in unit.anchors.all()}  # signed at sign-out


@pytest.mark.days
def test_a_trust_root_that_appears_is_told_at_sign_in(home: Home) -> None:
    with opened(home) as context:
        assert context.to_tell == []
    (home.trust / "own.pem").write_text(OWN_ROOT)
    (home.path / "sop").mkdir()
    (home.path / "sop" / "ours.yaml").write_text("id: ours")
    (home.path / "policy.yaml").write_text("name: Blitar\n")
    assert sorted(watched_files(home)) == ["policy.yaml", "sop/ours.yaml", "trust/own.pem"]
    with opened(home) as context:
        (told,) = context.to_tell
        assert (told.code, told.params["files"]) == ("audit.files_changed", "policy.yaml, sop/ours.yaml, trust/own.pem")


@pytest.mark.days
def test_a_provider_that_the_admin_trusts_in_the_program_is_no_change_from_outside(home: Home) -> None:
    with opened(home, ADMIN) as context:
        (provider,) = context.set_up.providers.trust(OWN_ROOT.encode())
    with opened(home, ADMIN) as context:
        assert (context.to_tell, context.audit.report().faults) == ([], ())
        (home.trust / "thief.pem").write_text(OWN_ROOT)
        context.set_up.providers.trust(create_ca("Lain", CLOCK.now()).certificate_der)  # brings nobody else in
    with opened(home, ADMIN) as context:
        assert [told.params["files"] for told in context.to_tell] == ["trust/thief.pem"]
        (home.trust / "thief.pem").unlink()
        context.set_up.providers.distrust(provider.fingerprint)
    with opened(home, ADMIN) as context:
        assert (context.to_tell, context.audit.report().faults) == ([], ())


__all__ = ["office"]
AGES = timedelta(days=365 * 50)


def own_certificates(context: AppContext) -> dict[str, int]:
    with context.delivery._units.read() as unit:
        return {
            holder: sum(event.kind == "certificate_renewed" for event in unit.events.of(holder))
            for holder in (context.kit_id, PETUGAS.user_id)
        }


def test_nothing_is_renewed_long_before_its_end(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(context) == {context.kit_id: 0, PETUGAS.user_id: 0}


@pytest.mark.days
def test_both_certificates_are_renewed_and_what_they_seal_is_accepted(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr(office_parts, "KIT_AHEAD", AGES)
    monkeypatch.setattr(office_parts, "USER_AHEAD", AGES)
    monkeypatch.setattr(
        "sync.gateway.certificates._FRESH", timedelta()
    )  # else who was enrolled today gets the same again
    before = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    with opened(home) as context:
        kit_before = context.kit_certificate
        report = context.delivery.send(Nobody(), Nobody())
        assert (report.stopped_by, report.notes) == (None, ())
        assert own_certificates(context) == {context.kit_id: 1, PETUGAS.user_id: 1}
        renewed = KitSettings.load(context.delivery._units._store).kit_certificate
    after = KeySlotFile.open(home.slots)._file.slot(PETUGAS.user_id).certificate
    for old, new in ((kit_before, renewed), (before, after)):
        assert old != new
        assert certificate_key(old) == certificate_key(new)

    monkeypatch.undo()
    with opened(home) as context:
        assert context.kit_certificate == renewed
        entry = record(context)
        report = context.delivery.send(Nobody(), Nobody())
        assert report.acknowledged == (entry.record.record_id,)


@pytest.mark.days
def test_a_strange_certificate_is_not_kept(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    monkeypatch.setattr("sync.gateway.certificates._FRESH", timedelta())
    monkeypatch.setattr(office_parts, "certificate_key", lambda der: der)
    monkeypatch.setattr(office_parts, "KIT_AHEAD", AGES)
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert [note.code for note in report.notes] == ["vault.certificate", "sync.not_renewed"]
        assert KitSettings.load(context.delivery._units._store).kit_certificate == context.kit_certificate


@pytest.mark.days
def test_the_heads_of_the_log_are_anchored(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        for _ in range(2):
            assert context.delivery.send(Nobody(), Nobody()).forked == ""
        with context.delivery._units.read() as unit:
            anchors = [each for each in unit.anchors.all() if each.source is AnchorSource.CENTER]
            head = unit.anchors.heads()[-1]
    assert len(anchors) == 2
    assert {each.chain for each in anchors} == {head.chain}
    assert anchors[0].sequence < anchors[1].sequence < head.sequence


def test_all_ways_lead_to_the_sender() -> None:
    messenger = LaptopMessenger()
    assert messenger.qr("https://wa.me/62812").startswith(b"\x89PNG")
    with pytest.raises(TransferError, match=r"told\.not_encrypted"):
        messenger.post(NoticeSettings(webhook="http://contoh.test/"), "0812", "R-1", "x")
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        messenger.mail(NoticeSettings(smtp_host="127.0.0.1", smtp_port=9, sender="a@b.test"), "c@d.test", "R-1", "x")


def test_both_lists_share_laptop_and_pad(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KETUA)
    parts = SarprasParts(kit.devices, kit.context.pictures, kit.context.signatures, kit.laptop, kit.outbox)
    sarpras = open_sarpras(kit.context.office.units, kit.clock, parts, kit.context.office.letters)
    found = sarpras.out.begin("a1")
    kit.laptop.battery_percent = 41
    reading = sarpras.out.measure(found.thing_id).checklist.laptop
    assert reading is not None
    assert reading.battery_percent == 41
    assert sarpras.back.current("a1") is None
    kit.store.close()


SERVICE = SigningSettings(url="https://tte.example", user="dinas")


@pytest.fixture
def bench() -> LaptopBench:
    return LaptopBench(HandClock())


def test_who_signs_follows_the_settings(bench: LaptopBench) -> None:
    packed, _ = office_pkcs12(HandClock())
    assert isinstance(bench.signer(SERVICE, b""), BsreClient)
    assert isinstance(bench.signer(SigningSettings(SigningWay.OFFICE), packed), OfficeSigner)
    assert bench.certificate(packed, PKCS12_PASSPHRASE).name
    for settings in (SigningSettings(), SigningSettings(SigningWay.OFFICE), SigningSettings(url="https://tte.example")):
        with pytest.raises(RuleError, match=r"tte\.not_set_up"):
            bench.signer(settings, b"")


def test_the_rest_of_the_bench(bench: LaptopBench) -> None:
    assert bench.verifier(SERVICE).verify(LETTER).standing is Standing.UNSIGNED
    assert bench.place_in(LETTER) is None
    assert bench.draw(BoxWords("x", "y")).startswith(b"\x89PNG")
    assert len(bench.pages(LETTER)) == 1
    bench.check_trust("")
    with pytest.raises(InputError):
        bench.check_trust("x")


def test_no_library_of_it_is_loaded_before_it_is_needed() -> None:
    heavy = "('pyhanko', 'httpx2', 'pypdfium2')"
    program = f"import sys, fieldkit.app.bootstrap.office_parts; sys.exit(any(n in sys.modules for n in {heavy}))"
    subprocess.run([sys.executable, "-c", program], check=True)
