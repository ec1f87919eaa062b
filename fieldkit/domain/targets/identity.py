"""People who have no NIK yet: on what word they are recorded, and how their NIK came later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.nik import Nik

WITNESSES = 2


class NikPaper(StrEnum):
    """From which paper a NIK was taken."""

    KK = "kk"
    KTP_EL = "ktp_el"
    BIODATA = "biodata"  # of SIAK
    BIOMETRIK = "biometrik"  # the data center found the person by finger or iris
    SURAT = "surat"  # of the dinas


@dataclass(frozen=True, slots=True)
class NikAdded:
    """The NIK of somebody who was taken in without one; the provisional number stays on what was sent before."""

    KIND: ClassVar[str] = "nik_added"

    thing_id: str  # target_id
    activity_id: str
    provisional: str
    nik: Nik
    paper: NikPaper
    number: str  # of the paper, as it stands there
    by: str  # user_id
    at: datetime

    @property
    def words(self) -> str:
        """Nothing: a NIK is not to be found by words."""
        return ""


def statement_of(letters: Iterable[Letter], target_id: str) -> Letter | None:
    """Return the issued F-1.04 of a person that names two witnesses, None while there is none."""
    for letter in letters:
        of_person = letter.letter is LetterKind.F_1_04 and letter.fields.get("subject") == target_id
        named = [row for row in letter.fields.get("witnesses", ()) if row["name"]] if of_person else []
        if len(named) >= WITNESSES and letter.state is LetterState.ISSUED:
            return letter
    return None
