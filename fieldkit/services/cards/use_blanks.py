"""What printing, failing and handing over take from the ledger of blanks, within the transaction of their act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.cards.blank_numbers import Run, read_number
from fieldkit.domain.cards.blanks import NUMBERED, OFFICE, BlankAct, BlankEntry, Ledger
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitOfWork


def ledger_in(unit: Unit) -> Ledger:
    """Return the ledger as it stands."""
    return Ledger.of(unit.repository(BlankEntry).search())


@dataclass(frozen=True, slots=True)
class Use:
    """For what blanks are used: a document that was printed, or what gave none."""

    act: BlankAct
    sort: Document
    activity_id: str
    card_id: str
    at: datetime
    why: str = ""


class OpenLedger:
    """The ledger within one act. Before the first blanks of a sort are received nothing of it is counted."""

    def __init__(self, work: UnitOfWork, kit_id: str) -> None:
        self._work, self._kit_id, self.ledger = work, kit_id, ledger_in(work.unit)

    @property
    def at(self) -> datetime:
        """Return when the act is."""
        return self._work.at

    def use(self, use: Use, number: str = "", count: int = 1) -> str:
        """Take blanks out of the stock; return the number as it is kept, "" of a sort without numbers.

        Raise `InputError`: `blank.number_needed`, `blank.number_unreadable`, `blank.not_received`, `blank.used`. Of
        what has no number the stock may go below zero: it was printed all the same.
        """
        if use.sort in NUMBERED:
            if not number.strip() and self.ledger.begun_at(use.sort) is None:
                return ""
            if not number.strip():
                raise InputError("blank.number_needed")
            number = self.free(read_number(number))
            self._keep(use, 1, self.ledger.place_of(number), (Run(number, number),))
            return number
        if self.ledger.begun_at(use.sort) is not None and count:
            here = self.ledger.stock.get((use.sort, self._kit_id), 0)
            self._keep(use, count, self._kit_id if here > 0 else OFFICE, ())
        return ""

    def use_at(self, use: Use, number: str, field: str) -> str:
        """Take a numbered blank like `use`; what is wrong with the number is the fault of a field of a form."""
        try:
            return self.use(use, number)
        except InputError as error:
            raise error.at(field) from None

    def free(self, number: str) -> str:
        """Return a number whose blank is there. Raise `InputError`: `blank.not_received`, `blank.used`."""
        if self.ledger.received(number) is None:
            raise InputError("blank.not_received", number=number).at("numbers")
        if self.ledger.used(number) is not None:
            raise InputError("blank.used", number=number).at("numbers")
        return number

    def _keep(self, use: Use, count: int, place: str, runs: tuple[Run, ...]) -> None:
        entry = BlankEntry(
            thing_id=self._work.ids.new(),
            activity_id=use.activity_id,
            act=use.act,
            sort=use.sort,
            count=count,
            at=use.at,
            by=self._work.user.user_id,
            place=place,
            runs=runs,
            card_id=use.card_id,
            why=use.why,
        )
        self._work.keep(entry, f"blank_{use.act.value}", sort=use.sort.value, count=count)
        self.ledger.add(entry)


def withdraw_card(work: UnitOfWork, card: CardCase, why: str, number: str = "") -> None:
    """Write down that a card is to be destroyed: the old one of a person, or one that was printed anew."""
    entry = BlankEntry(
        thing_id=work.ids.new(),
        activity_id=card.activity_id,
        act=BlankAct.WITHDRAWN,
        sort=card.document,
        count=1,
        at=work.at,
        by=work.user.user_id,
        runs=(Run(number, number),) if number else (),
        card_id=card.thing_id,
        name=card.name,
        masked_nik=card.masked_nik,
        why=why,
    )
    work.keep(entry, "blank_withdrawn", sort=entry.sort.value, card=card.thing_id)
