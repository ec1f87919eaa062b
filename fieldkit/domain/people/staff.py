"""The people of the dinas as papers name them: NIP, pangkat, jabatan. Not everybody of them has an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

NIP_DIGITS = 18  # Perka BKN 22/2007


class Kedudukan(StrEnum):
    """What somebody is for the papers of the dinas; their jabatan is only printed."""

    KEPALA_DINAS = "kepala_dinas"  # signs for the dinas, also as acting head (Plt., Plh.)
    LAIN = "lain"


@dataclass(frozen=True, slots=True)
class Staff:
    """A person whom a surat tugas may name. `user_id` is the account on this kit, "" without one."""

    KIND: ClassVar[str] = "staff"

    thing_id: str
    name: str
    nip: str = ""
    pangkat: str = ""  # with golongan, as printed: "Penata Tingkat I (III/d)"
    jabatan: str = ""
    user_id: str = ""
    activity_id: str = ""
    kedudukan: Kedudukan | None = None  # None: written by a program that read it off the jabatan
    qualifications: tuple[str, ...] = ()  # kualifikasi pelaksana, in the words of the SOPs

    @property
    def words(self) -> str:
        """Name, NIP and jabatan."""
        return f"{self.name} {self.nip} {self.jabatan}"


def qualified(crew: Iterable[Staff], words: str) -> tuple[Staff, ...]:
    """Return who has a qualification; capitals and blanks do not count."""
    wanted = _plain(words)
    return tuple(person for person in crew if wanted in map(_plain, person.qualifications))


def nobody_has(wanted: Sequence[str], crew: Sequence[Staff]) -> tuple[str, ...]:
    """Return the qualifications that nobody of a crew has; nothing is asked of a crew that is not chosen yet."""
    return tuple(words for words in wanted if not qualified(crew, words)) if crew else ()


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
