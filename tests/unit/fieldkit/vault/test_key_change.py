"""The store's key is changed under slots that nobody opens; slots of the first version are brought up; sheets open."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fieldkit.domain.errors import RuleError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, passphrases, slot_copies, slot_file, slot_seal
from fieldkit.vault.keyslots import Hardness, KeySlotFile

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


def again(path: Path) -> KeySlotFile:
    """Return what a newly started program sees."""
    return KeySlotFile.open(path, SOFT)


def put(path: Path, file: slot_file.SlotFile) -> None:
    """Write what somebody tampered with, as the newest."""
    slot_copies.write(path, replace(file, generation=file.generation + 1))


NEXT_KEY = os.urandom(32)


def changing(path: Path) -> KeySlotFile:
    again(path).begin_new_key(DB_KEY, NEXT_KEY, str(RECOVERY.recipient))
    return again(path)


def test_while_the_key_changes_every_slot_and_the_escrow_lead_to_both(path: Path) -> None:
    slots = changing(path)
    assert slots.is_changing
    for user, passphrase in (("u-1", ADMIN_PASS), ("u-2", PASS)):
        opened = slots.unlock(user, passphrase, NOW)
        assert (opened.db_key, opened.newer_key) == (DB_KEY, NEXT_KEY)
    assert slots.recover([RECOVERY]) == (DB_KEY, NEXT_KEY)
    for act in (
        lambda: slots.change_passphrase("u-2", PASS, "teh sore di kantor", NOW),
        lambda: slots.add(User("u-4", "Budi", Role.KETUA_TIM), "sandi panjang", DB_KEY, SITI_KEY),
        lambda: slots.begin_new_key(DB_KEY, os.urandom(32), str(RECOVERY.recipient)),
    ):
        with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
            act()


@pytest.mark.parametrize(("key", "other"), [(NEXT_KEY, DB_KEY), (DB_KEY, NEXT_KEY)], ids=["new", "old"])
def test_after_the_change_one_key_is_left_for_everybody(path: Path, key: bytes, other: bytes) -> None:
    changing(path).settle(key, other, str(RECOVERY.recipient))
    for user, passphrase in (("u-1", ADMIN_PASS), ("u-2", PASS)):
        for _ in range(2):  # the first sign-in renews what the slot trusts
            opened = again(path).unlock(user, passphrase, NOW)
            assert (opened.db_key, opened.newer_key) == (key, None)
    assert again(path).recover([RECOVERY]) == (key,)
    assert not again(path).is_changing
    assert {len(slot.links) for slot in slot_copies.read(path).slots} == {1}


def test_who_was_away_for_many_changes_signs_in_all_the_same(path: Path) -> None:
    known = DB_KEY
    for _ in range(3):
        following = os.urandom(32)
        again(path).begin_new_key(known, following, str(RECOVERY.recipient))
        again(path).settle(following, known, str(RECOVERY.recipient))
        known = following
    assert again(path).unlock("u-2", PASS, NOW).db_key == known
    assert again(path).unlock("u-2", PASS, NOW).db_key == known


def test_a_sign_in_closes_no_slot_anew_without_a_reason(path: Path) -> None:
    before = slot_copies.read(path).slots
    again(path).unlock("u-2", PASS, NOW)
    assert slot_copies.read(path).slots == before


def test_a_lost_escrow_is_made_anew_and_a_whole_one_stays(path: Path) -> None:
    another, file = age.generate_identity(), slot_copies.read(path)
    again(path).keep_escrow(DB_KEY, str(another.recipient))
    assert slot_copies.read(path).escrow == file.escrow
    for copy in slot_copies.escrows_of(path):
        copy.unlink()
    again(path).keep_escrow(DB_KEY, str(another.recipient))
    assert again(path).recover([another]) == (DB_KEY,)


def test_a_swapped_recipient_gets_no_key(path: Path) -> None:
    file, thief = slot_copies.read(path), age.generate_identity()
    put(path, file.with_slot(replace(file.slots[1], recipient=str(thief.recipient))))
    with pytest.raises(RuleError, match="Siti"):
        changing(path)


# As the program before this one wrote them: `version 1`, everything inside the sealed part, the escrow in the file.
def of_version_1(path: Path) -> None:
    def sealed(user: User, passphrase: str, key: SigningKey) -> slot_file.Slot:
        kdf, text = passphrases.new_kdf(SOFT), slot_file._text
        plain = {
            "db_key": text(DB_KEY),
            "certificate": text(key.certificate_der),
            "private": text(key.private_der),
            "pin": slot_seal._pin_as_json(passphrases.Pin.of("204060")),
        }
        nonce = os.urandom(12)
        cipher = passphrases.cipher_of(passphrase, kdf)
        bound = slot_seal._bound(1, "KIT-07", user)
        return slot_file.Slot(user, kdf, nonce + cipher.encrypt(nonce, json.dumps(plain).encode(), bound))

    file = slot_copies.read(path)
    slots = [sealed(ADMIN, ADMIN_PASS, ADMIN_KEY), sealed(SITI, PASS, SITI_KEY)]
    plain = {
        "version": 1,
        "kit": "KIT-07",
        "key_check": file.key_checks[0],
        "escrow": slot_file._text(file.escrow),
        "slots": [
            {
                name: value
                for name, value in slot_file._plain_slot(slot).items()
                if name in ("user", "name", "role", "argon2id", "sealed")
            }
            for slot in slots
        ],
        "lockouts": {},
    }
    for left in path.parent.iterdir():
        left.unlink()
    path.write_text(json.dumps({**plain, "digest": slot_file._digest(plain)}, ensure_ascii=False, indent=1))


def test_slots_of_the_first_version_open_and_are_brought_up_by_their_users(path: Path) -> None:
    of_version_1(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["keyslots.json"]
    assert again(path).recover([RECOVERY]) == (DB_KEY,)
    with pytest.raises(RuleError) as refused_names:
        changing(path)
    assert refused_names.value.problem.params == {"names": "Admin Dinas, Siti"}
    with pytest.raises(RuleError, match=r"vault\.sign_in_first"):
        again(path).replace_certificate("u-1", b"")
    opened = again(path).unlock("u-2", PASS, NOW)
    assert (opened.db_key, opened.signing_key) == (DB_KEY, SITI_KEY)
    opened.check_pin("204060")
    assert again(path).certificate("u-2") == SITI_KEY.certificate_der
    assert again(path).certificate("u-1") == b""
    assert sorted(entry.name for entry in path.parent.iterdir()) == [
        *("escrow.age", "escrow.copy.age", "keyslots.copy.json", "keyslots.json")
    ]
    assert json.loads(path.read_text().splitlines()[0])["version"] == 3
    with pytest.raises(RuleError) as refused_names:
        changing(path)
    assert refused_names.value.problem.params == {"names": "Admin Dinas"}
    again(path).unlock("u-1", ADMIN_PASS, NOW)
    assert again(path).recover([RECOVERY]) == (DB_KEY,)
    changing(path)


CODE = "KQ7F-2MZT-XVLA-6NWP-HRGD"


def test_a_sheet_opens_what_the_passphrase_opens_however_its_code_is_typed(path: Path) -> None:
    slots = again(path)
    with pytest.raises(VaultError, match=r"vault\.no_sheet"):
        slots.open_sheet(CODE, NOW)
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slots.keep_sheet("u-1", CODE, os.urandom(32), ADMIN_KEY)
    slots.keep_sheet("u-1", CODE, DB_KEY, ADMIN_KEY)
    assert (list(again(path).names()), list(slots.disabled()), slots.sheets()) == ([ADMIN, SITI], [], ["u-1"])
    opened = again(path).open_sheet("kq7f 2mzt xvla 6nwp hrgd", NOW)
    assert (opened.user, opened.db_key, opened.signing_key) == (ADMIN, DB_KEY, ADMIN_KEY)
    with pytest.raises(VaultError, match=r"vault\.wrong_sheet"):
        slots.open_sheet("KQ7F-2MZT-XVLA-6NWP-HRG2", NOW)
    slots.keep_sheet("u-1", CODE[::-1], DB_KEY, ADMIN_KEY)
    with pytest.raises(VaultError, match=r"vault\.wrong_sheet"):
        slots.open_sheet(CODE, NOW)


def test_a_sheet_outlives_a_passphrase_and_a_change_of_the_key_but_not_its_admin(path: Path) -> None:
    slots, other = again(path), User("u-3", "Admin Kedua", Role.ADMIN_DINAS)
    slots.add(other, ADMIN_PASS, DB_KEY, ADMIN_KEY)
    slots.keep_sheet("u-1", CODE, DB_KEY, ADMIN_KEY)
    slots.change_passphrase("u-1", ADMIN_PASS, PASS, NOW)
    new = os.urandom(32)
    slots.begin_new_key(DB_KEY, new, str(RECOVERY.recipient))
    slots.settle(new, DB_KEY, str(RECOVERY.recipient))
    assert slots.open_sheet(CODE, NOW).db_key == new
    slots.disable("u-1")
    with pytest.raises(VaultError, match=r"vault\.no_sheet"):
        slots.open_sheet(CODE, NOW)
