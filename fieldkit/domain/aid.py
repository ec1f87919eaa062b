"""Social aid after the recording (Madiun SOP, steps 9–12): what a person has, what was proposed, what became of it.

The office lists and passes on. Who gets what is decided by others; their acts are written down by the staff.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.errors import InputError, RuleError

DECILES = range(1, 11)


class Dtsen(StrEnum):
    """Whether a person stands in the Data Tunggal Sosial dan Ekonomi Nasional (before: DTKS), as told."""

    TERDAFTAR = "terdaftar"
    BELUM = "belum"
    TIDAK_TAHU = "tidak_tahu"


class Program(StrEnum):
    """A programme of aid."""

    PKH = "pkh"
    SEMBAKO = "sembako"  # BPNT
    PBI_JK = "pbi_jk"
    ATENSI = "atensi"
    BLT_DD = "blt_dd"
    DAERAH = "daerah"


class AidState(StrEnum):
    """How far a proposal is."""

    DICATAT = "dicatat"
    DIUSULKAN = "diusulkan"  # by the desa, after its musdes
    DIVERIFIKASI = "diverifikasi"  # by Dinsos
    DITETAPKAN = "ditetapkan"
    DITOLAK = "ditolak"
    DISALURKAN = "disalurkan"


_S = AidState
# Dinsos often tells only the result, and what was refused may be proposed again.
WAYS: Mapping[AidState, tuple[AidState, ...]] = {
    _S.DICATAT: (_S.DIUSULKAN,),
    _S.DIUSULKAN: (_S.DIVERIFIKASI, _S.DITETAPKAN, _S.DITOLAK),
    _S.DIVERIFIKASI: (_S.DITETAPKAN, _S.DITOLAK),
    _S.DITETAPKAN: (_S.DISALURKAN,),
    _S.DITOLAK: (_S.DIUSULKAN,),
    _S.DISALURKAN: (),
}
OVER = frozenset({_S.DITOLAK, _S.DISALURKAN})


@dataclass(frozen=True, slots=True)
class AidAct:
    """Somebody brought a proposal into a state: an outsider as `who`, written down by the account `by`."""

    state: AidState
    at: datetime
    by: str  # user_id
    who: str = ""
    paper: str = ""  # number of the letter or of the minutes of the musdes
    paper_on: date | None = None
    files: tuple[str, ...] = ()  # attachment_ids
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Aid:
    """One programme that a person may need, from its note to its end."""

    program: Program
    acts: tuple[AidAct, ...]
    follow_up_on: date | None = None

    @property
    def state(self) -> AidState:
        """Return how far it is."""
        return self.acts[-1].state

    @property
    def is_over(self) -> bool:
        """Return whether nothing is to be asked any more."""
        return self.state in OVER

    def is_due(self, today: date) -> bool:
        """Return whether somebody should ask about it."""
        return not self.is_over and self.follow_up_on is not None and self.follow_up_on <= today

    def moved(self, act: AidAct, follow_up_on: date | None) -> Aid:
        """Return it one act further. Raise `RuleError("aid.no_way")`, `InputError("aid.out_of_order")`."""
        last = self.acts[-1]
        if act.state not in WAYS[last.state]:
            raise RuleError("aid.no_way", current=last.state.value, wanted=act.state.value)
        if last.who and act.at < last.at:  # a need is often noted only after the musdes
            raise InputError("aid.out_of_order")
        ahead = None if act.state in OVER else follow_up_on
        return replace(self, acts=(*self.acts, act), follow_up_on=ahead)


@dataclass(frozen=True, slots=True)
class AidNote:
    """What is noted about a person: what there is, and what may be needed."""

    dtsen: Dtsen = Dtsen.TIDAK_TAHU
    decile: int | None = None  # desil 1–10, if told
    received: tuple[Program, ...] = ()
    wanted: tuple[Program, ...] = ()
    note: str = ""

    def check(self) -> None:
        """Raise `InputError` for a decile that is none, or an aid that is both received and wanted."""
        if self.decile is not None and self.decile not in DECILES:
            raise InputError("aid.decile_wrong").at("decile")
        if set(self.received) & set(self.wanted):
            raise InputError("aid.received_already")


@dataclass(frozen=True, slots=True)
class AidCase:
    """One person; its id is the target's. The person's name and category stand in the target list only."""

    KIND: ClassVar[str] = "aid_case"

    thing_id: str
    activity_id: str
    dtsen: Dtsen = Dtsen.TIDAK_TAHU
    decile: int | None = None
    received: tuple[Program, ...] = ()
    aids: tuple[Aid, ...] = ()
    note: str = ""

    @property
    def words(self) -> str:
        """Nothing: a person is found in the target list."""
        return ""

    def aid(self, program: Program) -> Aid:
        """Return the proposal for a programme. Raise `RuleError("aid.need_unknown")`."""
        for each in self.aids:
            if each.program is program:
                return each
        raise RuleError("aid.need_unknown")

    def noting(self, told: AidNote, at: datetime, by: str) -> AidCase:
        """Return the case as noted anew. Raise `InputError`, `RuleError("aid.proposed_already")`.

        What is no longer wanted goes, unless it was proposed: that has its own end.
        """
        told.check()
        begun = {aid.program for aid in self.aids if aid.state is not AidState.DICATAT}
        if begun - set(told.wanted):
            raise RuleError("aid.proposed_already")
        kept = tuple(aid for aid in self.aids if aid.program in told.wanted)
        had = {aid.program for aid in kept}
        new = (Aid(program, (AidAct(AidState.DICATAT, at, by),)) for program in told.wanted if program not in had)
        return replace(
            self,
            dtsen=told.dtsen,
            decile=told.decile,
            received=told.received,
            note=told.note,
            aids=(*kept, *new),
        )

    def moving(self, program: Program, act: AidAct, follow_up_on: date | None) -> AidCase:
        """Return the case with one proposal further. Raise as `Aid.moved`."""
        moved = self.aid(program).moved(act, follow_up_on)
        return replace(self, aids=tuple(moved if aid.program is program else aid for aid in self.aids))


@dataclass(frozen=True, slots=True)
class AidMeeting:
    """Who of Dinsos or Kesra and of the desa was asked what is received and what is not."""

    at: datetime
    by: str  # user_id
    dinsos: str
    desa: str
    agreed: str = ""
    files: tuple[str, ...] = ()  # attachment_ids


@dataclass(frozen=True, slots=True)
class AidEvaluation:
    """What the kecamatan thinks of the result of its proposals, and how they stood then."""

    at: datetime
    by: str  # user_id
    result: str
    follow_up: str = ""
    counts: Mapping[AidState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AidRound:
    """The follow-up of one activity as a whole; its id is the activity's."""

    KIND: ClassVar[str] = "aid_round"

    thing_id: str
    activity_id: str
    meetings: tuple[AidMeeting, ...] = ()
    evaluations: tuple[AidEvaluation, ...] = ()

    @property
    def words(self) -> str:
        """Nothing: it is found by its activity."""
        return ""

    @property
    def is_coordinated(self) -> bool:
        """Return whether both Dinsos and desa were asked, at once or one after the other."""
        return any(each.dinsos for each in self.meetings) and any(each.desa for each in self.meetings)


def standing(cases: Iterable[AidCase]) -> Mapping[AidState, int]:
    """Return how many proposals are in each state; a state that none has is not named."""
    return Counter(aid.state for case in cases for aid in case.aids)
