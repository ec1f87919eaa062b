"""The waiting list of a printing day: numbers taken, called, served, skipped; each act is kept at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.cards.printing_day import QueueBoard, QueueTicket, TicketState, board_of, in_order
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import hide_niks
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.receipts import Receipt, ReceiptLine
from fieldkit.ports.store import Unit
from fieldkit.services.cards.print_cards import PrintCards
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

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
