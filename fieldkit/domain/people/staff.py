"""The people of the dinas as papers name them: NIP, pangkat, jabatan. Not everybody of them has an account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


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

    @property
    def words(self) -> str:
        """Name, NIP and jabatan."""
        return f"{self.name} {self.nip} {self.jabatan}"
