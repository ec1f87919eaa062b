"""Buku blangko: what came, was printed, spoilt, handed on and counted, what is left where; and the forms of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from fieldkit.domain.cards.blanks import NUMBERED, OFFICE, REVOCABLE, BlankAct, BlankEntry, runs_text
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.documents import SHORT_NAMES, Document
from fieldkit.domain.letters.letter import Letter, LetterState
from fieldkit.domain.people import Permission
from fieldkit.services.cards.keep_blanks import (
    Agreement,
    BlankBook,
    BlankLine,
    BlankPlace,
    KeepBlanks,
    NewPlace,
    SortStock,
)
from fieldkit.services.context.app_context import AppContext
from ui.presenters.acts import About, ActForms, Kind, one_of
from ui.presenters.figures import FigureCell, Number
from ui.presenters.form import Form, FormField, Labels, Pick
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Numbers, OfficeList, Panel, nothing_yet
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.presenter import Action, Command, Message, message
from ui.presenters.readers import Values

_MOST_TROUBLES = 3
_OFFICE = "dinas"  # a choice needs a name, and the office has none in the ledger
_NOT_ASKED = {True: {"amount"}, False: {"numbers", "missing"}}  # of a sort with numbers, of one without
Fields = tuple[FormField, ...]


def place_name(place: str) -> str:
    """Return what a place is called: the office, or a kit by its number."""
    return "Dinas" if place == OFFICE else place


def left_numbers(stock: SortStock) -> tuple[Number, ...]:
    """Return what is left of a sort as numbers, place by place where they are at several."""
    places = {place: count for place, count in stock.places.items() if count} or {OFFICE: 0}
    return tuple(
        Number(
            str(count),
            message("blangko.left_at", sort=SHORT_NAMES[stock.sort], place=place_name(place)),
            Tone.BAD if count < 0 else Tone.CAUTION if stock.is_low else Tone.NEUTRAL,
        )
        for place, count in sorted(places.items())
    )


def low_hints(stock: Sequence[SortStock]) -> tuple[Hint, ...]:
    """Return what says that a sort is about to run out."""
    return tuple(
        Hint(
            message("blangko.low", sort=SHORT_NAMES[each.sort], left=each.left, minimum=each.minimum),
            message("blangko.low_hint"),
            Tone.CAUTION,
        )
        for each in stock
        if each.is_low
    )


def agreement_words(agreement: Agreement) -> Message:
    """Return whether the ledger and the print list say the same of a sort."""
    sort, printed = SHORT_NAMES[agreement.sort], agreement.printed
    if agreement.noted == printed:
        return message("blangko.agrees", sort=sort, count=printed)
    return message("blangko.differs", sort=sort, printed=printed, noted=agreement.noted)


def tags_of(line: BlankLine) -> tuple[Tag, ...]:
    """Return whether an entry was revoked, waits for its BA pemusnahan, or stands in one."""
    if line.is_revoked:
        return (Tag(message("blangko.was_revoked"), Tone.NEUTRAL),)
    if line.is_to_destroy:
        return (Tag(message("blangko.to_destroy"), Tone.CAUTION),)
    if line.letter is None:
        return ()
    if line.letter.state is LetterState.DRAFT:
        return (Tag(message("blangko.in_ba"), Tone.SOFT),)
    return (Tag(message("blangko.destroyed", number=line.letter.number or line.letter.provisional), Tone.GOOD),)


class BlankLedger(OfficeList):
    """The ledger; whoever prints also writes into it."""

    _needs = (Permission.PRINT_CARDS, "blangko.not_yours")
    _book = BlankBook((), (), (), ())  # read with the list

    def screen(self) -> ListScreen[BlankLine]:
        """Return the list, the newest entry first."""
        waiting: Filter[BlankLine] = Filter(
            "destroy", message("blangko.part_destroy"), lambda line: line.is_to_destroy, Tone.CAUTION
        )
        return ListScreen(
            title=message("common.ledger_of_blanks"),
            heads=(
                Head(message("blangko.what"), self._what, 170, lambda line: line.entry.at),
                Head(message("blangko.which"), _which, 170, lambda line: runs_text(line.entry.runs)),
                Head(message("common.place"), _where, 145),
                Head(message("blangko.why"), _why),
            ),
            load=self._load,
            name=lambda line: line.entry.thing_id,
            text=lambda line: line.entry.words,
            reads=frozenset({BlankEntry.KIND, CardCase.KIND, Letter.KIND}),
            filters=((ALL, waiting), (ALL, *Filter.each(Document, "blangko.sort_", lambda line: line.entry.sort))),
            ticks=lambda line: not self._not_yours and line.is_to_destroy,
            empty=nothing_yet("blangko.nothing"),
            side=self._side,
            commands=self._commands,
            hint=message("blangko.search"),
        )

    def _load(self) -> Sequence[BlankLine]:
        self._book = self._office.blanks.book()
        return self._book.lines

    def _what(self, line: BlankLine) -> FigureCell:
        return FigureCell(
            message(f"blangko.act_{line.entry.act.value}"), self._moment_text(line.entry.at), is_strong=True
        )

    def _side(self, _listed: Listed[BlankLine]) -> tuple[Panel, ...]:
        stock, agreements, troubles = self._book.stock, self._book.agreements, self._book.troubles
        if not stock:
            return ()
        told = [message(trouble.key, about=trouble.about, count=trouble.count) for trouble in troubles]
        if len(told) > _MOST_TROUBLES:
            told[_MOST_TROUBLES:] = [message("blangko.more_troubles", count=len(told) - _MOST_TROUBLES)]
        differ = any(each.noted != each.printed for each in agreements)
        numbers = tuple(number for each in stock for number in left_numbers(each))
        return (
            Numbers(message("common.blanks_left"), numbers),
            *low_hints(stock),
            *((Hint(message("blangko.troubles"), tuple(told), Tone.BAD),) if told else ()),
            Hint(
                message("blangko.agreement"),
                tuple(map(agreement_words, agreements)),
                Tone.CAUTION if differ else Tone.SOFT,
            ),
        )

    def _commands(self, listed: Listed[BlankLine]) -> tuple[Command, ...]:
        current, not_yours = listed.current, self._not_yours
        opens = partial(FORMS.opens, self._context, self._navigator)
        chosen = listed.ticked or [line for line in self._book.lines if line.is_to_destroy]
        ids = [line.entry.thing_id for line in chosen]
        write = self._shown(lambda: self._office.blanks.write_ba(ids))
        no_ba = not_yours or ("" if ids else message("blangko.ba_none"))
        entry_id = current.entry.thing_id if current else ""
        no_entry: Message = "" if current else message("blangko.choose_first")
        if current and (current.is_revoked or current.letter or current.entry.act not in REVOCABLE):
            no_entry = message("blangko.not_revoked")
        nothing_there: Message = "" if self._book.stock else message("blangko.nothing")
        return (
            opens(KeepBlanks.want, Action.LOCATE, nothing_there),
            opens(KeepBlanks.revoke, Action.REMOVE, no_entry, entry_id=entry_id),
            opens(KeepBlanks.count, Action.GROUP, nothing_there),
            opens(KeepBlanks.move, Action.HAND_OVER, nothing_there),
            opens(KeepBlanks.spoil, Action.REPAIR, nothing_there),
            Command("write_ba", message("blangko.ba", count=len(ids)), Action.NEW, refused=no_ba, runs=write),
            opens(KeepBlanks.receive, Action.ACCEPT),
        )


def _which(line: BlankLine) -> FigureCell:
    entry = line.entry
    if entry.act is BlankAct.REVOKED:
        return FigureCell(SHORT_NAMES[entry.sort])
    return FigureCell(message("blangko.amount", count=entry.count, sort=SHORT_NAMES[entry.sort]), runs_text(entry.runs))


def _where(line: BlankLine) -> FigureCell:
    entry = line.entry
    if entry.act is BlankAct.MOVED:
        return FigureCell(message("blangko.from_to", place=place_name(entry.place), to=place_name(entry.to)))
    return FigureCell("" if entry.act in (BlankAct.MINIMUM, BlankAct.REVOKED) else place_name(entry.place))


def _why(line: BlankLine) -> FigureCell:
    entry = line.entry
    words = " · ".join(filter(None, (entry.name, entry.why, entry.source)))
    return FigureCell(words, tags=tags_of(line))


def _place(context: AppContext, field: FormField) -> FormField:
    choices = tuple(Choice(place or _OFFICE, place_name(place)) for place in context.office.blanks.places())
    return replace(field, text=_OFFICE, choices=choices)


def _new_place(context: AppContext, field: FormField) -> FormField:
    return replace(_place(context, field), pick=Pick.OPEN, text=context.office.blanks.kit_id)


def _at(_context: AppContext, values: Values, name: str) -> str:
    place = values[name].strip()
    return OFFICE if place.casefold() == _OFFICE else place


def _shaped(context: AppContext, _about: About, form: Form) -> Form:
    """Return a form that asks numbers of a sort that has them, of another how many."""
    blanks, every, stock = context.office.blanks, list[FormField](), dict[tuple[Document, str], int]()

    def load() -> Fields:
        every[:] = form.load()
        ledger = blanks.ledger()
        stock.update(ledger.stock)
        begun = {"minimum": str(ledger.minimum(Document.KTP_EL))}
        every[:] = [replace(field, text=begun.get(field.name, field.text)) for field in every]
        return adapt(tuple(every))

    def adapt(fields: Fields) -> Fields:
        now = {field.name: field for field in fields}
        if "sort" not in now:
            return tuple(replace(field, hint="") for field in fields)
        out = _NOT_ASKED[Document(now["sort"].text) in NUMBERED]
        asked = tuple(now.get(field.name, field) for field in every if field.name not in out)
        return counted(asked) if "found" in now else asked

    def counted(fields: Fields) -> Fields:
        values = {field.name: field.text for field in fields}
        there = stock.get((Document(values["sort"]), _at(context, values, "place")), 0)
        hints = {"found": message("blangko.hint_found", stock=there), "why": message("blangko.hint_difference")}
        return tuple(replace(field, hint=hints.get(field.name, field.hint)) for field in fields)

    return replace(form, load=load, adapt=adapt)


FORMS = ActForms(
    room="blanks",
    words="blangko.",
    service=KeepBlanks,
    of=lambda context: context.office.blanks,
    labels=Labels("blangko.field_", "blangko.hint_"),
    refusals={Permission.PRINT_CARDS: message("blangko.not_yours")},
    kinds={
        Document: one_of(Document, "blangko.sort_"),
        BlankPlace: Kind(_at, _place),
        NewPlace: Kind(_at, _new_place),
    },
    hints=frozenset({"numbers", "amount", "source", "to", "taker", "why", "missing"}),
    shape=_shaped,
)
