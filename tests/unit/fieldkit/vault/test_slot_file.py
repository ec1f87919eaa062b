from __future__ import annotations

import json
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.vault import slot_file
from fieldkit.vault.slot_file import Kdf, Lockout, Slot, SlotFile

ADMIN, SITI = User("u-1", "Admin Dinas", Role.ADMIN_DINAS), User("u-2", "Siti Nurʼaini", Role.PETUGAS_PEREKAMAN)
FILE = SlotFile(
    kit_id="KIT-07",
    key_check="00" * 8,
    escrow=b"age-encryption.org/v1\n",
    slots=(Slot(ADMIN, Kdf(64, 1, 1, b"s" * 16), b"sealed"), Slot(SITI)),
    lockouts={"u-1": Lockout(3, datetime(2026, 8, 1, tzinfo=UTC))},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyslots.json"


def damaged(path: Path, **changes: Any) -> str:
    """Change what stands there, with a digest that fits, and read it."""
    slot_file.write(path, FILE)
    plain = {**json.loads(path.read_text()), **changes}
    plain.pop("digest")
    plain["digest"] = slot_file._digest(plain)
    path.write_text(json.dumps(plain))
    with pytest.raises(VaultError) as caught:
        slot_file.read(path)
    return caught.value.code


def test_what_is_written_is_read(path: Path) -> None:
    slot_file.write(path, FILE)
    assert slot_file.read(path) == FILE
    assert [slot.is_disabled for slot in FILE.slots] == [False, True]


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    slot_file.write(path, FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_write_cut_off_leaves_the_old_file(path: Path) -> None:
    slot_file.write(path, FILE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
            slot_file.write(path, FILE.without("u-1"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert slot_file.read(path) == FILE
    slot_file.write(path, FILE.without("u-1"))  # what was left over does not stand in the way
    assert slot_file.read(path) == FILE.without("u-1")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_unwritable"):
        slot_file.write(tmp_path / "none" / "keyslots.json", FILE)


def test_a_missing_file_is_not_a_damaged_one(path: Path) -> None:
    with pytest.raises(VaultError, match=r"vault\.slots_missing"):
        slot_file.read(path)


def test_rot_is_noticed(path: Path) -> None:
    slot_file.write(path, FILE)
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
            slot_file.read(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slot_file.read(path)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "7", "[" * 100_000])
def test_other_files_are_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slot_file.read(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"kit": None},
        {"slots": {}},
        {"slots": ["x"]},
        {"slots": [{"user": "u-1", "name": "A", "role": "king"}]},
        {"slots": [{"user": "u-1", "name": "A", "role": "loket"}] * 2},
        {"slots": [{"user": "u-1", "name": "A", "role": "loket", "argon2id": {}}]},
        {"escrow": "???"},
        {"lockouts": {"u-1": {"failures": -1, "failed_at": "2026-08-01T00:00:00+00:00"}}},
        {"lockouts": {"u-1": {"failures": 1, "failed_at": "2026-08-01T00:00:00"}}},
    ],
)
def test_odd_content_is_refused(path: Path, changes: dict[str, Any]) -> None:
    assert damaged(path, **changes) == "vault.slots_damaged"


@pytest.mark.parametrize(
    ("name", "value"), [("memory_kib", 1 << 30), ("iterations", 10**9), ("lanes", 0), ("lanes", "4")]
)
def test_absurd_costs_are_refused_before_they_are_paid(path: Path, name: str, value: object) -> None:
    slot = {"user": "u-1", "name": "A", "role": "loket", "sealed": "AAAA"}
    kdf = {"memory_kib": 64, "iterations": 1, "lanes": 1, "salt": "AAAA", name: value}
    assert damaged(path, slots=[{**slot, "argon2id": kdf}]) == "vault.slots_damaged"


def test_slots_keep_their_order() -> None:
    changed = FILE.with_slot(Slot(ADMIN))
    assert [slot.user for slot in changed.slots] == [ADMIN, SITI]
    third = Slot(User("u-3", "Budi", Role.KETUA_TIM))
    assert FILE.with_slot(third).slots == (*FILE.slots, third)
    assert FILE.without("u-1").slots == FILE.slots[1:]
    assert FILE.without("u-1").lockouts == {}


def test_an_unknown_user_is_named_so() -> None:
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        FILE.slot("u-9")
