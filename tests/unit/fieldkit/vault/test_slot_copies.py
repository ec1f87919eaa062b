from __future__ import annotations

import hashlib
import json
import os
import random
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.tries import some_of

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, slot_copies, slot_file
from fieldkit.vault.keyslots import Hardness, KeySlotFile
from fieldkit.vault.slot_file import Lockout, Slot, SlotFile

ADMIN, SITI = User("u-1", "Admin Dinas", Role.ADMIN_DINAS), User("u-2", "Siti Nurʼaini", Role.PETUGAS_PEREKAMAN)
FILE = SlotFile("KIT-07", ("00" * 8,), b"age-encryption.org/v1\n", (Slot(ADMIN), Slot(SITI)), {}, 1)
NEWER = replace(FILE, lockouts={"u-1": Lockout(3, datetime(2026, 8, 1, tzinfo=UTC))}, generation=2)
NOW = datetime(2026, 8, 1, 3, tzinfo=UTC)
BITS = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keyslots.json"
    slot_copies.write(path, FILE)
    return path


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def test_all_stands_twice_and_only_the_owner_may_read_it(path: Path) -> None:
    assert slot_copies.read(path) == FILE
    names = ["escrow.age", "escrow.copy.age", "keyslots.copy.json", "keyslots.json"]
    assert sorted(entry.name for entry in path.parent.iterdir()) == names
    assert {entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()} == {0o600}
    assert path.read_bytes() == slot_copies.copies_of(path)[1].read_bytes()


@pytest.mark.parametrize("which", [0, 1])
def test_the_newer_copy_counts_and_mends_the_older(path: Path, which: int) -> None:
    copy = slot_copies.copies_of(path)[which]
    copy.write_bytes(slot_file.to_bytes(replace(NEWER, escrow=FILE.escrow)))
    assert slot_copies.look(path).lockouts == NEWER.lockouts
    assert len({each.read_bytes() for each in slot_copies.copies_of(path)}) == 2, "who only looks mends nothing"
    assert slot_copies.read(path) == NEWER
    assert len({each.read_bytes() for each in slot_copies.copies_of(path)}) == 1
    assert slot_copies.read(path) == NEWER


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("of", [slot_copies.copies_of, slot_copies.escrows_of])
def test_a_lost_file_is_made_anew(path: Path, of: Callable[[Path], tuple[Path, Path]], which: int) -> None:
    of(path)[which].unlink()
    assert slot_copies.read(path) == FILE
    assert of(path)[0].read_bytes() == of(path)[1].read_bytes()


def test_a_missing_pair_is_not_a_damaged_one(path: Path) -> None:
    for copy in slot_copies.copies_of(path):
        copy.write_bytes(b"{")
    assert slot_copies.exist(path)
    for look in (slot_copies.read, slot_copies.look):
        with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
            look(path)
    for copy in slot_copies.copies_of(path):
        copy.unlink()
        copy.mkdir()  # there, and nothing reads it
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slot_copies.read(path)
    for copy in slot_copies.copies_of(path):
        copy.rmdir()
    assert not slot_copies.exist(path)
    with pytest.raises(VaultError, match=r"vault\.slots_missing"):
        slot_copies.read(path)
    assert list(slot_copies.escrows(path)) == [FILE.escrow]


def test_both_escrows_lost_keep_nobody_out(path: Path) -> None:
    for escrow in slot_copies.escrows_of(path):
        escrow.write_bytes(b"rot")
    assert slot_copies.read(path) == replace(FILE, escrow=b"")
    assert slot_copies.read(path) == replace(FILE, escrow=b"")


def test_an_escrow_that_was_changed_before_the_slots_knew_of_it_holds(path: Path) -> None:
    for escrow in slot_copies.escrows_of(path):
        escrow.write_bytes(b"age-encryption.org/v1\nnext")
    assert slot_copies.read(path).escrow == b"age-encryption.org/v1\nnext"
    assert slot_copies.read(path).escrow == b"age-encryption.org/v1\nnext"


def test_a_write_cut_off_leaves_the_old_state(path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
            slot_copies.write(path, NEWER)
        assert slot_copies.read(path) == FILE
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    slot_copies.write(path, NEWER)  # what was left over does not stand in the way
    assert slot_copies.read(path) == NEWER


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
        slot_copies.write(tmp_path / "none" / "keyslots.json", FILE)


def test_slots_made_elsewhere_are_put_in_place(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, kept = tmp_path / "kit", list[int]()
    target.mkdir()
    monkeypatch.setattr(slot_copies, "sync_folder", lambda folder: kept.append(len(list(folder.iterdir()))))
    slot_copies.put_in_place(path, target / "keyslots.json")
    assert kept == [1, 2, 3, 4], "each is on the disk before the next is moved"
    assert slot_copies.read(target / "keyslots.json") == FILE
    assert [entry.name for entry in tmp_path.iterdir()] == ["kit"]


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, age.Identity]:
    path, db_key, recovery = tmp_path_factory.mktemp("kit") / "keyslots.json", os.urandom(32), age.generate_identity()
    slots = KeySlotFile.create(path, "KIT-07", db_key, str(recovery.recipient), Hardness(64, 1, 1))
    slots.add(ADMIN, "kunci lemari besi", db_key, SigningKey(b"certificate", b"private"))
    slots.add(SITI, "kopi pagi di balai", db_key, SigningKey(b"certificate", b"private"))
    return path, db_key, recovery


def out_after(kit: tuple[Path, bytes, age.Identity], read: Callable[[Path], SlotFile]) -> bool:
    """Return whether somebody cannot come in, or the dinas cannot recover."""
    path, db_key, recovery = kit
    try:
        slots = KeySlotFile(path, read(path), Hardness(64, 1, 1))
        assert slots.unlock("u-1", "kunci lemari besi", NOW).db_key == db_key
        assert slots.unlock("u-2", "kopi pagi di balai", NOW).db_key == db_key
        assert slots.recover([recovery]) == (db_key,)
    except (VaultError, AssertionError):
        return True
    return False


def locked_out(kit: tuple[Path, bytes, age.Identity], which: Path, read: Callable[[Path], SlotFile]) -> int:
    """Flip random bits of one file, each alone; return after how many of them somebody cannot come in."""
    chance, whole, out = random.Random(7), which.read_bytes(), 0
    for bit in chance.sample(range(len(whole) * 8), BITS):
        flip(which, bit)
        if out_after(kit, read):
            out += 1
            which.write_bytes(whole)
        whole = which.read_bytes()
    return out


def locked_out_by_pairs(kit: tuple[Path, bytes, age.Identity], copies: tuple[Path, Path], seed: int, pairs: int) -> int:
    """Flip a random bit in each of two copies, at different places; return after how many pairs somebody is out."""
    chance, out = random.Random(seed), 0
    for _ in range(pairs):
        whole = [copy.read_bytes() for copy in copies]
        first, second = (chance.randrange(len(content) * 8) for content in whole)
        flip(copies[0], first)
        flip(copies[1], second if second // 8 != first // 8 else (second + 8) % (len(whole[1]) * 8))
        if out_after(kit, slot_copies.read):
            out += 1
            for copy, content in zip(copies, whole, strict=True):
                copy.write_bytes(content)
    return out


@pytest.mark.days
@pytest.mark.parametrize("name", some_of(["keyslots.json", "keyslots.copy.json", "escrow.age", "escrow.copy.age"], 2))
def test_one_flipped_bit_locks_nobody_out(kit: tuple[Path, bytes, age.Identity], name: str) -> None:
    assert locked_out(kit, kit[0].with_name(name), slot_copies.read) == 0


@pytest.mark.parametrize("of", [slot_copies.copies_of, slot_copies.escrows_of])
def test_a_flipped_bit_in_each_copy_locks_nobody_out(
    kit: tuple[Path, bytes, age.Identity], of: Callable[[Path], tuple[Path, Path]]
) -> None:
    assert locked_out_by_pairs(kit, of(kit[0]), seed=27, pairs=60) == 0


@pytest.mark.faults
@pytest.mark.parametrize("of", [slot_copies.copies_of, slot_copies.escrows_of])
def test_many_pairs_of_flipped_bits_lock_nobody_out(
    kit: tuple[Path, bytes, age.Identity], of: Callable[[Path], tuple[Path, Path]]
) -> None:
    assert locked_out_by_pairs(kit, of(kit[0]), seed=28, pairs=2_000) == 0


def test_files_of_the_form_before_are_read_through_pairs_and_written_anew(path: Path) -> None:
    head, *slots = map(json.loads, path.read_bytes().splitlines())
    plain = {key: value for key, value in head.items() if key != "digest"} | {"version": 2, "slots": slots}
    before = json.dumps({**plain, "digest": slot_file._digest(plain)}, ensure_ascii=False, indent=1).encode()
    for number, copy in enumerate(slot_copies.copies_of(path)):
        copy.write_bytes(before)
        flip(copy, 8 * (60 + 70 * number))
    assert slot_copies.read(path) == FILE
    assert {copy.read_bytes() for copy in slot_copies.copies_of(path)} == {slot_file.to_bytes(FILE)}


def test_the_same_place_of_both_copies_costs_one_user_and_nobody_else(kit: tuple[Path, bytes, age.Identity]) -> None:
    path, db_key, _ = kit
    whole = [copy.read_bytes() for copy in slot_copies.copies_of(path)]
    try:
        for copy in slot_copies.copies_of(path):
            flip(copy, 8 * whole[0].rindex(b"argon2id"))
        slots = KeySlotFile.open(path)
        assert ([user.user_id for user in slots.names()], slots.disabled()) == (["u-1"], [SITI])
        opened = slots.unlock("u-1", "kunci lemari besi", NOW)
        slots.add(SITI, "teh pagi di balai", db_key, opened.signing_key)
        assert KeySlotFile.open(path).unlock("u-2", "teh pagi di balai", NOW).db_key == db_key
    finally:
        for copy, content in zip(slot_copies.copies_of(path), whole, strict=True):
            copy.write_bytes(content)


def test_the_flipped_bits_catch_a_program_that_reads_one_file_only(kit: tuple[Path, bytes, age.Identity]) -> None:
    def read_one(path: Path) -> SlotFile:
        try:
            parsed = slot_file.from_bytes(path.read_bytes())
        except (ValueError, KeyError) as error:
            raise VaultError("vault.slots_damaged") from error
        escrow = path.with_name("escrow.age").read_bytes()
        assert hashlib.sha256(escrow).hexdigest() == parsed.escrow_sha256
        return replace(parsed.file, escrow=escrow)

    assert locked_out(kit, kit[0], read_one) > BITS * 0.9
