from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.clock import HandClock
from support.homes import ADMIN, CLOCK, Nobody, Office, opened, record
from support.room import PETUGAS
from support.signing import LETTER, PKCS12_PASSPHRASE, office_pkcs12

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.office_parts import LaptopBench, LaptopMessenger, watched_files
from fieldkit.documents.signature_check import OfficeSigner
from fieldkit.domain.delivery import AnchorSource
from fieldkit.domain.errors import InputError, RuleError, TransferError
from fieldkit.domain.letters.letter import SigningSettings, SigningWay
from fieldkit.domain.notices import NoticeSettings
from fieldkit.ports.vault import BoxWords, Standing
from fieldkit.vault.certificates import certificates_to_pem, create_ca
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


def test_all_ways_lead_to_the_sender() -> None:
    messenger = LaptopMessenger()
    assert messenger.qr("https://wa.me/62812").startswith(b"\x89PNG")
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        messenger.mail(NoticeSettings(smtp_host="127.0.0.1", smtp_port=9, sender="a@b.test"), "c@d.test", "R-1", "x")


def test_both_lists_share_laptop_and_pad(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        sarpras = kit.context.office.sarpras
        found = sarpras.out.begin("a1")
        kit.laptop.battery_percent = 41
        reading = sarpras.out.measure(found.thing_id).checklist.laptop
        assert reading is not None
        assert reading.battery_percent == 41
        assert sarpras.back.current("a1") is None
        assert sarpras.back._tools is sarpras.out._tools


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
    heavy = "('pyhanko', 'pypdfium2')"
    program = f"import sys, fieldkit.app.bootstrap.office_parts; sys.exit(any(n in sys.modules for n in {heavy}))"
    subprocess.run([sys.executable, "-c", program], check=True)
