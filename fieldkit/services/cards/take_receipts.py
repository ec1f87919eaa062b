"""What a receiver gives for a document: the mark that proves it, and the old card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.cards.card import CardCase, MarkKind, Receipt
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import hide_niks
from fieldkit.services.cards.use_blanks import withdraw_card
from fieldkit.services.unit_of_work import UnitOfWork

OLD_CARD = "KTP-el lama, ditarik saat penyerahan"
_MEDIA = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Received:
    """What is written down when somebody takes a document. `mark` is the picture of the signature or thumb."""

    receiver: str
    relation: str
    proof: str
    kind: MarkKind
    mark: bytes
    at: datetime | None = None
    is_card_read: bool = False
    shows_ktp: bool = False  # the receiver showed a KTP-el
    card_uid: str = ""  # keyed digest of the number of the chip that was read
    place: str = ""
    giver: str = ""  # the courier at the door
    photo: bytes = b""  # JPEG
    gives_old: bool = False  # the old KTP-el was taken in and cut


def take_receipt(work: UnitOfWork, owner: str, received: Received) -> Receipt:
    """Keep the mark of a receiver and return the receipt. Raise `InputError` for what is missing."""
    if not received.receiver.strip():
        raise InputError("card.no_receiver")
    if not received.relation.strip():
        raise InputError("card.no_relation")
    media = next((kind for sign, kind in _MEDIA.items() if received.mark.startswith(sign)), "")
    if not media:
        raise InputError("card.no_mark")
    if received.gives_old:
        withdraw_card(work, work.unit.repository(CardCase).get(owner), OLD_CARD)
    name = f"{received.kind.value}.{media.rsplit('/', 1)[-1]}"
    return Receipt(
        hide_niks(received.receiver.strip()),
        hide_niks(received.relation.strip()),
        hide_niks(received.proof.strip()),
        not_future(received.at, work),
        work.user.user_id,
        received.kind,
        work.attach(owner, name, media, received.mark),
        received.is_card_read,
        received.shows_ktp,
        _unused_uid(work, owner, received.card_uid),
        hide_niks(received.place.strip()),
        hide_niks(received.giver.strip()),
        work.attach(owner, "serah-terima.jpg", "image/jpeg", received.photo) if received.photo else "",
    )


def _unused_uid(work: UnitOfWork, owner: str, uid: str) -> str:
    """Return the digest of a chip. Raise `RuleError("card.of_another")` when somebody else was handed this card."""
    for other in work.unit.repository(CardCase).search() if uid else ():
        if other.receipt is not None and other.receipt.card_uid == uid and other.thing_id != owner:
            raise RuleError("card.of_another", name=other.name)
    return uid


def not_future(at: datetime | None, work: UnitOfWork) -> datetime:
    """Return a time as typed, or now. Raise `InputError("card.future")`."""
    if at is not None and at > work.at:
        raise InputError("common.in_future")
    return at or work.at
