"""What printing and handing over mean for the SOP of their activity."""

from __future__ import annotations

from datetime import date

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import CardCase, Document, Place
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.delivery.central_status import CentralCode, known_code
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.sop.fulfil import fulfil, underway
from fieldkit.services.statuses.follow_statuses import followed
from fieldkit.services.unit_of_work import UnitOfWork

# Nothing will be printed of these as they are; a new recording amends them.
_HOPELESS = frozenset(
    {
        CentralCode.UNREGISTERED,
        CentralCode.ENROLL_FAILURE_AT_CENTRAL,
        CentralCode.ENROLL_FAILURE_AT_REGIONAL,
        CentralCode.SEARCH_FAILURE_AT_CENTRAL,
        CentralCode.ADJUDICATE_RECORD,
        CentralCode.REQUEST_VALIDATION,
        CentralCode.DUPLICATE_RECORD,
    }
)
_PASSED = {
    Fulfilment.CARDS_TO_KECAMATAN: (Place.KECAMATAN, {Place.KECAMATAN, Place.DESA, Place.PERSON}),
    Fulfilment.CARDS_TO_DESA: (Place.DESA, {Place.DESA, Place.PERSON}),
    Fulfilment.CARDS_TO_PERSONS: (Place.PERSON, {Place.PERSON}),
}


def cards_printed(work: UnitOfWork, activity_id: str, today: date) -> None:
    """Tell that printing is over once every record has its card, but those too young for it or refused."""
    cards = {card.record_id for card in work.unit.repository(CardCase).of(activity_id)}
    is_over = not work.unit.activities.count(activity_id).waiting
    for entry, gate in followed(work.unit, activity_id):
        said = known_code(entry.central.code) if entry.central else None
        waits_for_age = gate is not None and gate > today
        if entry.record.record_id not in cards and said not in _HOPELESS and not waits_for_age:
            is_over = False
    (fulfil if is_over else underway)(work, activity_id, Fulfilment.PRINTED)


def cards_moved(work: UnitOfWork, activity_id: str) -> None:
    """Tell which places all documents of an activity have reached; one counts when any was handed over there."""
    cards = work.unit.repository(CardCase).of(activity_id)
    is_all_printed = all(
        application.document_id or not application.counts
        for application in work.unit.repository(Application).of(activity_id)
    )
    for fact, (place, beyond) in _PASSED.items():
        is_reached = any(place in card.was_at for card in cards) and all(card.place in beyond for card in cards)
        if is_all_printed and is_reached:
            fulfil(work, activity_id, fact)
    sent = [card for card in cards if card.courier is not None]
    is_brought = is_all_printed and any(card.courier_state is CourierState.DITERIMA for card in sent)
    if is_brought and all(card.receipt is not None for card in sent):
        fulfil(work, activity_id, Fulfilment.COURIER_DELIVERED)
    papers = [card for card in cards if card.application_id and card.document is Document.KK]
    if papers and is_all_printed and all(card.receipt is not None for card in papers):
        fulfil(work, activity_id, Fulfilment.DOCUMENT_HANDED_OVER)
