"""A printed document on its way to its owner: where it is, who handed it to whom, and what proves it.

The official application prints; what is kept here is that it did. The NIK is here in its masked form only, and why the
team came to a person is not here at all, so that no list made from cards can tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.cards.printing import Pause
from fieldkit.domain.documents import Document as Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sop.profile import PauseReason

# What the office notes by hand about the clocks of cards: pauses, complete files, marriages.


@dataclass(frozen=True, slots=True)
class ClockPause:
    """A pause of all clocks, of those of one activity, or of one record's."""

    KIND: ClassVar[str] = "clock_pause"

    thing_id: str
    reason: PauseReason
    began_at: datetime
    note: str
    ended_at: datetime | None = None
    activity_id: str = ""  # "" = every activity
    record_id: str = ""  # "" = every record of the activity

    @property
    def words(self) -> str:
        """Reason and note."""
        return f"{self.reason.value.replace('_', ' ')} {self.note}"

    @property
    def pause(self) -> Pause:
        """Return it as the clocks count it."""
        return Pause(self.reason, self.began_at, self.ended_at, self.note)

    def holds_for(self, activity_id: str, record_id: str) -> bool:
        """Return whether the clocks of a record stand still by it."""
        return self.activity_id in ("", activity_id) and self.record_id in ("", record_id)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What staff noted about one target: when the file was complete, when a person under 17 married."""

    KIND: ClassVar[str] = "card_facts"

    thing_id: str  # the target_id
    activity_id: str
    file_complete_on: date | None = None
    married_on: date | None = None

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


# Registration numbers of applications and documents: they travel in messages, so none may be, or hold, a NIK.

_LIMIT = 40
# Sixteen digits however they are grouped.
_LIKE_A_NIK = re.compile(r"(?:[0-9][ .\-/]?){15}[0-9]")
# The id of a record, whose groups hold that many digits in a row now and then.
_UUID = r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
_ID_OR_LIKE_A_NIK = re.compile(f"({_UUID})|{_LIKE_A_NIK.pattern}", re.IGNORECASE)


def read_registration(text: str) -> str:
    """Return a number as typed. Raise `InputError`: empty, unreadable, too long, or with 16 digits like a NIK."""
    number = " ".join(text.split())
    if not number:
        raise InputError("registration.empty").at("registration")
    if len(number) > _LIMIT or not (number.isascii() and number.isprintable()):
        raise InputError("registration.unreadable", limit=_LIMIT).at("registration")
    if _LIKE_A_NIK.search(number):
        raise InputError("registration.like_a_nik").at("registration")
    return number


def without_niks(text: str) -> str:
    """Return a text in which every number with 16 digits like a NIK is hidden; ids of records stay."""
    return _ID_OR_LIKE_A_NIK.sub(lambda found: found[1] or "••••", text)


# The way of a document with a courier (Becak Pintar, SOP-DKC.IP-22), from its registration to the door.

MOST_ATTEMPTS = 2


class CourierState(StrEnum):
    """How far it is."""

    TERDAFTAR = "terdaftar"
    DIPERIKSA = "diperiksa"
    PERLU_DILENGKAPI = "perlu_dilengkapi"
    DISETUJUI = "disetujui"
    TTE = "tte"
    TERCETAK = "tercetak"
    SIAP_DIAMBIL_KURIR = "siap_diambil_kurir"
    DISERAHKAN_KE_KURIR = "diserahkan_ke_kurir"
    DIANTAR = "diantar"
    DITERIMA = "diterima"
    DIKEMBALIKAN = "dikembalikan"


_S = CourierState
NEXT: dict[CourierState, frozenset[CourierState]] = {
    _S.TERDAFTAR: frozenset({_S.DIPERIKSA}),
    _S.DIPERIKSA: frozenset({_S.PERLU_DILENGKAPI, _S.DISETUJUI}),
    _S.PERLU_DILENGKAPI: frozenset({_S.DIPERIKSA}),
    _S.DISETUJUI: frozenset({_S.TTE}),
    _S.TTE: frozenset({_S.TERCETAK}),
    _S.TERCETAK: frozenset({_S.SIAP_DIAMBIL_KURIR}),
    _S.SIAP_DIAMBIL_KURIR: frozenset({_S.DISERAHKAN_KE_KURIR}),
    _S.DISERAHKAN_KE_KURIR: frozenset({_S.DIANTAR, _S.DIKEMBALIKAN}),
    _S.DIANTAR: frozenset({_S.DIANTAR, _S.DITERIMA, _S.DIKEMBALIKAN}),
    _S.DITERIMA: frozenset(),
    _S.DIKEMBALIKAN: frozenset({_S.SIAP_DIAMBIL_KURIR}),  # sent out once more, with two new attempts
}


class CourierStep(StrEnum):
    """What comes next for a document that a courier may bring."""

    READY = "ready"
    GIVE = "give"
    WENT = "went"
    DELIVER = "deliver"


_STEPS = {
    None: CourierStep.READY,
    _S.DIKEMBALIKAN: CourierStep.READY,
    _S.SIAP_DIAMBIL_KURIR: CourierStep.GIVE,
    _S.DISERAHKAN_KE_KURIR: CourierStep.WENT,
    _S.DIANTAR: CourierStep.DELIVER,
}


def step_after(states: Iterable[CourierState | None]) -> CourierStep | None:
    """Return what comes next for documents, None where it is not the same for all or nothing does.

    A document without a state was not meant for a courier yet.
    """
    steps = {_STEPS.get(state) for state in states}
    return steps.pop() if len(steps) == 1 else None


def follow(state: CourierState, to: CourierState, attempts: int = 0) -> CourierState:
    """Return `to`. Raise `RuleError("courier.not_now")`, after two attempts `RuleError("courier.two_attempts")`."""
    if to not in NEXT[state]:
        raise RuleError("courier.not_now", state=state.value, to=to.value)
    if to is CourierState.DIANTAR and attempts >= MOST_ATTEMPTS:
        raise RuleError("courier.two_attempts", most=MOST_ATTEMPTS)
    return to


def courier_message(dinas: str, registrations: Sequence[str]) -> str:
    """Return what is written to the group of couriers: how many documents wait, and their registration numbers.

    The group is read by outsiders: no name, no NIK, no village, no category. Raise `InputError` for a number that
    looks like a NIK, wherever it came from.
    """
    lines = [f"{place}. {read_registration(number)}" for place, number in enumerate(registrations, 1)]
    head = f"{dinas}: {len(registrations)} dokumen siap diambil."
    return "\n".join((head, *lines, "Gratis, tidak dipungut biaya. Mohon bawa tanda terima."))


class Place(StrEnum):
    """Where a document is."""

    DINAS = "dinas"
    KECAMATAN = "kecamatan"
    DESA = "desa"
    COURIER = "courier"
    PERSON = "person"


_WAYS = {
    Place.DINAS: (Place.KECAMATAN, Place.DESA),
    Place.KECAMATAN: (Place.DESA, Place.DINAS),
    Place.DESA: (Place.KECAMATAN, Place.DINAS),
    Place.COURIER: (),
    Place.PERSON: (),
}
BY_COURIER = frozenset({Document.KTP_EL, Document.KIA})
"""What Becak Pintar brings (SOP-DKC.IP-22); a KK is fetched with a KTP-el in the hand."""


class MarkKind(StrEnum):
    """How a receiver confirmed."""

    SIGNATURE = "signature"
    THUMB = "thumb"
    SCAN = "scan"  # of a paper that was signed or marked elsewhere


@dataclass(frozen=True, slots=True)
class Printed:
    """That the official application printed it; `why` tells why it was printed once more."""

    at: datetime
    by: str  # user_id
    batch: str
    why: str = ""
    sheets: int = 1
    number: str = ""  # of the blank, where blanks are counted by numbers


@dataclass(frozen=True, slots=True)
class PrintFailure:
    """A print that gave no card: the blangko is spoilt, the ribbon tore. What is waited for stays the same."""

    KIND: ClassVar[str] = "print_failure"

    thing_id: str
    activity_id: str
    record_id: str
    at: datetime
    by: str  # user_id
    batch: str
    why: str
    number: str = ""  # of the blank that is spoilt

    @property
    def words(self) -> str:
        """Batch, number and reason."""
        return f"{self.batch} {self.number} {self.why}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who took a document. `attachment_id` is the signature, thumb mark or scan."""

    receiver: str
    relation: str
    proof: str
    at: datetime
    by: str  # user_id of who handed over, or wrote it down
    mark: MarkKind
    attachment_id: str
    is_card_read: bool = False  # the chip answered as that of a KTP-el
    shows_ktp: bool = False
    card_uid: str = ""  # keyed digest of the chip's number; no other person can be handed this card
    place: str = ""  # the door that a courier came to
    giver: str = ""  # who handed over there, when it was none of the staff
    photo: str = ""  # id of the attachment: the handover as it was photographed


@dataclass(frozen=True, slots=True)
class Handing:
    """From one place to the next. `reason` is why a document came back, `receipt` what an office signed for it."""

    to: Place
    at: datetime
    by: str  # user_id
    receiver: str
    reason: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to hand over at the door that failed, or that is under way with a courier."""

    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class CourierRun:
    """One way with a courier; a document that came back may have a second run."""

    state: CourierState
    told_at: datetime | None = None
    taken: Receipt | None = None  # receipt 1, by the courier
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class CardCase:
    """One document. A KTP-el has the id of its record, so that none is kept twice."""

    KIND: ClassVar[str] = "card"

    thing_id: str
    activity_id: str
    document: Document
    registration: str
    name: str
    masked_nik: str
    village: str
    prints: tuple[Printed, ...]
    place: Place = Place.DINAS
    record_id: str = ""
    application_id: str = ""
    condition: str = "baik"
    handings: tuple[Handing, ...] = ()
    letters: tuple[str, ...] = ()  # thing_ids of the BA serah terima that name it
    attempts: tuple[Attempt, ...] = ()  # by the office itself
    courier: CourierRun | None = None
    receipt: Receipt | None = None

    @property
    def words(self) -> str:
        """Name, registration, village and the numbers of its blanks."""
        return " ".join(
            (self.name, self.registration, self.village, *(each.number for each in self.prints if each.number))
        )

    @property
    def printed_at(self) -> datetime:
        """Return when it was printed first; that is what a promise is measured by."""
        return self.prints[0].at

    @property
    def moved_at(self) -> datetime:
        """Return when it came where it is."""
        return self.handings[-1].at if self.handings else self.prints[-1].at

    @property
    def was_at(self) -> frozenset[Place]:
        """Return every place that it came to."""
        return frozenset({Place.DINAS, self.place, *(handing.to for handing in self.handings)})

    @property
    def tries(self) -> int:
        """Return how often somebody went to the door, or waited, without success."""
        return len(self.attempts) + (len(self.courier.attempts) if self.courier else 0)

    @property
    def courier_state(self) -> CourierState | None:
        """Return how far the courier is, None where no courier is meant to bring it."""
        return self.courier.state if self.courier else None

    @property
    def is_returned(self) -> bool:
        """Return whether it came back to the dinas undelivered."""
        return self.place is Place.DINAS and bool(self.handings) and bool(self.handings[-1].reason)

    @property
    def asks_for_ktp(self) -> bool:
        """Return whether the receiver shows a KTP-el: when a KK is fetched at the counter (SOP-DKC.IP-01 step 8)."""
        return self.document is Document.KK and bool(self.application_id)

    def handed(self, handing: Handing) -> CardCase:
        """Return it at the next place of the offices. Raise `RuleError("card.not_from_there")`."""
        if handing.to not in _WAYS[self.place]:
            raise RuleError("card.not_from_there", name=self.name)
        return replace(self, place=handing.to, handings=(*self.handings, handing))

    def received(self, receipt: Receipt) -> CardCase:
        """Return it in the hands of its owner or family. Raise `RuleError("card.received_before")`."""
        if self.receipt is not None:
            raise RuleError("card.received_before", name=self.name)
        if self.place is Place.COURIER:
            raise RuleError("card.with_courier", name=self.name)
        handing = Handing(Place.PERSON, receipt.at, receipt.by, receipt.receiver)
        return replace(self, place=Place.PERSON, receipt=receipt, handings=(*self.handings, handing))


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the distribution: when, where, who brings the documents."""

    on: date
    to: Place
    where: str
    by: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution schedule of an activity; its id is the activity's."""

    KIND: ClassVar[str] = "distribution"

    thing_id: str
    activity_id: str
    stops: tuple[Stop, ...]
    planned_by: str  # user_id
    planned_at: datetime

    @property
    def words(self) -> str:
        """Where it goes."""
        return " ".join(stop.where for stop in self.stops)


def ways_on(cards: Sequence[CardCase]) -> tuple[Place, ...]:
    """Return where documents may go from where they are; a courier gets only what was made ready for one."""
    here = {card.place for card in cards}
    if here == {Place.COURIER}:
        return (Place.PERSON,) if len(cards) == 1 else ()
    if Place.COURIER in here or Place.PERSON in here:
        return ()
    places = tuple(place for place in (Place.KECAMATAN, Place.DESA) if here != {place})
    return (*places, Place.PERSON) if len(cards) == 1 else places
