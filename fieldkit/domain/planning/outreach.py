"""An outreach activity (kegiatan jemput bola) and its target list (data sasaran)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from fieldkit.domain.recording.biodata import Biodata


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


class TargetGlance(NamedTuple):
    """What a plan asks of a target. A plain tuple: a plan reads thousands at once."""

    target_id: str
    house: int
    category: ServiceCategory
    name: str
    street: str


class TargetLine:
    """A target as lists hold it by the thousand: who it is, is read from the stored text when somebody looks.

    No dataclass: it keeps what was read, and thousands are made while a screen opens.
    """

    __slots__ = (
        *("target_id", "activity_id", "house", "category", "state", "reason", "is_walk_in", "verdict"),
        *("_text", "_read", "_who"),
    )

    def __init__(
        self,
        target_id: str,
        activity_id: str,
        house: int,
        category: ServiceCategory,
        state: TargetState,
        reason: str,
        verdict: TargetVerdict,
        text: str,
        read: Callable[[str], Biodata],
        *,
        is_walk_in: bool,
    ) -> None:
        self.target_id, self.activity_id, self.house = target_id, activity_id, house
        self.category, self.state, self.reason, self.verdict = category, state, reason, verdict
        self.is_walk_in = is_walk_in
        self._text, self._read = text, read
        self._who: Biodata | None = None

    @property
    def biodata(self) -> Biodata:
        """Return who it is."""
        if self._who is None:
            self._who = self._read(self._text)
        return self._who


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
