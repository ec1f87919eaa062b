"""An outreach activity (kegiatan jemput bola) and its target list (data sasaran)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from fieldkit.domain.recording.biodata import Address, Biodata


class ModePerekaman(StrEnum):
    """Whether a region sends right after sealing or from the office."""

    DARING = "daring"
    LURING = "luring"


class ServiceCategory(StrEnum):
    """Why the team comes to the person. Never printed, never on courier lists."""

    LANSIA = "lansia"
    DISABILITAS = "disabilitas"
    ODGJ = "odgj"
    SAKIT = "sakit"
    PEMULA = "pemula"
    UMUM = "umum"


class TargetState(StrEnum):
    """Local status of a target up to the seal; after it the delivery state speaks."""

    PLANNED = "planned"
    RECORDING = "recording"
    RECORDED = "recorded"
    RECORDED_WITH_EXCEPTION = "recorded_with_exception"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class TargetVerdict(StrEnum):
    """What the check of a target list against SIAK said before leaving."""

    BELUM_DICEK = "belum_dicek"
    TERVERIFIKASI = "terverifikasi"
    SUDAH_MEREKAM = "sudah_merekam"
    NIK_BERMASALAH = "nik_bermasalah"
    MENINGGAL = "meninggal"
    PINDAH = "pindah"


@dataclass(frozen=True, slots=True)
class TargetFilter:
    """What a list of targets shows; an empty group lets everything through."""

    text: str = ""  # every word as a beginning in name, NIK or address
    states: tuple[TargetState, ...] = ()
    categories: tuple[ServiceCategory, ...] = ()
    verdicts: tuple[TargetVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """How many targets of an activity stand in each state and service category; what nobody has is not named."""

    of: Mapping[tuple[TargetState, ServiceCategory], int]

    def matching(self, states: Collection[TargetState] = (), categories: Collection[ServiceCategory] = ()) -> int:
        """Return how many a filter lets through; an empty group lets everything through."""
        return sum(
            count
            for (state, category), count in self.of.items()
            if (not states or state in states) and (not categories or category in categories)
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """One outreach day of one team."""

    activity_id: str
    name: str
    place: str
    on: date
    mode: ModePerekaman
    surat_tugas: str
    sop: str


@dataclass(frozen=True, slots=True)
class Target:
    """A resident to be visited, as verified before leaving. `house` is the order of the visits, from 1."""

    target_id: str
    activity_id: str
    house: int
    biodata: Biodata
    category: ServiceCategory
    state: TargetState = TargetState.PLANNED
    reason: str = ""
    is_walk_in: bool = False
    verdict: TargetVerdict = TargetVerdict.BELUM_DICEK

    @property
    def name(self) -> str:
        """Return the name."""
        return self.biodata.name

    @property
    def address(self) -> Address:
        """Return where somebody lives."""
        return self.biodata.address


class TargetLine(NamedTuple):
    """A target as lists and plans hold it by the thousand: who it is, is read from its text when somebody looks.

    A plain tuple: thousands are made while a screen opens, and few are ever looked at.
    """

    target_id: str
    activity_id: str
    house: int
    category: ServiceCategory
    state: TargetState
    reason: str
    verdict: TargetVerdict
    is_walk_in: bool
    text: str  # the biodata as they are kept
    read: Callable[[str], Biodata]
    read_part: Callable[[str, str], Any]

    @property
    def biodata(self) -> Biodata:
        """Return who it is."""
        return self.read(self.text)

    @property
    def name(self) -> str:
        """Return the name."""
        return str(self.part("name"))

    @property
    def address(self) -> Address:
        """Return where somebody lives."""
        return Address(**self.part("address"))

    def part(self, name: str) -> Any:
        """Return one field of the biodata as it is kept; whole lists are put in order by it."""
        return self.read_part(self.text, name)


@dataclass(frozen=True, slots=True)
class TargetKey:
    """Which target of which activity has a NIK: enough to compare lists."""

    nik: str
    target_id: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class OutreachCount:
    """The numbers of the Beranda card."""

    targets: int
    recorded: int
    with_exception: int
    revisit: int
    waiting: int
    unsent: int
    oldest_unsent_at: datetime | None
