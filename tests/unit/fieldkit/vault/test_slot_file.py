from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.vault import slot_file
from fieldkit.vault.slot_file import Kdf, Lockout, Slot, SlotFile, whole_of

ADMIN, SITI = User("u-1", "Admin Dinas", Role.ADMIN_DINAS), User("u-2", "Siti Nurʼaini", Role.PETUGAS_PEREKAMAN)
FILE = SlotFile(
    kit_id="KIT-07",
    key_checks=("00" * 8,),
    escrow=b"",
    slots=(Slot(ADMIN, Kdf(64, 1, 1, b"s" * 16), b"sealed", b"certificate", "age1pq1", "ab", (b"link",)), Slot(SITI)),
    lockouts={"u-1": Lockout(3, datetime(2026, 8, 1, tzinfo=UTC))},
    generation=7,
)


def signed(plain: dict[str, Any]) -> bytes:
    plain.pop("digest", None)
    return json.dumps({**plain, "digest": slot_file._digest(plain)}).encode()


def read_again(**changes: Any) -> SlotFile:
    """Change what stands there, with digests that fit, and read it."""
    head, *lines = slot_file.to_bytes(FILE).splitlines()
    lines = [json.dumps(slot).encode() for slot in changes.pop("slots", map(json.loads, lines))]
    stated = [
        {"user": "u", "name": "N", "role": "loket", "bytes": len(line), "sha256": hashlib.sha256(line).hexdigest()}
        for line in lines
    ]
    return slot_file.from_bytes(b"\n".join([signed({**json.loads(head), "slots": stated, **changes}), *lines])).file


def of_version_2(**changes: Any) -> bytes:
    """Return the file as the program before wrote it: one digest for all."""
    head, *lines = map(json.loads, slot_file.to_bytes(FILE).splitlines())
    return signed({**head, "version": 2, "slots": lines, **changes})


def test_what_is_written_is_read() -> None:
    assert slot_file.from_bytes(slot_file.to_bytes(FILE)).file == FILE
    assert read_again() == FILE
    assert [slot.is_disabled for slot in FILE.slots] == [False, True]
    # Kits of every version read each other's files.
    assert (
        hashlib.sha256(slot_file.to_bytes(FILE)).hexdigest()
        == "0ed21ca67a149715a218a96c6a0652a3ad0413088f0258212df891800f4d7ce6"
    )


def test_what_is_closed_is_not_shown() -> None:
    shown = repr(FILE)
    assert [name for name in ("escrow=", "sealed=", "certificate=", "recipient=", "links=") if name in shown] == []


def test_two_keys_stand_there_while_one_is_changed_for_the_other() -> None:
    assert read_again(key_checks=["a", "b"]).key_checks == ("a", "b")


def test_the_first_version_is_read_with_the_escrow_inside() -> None:
    plain = {
        "version": 1,
        "kit": "KIT-07",
        "key_check": "00" * 8,
        "slots": [
            {
                "user": "u-1",
                "name": "Admin Dinas",
                "role": "admin_dinas",
                "argon2id": {"memory_kib": 64, "iterations": 1, "lanes": 1, "salt": "c3Nzcw=="},
                "sealed": "c2VhbGVk",
            }
        ],
        "escrow": "YWdl",
        "lockouts": {},
    }
    parsed = slot_file.from_bytes(signed(plain))
    assert (parsed.escrow_sha256, parsed.file.escrow, parsed.file.generation) == ("", b"age", 0)
    assert [slot.is_old for slot in parsed.file.slots] == [True]
    assert [slot.is_old for slot in FILE.slots] == [False, False]


def test_the_second_version_is_read_with_one_digest_for_all() -> None:
    assert slot_file.from_bytes(of_version_2()).file == FILE
    with pytest.raises(ValueError, match="twice"):
        slot_file.from_bytes(of_version_2(slots=[{"user": "u-1", "name": "A", "role": "loket"}] * 2))


@pytest.mark.parametrize("write", [lambda: slot_file.to_bytes(FILE), of_version_2], ids=["3", "2"])
def test_rot_is_noticed(write: Callable[[], bytes]) -> None:
    whole = write()
    for position in range(0, len(whole) - 1, 7):  # the last byte of all ends a line and says nothing
        rotten = whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :]
        try:
            parsed = slot_file.from_bytes(rotten)
        except (ValueError, KeyError):
            continue
        assert parsed.lost == 1 or (parsed.file == FILE and whole[position : position + 1] == b"\n")
    with pytest.raises((ValueError, KeyError)):
        slot_file.from_bytes(whole[: len(whole) // 4])


def test_a_slot_that_is_whole_nowhere_costs_its_user_alone() -> None:
    file = FILE.with_slot(replace(FILE.slots[0], user=User("u-3", "Budi", Role.KETUA_TIM)))
    whole = slot_file.to_bytes(file)
    rotten = whole.replace(b'"user": "u-1", "name": "Admin Dinas", "role": "admin_dinas", "arg', b"#" * 64)
    assert rotten != whole
    parsed = slot_file.from_bytes(rotten, rotten)
    assert parsed.lost == 1
    assert parsed.file == file.with_slot(Slot(ADMIN)), "for a new start by the admin"
    assert slot_file.from_bytes(rotten, whole) == slot_file.from_bytes(whole)
    with pytest.raises(ValueError, match="no slot is left"):
        slot_file.from_bytes(rotten.replace(b'"lanes": 1', b'"lanes": 2'))


def test_a_slot_of_another_generation_is_taken_only_when_it_is_the_same() -> None:
    file = FILE.with_slot(replace(FILE.slots[0], user=User("u-3", "Budi", Role.KETUA_TIM)))
    newer = replace(file.without_lockout("u-1").with_slot(replace(file.slots[0], sealed=b"another")), generation=8)
    older, rotten = slot_file.to_bytes(file), slot_file.to_bytes(newer)
    budi = rotten.rindex(b"lanes")
    for place in (budi, rotten.index(b"sealed")):
        rotten = rotten[:place] + b"#" + rotten[place + 1 :]
    parsed = slot_file.from_bytes(rotten, older)
    assert (parsed.file, parsed.lost) == (newer.with_slot(Slot(ADMIN)), 1), "the old passphrase opens nothing again"


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "7", "[" * 100_000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_other_files_are_refused(text: str | bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        slot_file.from_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 4},
        {"version": 2},
        {"kit": None},
        {"generation": 0},
        {"key_checks": []},
        {"key_checks": ["a", "b", "c"]},
        {"key_checks": [7]},
        {"slots": ["x"]},
        {"slots": [{"user": "u-1", "name": "A", "role": "king"}]},
        {"slots": [{"user": "u-1", "name": "A", "role": "loket"}] * 2},
        {"slots": [{"user": "u-1", "name": "A", "role": "loket", "argon2id": {}}]},
        {"slots": [{**json.loads(slot_file.to_bytes(FILE).splitlines()[1]), "sealed": "c2Vh-bGVk"}]},
        {"escrow_sha256": None},
        {"lockouts": {"u-1": {"failures": -1, "failed_at": "2026-08-01T00:00:00+00:00"}}},
        {"lockouts": {"u-1": {"failures": 1, "failed_at": "2026-08-01T00:00:00"}}},
    ],
)
def test_odd_content_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_again(**changes)


@pytest.mark.parametrize(
    ("name", "value"), [("memory_kib", 2**20 + 1), ("iterations", 65), ("lanes", 17), ("lanes", 0), ("lanes", "4")]
)
def test_absurd_costs_are_refused_before_they_are_paid(name: str, value: object) -> None:
    slot = json.loads(slot_file.to_bytes(FILE).splitlines()[1])
    most = {**slot["argon2id"], "memory_kib": 2**20, "iterations": 64, "lanes": 16}
    assert read_again(slots=[{**slot, "argon2id": most}])
    with pytest.raises(ValueError, match="out of bounds"):
        read_again(slots=[{**slot, "argon2id": {**slot["argon2id"], name: value}}])


def test_slots_keep_their_order() -> None:
    changed = FILE.with_slot(Slot(ADMIN))
    assert [slot.user for slot in changed.slots] == [ADMIN, SITI]
    third = Slot(User("u-3", "Budi", Role.KETUA_TIM))
    assert FILE.with_slot(third).slots == (*FILE.slots, third)
    assert (FILE.slot("u-1"), FILE.slot("u-2")) == FILE.slots
    tried = Lockout(1, datetime(2026, 8, 2, tzinfo=UTC))
    assert FILE.with_lockout("u-2", tried).lockouts == {**FILE.lockouts, "u-2": tried}
    assert FILE.without("u-1").slots == FILE.slots[1:]
    assert FILE.without("u-1").lockouts == {}


def test_an_unknown_user_is_named_so() -> None:
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        FILE.slot("u-9")


WHOLE = b"what was written"


def is_whole(content: bytes) -> bool:
    return content == WHOLE


def test_a_whole_copy_is_found_on_either_side() -> None:
    for other in (WHOLE, b"", b"what was wrotten", b"#" * len(WHOLE), b"longer " + WHOLE):
        assert whole_of(WHOLE, other, is_whole) == WHOLE
        assert whole_of(other, WHOLE, is_whole) == WHOLE


def test_damage_at_different_places_leaves_a_whole_mixture() -> None:
    assert whole_of(b"What was wr#tten", b"what wos writt#n", is_whole) == WHOLE


def test_damage_at_the_same_place_leaves_none() -> None:
    assert whole_of(b"what was wr#tten", b"what was wrotten", is_whole) is None
    assert whole_of(b"#" * 8 + WHOLE[8:], WHOLE[:8] + b"#" * 8, is_whole) is None, "too many mixtures"
    assert whole_of(b"what", WHOLE[4:], is_whole) is None
