"""The people of the dinas whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import NIP_DIGITS, Kedudukan, Staff
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class KeepStaff:
    """Reads and writes the staff list. Planners and the keeper of the profile may change it."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def search(self, text: str = "") -> Sequence[Staff]:
        """Return the people who match what was typed, by name."""
        with self._units.read() as unit:
            return sorted(unit.repository(Staff).search(text), key=lambda person: person.name.casefold())

    def get(self, staff_id: str) -> Staff:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(Staff).get(staff_id)

    def accounts(self) -> Sequence[User]:
        """Return the accounts that a person may have."""
        with self._units.read() as unit:
            return unit.users()

    def save(self, person: Staff) -> Staff:
        """Keep a person; without an id a new one. Raise `InputError` for no name, a NIP or account that cannot be."""
        tidy = tidied(person)
        with self._units.write(self._permission) as work:
            return _kept(work, tidy)

    def save_all(self, people: Sequence[Staff]) -> None:
        """Keep people in one act, or nobody. Raise as `save`."""
        with self._units.write(self._permission) as work:
            for person in people:
                _kept(work, tidied(person))

    def remove(self, staff_id: str) -> None:
        """Take a person off the list; plans and papers of before keep what they say."""
        with self._units.write(self._permission) as work:
            work.unit.repository(Staff).remove(staff_id)
            work.note("staff_removed", staff_id)

    @property
    def _permission(self) -> Permission:
        return Permission.PLAN if self._units.user.may(Permission.PLAN) else Permission.KEEP_PROFILE


def tidied(person: Staff) -> Staff:
    """Return a person as papers name him. Raise `InputError` `staff.no_name`, `staff.nip`."""
    tidy = replace(
        person,
        name=" ".join(person.name.split()),
        nip="".join(person.nip.split()),
        pangkat=person.pangkat.strip(),
        jabatan=person.jabatan.strip(),
        kedudukan=person.kedudukan or Kedudukan.LAIN,
    )
    if not tidy.name:
        raise InputError("staff.no_name").at("name")
    if tidy.nip and not (tidy.nip.isascii() and tidy.nip.isdigit() and len(tidy.nip) == NIP_DIGITS):
        raise InputError("staff.nip").at("nip")
    return tidy


def _kept(work: UnitOfWork, tidy: Staff) -> Staff:
    kept = replace(tidy, thing_id=tidy.thing_id or work.ids.new())
    for other in work.unit.repository(Staff).search():
        if other.thing_id != kept.thing_id:
            _demand_different(kept, other)
    work.keep(kept, "staff_saved")
    return kept


def _demand_different(one: Staff, other: Staff) -> None:
    if one.nip and one.nip == other.nip:
        raise InputError("staff.nip_taken", name=other.name).at("nip")
    if one.kedudukan is other.kedudukan is Kedudukan.KEPALA_DINAS:
        raise InputError("staff.head_taken", name=other.name).at("kedudukan")
    if one.user_id and one.user_id == other.user_id:
        raise InputError("staff.account_taken", name=other.name).at("user_id")
