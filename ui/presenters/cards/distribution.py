"""Distribusi: every printed document, where it is and what happened to it; its forms and the tanda terima on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fieldkit.domain.cards.card import CardCase, Handing, Place, Stop
from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import read_day
from fieldkit.ports.clock import Clock
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.archive_letters import file_name
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, Step, StepMark
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.lists import Filter, Head, Hint, History, Listed, ListScreen, Panel, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.readers import answer
from ui.presenters.tasks import COMPUTE

LATE_DAYS = 14
"""A document that stood this long at one place asks for a look."""

_TONES = {
    Place.DINAS: Tone.NEUTRAL,
    Place.KECAMATAN: Tone.SOFT,
    Place.DESA: Tone.SOFT,
    Place.COURIER: Tone.SOFT,
    Place.PERSON: Tone.GOOD,
}
_SHOWN = "distribusi.shown."
MOST_SLIPS = 40
"""At once; a printer that jams spoils no more."""
TRIED, BACK_HERE = "tried", "back"
_STOPS = (Place.KECAMATAN, Place.DESA, Place.PERSON)
Values = Mapping[str, str]


def document(card: CardCase) -> Message:
    """Return what kind of document it is."""
    return message(f"distribusi.document.{card.document.value}")


def place_tag(card: CardCase) -> Tag:
    """Return where a document is; what came back says so."""
    if card.is_returned:
        return Tag(message("distribusi.returned"), Tone.CAUTION, "repeat")
    return Tag(message(f"distribusi.place.{card.place.value}"), _TONES[card.place])


def waited(card: CardCase, clock: Clock) -> timedelta:
    """Return how long a document is where it is."""
    return clock.now() - card.moved_at


def waited_words(card: CardCase, clock: Clock) -> Message:
    """Return since when a document is there, and how often somebody tried."""
    if card.receipt is not None:
        return moment_text(clock.local(card.receipt.at))
    days = max(0, waited(card, clock).days)
    if card.tries:
        return message("distribusi.waits_tried", days=days, tries=card.tries)
    return message("distribusi.waits", days=days)


def way_of(card: CardCase, clock: Clock) -> tuple[Step, ...]:
    """Return the way of a document so far, oldest first; what went wrong is marked."""
    first, *again = card.prints
    happened = [(first.at, _step("was_printed", first.batch))]
    happened += [(each.at, _step("printed_again", each.why, StepMark.EXCEPTED)) for each in again]
    happened += [(each.at, _handed(each, card)) for each in card.handings]
    happened += [(each.at, _step("not_taken", each.note, StepMark.MISSING)) for each in card.attempts]
    tried = card.courier.attempts if card.courier else ()
    happened += [(each.at, _step("courier_went", each.note)) for each in tried]
    return dated(happened, clock)


def dated(happened: Iterable[tuple[datetime, Step]], clock: Clock) -> tuple[Step, ...]:
    """Return what happened, oldest first, each with its time before its detail."""
    return tuple(
        replace(step, name=str(at), detail=" · ".join(filter(None, (moment_text(clock.local(at)), str(step.detail)))))
        for at, step in sorted(happened, key=lambda pair: pair[0])
    )


def courier_words(card: CardCase) -> Message:
    """Return how far the courier is."""
    return message(f"distribusi.courier.{card.courier.state.value if card.courier else 'no'}")


def _handed(handing: Handing, card: CardCase) -> Step:
    if handing.reason:
        return _step("came_back", handing.reason, StepMark.MISSING)
    relation = card.receipt.relation if handing.to is Place.PERSON and card.receipt else ""
    return _step(f"handed_to.{handing.to.value}", f"{handing.receiver} ({relation})" if relation else handing.receiver)


def _step(key: str, detail: str, mark: StepMark = StepMark.DONE) -> Step:
    return Step("", message(f"distribusi.{key}"), mark, detail)


class Distribution(OfficeList):
    """Answers where a document is, and leads to handing it over."""

    _needs = (Permission.HAND_OVER, "distribusi.not_yours")

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str = ""
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._messages, self._clock = printing, messages, context.clock

    def screen(self) -> ListScreen[CardCase]:
        """Return the list, the longest unmoved first."""
        places: tuple[Filter[CardCase], ...] = Filter.each(Place, _SHOWN, lambda card: card.place)
        waiting: tuple[Filter[CardCase], ...] = Filter.by(_SHOWN, {"waiting": lambda card: card.receipt is None})
        returned: tuple[Filter[CardCase], ...] = Filter.by(_SHOWN, {"returned": lambda card: card.is_returned})
        return ListScreen(
            title=message("distribusi.title"),
            heads=(
                Head.named(message("distribusi.person"), lambda card: card.name, lambda card: card.masked_nik),
                Head(message("common.document"), _document, 190, lambda card: (card.document, card.registration)),
                Head.plain(message("distribusi.village"), lambda card: card.village, 170),
                Head(message("distribusi.where"), self._where, 300, lambda card: card.moved_at),
            ),
            load=lambda: self._office.handover.all(self._of),
            name=lambda card: card.thing_id,
            text=lambda card: card.words,
            reads=frozenset({CardCase.KIND}),
            filters=((*waiting, *places, *returned),),
            ticks=lambda _card: not self._not_yours,
            empty=nothing_yet("distribusi.empty", "distribusi.none_shown"),
            side=self._side,
            commands=self._commands,
            hint=message("distribusi.search"),
        )

    def _where(self, card: CardCase) -> Cell:
        return Cell(waited_words(card, self._clock), tags=(place_tag(card),))

    def _side(self, listed: Listed[CardCase]) -> tuple[Panel, ...]:
        late = sum(card.receipt is None and waited(card, self._clock).days >= LATE_DAYS for card in listed.everything)
        hint = (Hint(message("distribusi.late", count=late, days=LATE_DAYS), tone=Tone.CAUTION),) if late else ()
        card = listed.current
        return hint if card is None else (History(card.name, way_of(card, self._clock)), *hint)

    def _commands(self, listed: Listed[CardCase]) -> tuple[Command, ...]:
        chosen, opens, not_yours = listed.chosen, self._opens, self._not_yours
        ids = SEPARATOR.join(card.thing_id for card in chosen)
        activity_id = self._of or (chosen[0].activity_id if chosen else "")
        none = not_yours or ("" if chosen else message("distribusi.choose_first"))
        received = any(card.receipt is not None for card in chosen)
        refused = none or (message("distribusi.received_already") if received else "")
        no_plan: Message = "" if activity_id else message("distribusi.no_activity")
        export = Operation(work=self._export, told=lambda words: words)
        no_slips, printed = none or refused_slips(chosen), slips(self._context, self._printing, chosen)
        of, plan = {"activity_id": activity_id}, message("distribusi.schedule")
        return (
            Command("export", message("distribusi.export"), Action.RECAP, Weight.PLAIN, not_yours, export),
            opens("schedule", plan, Action.CALENDAR, no_plan, "distribution_plan", **of),
            Command("print_slips", message("common.receipt"), Action.ISSUE, refused=no_slips, runs=printed),
            opens("failed", message("common.failed"), Action.REMOVE, refused, "handover_failed", card_ids=ids),
            opens("write_ba", message("distribusi.write_ba"), Action.NEW, refused, "handover_ba", card_ids=ids),
            opens("accept", message("common.hand_over"), Action.ACCEPT, refused, "handover", card_ids=ids),
        )

    def _export(self) -> Message:
        """Write what is with nobody yet into a file."""
        name, content = self._office.handover.export_undelivered(self._of, self._messages)
        return message("distribusi.exported", where=self._printing.save(name, content))


def _document(card: CardCase) -> Cell:
    return Cell(document(card), card.registration)


@dataclass(frozen=True, slots=True)
class _Slip:
    name: str
    pdf: bytes
    sheets: Sequence[bytes]


def slips(context: AppContext, printing: Printing, cards: Sequence[CardCase]) -> Operation[Any]:
    """Return what issues the slips of documents, filled when somebody has it, else blank for the door, and prints."""

    def issue() -> Sequence[_Slip]:
        letters, handover = context.office.letters, context.office.handover
        issued = [handover.slip(card.thing_id) for card in cards]
        return [
            _Slip(file_name(letter).removesuffix(".pdf"), letters.pdf(letter.thing_id), letters.sheets(letter.thing_id))
            for letter in issued
        ]

    def bring_out(issued: Sequence[_Slip]) -> Message:
        printer = printing.printer()
        if printer:
            printing.print_pages([page for slip in issued for page in slip.sheets])
            return message("paper.printed", printer=printer)
        kept = [printing.save(slip.name, slip.pdf) for slip in issued]
        return message("distribusi.slips_saved", count=len(kept), path=kept[-1])

    def then(issued: Sequence[_Slip]) -> Operation[Message]:
        return Operation(work=lambda: bring_out(issued), told=lambda words: words, executor=COMPUTE)

    return Operation(work=issue, then=then)


def refused_slips(cards: Sequence[CardCase]) -> Message:
    """Return why these are not printed together."""
    return message("distribusi.too_many_slips", most=MOST_SLIPS) if len(cards) > MOST_SLIPS else ""


def _field(name: str, text: str = "") -> FormField:
    return FormField(name, message(f"distribusi.field.{name}"), text, message(f"distribusi.hint.{name}"))


def ba_form(context: AppContext, card_ids: Sequence[str]) -> Form:
    """Who receives a batch; the BA serah terima is drafted and opened, to be issued with its official number."""
    handover = context.office.handover

    def load() -> tuple[FormField, ...]:
        return (_field("ba_receiver"), _field("jabatan"), _field("office"), _field("nip"))

    def keep(values: Values) -> object:
        if not values["ba_receiver"].strip():
            raise InputError("card.no_receiver")
        receiver, jabatan, office = values["ba_receiver"], values["jabatan"], values["office"]
        return handover.write_ba(card_ids, receiver, jabatan, office, values["nip"])

    return Form(
        message("distribusi.ba_title", count=len(card_ids)),
        load,
        keep,
        message("distribusi.ba_about"),
        message("distribusi.ba_write"),
        lambda navigator, letter: navigator.replace("letter", letter_id=letter.thing_id),
    )


def failed_form(context: AppContext, card_ids: Sequence[str]) -> Form:
    """Why documents were not taken, and whether they come back."""
    handover, courier = context.office.handover, context.office.courier

    def load() -> tuple[FormField, ...]:
        if Place.DINAS in {handover.get(card_id).place for card_id in card_ids}:
            return (_field("reason"),)  # what lies here cannot come back
        choices = Choice.each((TRIED, BACK_HERE), "distribusi.failed_")
        return (
            FormField("happened", message("distribusi.field.happened"), BACK_HERE, choices=choices),
            _field("reason"),
        )

    def keep(values: Values) -> object:
        reason = values["reason"]
        is_with_courier = handover.get(card_ids[0]).place is Place.COURIER
        if not reason.strip():
            raise InputError("card.no_reason").at("reason")
        if values.get("happened", TRIED) == TRIED:
            return courier.attempts(card_ids, reason) if is_with_courier else handover.note_attempts(card_ids, reason)
        return courier.take_back(card_ids, reason) if is_with_courier else handover.bring_back(card_ids, reason)

    return Form(message("distribusi.failed_title", count=len(card_ids)), load, keep, message("distribusi.failed_about"))


def stop_form(context: AppContext, activity_id: str, at: int) -> Form:
    """A stop of the schedule, a new one when `at` is none of its places."""
    handover = context.office.handover

    def stops() -> list[Stop]:
        plan = handover.distribution(activity_id)
        return list(plan.stops) if plan else []

    def load() -> tuple[FormField, ...]:
        known = stops()
        stop = known[at] if 0 <= at < len(known) else Stop(context.clock.today(), Place.DESA, "", "")
        choices = Choice.each((place.value for place in _STOPS), "distribusi.place.")
        return (
            _field("on", day_text(stop.on)),
            FormField("to", message("distribusi.to"), stop.to.value, choices=choices),
            _field("where", stop.where),
            _field("by", stop.by),
        )

    def keep(values: Values) -> object:
        stop = Stop(answer(values, "on", read_day), Place(values["to"]), values["where"].strip(), values["by"].strip())
        others = [each for place, each in enumerate(stops()) if place != at]
        return handover.plan_distribution(activity_id, [*others, stop])

    return Form(message("distribusi.stop_title"), load, keep)
