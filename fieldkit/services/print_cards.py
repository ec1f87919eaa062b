"""The official application prints; here it is noted that it did, of which record, by whom and in which batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fieldkit.domain.cards import CardCase, Document, Place, Printed
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.people import Permission
from fieldkit.domain.sealed import SealedRecord
from fieldkit.ports.store import Unit
from fieldkit.services.acts import Acts, Writing
from fieldkit.services.card_news import cards_printed
from fieldkit.services.follow_statuses import PrintLine, is_due, printable
from fieldkit.services.number_registrations import Registrations


class PrintCards:
    """Notes prints."""

    def __init__(self, acts: Acts, registrations: Registrations) -> None:
        self._acts, self._registrations = acts, registrations

    def note_printed(self, record_ids: Sequence[str], batch: str, at: datetime | None = None) -> Sequence[CardCase]:
        """Note that the KTP-el of these records were printed; all of them or none.

        Raise `RuleError`: `card.printed_before`, `card.not_unique`, `card.too_young`; `InputError("card.future")`.
        """
        if not record_ids:
            raise InputError("card.none_chosen")
        with self._acts.write(Permission.PRINT_CARDS) as writing:
            when, waiting = _past(at, writing), _waiting(writing.unit, record_ids)
            cards = []
            for record_id in dict.fromkeys(record_ids):
                record = writing.unit.records.get(record_id).record
                if writing.unit.shelf(CardCase).find(record_id) is not None:
                    raise RuleError("card.printed_before", name=record.masked_name)
                line = waiting.get(record_id)
                if line is None:
                    raise RuleError("card.not_unique", name=record.masked_name)
                if not is_due(line, self._acts.clock.today()):
                    raise RuleError("card.too_young", name=record.masked_name, day=str(line.card_from))
                printed = Printed(when, writing.user.user_id, batch.strip())
                card = _card_of(writing.unit, record, self._registrations.next(writing.unit), printed)
                writing.keep(card, "card_printed", document=card.document.value, batch=printed.batch)
                cards.append(card)
            for activity_id in sorted({card.activity_id for card in cards}):
                cards_printed(writing, activity_id, self._acts.clock.today())
            return cards

    def print_again(self, card_id: str, why: str, batch: str = "", condition: str = "baik") -> CardCase:
        """Note a second print of a document that is at the dinas, because the first is spoilt or was lost."""
        if not why.strip():
            raise InputError("card.no_reason")
        with self._acts.write(Permission.PRINT_CARDS) as writing:
            card = writing.unit.shelf(CardCase).get(card_id)
            if card.place is not Place.DINAS:
                raise RuleError("card.not_from_there", name=card.name)
            printed = Printed(writing.at, writing.user.user_id, batch.strip(), why.strip())
            card = replace(card, prints=(*card.prints, printed), condition=condition.strip())
            writing.keep(card, "card_printed_again", batch=printed.batch)
            return card


def _waiting(unit: Unit, record_ids: Sequence[str]) -> dict[str, PrintLine]:
    """Return what waits for its print in the activities of these records."""
    activities = {unit.records.get(record_id).record.activity_id for record_id in record_ids}
    return {line.record.record_id: line for each in sorted(activities) for line in printable(unit, each)}


def _past(at: datetime | None, writing: Writing) -> datetime:
    if at is not None and at > writing.at:
        raise InputError("card.future")
    return at or writing.at


def _card_of(unit: Unit, record: SealedRecord, registration: str, printed: Printed) -> CardCase:
    try:
        who = unit.targets.get(record.target_id).biodata
        name, village = who.name, who.address.village
    except StoreError:  # the list was not brought to this laptop
        name, village = record.masked_name, record.place
    return CardCase(
        thing_id=record.record_id,
        activity_id=record.activity_id,
        document=Document.KTP_EL,
        registration=registration,
        name=name,
        masked_nik=record.masked_nik,
        village=village,
        prints=(printed,),
        record_id=record.record_id,
    )
