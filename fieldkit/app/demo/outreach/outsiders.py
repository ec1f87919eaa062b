"""What people without an account did in a walk, as staff wrote it down, each with its evidence: no program sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fieldkit.domain.cards.card import CardCase, Receipt
from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.services.context.office import Office


@dataclass(frozen=True, slots=True)
class OutsiderAct:
    """One act. `evidence` is a number of a letter, an id of what is kept, or who was spoken with; never empty."""

    act: str
    who: str
    evidence: str


def acts_of(office: Office, activity_id: str) -> list[OutsiderAct]:
    """Return the acts of outsiders in an activity, in the order of docs/sop.md, each once."""
    told = [
        *_asked(office, activity_id),
        *_took_the_reply(office, activity_id),
        *_agreed(office, activity_id),
        *(act for card in office.handover.all(activity_id) for act in _took_documents(card)),
        *_helped(office, activity_id),
    ]
    return list(dict.fromkeys(each for each in told if each.evidence))


def _asked(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for request in office.requests.of(activity_id):
        yield OutsiderAct("asks", request.sender, request.number)


def _took_the_reply(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for letter in office.letters.of(activity_id):
        if letter.letter is LetterKind.TANDA_TERIMA_SURAT and letter.state is LetterState.ISSUED:
            yield OutsiderAct("takes the reply", str(letter.fields["receiver"]), letter.number or letter.provisional)


def _agreed(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for trip in office.trips.of(activity_id):
        if trip.coordination is not None:
            yield OutsiderAct("agrees on the place", trip.coordination.name, trip.coordination.agreed)


def _took_documents(card: CardCase) -> Iterator[OutsiderAct]:
    for handing in card.handings:
        if handing.receipt is not None and handing.receipt is not card.receipt:
            yield _took(f"takes over for the {handing.to.value}", handing.receipt)
    if card.courier is not None and card.courier.taken is not None:
        yield _took("takes along as courier", card.courier.taken)
    if card.receipt is not None:
        yield _took("takes the document", card.receipt)


def _took(act: str, receipt: Receipt) -> OutsiderAct:
    return OutsiderAct(act, receipt.receiver, receipt.attachment_id)


def _helped(office: Office, activity_id: str) -> Iterator[OutsiderAct]:
    for line in office.aid.overview(activity_id).lines:
        for act in line.aid.acts if line.aid is not None else ():
            if act.who:
                yield OutsiderAct(f"aid {act.state.value}", act.who, act.paper or ", ".join(act.files))
