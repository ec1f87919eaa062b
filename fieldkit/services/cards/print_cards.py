"""The official application prints; here it is noted that it did or failed, of which record, by whom, in which batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.cards.card import CardCase, Document, Place, Printed, PrintFailure
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.store import Unit
from fieldkit.services.cards.event_handlers import cards_printed
from fieldkit.services.cards.number_registrations import Registrations
from fieldkit.services.cards.use_blanks import OpenLedger, Use, withdraw_card
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.statuses.follow_statuses import PrintLine, PrintList, is_due, print_list, printable
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

MOST_ON_PAPER = 500
_NO_NUMBERS: Mapping[str, str] = {}
REPLACED = "Diganti cetak ulang: {why}"


class PrintPart(StrEnum):
    """Where the card of a person stands."""

    NOW = "now"
    LATER = "later"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True)
class CardPrint:
    """The print of a person's card: one that waits, or one that was made; `failures` oldest first."""

    part: PrintPart
    name: str  # of the record that waits, or of the card
    person: str
    nik: str  # masked
    record_id: str
    failures: Sequence[PrintFailure]
    waits: PrintLine | None = None
    card: CardCase | None = None


class PrintCards:
    """Notes prints."""

    def __init__(self, units: UnitsOfWork, registrations: Registrations, letters: WriteLetters) -> None:
        self._units, self._registrations, self._letters = units, registrations, letters

    def failures(self, activity_id: str = "") -> Sequence[PrintFailure]:
        """Return the prints that failed, of all activities or of one."""
        with self._units.read() as unit:
            repository = unit.repository(PrintFailure)
            return repository.of(activity_id) if activity_id else repository.search()

    def print_list(self, activity_id: str = "") -> PrintList:
        """Return whose card the official application may print now, and whose later."""
        with self._units.read() as unit:
            return print_list(unit, activity_id, self._units.clock.today())

    def prints(self, activity_id: str = "") -> Sequence[CardPrint]:
        """Return what may be printed now, what later, and what was printed, the newest first."""
        waiting, failed = self.print_list(activity_id), defaultdict[str, list[PrintFailure]](list)
        for failure in sorted(self.failures(activity_id), key=lambda each: each.at):
            failed[failure.record_id].append(failure)
        with self._units.read() as unit:
            repository = unit.repository(CardCase)
            cards = repository.of(activity_id) if activity_id else repository.search()
        made = [card for card in cards if card.document is Document.KTP_EL and card.record_id]
        return [
            *(_to_print(PrintPart.NOW, line, failed) for line in waiting.now),
            *(_to_print(PrintPart.LATER, line, failed) for line in waiting.later),
            *(_printed(card, failed) for card in sorted(made, key=lambda card: card.prints[-1].at, reverse=True)),
        ]

    def note_printed(
        self,
        record_ids: Sequence[str],
        batch: str,
        at: datetime | None = None,
        numbers: Mapping[str, str] = _NO_NUMBERS,
    ) -> Sequence[CardCase]:
        """Note that the KTP-el of these records were printed; all of them or none. `numbers` are their blanks.

        Raise `RuleError`: `card.printed_before`, `card.not_unique`, `card.too_young`; `InputError("card.future")`; of
        a number at the field of its record what `OpenLedger.use` raises.
        """
        if not record_ids:
            raise InputError("card.none_chosen")
        with self._units.write(Permission.PRINT_CARDS) as work:
            when, waiting = _past(at, work), _waiting(work.unit, record_ids)
            ledger = OpenLedger(work, self._registrations.kit_id)
            cards = []
            for record_id in dict.fromkeys(record_ids):
                record = work.unit.records.get(record_id).record
                if work.unit.repository(CardCase).find(record_id) is not None:
                    raise RuleError("card.printed_before", name=record.masked_name)
                line = waiting.get(record_id)
                if line is None:
                    raise RuleError("card.not_unique", name=record.masked_name)
                if not is_due(line, self._units.clock.today()):
                    raise RuleError("card.too_young", name=record.masked_name, day=str(line.card_from))
                use = Use(BlankAct.PRINTED, Document.KTP_EL, record.activity_id, record_id, when)
                number = ledger.use_at(use, numbers.get(record_id, ""), record_id)
                printed = Printed(when, work.user.user_id, batch.strip(), number=number)
                card = _card_of(work.unit, record, self._registrations.next(work.unit), printed)
                work.keep(card, "card_printed", document=card.document.value, batch=printed.batch)
                cards.append(card)
            for activity_id in sorted({card.activity_id for card in cards}):
                cards_printed(work, activity_id, self._units.clock.today())
            return cards

    def print_again(
        self, card_id: str, why: str, batch: str = "", condition: str = "baik", number: str = ""
    ) -> CardCase:
        """Note a second print of a document that is at the dinas, because the first is spoilt or was lost.

        The first waits for its BA pemusnahan then, where blanks are counted.
        """
        if not why.strip():
            raise InputError("card.no_reason").at("why")
        with self._units.write(Permission.PRINT_CARDS) as work:
            card = work.unit.repository(CardCase).get(card_id)
            if card.place is not Place.DINAS:
                raise RuleError("card.not_from_there", name=card.name)
            ledger = OpenLedger(work, self._registrations.kit_id)
            use = Use(BlankAct.PRINTED, card.document, card.activity_id, card_id, work.at, why.strip())
            number = ledger.use_at(use, number, "number")
            if ledger.ledger.begun_at(card.document) is not None:
                withdraw_card(work, card, REPLACED.format(why=why.strip()), card.prints[-1].number)
            printed = Printed(work.at, work.user.user_id, batch.strip(), why.strip(), number=number)
            card = replace(card, prints=(*card.prints, printed), condition=condition.strip())
            work.keep(card, "card_printed_again", batch=printed.batch)
            return card

    def note_failed(self, record_id: str, why: str, batch: str = "", number: str = "") -> PrintFailure:
        """Note that a print gave no card; the record stays on the list, its blank waits for the BA pemusnahan.

        Raise `InputError` without a reason.
        """
        if not why.strip():
            raise InputError("card.no_reason").at("why")
        with self._units.write(Permission.PRINT_CARDS) as work:
            record = work.unit.records.get(record_id).record
            use = Use(BlankAct.SPOILED, Document.KTP_EL, record.activity_id, record_id, work.at, why.strip())
            number = OpenLedger(work, self._registrations.kit_id).use_at(use, number, "number")
            failure = PrintFailure(
                work.ids.new(),
                record.activity_id,
                record_id,
                work.at,
                work.user.user_id,
                batch.strip(),
                why.strip(),
                number,
            )
            work.keep(failure, "card_print_failed", record=record_id, batch=failure.batch)
            return failure

    def write_list(self, activity_id: str = "") -> Letter:
        """Draft the print list as paper: names, masked NIK, village, since when unique; who is too young with the day.

        Of a longer list the `MOST_ON_PAPER` that wait longest.
        """
        with self._units.read() as unit:
            waiting = print_list(unit, activity_id, self._units.clock.today())
            rows = [self._row(unit, line) for line in waiting.now[:MOST_ON_PAPER]]
            later = [self._row(unit, line) for line in waiting.later[:MOST_ON_PAPER]]
        left = len(waiting.now) + len(waiting.later) - len(rows) - len(later)
        note = f"Masih ada {left} orang lain yang menunggu." if left else ""
        fields = {"ready": rows, "later": later, "note": note}
        return self._letters.draft(LetterKind.DAFTAR_CETAK, activity_id, fields)

    def _row(self, unit: Unit, line: PrintLine) -> dict[str, str]:
        name, village = _who(unit, line.record)
        on = line.card_from or self._units.clock.local(line.unique_at).date()
        return {"name": name, "nik": line.record.masked_nik, "village": village, "on": on.isoformat()}


def _waiting(unit: Unit, record_ids: Sequence[str]) -> dict[str, PrintLine]:
    """Return what waits for its print in the activities of these records."""
    activities = {unit.records.get(record_id).record.activity_id for record_id in record_ids}
    return {line.record.record_id: line for each in sorted(activities) for line in printable(unit, each)}


def _to_print(part: PrintPart, line: PrintLine, failed: Mapping[str, Sequence[PrintFailure]]) -> CardPrint:
    record = line.record
    failures = failed.get(record.record_id, ())
    return CardPrint(
        part, record.record_id, record.masked_name, record.masked_nik, record.record_id, failures, waits=line
    )


def _printed(card: CardCase, failed: Mapping[str, Sequence[PrintFailure]]) -> CardPrint:
    failures = failed.get(card.record_id, ())
    return CardPrint(PrintPart.PRINTED, card.thing_id, card.name, card.masked_nik, card.record_id, failures, card=card)


def _past(at: datetime | None, work: UnitOfWork) -> datetime:
    if at is not None and at > work.at:
        raise InputError("common.in_future")
    return at or work.at


def _who(unit: Unit, record: SealedRecord) -> tuple[str, str]:
    """Return name and village of whom a record is about."""
    try:
        who = unit.targets.get(record.target_id).biodata
    except StoreError:  # the list was not brought to this laptop
        return record.masked_name, record.place
    return who.name, who.address.village


def _card_of(unit: Unit, record: SealedRecord, registration: str, printed: Printed) -> CardCase:
    name, village = _who(unit, record)
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
