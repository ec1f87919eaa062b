from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError, KnownError, RuleError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, certificates, slot_copies, slot_file, slot_seal
from fieldkit.vault.keyslots import Hardness, KeySlotFile, _key_check, check_secrets

NOW = datetime(2026, 8, 1, 3, tzinfo=UTC)
SOFT = Hardness(memory_kib=64, iterations=1, lanes=1)
ADMIN, SITI = User("u-1", "Admin Dinas", Role.ADMIN_DINAS), User("u-2", "Siti", Role.PETUGAS_PEREKAMAN)
DB_KEY = os.urandom(32)
RECOVERY = age.generate_identity()
ADMIN_KEY, SITI_KEY = SigningKey(b"admin certificate", b"admin private"), SigningKey(b"certificate", b"private key")
PASS, ADMIN_PASS = "kopi pagi di balai", "kunci lemari besi"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keyslots.json"
    slots = KeySlotFile.create(path, "KIT-07", DB_KEY, str(RECOVERY.recipient), SOFT)
    slots.add(ADMIN, ADMIN_PASS, DB_KEY, ADMIN_KEY)
    slots.add(SITI, PASS, DB_KEY, SITI_KEY, pin="204060")
    return path


@pytest.fixture
def slots(path: Path) -> KeySlotFile:
    return again(path)


def again(path: Path) -> KeySlotFile:
    """Return what a newly started program sees."""
    return KeySlotFile.open(path, SOFT)


def refused(slots: KeySlotFile, passphrase: str, now: datetime, user_id: str = "u-2") -> KnownError:
    with pytest.raises(VaultError) as caught:
        slots.unlock(user_id, passphrase, now)
    return caught.value


def test_a_passphrase_opens_the_store_and_the_users_key(slots: KeySlotFile) -> None:
    opened = slots.unlock("u-2", PASS, NOW)
    assert (opened.user, opened.db_key, opened.signing_key) == (SITI, DB_KEY, SITI_KEY)
    admin = slots.unlock("u-1", ADMIN_PASS, NOW)
    assert (admin.user, admin.db_key, admin.signing_key, admin.has_pin) == (ADMIN, DB_KEY, ADMIN_KEY, False)


def test_new_slots_are_as_hard_as_those_that_are_there(path: Path) -> None:
    assert KeySlotFile.open(path).hardness == SOFT
    assert KeySlotFile.open(path, Hardness(128, 2, 1)).hardness == Hardness(128, 2, 1)
    alone = path.with_name("alone.json")
    KeySlotFile.create(alone, "KIT-07", DB_KEY, str(RECOVERY.recipient), SOFT)
    assert KeySlotFile.open(alone).hardness == Hardness()


def test_a_key_is_checked_as_every_version_did(path: Path) -> None:
    assert _key_check(bytes(range(32))) == "f0b370f1327990da"


def test_names_to_pick_from_in_the_order_they_were_added(slots: KeySlotFile) -> None:
    assert list(slots.names()) == [ADMIN, SITI]
    assert list(slots.disabled()) == []


def test_the_file_shows_no_secret(path: Path) -> None:
    content = path.read_text()
    for secret in (DB_KEY, SITI_KEY.private_der):
        assert secret.hex() not in content
        assert slot_file._text(secret)[:-4] not in content
    assert "204060" not in content
    opened = again(path).unlock("u-2", PASS, NOW)
    assert repr(DB_KEY)[2:20] not in repr(opened)
    assert "private key" not in repr(opened)
    for secret in ("db_key", "newer_key", "_pin", "_seed"):
        assert f"{secret}=" not in repr(opened)


def test_pin_hash_stands_only_inside_the_sealed_part(path: Path) -> None:
    slot = json.loads(path.read_text().splitlines()[2])
    assert slot.keys() == {
        *("user", "name", "role", "argon2id", "sealed", "certificate", "recipient", "recipient_mac", "links")
    }


@pytest.mark.days
def test_real_slots_cost_what_design_says(tmp_path: Path) -> None:
    slots = KeySlotFile.create(tmp_path / "real.json", "KIT-07", DB_KEY, str(RECOVERY.recipient))
    slots.add(ADMIN, ADMIN_PASS, DB_KEY, ADMIN_KEY)
    kdf = json.loads((tmp_path / "real.json").read_text().splitlines()[1])["argon2id"]
    assert (kdf["memory_kib"], kdf["iterations"]) == (128 * 1024, 3)
    assert slots.unlock("u-1", ADMIN_PASS, NOW).db_key == DB_KEY


def test_a_passphrase_may_be_typed_on_any_keyboard(path: Path) -> None:
    slots = again(path)
    slots.change_passphrase("u-2", PASS, "kafe\u0301 pagi hari", NOW)
    assert slots.unlock("u-2", "kaf\u00e9 pagi hari", NOW)


def put(path: Path, file: slot_file.SlotFile) -> None:
    """Write what somebody tampered with, as the newest."""
    slot_copies.write(path, replace(file, generation=file.generation + 1))


def test_an_empty_passphrase_is_no_try(path: Path) -> None:
    for _ in range(6):
        assert refused(again(path), "", NOW).code == "vault.no_passphrase"
    assert refused(again(path), "salah salah", NOW).problem.params == {"left": 4}


def test_wrong_passphrases_are_counted_and_then_cost_time(path: Path) -> None:
    for left in (4, 3, 2, 1):
        error = refused(again(path), "salah salah", NOW)  # a restart does not help
        assert (error.code, error.problem.params) == ("vault.wrong_passphrase", {"left": left})
    error = refused(again(path), "salah salah", NOW)
    assert (error.code, error.problem.params) == ("vault.locked_out", {"minutes": 1})
    assert refused(again(path), PASS, NOW + timedelta(seconds=59)).code == "vault.locked_out"
    assert again(path).unlock("u-2", PASS, NOW + timedelta(seconds=60))


def test_delays_grow_and_a_success_ends_them(path: Path) -> None:
    slots, now = again(path), NOW
    for _ in range(5):
        refused(slots, "salah salah", now)
    for minutes, following in ((1, 5), (5, 15), (15, 60), (60, 60)):
        now += timedelta(minutes=minutes)
        assert refused(slots, "salah salah", now).problem.params == {"minutes": following}
    now += timedelta(minutes=60)
    slots.unlock("u-2", PASS, now)
    assert refused(slots, "salah salah", now).problem.params == {"left": 4}


def test_waiting_is_told_in_whole_minutes(path: Path) -> None:
    slots = again(path)
    for _ in range(5):
        refused(slots, "salah salah", NOW)
    refused(slots, "salah salah", NOW + timedelta(minutes=1))
    assert refused(slots, PASS, NOW + timedelta(minutes=2, seconds=30)).problem.params == {"minutes": 4}


def test_one_users_lock_out_does_not_stop_another(path: Path) -> None:
    slots = again(path)
    for _ in range(5):
        refused(slots, "salah salah", NOW)
    assert slots.unlock("u-1", ADMIN_PASS, NOW)


def test_a_clock_set_back_does_not_lock_for_years(path: Path) -> None:
    slots, wrong_clock = again(path), NOW + timedelta(days=3650)
    for _ in range(5):
        refused(slots, "salah salah", wrong_clock)
    assert refused(again(path), PASS, NOW).problem.params == {"minutes": 1}
    assert again(path).unlock("u-2", PASS, NOW + timedelta(minutes=1))


def test_a_try_counts_before_it_is_made(path: Path) -> None:
    file = slot_copies.read(path)
    put(path, file.with_slot(replace(file.slots[1], sealed=b"short")))
    assert refused(again(path), PASS, NOW).code == "vault.slots_damaged"  # the try itself broke off
    assert slot_copies.read(path).lockouts["u-2"].failures == 1


def test_slots_cannot_be_renamed_promoted_or_moved(path: Path) -> None:
    file = slot_copies.read(path)
    siti = file.slots[1]
    promoted = User(SITI.user_id, SITI.name, Role.ADMIN_DINAS)
    renamed = User(SITI.user_id, "Orang Lain", SITI.role)
    for user in (promoted, renamed):
        put(path, file.with_slot(replace(siti, user=user)))
        assert refused(again(path), PASS, NOW).code == "vault.wrong_passphrase"
    put(path, replace(file, kit_id="KIT-08"))
    assert refused(again(path), PASS, NOW).code == "vault.wrong_passphrase"


def test_a_slot_whose_form_is_odd_is_damaged(path: Path) -> None:
    file = slot_copies.read(path)
    siti = file.slots[1]
    odd = [
        replace(siti, sealed=b"short"),
        replace(siti, kdf=slot_file.Kdf(1, 1, 1, b"s" * 16)),
        replace(siti, links=()),
        replace(siti, links=(b"no age file",)),
        replace(siti, links=file.slots[0].links),
        # Everybody knows the recipient; only who had the old key can lead on from it.
        replace(siti, links=(slot_seal.link("KIT-07", SITI, siti.recipient, b"k" * 32, b"k" * 32),)),
    ]
    for slot in odd:
        put(path, file.with_slot(slot))
        assert refused(again(path), PASS, NOW).code == "vault.slots_damaged"


def test_a_new_passphrase_closes_the_old_way(path: Path) -> None:
    slots = again(path)
    slots.change_passphrase("u-2", PASS, "teh sore di kantor", NOW)
    assert refused(again(path), PASS, NOW).code == "vault.wrong_passphrase"
    opened = again(path).unlock("u-2", "teh sore di kantor", NOW)
    assert (opened.db_key, opened.signing_key, opened.has_pin) == (DB_KEY, SITI_KEY, True)


def test_a_change_needs_the_old_passphrase_and_a_good_new_one(path: Path) -> None:
    slots = again(path)
    with pytest.raises(VaultError, match=r"vault\.wrong_passphrase"):
        slots.change_passphrase("u-2", "salah salah", "teh sore di kantor", NOW)
    with pytest.raises(InputError, match=r"vault\.weak_passphrase"):
        slots.change_passphrase("u-2", PASS, "pendek", NOW)
    assert again(path).unlock("u-2", PASS, NOW)


@pytest.mark.days
def test_pin_unlocks_the_screen_only_and_a_few_wrong_ones_end_it(slots: KeySlotFile) -> None:
    opened = slots.unlock("u-2", PASS, NOW)
    assert opened.has_pin
    opened.check_pin("204060")
    for left in (4, 3, 2, 1):
        with pytest.raises(VaultError) as caught:
            opened.check_pin("000000")
        assert (caught.value.code, caught.value.problem.params) == ("vault.wrong_pin", {"left": left})
    opened.check_pin("204060")  # counts anew
    for _ in range(4):
        with pytest.raises(VaultError, match=r"vault\.wrong_pin"):
            opened.check_pin("")
    for pin in ("000000", "204060"):
        with pytest.raises(VaultError, match=r"vault\.pin_exhausted"):
            opened.check_pin(pin)
    assert refused(slots, "204060", NOW).code == "vault.wrong_passphrase"


def test_pins_are_set_and_taken_away_with_the_passphrase(path: Path) -> None:
    slots = again(path)
    with pytest.raises(VaultError, match=r"vault\.pin_exhausted"):
        slots.unlock("u-1", ADMIN_PASS, NOW).check_pin("123456")
    slots.set_pin("u-1", ADMIN_PASS, "987654", NOW)
    again(path).unlock("u-1", ADMIN_PASS, NOW).check_pin("987654")
    slots.set_pin("u-1", ADMIN_PASS, "", NOW)
    assert not again(path).unlock("u-1", ADMIN_PASS, NOW).has_pin


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "¹²³⁴⁵⁶", "12 456"])
def test_pins_have_six_digits(slots: KeySlotFile, pin: str) -> None:
    with pytest.raises(InputError, match=r"vault\.pin_form"):
        slots.set_pin("u-2", PASS, pin, NOW)


def test_a_renewed_certificate_takes_the_place_of_the_old_one(path: Path) -> None:
    renewed = SigningKey(b"next certificate", b"next key")
    again(path).renew("u-2", PASS, renewed, NOW)
    assert again(path).unlock("u-2", PASS, NOW).signing_key == renewed


def test_a_disabled_user_has_nothing_left_to_open(path: Path) -> None:
    again(path).disable("u-2")
    slots = again(path)
    assert list(slots.names()) == [ADMIN]
    assert list(slots.disabled()) == [SITI]
    assert refused(slots, PASS, NOW).code == "vault.unknown_user"
    slots.add(SITI, "sandi baru sekali", DB_KEY, SITI_KEY)
    assert again(path).unlock("u-2", "sandi baru sekali", NOW)


def test_a_new_start_forgets_the_wrong_tries(path: Path) -> None:
    for _ in range(5):
        refused(again(path), "salah salah", NOW)
    again(path).start_anew(SITI, "sandi baru sekali", DB_KEY, SITI_KEY)
    assert again(path).unlock("u-2", "sandi baru sekali", NOW)


def test_secrets_are_checked_before_a_slot_is_closed() -> None:
    check_secrets(PASS, "204060", ["Siti"])
    for passphrase, pin in (("pendek", ""), ("siti rina siti", ""), (PASS, "12")):
        with pytest.raises(InputError):
            check_secrets(passphrase, pin, ["Siti Rina"])


def test_the_last_admin_stays(path: Path) -> None:
    slots = again(path)
    for act in (slots.disable, slots.remove):
        with pytest.raises(RuleError, match=r"vault\.last_admin"):
            act("u-1")
    slots.add(User("u-3", "Admin Kedua", Role.ADMIN_DINAS), "sandi admin dua", DB_KEY, ADMIN_KEY)
    slots.remove("u-1")
    with pytest.raises(RuleError, match=r"vault\.last_admin"):
        slots.disable("u-3")
    slots.remove("u-2")
    assert [user.user_id for user in again(path).names()] == ["u-3"]


def test_unknown_users_are_told(slots: KeySlotFile) -> None:
    assert refused(slots, PASS, NOW, "u-9").code == "vault.unknown_user"
    for act in (slots.disable, slots.remove):
        with pytest.raises(VaultError, match=r"vault\.unknown_user"):
            act("u-9")


def test_a_user_is_added_once(slots: KeySlotFile) -> None:
    with pytest.raises(RuleError, match=r"vault\.user_exists"):
        slots.add(SITI, "sandi lain sekali", DB_KEY, SITI_KEY)
    with pytest.raises(InputError, match=r"vault\.weak_passphrase"):
        slots.add(User("u-4", "Budi", Role.KETUA_TIM), "1234567", DB_KEY, SITI_KEY)


def test_the_key_of_another_store_is_refused(slots: KeySlotFile) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slots.add(User("u-4", "Budi", Role.KETUA_TIM), "sandi panjang", os.urandom(32), SITI_KEY)


def test_the_recovery_of_the_dinas_gets_the_store_back(path: Path) -> None:
    assert again(path).recover([RECOVERY]) == (DB_KEY,)
    with pytest.raises(VaultError, match=r"vault\.age_no_identity"):
        again(path).recover([age.generate_identity()])


@pytest.mark.parametrize(("kit_id", "db_key"), [("KIT-08", DB_KEY), ("KIT-07", os.urandom(32))], ids=["kit", "key"])
def test_an_escrow_of_another_kit_or_key_is_refused(path: Path, tmp_path: Path, kit_id: str, db_key: bytes) -> None:
    other = tmp_path / "other" / "keyslots.json"
    other.parent.mkdir()
    KeySlotFile.create(other, kit_id, db_key, str(RECOVERY.recipient), SOFT)
    file = slot_copies.read(path)
    put(path, replace(file, escrow=slot_copies.read(other).escrow))
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        again(path).recover([RECOVERY])


def test_a_slot_that_holds_the_key_of_another_store_opens_nothing(path: Path, tmp_path: Path) -> None:
    other = KeySlotFile.create(tmp_path / "other.json", "KIT-07", os.urandom(32), str(RECOVERY.recipient), SOFT)
    put(path, replace(slot_copies.read(path), key_checks=other._file.key_checks))
    assert refused(again(path), PASS, NOW).code == "vault.slots_damaged"


def test_an_existing_file_is_never_begun_anew(path: Path) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_exist"):
        KeySlotFile.create(path, "KIT-07", DB_KEY, str(RECOVERY.recipient), SOFT)
    with pytest.raises(ValueError, match="32 bytes"):
        KeySlotFile.create(path.with_name("new.json"), "KIT-07", b"short", str(RECOVERY.recipient), SOFT)


def test_a_change_that_is_not_on_disk_did_not_happen(path: Path) -> None:
    slots = again(path)
    path.with_name("keyslots.json.new").mkdir()  # in the way of every write
    with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
        slots.disable("u-2")
    assert list(slots.names()) == [ADMIN, SITI]


def full_disk(path: Path) -> None:
    """Let no write through any more."""
    for copy in slot_copies.copies_of(path):
        copy.with_name(copy.name + ".new").mkdir()


def test_a_full_disk_keeps_the_right_passphrase_in_and_counts_the_wrong_ones(path: Path) -> None:
    full_disk(path)
    slots = again(path)
    for left in (4, 3, 2, 1):
        assert refused(slots, "salah salah", NOW).problem.params == {"left": left}
    assert slots.unlock("u-2", PASS, NOW).db_key == DB_KEY
    for _ in range(4):
        refused(slots, "salah salah", NOW)
    assert refused(slots, "salah salah", NOW).problem.params == {"minutes": 1}
    assert refused(slots, PASS, NOW).code == "vault.locked_out"
    assert slots.unlock("u-1", ADMIN_PASS, NOW)
    with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
        slots.change_passphrase("u-1", ADMIN_PASS, "teh sore di kantor", NOW)


def test_a_certificate_is_replaced_without_a_passphrase(path: Path) -> None:
    ca = certificates.create_ca("Dinas Uji", NOW)
    private = certificates.new_private_key()

    def issued(key: bytes, serial_days: int) -> bytes:
        at = NOW + timedelta(days=serial_days)
        return certificates.issue_petugas(ca, certificates.make_csr(key), "u-2", "Siti", Role.PETUGAS_PEREKAMAN, at)

    slots = again(path)
    slots.renew("u-2", PASS, SigningKey(issued(private, 0), private), NOW)
    renewed = issued(private, 300)
    again(path).replace_certificate("u-2", renewed)
    assert again(path).certificate("u-2") == renewed
    assert again(path).unlock("u-2", PASS, NOW).signing_key == SigningKey(renewed, private)
    with pytest.raises(VaultError, match=r"vault\.certificate"):
        again(path).replace_certificate("u-2", issued(certificates.new_private_key(), 300))
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        again(path).replace_certificate("u-9", renewed)
    slots = again(path)
    slots.disable("u-2")
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        slots.replace_certificate("u-2", renewed)
