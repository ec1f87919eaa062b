"""A printed document on its way to its owner: where it is, who handed it to whom, and what proves it.

The official application prints; what is kept here is that it did. The NIK is here in its masked form only, and why the
team came to a person is not here at all, so that no list made from cards can tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.documents import Document as Document
from fieldkit.domain.errors import RuleError


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
