"""The official application prints; here it is noted that it did or failed, of which record, by whom, in which batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.blanks import BlankAct
from fieldkit.domain.cards.card import CardCase, CourierState, Document, Place, Printed, PrintFailure
from fieldkit.domain.cards.printing import QueueBoard, QueueTicket, TicketState, board_of, in_order
from fieldkit.domain.delivery import CentralCode, SealedRecord, known_code
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.nik import hide_niks
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.store import Unit
from fieldkit.services.cards.keep_blanks import OpenLedger, Use, withdraw_card
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.sop.run_sop import fulfil, underway
from fieldkit.services.statuses import PrintLine, PrintList, followed, is_due, print_list, printable
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What printing and handing over mean for the SOP of their activity.

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


# Numbers that this kit gives to documents and applications; two kits never give the same one.

_COUNTER = "registrations.last"


@dataclass(frozen=True, slots=True)
class Registrations:
    """Counts within the transaction of an act."""

    kit_id: str

    def next(self, unit: Unit) -> str:
        """Return the next number."""
        last = unit.settings.get(_COUNTER)
        number = (last if isinstance(last, int) else 0) + 1
        unit.settings.put(_COUNTER, number)
        return f"{self.kit_id}-R{number:05}"


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


# The waiting list of a printing day: numbers taken, called, served, skipped; each act is kept at once.

_MAY = Permission.HAND_OVER
_NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may come to be served: a card to print, or one to take home. `number` was taken today, 0 is none."""

    name: str
    masked_nik: str
    village: str
    record_id: str = ""
    card_id: str = ""
    finds: str = ""  # besides the name what a search finds the person by; never shown
    number: int = 0

    @property
    def key(self) -> str:
        """Return what the row is known by."""
        return self.card_id or self.record_id


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A ticket with what its person still needs: `record_id` waits for its print, `card_id` for its person."""

    ticket: QueueTicket
    record_id: str = ""
    card_id: str = ""


class RunQueue:
    """The queue of today for the user who is signed in, of an activity or ("") of the dinas itself."""

    def __init__(self, units: UnitsOfWork, printing: PrintCards, letterhead: KeepLetterhead) -> None:
        self._units, self._printing, self._letterhead = units, printing, letterhead

    # --- reading

    def lines(self, activity_id: str) -> Sequence[QueueLine]:
        """Return the numbers of today as they are called, each with what its person still needs."""
        with self._units.read() as unit:
            tickets = in_order(self._today(unit, activity_id))
            cards = unit.repository(CardCase)
            found = [cards.find(each.key) for each in tickets]
        return [_line(ticket, card) for ticket, card in zip(tickets, found, strict=True)]

    def board(self, activity_id: str) -> QueueBoard:
        """Return what the screen for those who wait shows."""
        with self._units.read() as unit:
            return board_of(self._today(unit, activity_id))

    def candidates(self, activity_id: str) -> Sequence[Candidate]:
        """Return whose cards wait for their print or their person, by name."""
        records = {line.record.record_id: line.record for line in self._printing.print_list(activity_id).now}
        with self._units.read() as unit:
            people = unit.targets.with_ids(record.target_id for record in records.values())
            taken = {each.key: each.number for each in self._today(unit, activity_id) if each.is_open}
            repository = unit.repository(CardCase)
            cards = repository.of(activity_id) if activity_id else repository.search()
        found = []
        for record_id, record in records.items():
            biodata = people[record.target_id].biodata if record.target_id in people else None
            name = biodata.name if biodata else record.masked_name
            village = biodata.address.village if biodata else record.place
            finds = biodata.nik.digits if biodata else ""
            found.append(Candidate(name, record.masked_nik, village, record_id, "", finds, taken.get(record_id, 0)))
        for card in cards:
            if card.receipt is None and card.place is not Place.COURIER:
                at, number = card.thing_id, taken.get(card.thing_id, 0)
                who = (card.name, card.masked_nik, card.village, card.record_id, at, card.registration, number)
                found.append(Candidate(*who))
        return sorted(found, key=lambda each: each.name)

    def slip(self, ticket_id: str) -> Receipt:
        """Return the slip of a number; the name on it is whole, for the person holds it."""
        with self._units.read() as unit:
            ticket = unit.repository(QueueTicket).get(ticket_id)
            where = unit.activities.get(ticket.activity_id).name if ticket.activity_id else ""
        at = self._units.clock.local(ticket.taken_at)
        lines = (
            ReceiptLine(self._letterhead.read().dinas, is_strong=True, is_centred=True),
            *((ReceiptLine(where, is_centred=True),) if where else ()),
            ReceiptLine(""),
            ReceiptLine("NOMOR ANTREAN", is_centred=True),
            ReceiptLine(f"{ticket.number:03}", is_strong=True, is_centred=True),
            ReceiptLine(""),
            ReceiptLine(ticket.name, is_centred=True),
            ReceiptLine(f"{at:%d-%m-%Y} pukul {at:%H.%M}", is_centred=True),
            ReceiptLine("Pelayanan ini gratis.", is_centred=True),
        )
        return Receipt(lines)

    # --- acts

    def take(self, activity_id: str, who: Candidate) -> QueueTicket:
        """Give somebody the next number. Raise `RuleError("queue.has_number")` while the last one is open."""
        with self._units.write(_MAY) as work:
            today = self._today(work.unit, activity_id)
            for each in today:
                if each.is_open and who.key and who.key == each.key:
                    raise RuleError("queue.has_number", name=who.name, number=each.number)
            return self._taken(work, activity_id, today, who)

    def take_walk_in(self, activity_id: str, name: str) -> QueueTicket:
        """Give somebody who stands on no list the next number. Raise `InputError("queue.no_name")`."""
        name = hide_niks(" ".join(name.split()))[:_NAME_CHARS]
        if not name:
            raise InputError("queue.no_name").at("name")
        with self._units.write(_MAY) as work:
            return self._taken(work, activity_id, self._today(work.unit, activity_id), Candidate(name, "", ""))

    def note_slip(self, ticket_id: str) -> QueueTicket:
        """Note that the slip came out."""
        with self._units.write(_MAY) as work:
            ticket = work.unit.repository(QueueTicket).get(ticket_id)
            return self._keep(work, replace(ticket, has_slip=True), "queue_slip")

    def call_next(self, activity_id: str) -> QueueTicket:
        """End with whoever stands at the desk and call the next; without anybody else say so.

        Raise `RuleError("queue.nobody")` when nobody stands there and nobody waits.
        """
        with self._units.write(_MAY) as work:
            today = in_order(self._today(work.unit, activity_id))
            at_desk = [each for each in today if each.state is TicketState.CALLED]
            following = next((each for each in today if each.state is TicketState.WAITING), None)
            if not at_desk and following is None:
                raise RuleError("queue.nobody")
            ended = [self._keep(work, each.ended(TicketState.SERVED, work.at), "queue_served") for each in at_desk]
            if following is None:
                return ended[-1]
            return self._keep(work, following.called(work.at), "queue_called")

    def call_again(self, ticket_id: str) -> QueueTicket:
        """Call a number once more, one that was absent and has come, or one that was ended too early."""
        with self._units.write(_MAY) as work:
            ticket = work.unit.repository(QueueTicket).get(ticket_id)
            return self._keep(work, ticket.called(work.at), "queue_called")

    def skip(self, ticket_id: str) -> QueueTicket:
        """Note that somebody did not come when called. Raise `RuleError("queue.over")`."""
        with self._units.write(_MAY) as work:
            ticket = work.unit.repository(QueueTicket).get(ticket_id)
            return self._keep(work, ticket.ended(TicketState.ABSENT, work.at), "queue_absent")

    def to_the_end(self, ticket_id: str) -> QueueTicket:
        """Let somebody wait again behind all others. Raise `RuleError("queue.over")`."""
        with self._units.write(_MAY) as work:
            ticket = work.unit.repository(QueueTicket).get(ticket_id)
            last = max(each.place for each in self._today(work.unit, ticket.activity_id))
            return self._keep(work, ticket.at_the_end(last + 1), "queue_to_end")

    # --- parts

    def _today(self, unit: Unit, activity_id: str) -> list[QueueTicket]:
        today = self._units.clock.today()
        return [each for each in unit.repository(QueueTicket).of(activity_id) if each.on == today]

    def _taken(self, work: UnitOfWork, activity_id: str, today: Sequence[QueueTicket], who: Candidate) -> QueueTicket:
        number = max((each.number for each in today), default=0) + 1
        ticket = QueueTicket(
            thing_id=work.ids.new(),
            activity_id=activity_id,
            on=self._units.clock.today(),
            number=number,
            place=max((each.place for each in today), default=0) + 1,
            name=who.name,
            taken_at=work.at,
            by=work.user.user_id,
            masked_nik=who.masked_nik,
            record_id=who.record_id,
            card_id=who.card_id,
        )
        return self._keep(work, ticket, "queue_taken")

    def _keep(self, work: UnitOfWork, ticket: QueueTicket, act: str) -> QueueTicket:
        work.keep(ticket, act, number=ticket.number)
        return ticket


def _line(ticket: QueueTicket, card: CardCase | None) -> QueueLine:
    if card is None:
        return QueueLine(ticket, record_id=ticket.record_id)
    return QueueLine(ticket, card_id=card.thing_id if card.receipt is None else "")
