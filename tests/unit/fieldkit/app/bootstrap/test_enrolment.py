from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock

import pytest
from support.homes import ADMIN, FAST, PASSPHRASE, PIN, Nobody, Office, Repository, new, open_office, opened
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.enrolment import NewUser, Slip, add_user, add_users, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError, TransferError, VaultError
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault.keyslots import KeySlotFile
from fieldkit.vault.slot_copies import copies_of
from sync.kit import enrol as wire


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_kit_is_enrolled_with_its_first_admin(office: Office, tmp_path: Path) -> None:
    home = Home(tmp_path / "kit")
    settings = enrol_kit(home, office.slip("K77"), new(ADMIN), FAST)
    assert (settings.kit_id, settings.dinas, len(settings.age_recipients)) == ("K77", "Dinas Uji", 2)
    assert home.is_enrolled
    assert home.read_public().zone == "WITA"
    assert home.read_public().last_sync_at is not None  # the data center answered
    with opened(home, ADMIN) as context:
        assert (context.user, context.kit_id, context.dinas) == (ADMIN, "K77", "Dinas Uji")
        assert context.kit_certificate == settings.kit_certificate


def test_a_folder_that_was_there_is_closed_to_others(office: Office, tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir(mode=0o755)
    enrol_kit(Home(tmp_path / "kit"), office.slip("K30"), new(ADMIN), FAST)
    assert (tmp_path / "kit").stat().st_mode & 0o777 == 0o700


def test_no_secret_stands_in_the_clear(office: Office, tmp_path: Path) -> None:
    home = Home(tmp_path / "kit")
    settings = enrol_kit(home, office.slip(), new(ADMIN), FAST)
    written = b"".join(path.read_bytes() for path in home.path.rglob("*") if path.is_file())
    for secret in (settings.kit_private, settings.nik_key, PASSPHRASE.encode(), PIN.encode()):
        assert secret not in written
    assert home.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "sync.enrol_code_wrong"),
        ({"ca_fingerprint": "00" * 32}, "sync.ca_fingerprint"),
        ({"url": "https://127.0.0.1:9"}, "sync.unreachable"),
    ],
)
def test_only_the_keys_wait_when_the_gateway_does_not_let_in(
    office: Office, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip()
    with pytest.raises(TransferError) as caught:
        enrol_kit(home, replace(slip, **changes), new(ADMIN), FAST)
    assert caught.value.code == code
    assert everything(home.path) == ["enrolment.pending", "kit.lock"]
    assert not home.is_enrolled
    assert enrol_kit(home, slip, new(ADMIN), FAST).dinas == "Dinas Uji"
    assert [name for name in everything(home.path) if "pending" in name] == []


@pytest.mark.parametrize(("passphrase", "pin"), [("short", PIN), (PASSPHRASE, "12345"), (PASSPHRASE, "12345x")])
def test_a_weak_secret_is_refused_before_the_code_is_spent(
    office: Office, tmp_path: Path, passphrase: str, pin: str
) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip()
    with pytest.raises(InputError):
        enrol_kit(home, slip, new(ADMIN, passphrase, pin), FAST)
    assert everything(tmp_path) == []
    enrol_kit(home, slip, new(ADMIN), FAST)


def test_a_second_enrolment_is_refused_and_changes_nothing(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit")

    def content() -> dict[Path, bytes]:  # the slots only count that the passphrase was tried
        files = (path for path in home.path.rglob("*") if path.is_file() and path not in copies_of(home.slots))
        return {path: path.read_bytes() for path in files}

    before = content()
    with pytest.raises(InputError) as caught:
        enrol_kit(home, office.slip(), new(ADMIN), FAST)
    assert caught.value.code == "kit.already_enrolled"
    assert content() == before


def test_an_enrolment_that_died_before_its_end_can_be_done_again(office: Office, tmp_path: Path) -> None:
    home, slip = office.kit(tmp_path / "kit"), office.slip()
    # As a kill just before the last step leaves it.
    (home.path / "keyslots.new").mkdir()
    for copy in copies_of(home.slots):
        copy.rename(home.path / "keyslots.new" / copy.name)
    assert not home.is_enrolled
    enrol_kit(home, slip, new(ADMIN), FAST)
    orphans = [name for name in everything(home.path) if "orphan" in name]
    assert len(orphans) == 1
    with opened(home, ADMIN) as context:
        assert context.user == ADMIN


class LostAnswerError(Exception):
    """The line broke after the gateway had let the kit in."""


def lose_the_answer(monkeypatch: pytest.MonkeyPatch, home: Home, slip: Slip, admin: NewUser) -> None:
    def enrol(*asked: object) -> None:
        true_enrol(*asked)  # type: ignore[arg-type]
        raise LostAnswerError

    true_enrol = wire.enrol
    with monkeypatch.context() as patch:
        patch.setattr(wire, "enrol", enrol)
        with pytest.raises(LostAnswerError):
            enrol_kit(home, slip, admin, FAST)


@pytest.mark.days
def test_after_a_lost_answer_the_same_slip_gives_the_same_kit(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip("K88")
    lose_the_answer(monkeypatch, home, slip, new(ADMIN))
    kept = (home.path / "enrolment.pending").read_bytes()
    lose_the_answer(monkeypatch, home, slip, new(ADMIN))
    assert (home.path / "enrolment.pending").read_bytes() == kept
    assert enrol_kit(home, slip, new(ADMIN), FAST).kit_id == "K88"
    with opened(home, ADMIN) as context:
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None


@pytest.mark.days
def test_another_passphrase_begins_with_other_keys_and_the_slip_still_works(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip("K89")
    lose_the_answer(monkeypatch, home, slip, new(ADMIN, "kunci lemari besi"))
    assert enrol_kit(home, slip, new(ADMIN), FAST).kit_id == "K89"
    assert [name for name in everything(home.path) if "pending" in name] == []
    with opened(home, ADMIN) as context:
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None


def test_a_slip_is_spent_once_its_kit_signed_in(office: Office, tmp_path: Path) -> None:
    slip = office.slip()
    enrol_kit(Home(tmp_path / "kit"), slip, new(ADMIN), FAST)
    with pytest.raises(TransferError) as caught:
        enrol_kit(Home(tmp_path / "another"), slip, new(ADMIN), FAST)
    assert caught.value.code == "sync.enrol_code_wrong"


@pytest.mark.days
def test_of_four_laptops_with_one_slip_one_is_let_in(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip, true_enrol, one_by_one, all_have_asked = office.slip(), wire.enrol, Lock(), Barrier(4)

    def ask(*asked: object) -> object:
        with one_by_one:
            answer = true_enrol(*asked)  # type: ignore[arg-type]
        all_have_asked.wait()
        return answer

    def outcome(home: Home) -> str:
        try:
            enrol_kit(home, slip, new(ADMIN), FAST)
        except TransferError as error:
            assert not home.holds_data
            return error.code
        return ""

    monkeypatch.setattr(wire, "enrol", ask)
    homes = [Home(tmp_path / name) for name in "abcd"]
    with ThreadPoolExecutor(4) as crew:
        outcomes = list(crew.map(outcome, homes))
    assert sorted(outcomes) == ["", *["sync.slip_taken"] * 3]
    assert [home.is_enrolled for home in homes] == [not code for code in outcomes]
    with opened(homes[outcomes.index("")], ADMIN) as context:
        assert context.delivery.send(Nobody(), Nobody()).stopped_by is None


def test_the_same_slip_again_changes_nothing_and_says_so(office: Office, tmp_path: Path) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip()
    first = enrol_kit(home, slip, new(ADMIN), FAST)
    assert enrol_kit(home, slip, new(ADMIN), FAST) == first
    with pytest.raises(InputError, match=r"kit\.already_enrolled"):
        enrol_kit(home, slip, new(ADMIN, "kunci lemari besi"), FAST)


def test_one_program_enrols_a_home(office: Office, tmp_path: Path) -> None:
    home = Home(tmp_path)
    lock = HomeLock(home.lock)
    with pytest.raises(StoreError) as caught:
        enrol_kit(home, office.slip(), new(ADMIN), FAST)
    assert caught.value.code == "store.in_use"
    lock.release()


def test_users_are_added_with_role_and_certificate(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    assert list(KeySlotFile.open(home.slots).names()) == [ADMIN, PETUGAS, LEAD]
    with opened(home, PETUGAS) as context:
        assert context.user == PETUGAS
        assert context.audit.verify()[1] is None


def test_only_an_admin_adds_users(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with pytest.raises(InputError) as caught:
        add_user(home, PETUGAS.user_id, PASSPHRASE, new(LEAD), FAST)
    assert caught.value.code == "kit.admin_only"
    assert LEAD not in KeySlotFile.open(home.slots).names()


@pytest.mark.parametrize(
    ("admin", "passphrase", "user", "kind", "code"),
    [
        ("admin", "not this one", new(LEAD), VaultError, "vault.wrong_passphrase"),
        ("nobody", PASSPHRASE, new(LEAD), VaultError, "vault.unknown_user"),
        ("admin", PASSPHRASE, new(PETUGAS), KnownError, "vault.user_exists"),
        ("admin", PASSPHRASE, new(LEAD, "short"), InputError, "vault.weak_passphrase"),
    ],
)
def test_what_does_not_fit_adds_nobody(
    office: Office, tmp_path: Path, admin: str, passphrase: str, user: NewUser, kind: type[KnownError], code: str
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with pytest.raises(kind) as caught:
        add_user(home, admin, passphrase, user, FAST)
    assert caught.value.code == code
    assert [known.user_id for known in KeySlotFile.open(home.slots).names()] == [ADMIN.user_id, PETUGAS.user_id]


def test_nobody_is_added_while_another_program_has_the_kit(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit")
    kit = LockedKit(home, Repository())
    with pytest.raises(StoreError) as caught:
        add_user(home, ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
    assert caught.value.code == "store.in_use"
    kit.leave()
    add_user(home, ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
    HomeLock(home.lock).release()  # and let go of again


def test_nobody_is_added_where_no_kit_is(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        add_user(Home(tmp_path / "kit"), ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
    assert caught.value.code == "kit.not_enrolled"


def test_when_the_gateway_is_away_nobody_is_added(tmp_path: Path) -> None:
    with open_office(tmp_path / "gateway") as office:
        home = office.kit(tmp_path / "kit")
    with pytest.raises(TransferError):
        add_user(home, ADMIN.user_id, PASSPHRASE, new(PETUGAS), FAST)
    assert list(KeySlotFile.open(home.slots).names()) == [ADMIN]


def test_many_are_added_on_one_word_and_all_are_looked_at_before_the_first(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit")
    with pytest.raises(InputError):
        add_users(home, ADMIN.user_id, PASSPHRASE, (new(PETUGAS), new(LEAD, "short")), FAST)
    assert list(KeySlotFile.open(home.slots).names()) == [ADMIN]
    add_users(home, ADMIN.user_id, PASSPHRASE, (new(PETUGAS), new(LEAD)), FAST)
    with opened(home, LEAD) as context:
        assert context.user == LEAD
    with pytest.raises(RuleError):
        add_users(home, ADMIN.user_id, PASSPHRASE, (new(LEAD),), FAST)
