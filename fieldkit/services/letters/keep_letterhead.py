"""Keep the letterhead of the dinas: what the gateway's profile says, until somebody here edits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.letterhead import THE_LETTERHEAD, Letterhead, check_pattern
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.people.staff import Kedudukan, Staff
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitsOfWork

_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
MOST_LOGO_BYTES = 500_000


class KeepLetterhead:
    """The letterhead and the number patterns. `profile` is what enrolment brought (`dinas`, `regency`, …)."""

    def __init__(self, units: UnitsOfWork, profile: Mapping[str, str]) -> None:
        self._units, self._profile = units, profile

    def read(self) -> Letterhead:
        """Return the letterhead as it stands."""
        with self._units.read() as unit:
            return self.within(unit)

    def within(self, unit: Unit) -> Letterhead:
        """Return the letterhead as it stands within a transaction."""
        kept = unit.repository(Letterhead).find(THE_LETTERHEAD)
        if kept is not None:
            return kept
        told = self._profile.get
        return Letterhead(
            dinas=told("dinas", ""),
            regency=told("regency", ""),
            address=told("address", ""),
            contact=told("contact", ""),
            city=told("city", ""),
            code=told("code", ""),
        )

    def edit(self, changed: Letterhead) -> Letterhead:
        """Keep an edited letterhead. Raise `InputError` for a number pattern that builds no number."""
        for kind, pattern in changed.patterns.items():
            if kind not in set(LetterKind):
                raise InputError("letter.unknown", letter=kind)
            check_pattern(pattern)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            work.keep(changed, "letterhead_edited")
        return changed

    def put_logo(self, picture: bytes) -> Letterhead:
        """Put a PNG or JPEG into the letterhead. Raise `InputError("letter.logo_wrong")` for anything else."""
        media = next((media for magic, media in _MAGIC.items() if picture.startswith(magic)), "")
        if not media or len(picture) > MOST_LOGO_BYTES:
            raise InputError("letter.logo_wrong", most_kb=MOST_LOGO_BYTES // 1000)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            logo = work.attach(THE_LETTERHEAD, f"logo.{media.removeprefix('image/')}", media, picture)
            changed = replace(self.within(work.unit), logo=logo)
            work.keep(changed, "letterhead_edited")
        return changed


def head_of(unit: Unit, letterhead: Letterhead) -> Staff | None:
    """Return who signs for the dinas: the one the letterhead names, else the one head among the staff."""
    repository = unit.repository(Staff)
    named = repository.find(letterhead.head)
    if named is not None:
        return named
    heads = [person for person in repository.search() if person.kedudukan is Kedudukan.KEPALA_DINAS]
    return heads[0] if len(heads) == 1 else None
