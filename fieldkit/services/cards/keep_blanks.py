"""The ledger of blanks: received, handed on, spoilt, counted, destroyed; prints write into it by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fieldkit.domain.cards.blanks import (
    NUMBERED,
    OFFICE,
    REVOCABLE,
    TO_DESTROY,
    BlankAct,
    BlankEntry,
    Ledger,
    Run,
    Trouble,
    counted,
    read_number,
    read_runs,
    runs_of,
    runs_text,
)
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.documents import SHORT_NAMES, Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.ports.store import Unit
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork, act

# What printing, failing and handing over take from the ledger of blanks, within the transaction of their act.


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


def hand_on(work: UnitOfWork, numbers: Sequence[str], origin: str, to: str) -> None:
    """Let blanks of the KTP-el go to another place together with the sarpras. Raise `RuleError("blank.gone")`."""
    if numbers:
        ledger = ledger_in(work.unit)
        if any(ledger.used(each) is not None or ledger.place_of(each) != origin for each in numbers):
            raise RuleError("blank.gone")
        runs, told = runs_of(numbers), {"place": origin, "to": to, "why": work.user.name}
        _keep(work, BlankAct.MOVED, Document.KTP_EL, len(numbers), runs=runs, **told)


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


@dataclass(frozen=True, slots=True)
class Blanks:
    """Which blanks: by their numbers as typed, of a sort without numbers how many."""

    sort: Document
    numbers: str = ""
    amount: int = 0


BlankPlace = Annotated[str, "where blanks are"]  # the office is "", a kit its number
NewPlace = Annotated[str, "where blanks go"]  # or to a kit that the ledger does not name yet


@dataclass(frozen=True, slots=True)
class BlankLine:
    """An entry with what became of it: revoked, or named by a BA pemusnahan."""

    entry: BlankEntry
    is_revoked: bool = False
    letter: Letter | None = None

    @property
    def is_to_destroy(self) -> bool:
        """Return whether it waits for its BA."""
        return self.entry.act in TO_DESTROY and not self.is_revoked and self.letter is None


@dataclass(frozen=True, slots=True)
class SortStock:
    """What is left of a sort."""

    sort: Document
    left: int
    minimum: int
    is_low: bool
    places: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Prints of a sort since it is counted: those that the documents tell, and those in the ledger."""

    sort: Document
    noted: int
    printed: int


@dataclass(frozen=True, slots=True)
class BlankBook:
    """The whole ledger as a screen shows it; the newest first."""

    lines: Sequence[BlankLine]
    stock: Sequence[SortStock]
    agreements: Sequence[Agreement]
    troubles: Sequence[Trouble]


class KeepBlanks:
    """The ledger for the user who is signed in."""

    def __init__(self, units: UnitsOfWork, letters: WriteLetters, kit_id: str) -> None:
        self._units, self._letters, self.kit_id = units, letters, kit_id

    # --- reading

    def book(self) -> BlankBook:
        """Return every entry and what they come to."""
        with self._units.read() as unit:
            entries = unit.repository(BlankEntry).search()
            destroyed = _destroyed(unit)
            ledger = Ledger.of(entries)
            begun = {sort: at for sort in Document if (at := ledger.begun_at(sort)) is not None}
            agreements = [_agreement(unit, ledger, sort, at) for sort, at in begun.items()]
        gone = {each.about for each in entries}
        newest = sorted(entries, key=lambda each: (each.at, each.thing_id), reverse=True)
        lines = [BlankLine(each, each.thing_id in gone, destroyed.get(each.thing_id)) for each in newest]
        stock = [_stock(ledger, sort) for sort in begun]
        return BlankBook(lines, stock, agreements, ledger.troubles())

    def ledger(self) -> Ledger:
        """Return what all entries come to."""
        with self._units.read() as unit:
            return ledger_in(unit)

    def stock(self, *sorts: Document) -> Sequence[SortStock]:
        """Return what is left of some sorts; those that are not counted yet are not named."""
        ledger = self.ledger()
        return tuple(_stock(ledger, sort) for sort in sorts if ledger.begun_at(sort) is not None)

    def places(self) -> tuple[str, ...]:
        """Return where blanks are or may go: the office, this kit, every kit that the ledger names."""
        named = {place for _, place in self.ledger().stock}
        return (OFFICE, *sorted((named | {self.kit_id}) - {OFFICE}))

    def proposed(self, sort: Document, count: int) -> tuple[str, ...]:
        """Return the numbers that come next, those of this kit first; () of a sort that is not counted by numbers."""
        return self.ledger().next_numbers(count, self.kit_id) if sort in NUMBERED else ()

    # --- writing

    @act(Permission.PRINT_CARDS)
    def receive(self, work: UnitOfWork, blanks: Blanks, place: BlankPlace, source: str) -> BlankEntry:
        """Write down that blanks came. Raise `InputError`: what is missing, `blank.received_before`."""
        if not source.strip():
            raise InputError("blank.no_source").at("source")
        runs, count = _these(blanks)
        ledger = ledger_in(work.unit)
        for run in runs:
            if ledger.meets(run):
                raise InputError("blank.received_before", numbers=run.text).at("numbers")
        return _keep(work, BlankAct.RECEIVED, blanks.sort, count, place=place, runs=runs, source=source.strip())

    @act(Permission.PRINT_CARDS)
    def move(self, work: UnitOfWork, blanks: Blanks, origin: BlankPlace, to: NewPlace, taker: str) -> BlankEntry:
        """Hand blanks on to a kit, or back to the office; `taker` is who took them.

        Raise `InputError`: `blank.same_place`, `blank.no_receiver`, `blank.not_there`, `blank.too_few`, `blank.used`.
        """
        if origin == to:
            raise InputError("blank.same_place").at("to")
        if not taker.strip():
            raise InputError("blank.no_receiver").at("taker")
        runs, count = self._there(work, blanks, origin)
        told = {"runs": runs, "why": taker.strip()}
        return _keep(work, BlankAct.MOVED, blanks.sort, count, place=origin, to=to.strip(), **told)

    @act(Permission.PRINT_CARDS)
    def spoil(self, work: UnitOfWork, blanks: Blanks, place: BlankPlace, why: str) -> BlankEntry:
        """Write down that blanks are spoilt before or besides a print. Raise like `move`, `blank.no_reason`."""
        if not why.strip():
            raise InputError("blank.no_reason").at("why")
        runs, count = self._there(work, blanks, place)
        return _keep(work, BlankAct.SPOILED, blanks.sort, count, place=place, runs=runs, why=why.strip())

    @act(Permission.PRINT_CARDS)
    def count(
        self, work: UnitOfWork, sort: Document, place: BlankPlace, found: int, why: str = "", missing: str = ""
    ) -> BlankEntry:
        """Write down what was counted at a place; a difference needs its reason, numbers that are missing may be named.

        Raise `InputError`: `blank.no_reason`, `blank.missing_differ`, `blank.not_there`, `blank.used`.
        """
        opened = OpenLedger(work, self.kit_id)
        difference = found - opened.ledger.stock.get((sort, place), 0)
        if difference and not why.strip():
            raise InputError("blank.no_reason").at("why")
        runs = read_runs(missing) if sort in NUMBERED else ()
        if runs and counted(runs) != -difference:
            raise InputError("blank.missing_differ", difference=-difference, count=counted(runs)).at("missing")
        _demand_there(opened, runs, place)
        return _keep(work, BlankAct.COUNTED, sort, difference, place=place, runs=runs, why=why.strip())

    @act(Permission.PRINT_CARDS)
    def want(self, work: UnitOfWork, sort: Document, minimum: int) -> BlankEntry:
        """Set below which stock somebody has to ask for more."""
        return _keep(work, BlankAct.MINIMUM, sort, minimum)

    @act(Permission.PRINT_CARDS)
    def revoke(self, work: UnitOfWork, entry_id: str, why: str) -> BlankEntry:
        """Take back an entry that was wrong; it stays to be read.

        Raise `InputError("blank.no_reason")`, `RuleError("blank.not_revocable")` for a print, for what a BA names and
        for blanks of which some were used or handed on since.
        """
        if not why.strip():
            raise InputError("blank.no_reason").at("why")
        entry, ledger = work.unit.repository(BlankEntry).get(entry_id), ledger_in(work.unit)
        is_there = any(each.thing_id == entry_id for each in ledger.entries)
        if entry.act not in REVOCABLE or not is_there or entry_id in _destroyed(work.unit):
            raise RuleError("blank.not_revocable")
        came = entry.act in (BlankAct.RECEIVED, BlankAct.MOVED)
        if came and _is_touched(ledger, entry):
            raise RuleError("blank.not_revocable")
        return _keep(work, BlankAct.REVOKED, entry.sort, 0, why=why.strip(), about=entry_id)

    # --- paper

    @act(Permission.PRINT_CARDS)
    def write_ba(self, work: UnitOfWork, entry_ids: Sequence[str]) -> Letter:
        """Draft the BA pemusnahan of spoilt blanks and withdrawn cards. Raise `RuleError("blank.not_to_destroy")`."""
        if not entry_ids:
            raise InputError("blank.none_chosen")
        destroyed, ledger = _destroyed(work.unit), ledger_in(work.unit)
        there = {each.thing_id: each for each in ledger.entries}
        chosen = [there.get(entry_id) for entry_id in dict.fromkeys(entry_ids)]
        rows = [each for each in chosen if each is not None and each.act in TO_DESTROY]
        if len(rows) != len(chosen) or any(each.thing_id in destroyed for each in rows):
            raise RuleError("blank.not_to_destroy")
        rows.sort(key=lambda each: (each.at, each.thing_id))
        fields = {
            "spoilt": [self._row(each) for each in rows if each.act is BlankAct.SPOILED],
            "withdrawn": [self._row(each) for each in rows if each.act is BlankAct.WITHDRAWN],
            "entries": [each.thing_id for each in rows],
        }
        return self._letters.draft_within(work, LetterKind.BA_PEMUSNAHAN, "", fields)

    def _row(self, entry: BlankEntry) -> dict[str, str | int]:
        on: date = self._units.clock.local(entry.at).date()
        row: dict[str, str | int] = {
            "number": runs_text(entry.runs),
            "type": SHORT_NAMES[entry.sort],
            "on": on.isoformat(),
            "count": entry.count,
            "why": entry.why,
        }
        if entry.act is BlankAct.WITHDRAWN:
            row |= {"name": entry.name, "nik": entry.masked_nik}
        return row

    def _there(self, work: UnitOfWork, blanks: Blanks, place: str) -> tuple[tuple[Run, ...], int]:
        """Return blanks that are at a place. Raise `InputError`: `blank.not_there`, `blank.too_few`, `blank.used`."""
        runs, count = _these(blanks)
        opened = OpenLedger(work, self.kit_id)
        _demand_there(opened, runs, place)
        left = opened.ledger.stock.get((blanks.sort, place), 0)
        if count > left:
            raise InputError("blank.too_few", left=left).at("numbers" if runs else "amount")
        return runs, count


def _these(blanks: Blanks) -> tuple[tuple[Run, ...], int]:
    if blanks.sort in NUMBERED:
        runs = read_runs(blanks.numbers)
        if not runs:
            raise InputError("blank.number_needed").at("numbers")
        return runs, counted(runs)
    if blanks.amount < 1:
        raise InputError("blank.no_count").at("amount")
    return (), blanks.amount


def _demand_there(opened: OpenLedger, runs: Sequence[Run], place: str) -> None:
    for number in (number for run in runs for number in run):
        if opened.ledger.place_of(opened.free(number)) != place:
            raise InputError("blank.not_there", number=number).at("numbers")


def _is_touched(ledger: Ledger, entry: BlankEntry) -> bool:
    """Return whether taking an entry back would leave a use or a later move without its blanks."""
    if any(ledger.used(number) for run in entry.runs for number in run):
        return True
    moves = (each for each in ledger.entries if each.act is BlankAct.MOVED)
    later = (each for each in moves if (each.at, each.thing_id) > (entry.at, entry.thing_id))
    if any(run.meets(other) for each in later for run in each.runs for other in entry.runs):
        return True
    place = entry.to if entry.act is BlankAct.MOVED else entry.place
    return ledger.stock.get((entry.sort, place), 0) < entry.count


def _keep(work: UnitOfWork, act: BlankAct, sort: Document, count: int, **told: Any) -> BlankEntry:
    entry = BlankEntry(work.ids.new(), "", act, sort, count, work.at, work.user.user_id, **told)
    work.keep(entry, f"blank_{act.value}", sort=sort.value, count=count)
    return entry


def _destroyed(unit: Unit) -> dict[str, Letter]:
    """Return by entry the BA pemusnahan that names it and is not void."""
    letters = unit.repository(Letter).having("letter", [LetterKind.BA_PEMUSNAHAN.value])
    live = (each for each in letters if each.state is not LetterState.VOID)
    return {entry_id: each for each in live for entry_id in each.fields.get("entries", ())}


def _stock(ledger: Ledger, sort: Document) -> SortStock:
    places = {place: count for (of, place), count in ledger.stock.items() if of is sort}
    return SortStock(sort, ledger.left(sort), ledger.minimum(sort), ledger.is_low(sort), places)


def _agreement(unit: Unit, ledger: Ledger, sort: Document, begun: datetime) -> Agreement:
    cards = unit.repository(CardCase).having("document", [sort.value])
    prints = [each for card in cards for each in card.prints]
    noted = sum(each.sheets for each in prints if each.number or each.at > begun)
    printed = sum(each.count for each in ledger.entries if each.act is BlankAct.PRINTED and each.sort is sort)
    return Agreement(sort, noted, printed)
