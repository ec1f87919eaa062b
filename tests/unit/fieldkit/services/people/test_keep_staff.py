from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.plans import ADMIN, KASI, STAFF

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.people import Kedudukan, Staff
from fieldkit.services.people.keep_staff import KeepStaff


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    yield kit
    kit.store.close()


@pytest.fixture
def staff(kit: Kit) -> KeepStaff:
    return kit.context.office.staff


def test_people_are_kept_tidy_and_found_by_any_word(kit: Kit, staff: KeepStaff) -> None:
    kept = staff.save(Staff("", "  Bagus   Santoso ", "19870412 201001 1 003", " Penata Muda (III/a) ", " Ketua tim "))
    assert kept.thing_id
    assert (kept.name, kept.nip) == ("Bagus Santoso", "198704122010011003")
    assert staff.get(kept.thing_id) == kept
    staff.save(STAFF[2])
    assert [person.name for person in staff.search()] == ["Agus Setiawan", "Bagus Santoso"]
    assert [person.name for person in staff.search("ketua")] == ["Bagus Santoso"]
    with kit.store.read() as unit:
        assert "Bagus" not in str(unit.events.of(kept.thing_id)[0].payload)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (Staff("", "  "), "staff.no_name"),
        (Staff("", "A", "1987"), "staff.nip"),
        (Staff("", "A", "19870412201001100x"), "staff.nip"),
        (Staff("", "A", "١" * 18), "staff.nip"),
        (replace(STAFF[0], thing_id="", user_id=""), "staff.nip_taken"),
        (Staff("", "A", user_id="u2"), "staff.account_taken"),
    ],
)
def test_what_cannot_be_is_refused(staff: KeepStaff, person: Staff, code: str) -> None:
    staff.save(STAFF[0])
    with pytest.raises(InputError) as refused:
        staff.save(person)
    assert refused.value.code == code
    assert len(staff.search()) == 1


def test_a_dinas_has_one_head(staff: KeepStaff) -> None:
    head = staff.save(Staff("", "Endang", kedudukan=Kedudukan.KEPALA_DINAS))
    assert staff.save(head) == head
    with pytest.raises(InputError, match=r"staff\.head_taken"):
        staff.save(Staff("", "Retno", kedudukan=Kedudukan.KEPALA_DINAS))
    assert staff.save(Staff("", "Retno")).kedudukan is Kedudukan.LAIN


def test_a_person_can_be_changed_and_taken_off(kit: Kit, staff: KeepStaff) -> None:
    staff.save(STAFF[0])
    staff.save(replace(STAFF[0], jabatan="Kasi"))
    assert staff.search()[0].jabatan == "Kasi"
    staff.remove("s1")
    with pytest.raises(StoreError):
        staff.get("s1")
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of("s1")] == ["staff_saved", "staff_saved", "staff_removed"]


def test_several_people_are_kept_in_one_act_or_nobody(staff: KeepStaff) -> None:
    with pytest.raises(InputError, match=r"staff\.nip_taken"):
        staff.save_all([STAFF[0], replace(STAFF[1], nip=STAFF[0].nip)])
    assert staff.search() == []
    staff.save_all([replace(STAFF[0], name=" Bagus  Santoso"), STAFF[1]])
    assert [person.name for person in staff.search()] == ["Bagus Santoso", "Rina Wulandari"]


def test_accounts_are_offered_and_planners_and_the_profile_keeper_may_write(kit: Kit, staff: KeepStaff) -> None:
    assert {user.user_id for user in staff.accounts()} >= {"u1", "u2", "u3"}
    kit.context.office.units.user = ADMIN
    staff.save(STAFF[0])
    kit.context.office.units.user = PENGURUS
    with pytest.raises(RuleError):
        staff.save(STAFF[1])
