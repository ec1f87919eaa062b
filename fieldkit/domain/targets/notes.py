"""What a target list brings beyond the KK, and what the team should know before it knocks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class LegalCategory(StrEnum):
    """Penduduk rentan administrasi kependudukan (UU 24/2013); another question than the service category."""

    KORBAN_BENCANA_ALAM = "korban_bencana_alam"
    KORBAN_BENCANA_SOSIAL = "korban_bencana_sosial"
    ORANG_TERLANTAR = "orang_terlantar"
    KOMUNITAS_TERPENCIL = "komunitas_terpencil"


@dataclass(frozen=True, slots=True)
class TargetNotes:
    """One per target that has any; its id is the target's. Never printed, never on courier lists."""

    KIND: ClassVar[str] = "target_notes"

    thing_id: str
    activity_id: str
    legal: LegalCategory | None = None
    access: str = ""  # how to get to the house
    contact: str = ""  # of the family
    safety: str = ""  # private: what calms, what to beware of
    latitude: float | None = None
    longitude: float | None = None
    check: str = ""  # what SIAK or the desa answered about the person
    needs_escort: bool = False  # somebody for the safety of the team comes along to this door

    @property
    def words(self) -> str:
        """Nothing: these notes are not to be found by words."""
        return ""
