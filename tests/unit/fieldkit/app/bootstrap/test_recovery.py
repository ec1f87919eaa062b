from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.homes import ADMIN, CLOCK, FAST, PASSPHRASE, Nobody, Office, new, open_office, opened, record
from support.kept import biodata
from support.room import LEAD, PETUGAS
from support.tries import some_of

from fieldkit.app.bootstrap.enrolment import Slip
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.rescue import known_admin, readmit_kit, recover_by_sheet, recover_kit
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError, TransferError, VaultError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people import Role, User
from fieldkit.vault import age, slot_copies
from fieldkit.vault.certificates import make_csr, new_private_key
from fieldkit.vault.keyslots import KeySlotFile
from fieldkit.vault.one_time_codes import TotpCodes
from sync.gateway import provision
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.ledger import NikRule
from sync.gateway.server import opener_of
from sync.gateway.tables import records
from sync.kit import enrol as wire
from sync.protocol.messages import UserRequest

FORGOTTEN = "kunci lemari besi"


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    with opened(home) as context:
        record(context)
    return home


def slip(office: Office, home: Home) -> Slip:
    kit = LockedKit(home, lambda _: None)  # type: ignore[arg-type, return-value]
    name = kit.sign().kit_id
    kit.leave()
    made = provision.readmission_code(office.folder, office.url, name, ADMIN.user_id, CLOCK)
    return Slip(made.url, made.code, made.ca_fingerprint)


def identity(office: Office) -> str:
    return (office.folder / "recovery.identity").read_text()


@pytest.mark.days
def test_the_dinas_gives_an_admin_a_new_passphrase(office: Office, home: Home) -> None:
    recover_kit(home, identity(office), slip(office, home), new(ADMIN, FORGOTTEN), FAST)
    kit = LockedKit(home, lambda _: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(VaultError, match=r"vault\.wrong_passphrase"):
        kit.verify_passphrase(ADMIN.user_id, PASSPHRASE)
    assert kit.verify_passphrase(ADMIN.user_id, FORGOTTEN) == ADMIN
    kit.leave()
    with opened(home) as context:  # the others go on as before
        report = context.delivery.send(Nobody(), Nobody())
        assert (len(report.acknowledged), report.stopped_by) == (1, None)
        assert context.audit.verify()[1] is None


@pytest.mark.days
def test_who_holds_the_key_of_the_dinas_needs_no_phone(office: Office, home: Home) -> None:
    with opened(home, ADMIN) as context:
        factor, now = context.second_factor, int(context.clock.now().timestamp())
        factor.begin(TotpCodes().code_at(factor.offer().secret, now // 30))
    with pytest.raises(VaultError, match=r"factor\.wanted"), opened(home, ADMIN):
        pass
    recover_kit(home, identity(office), slip(office, home), new(ADMIN, FORGOTTEN), FAST)
    with opened(home, ADMIN, passphrase=FORGOTTEN) as context:
        assert not context.second_factor.standing().is_on


@pytest.mark.days
def test_what_was_done_is_done_again_with_the_same_slip(office: Office, home: Home) -> None:
    """Whoever was killed before the last word asks again, when the slip is spent already."""
    asked, again = slip(office, home), slip(office, home)
    for _ in range(2):
        recover_kit(home, identity(office), asked, new(ADMIN, FORGOTTEN), FAST)
    with pytest.raises(TransferError, match=r"sync\.enrol_code_wrong"):  # it is no second passphrase
        recover_kit(home, identity(office), asked, new(ADMIN, "jendela kayu biru"), FAST)
    for _ in range(2):
        readmit_kit(home, again, ADMIN.user_id, FORGOTTEN)
    with opened(home, ADMIN, passphrase=FORGOTTEN) as context:
        assert len(context.delivery.send(Nobody(), Nobody()).acknowledged) == 1


@pytest.mark.days
def test_a_slip_that_another_laptop_took_meanwhile_changes_nothing_here(
    office: Office, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision.revoke_kit(office.folder, name_of(home), CLOCK)
    true_enrol, asked = wire.enrol, slip(office, home)

    def ask(url: str, code: str, fingerprint: str, csr: bytes, admin: UserRequest) -> object:
        answer = true_enrol(url, code, fingerprint, csr, admin)
        true_enrol(url, code, fingerprint, make_csr(new_private_key()), admin)
        return answer

    monkeypatch.setattr(wire, "enrol", ask)
    with pytest.raises(TransferError, match=r"sync\.slip_taken"):
        recover_kit(home, identity(office), asked, new(ADMIN, FORGOTTEN), FAST)
    with opened(home, ADMIN) as context:  # the passphrase of before
        assert context.user == ADMIN


@pytest.mark.days
def test_also_without_any_key_slots(office: Office, home: Home) -> None:
    asked = slip(office, home)
    for copy in slot_copies.copies_of(home.slots):
        copy.write_bytes(b"rot")
    with pytest.raises(InputError, match=r"kit\.name_needed"):
        known_admin(home, ADMIN.user_id, "")
    admin = known_admin(home, ADMIN.user_id, ADMIN.name)
    recover_kit(home, identity(office), asked, new(admin, FORGOTTEN), FAST)
    kit = LockedKit(home, lambda _: None)  # type: ignore[arg-type, return-value]
    assert kit.verify_passphrase(ADMIN.user_id, FORGOTTEN) == ADMIN
    kit.leave()
    assert len(list(home.path.glob("keyslots*.damaged-*"))) == 2


@pytest.mark.days
def test_without_a_line_it_says_what_is_needed_and_the_same_slip_works_later(home: Home, office: Office) -> None:
    asked = slip(office, home)
    with pytest.raises(TransferError) as caught:
        recover_kit(home, identity(office), replace(asked, url="https://127.0.0.1:9"), new(ADMIN, FORGOTTEN), FAST)
    assert caught.value.code == "kit.needs_center"
    with opened(home) as context:
        assert context.user == PETUGAS
    recover_kit(home, identity(office), asked, new(ADMIN, FORGOTTEN), FAST)


@pytest.mark.days
def test_what_does_not_fit_changes_nothing(office: Office, home: Home) -> None:
    asked, before = slip(office, home), home.slots.read_bytes()
    other = age.generate_identity().secret_text
    with pytest.raises(VaultError, match=r"vault\.age_no_identity"):
        recover_kit(home, other, asked, new(ADMIN, FORGOTTEN), FAST)
    with pytest.raises(InputError, match=r"vault\.age_identity"):
        recover_kit(home, "nothing", asked, new(ADMIN, FORGOTTEN), FAST)
    with pytest.raises(RuleError, match=r"kit\.admin_only"):
        recover_kit(home, identity(office), asked, new(PETUGAS, FORGOTTEN), FAST)
    with pytest.raises(InputError, match=r"kit\.slip_of_another"):
        recover_kit(home, identity(office), office.slip(), new(ADMIN, FORGOTTEN), FAST)
    with pytest.raises(InputError, match=r"kit\.not_enrolled"):
        recover_kit(Home(home.path / "none"), identity(office), asked, new(ADMIN, FORGOTTEN), FAST)
    assert home.slots.read_bytes() == before


@pytest.mark.days
def test_a_revoked_kit_that_was_found_is_let_in_again(office: Office, home: Home) -> None:
    asked = slip(office, home)
    kit = LockedKit(home, lambda _: None)  # type: ignore[arg-type, return-value]
    name = kit.sign().kit_id
    kit.leave()
    provision.revoke_kit(office.folder, name, CLOCK)
    made = provision.readmission_code(office.folder, office.url, name, ADMIN.user_id, CLOCK)
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert report.stopped_by is not None
    readmit_kit(home, replace(asked, code=made.code), ADMIN.user_id, PASSPHRASE)
    with opened(home, ADMIN) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert (len(report.acknowledged), report.stopped_by) == (1, None)
    with opened(home) as context:  # the others sign with the keys that they had
        assert context.user == PETUGAS
        record(context, biodata(nik="3275014708790004"), house=2)
        assert len(context.delivery.send(Nobody(), Nobody()).acknowledged) == 1
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    opener = opener_of(office.folder, gateway_context, NikRule())
    assert opener is not None
    verdicts = {""}
    while "" in verdicts:  # the office's own opener may have one in its hands
        opener.run_pending()
        with gateway_context.engine.begin() as connection:
            verdicts = set(connection.scalars(sa.select(records.c.verdict)))
        time.sleep(0.01)
    assert verdicts == {"valid"}
    gateway_context.engine.dispose()


def name_of(home: Home) -> str:
    return KeySlotFile.open(home.slots).kit_id


@pytest.mark.days
@pytest.mark.parametrize("place", some_of(range(4), 1))
def test_what_broke_off_is_done_again_after_others_signed_in(
    office: Office, home: Home, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Broken off at the admin's slot, at that of the first or the second of the others, and at the last word."""
    provision.revoke_kit(office.folder, name_of(home), CLOCK)
    asked = slip(office, home)
    with monkeypatch.context() as full:
        fill(full, KeySlotFile, "renew", 1 if place == 0 else 0, VaultError("vault.slots_unwritable"))
        fill(full, KeySlotFile, "replace_certificate", place if place < 3 else 0, VaultError("vault.slots_unwritable"))
        fill(full, KitSettings, "save", 3 if place == 3 else 0, StoreError("store.full"))
        with pytest.raises((VaultError, StoreError)):
            readmit_kit(home, asked, ADMIN.user_id, PASSPHRASE)
    with opened(home) as context:  # nobody told this laptop of its revocation, and the data center knows its key again
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None
    readmit_kit(home, asked, ADMIN.user_id, PASSPHRASE)
    for user in (ADMIN, PETUGAS, LEAD):
        for _ in range(2):
            with opened(home, user) as context:
                report = context.delivery.send(Nobody(), Nobody())
                assert (report.stopped_by, report.shut_out) == (None, None)
    assert not list(home.path.glob("*pending*"))


def fill(full: pytest.MonkeyPatch, owner: type, name: str, n: int, error: KnownError) -> None:
    """Let the n-th call fail; 0 for none."""
    whole, calls = getattr(owner, name), count(1)

    def counted(*given: object) -> object:
        if next(calls) == n:
            raise error
        return whole(*given)

    full.setattr(owner, name, counted)


@pytest.mark.days
def test_whom_the_office_disabled_stays_out_of_a_kit_that_is_let_in_again(office: Office, home: Home) -> None:
    with opened(home) as context:
        context.delivery.send(Nobody(), Nobody())  # tells the data center what may be closed for this kit
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    disabled = f"users: [{{user_id: {PETUGAS.user_id}, disabled: true}}]\n".encode()
    Publishing(gateway_context).publish(BundleKind.USERS, "", disabled, Addressed((name_of(home),)))
    gateway_context.engine.dispose()
    with opened(home, LEAD) as context:
        assert context.delivery.send(Nobody(), Nobody()).shut_out is None
    provision.revoke_kit(office.folder, name_of(home), CLOCK)
    with opened(home, LEAD) as context:
        assert context.delivery.send(Nobody(), Nobody()).shut_out is not None
    readmit_kit(home, slip(office, home), ADMIN.user_id, PASSPHRASE)
    with opened(home, LEAD) as context:
        assert context.delivery.send(Nobody(), Nobody()).shut_out is None
    with pytest.raises(VaultError, match=r"vault\.unknown_user"), opened(home):
        pass


@pytest.mark.days
def test_a_slip_that_is_refused_leaves_no_keys_waiting(office: Office, home: Home) -> None:
    with pytest.raises(TransferError, match=r"sync\.enrol_code_wrong"):
        readmit_kit(home, replace(slip(office, home), code="AAAA-BBBB"), ADMIN.user_id, PASSPHRASE)
    with opened(home):
        assert not list(home.path.glob("*pending*"))


@pytest.mark.days
def test_only_an_admin_lets_a_kit_in_again(office: Office, home: Home) -> None:
    with pytest.raises(InputError, match=r"kit\.admin_only"):
        readmit_kit(home, slip(office, home), PETUGAS.user_id, PASSPHRASE)


@pytest.mark.days
def test_an_escrow_that_is_lost_is_named(office: Office, home: Home) -> None:
    for lost in slot_copies.escrows_of(home.slots):
        lost.unlink()
    with pytest.raises(VaultError, match=r"vault\.no_escrow"):
        recover_kit(home, identity(office), Slip("https://127.0.0.1:9", "A", "B"), new(ADMIN, FORGOTTEN), FAST)


def test_without_slots_the_admin_is_named_by_hand(tmp_path: Path) -> None:
    assert known_admin(Home(tmp_path), "budi", "Budi") == User("budi", "Budi", Role.ADMIN_DINAS)


@pytest.mark.days
def test_the_wrong_gateway_is_named(home: Home, office: Office, tmp_path: Path) -> None:
    with open_office(tmp_path / "other") as other:
        strange = replace(slip(office, home), url=other.url)
        with pytest.raises(TransferError, match=r"sync\.ca_fingerprint"):
            recover_kit(home, identity(office), strange, new(ADMIN, FORGOTTEN), FAST)


@pytest.mark.days
def test_the_recovery_sheet_gives_a_new_passphrase_without_a_line(office: Office, home: Home) -> None:
    with opened(home, ADMIN) as context:
        code = context.accounts.new_sheet()
        context.accounts.prove_sheet(code.lower())
        assert context.accounts.has_sheet()
    with pytest.raises(VaultError, match=r"vault\.wrong_sheet"):
        recover_by_sheet(home, "AAAA-BBBB-CCCC-DDDD-EEEE", FORGOTTEN)
    with pytest.raises(InputError, match=r"vault\.weak_passphrase"):
        recover_by_sheet(home, code, "kort")
    assert recover_by_sheet(home, code, FORGOTTEN, "270845") == ADMIN
    with opened(home, ADMIN, passphrase=FORGOTTEN) as context:
        assert len(context.delivery.send(Nobody(), Nobody()).acknowledged) == 1  # keys and certificate are the old ones
        assert context.accounts.has_sheet()
        assert context.audit.verify()[1] is None
