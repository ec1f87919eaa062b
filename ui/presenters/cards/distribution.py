"""Distribusi: every printed document, where it is and what happened to it; its forms and the tanda terima on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fieldkit.domain.cards.card import (
    MOST_ATTEMPTS,
    CardCase,
    CourierState,
    CourierStep,
    Distribution,
    Handing,
    Place,
    Stop,
    courier_message,
    step_after,
)
from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import read_day
from fieldkit.ports.clock import Clock
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.print_papers import file_name
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import FigureCell, Step, StepMark
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.lists import (
    ALL,
    Facts,
    Filter,
    Head,
    Hint,
    History,
    Listed,
    ListScreen,
    OfficeList,
    Panel,
    nothing_yet,
)
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Opens, Operation, Weight, enter, message, opens
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


class DistributionList(OfficeList):
    """Answers where a document is, and leads to handing it over."""

    _needs = (Permission.HAND_OVER, "distribusi.not_yours")

    def __init__(
        self,
        context: AppContext,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str = "",
        card_id: str = "",
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._wanted = card_id  # where the cursor stands at first
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
            begins_at=lambda card: card.thing_id == self._wanted,
            text=lambda card: card.words,
            reads=frozenset({CardCase.KIND}),
            filters=((*((ALL,) if self._wanted else ()), *waiting, *places, *returned),),
            ticks=lambda _card: not self._not_yours,
            empty=nothing_yet("distribusi.empty", "distribusi.none_shown"),
            side=self._side,
            commands=self._commands,
            hint=message("distribusi.search"),
        )

    def _where(self, card: CardCase) -> FigureCell:
        return FigureCell(waited_words(card, self._clock), tags=(place_tag(card),))

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


def _document(card: CardCase) -> FigureCell:
    return FigureCell(document(card), card.registration)


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


# Kurir (Becak Pintar): what waits for the courier, what is on the way, and the message for their group.

_S = CourierState
_COURIER_TONES = {
    _S.DIKEMBALIKAN: Tone.CAUTION,
    **dict.fromkeys((_S.SIAP_DIAMBIL_KURIR, _S.DISERAHKAN_KE_KURIR, _S.DIANTAR), Tone.SOFT),
}
_MOST_LINES = 12


SHOWN: Mapping[str, Callable[[CardCase], bool]] = {  # a part of the way
    "pintar": lambda card: (
        card.courier is not None or bool(card.application_id)
    ),  # asked for, or chosen for the courier
    "ready": lambda card: card.courier_state is _S.SIAP_DIAMBIL_KURIR,
    "out": lambda card: card.place is Place.COURIER,
    "back": lambda card: card.courier_state is _S.DIKEMBALIKAN,
    "all": lambda card: card.place is Place.DINAS,  # everything that a courier may bring
}


class Courier(OfficeList):
    """Enter does the next thing for what is chosen. The program sends nothing: the message is copied by a person."""

    _needs = (Permission.HAND_OVER, "distribusi.not_yours")

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing) -> None:
        super().__init__(context, navigator)
        self._printing, self._courier = printing, context.office.courier
        self._dinas = ""  # who signs the message; read with the list

    def screen(self) -> ListScreen[CardCase]:
        """Return the list."""
        return ListScreen(
            title=message("distribusi.courier_title"),
            heads=(
                Head.named(message("common.document"), lambda c: c.registration, document, 190),
                Head(message("distribusi.person"), lambda c: FigureCell(c.name, c.masked_nik), 0, lambda c: c.name),
                Head.plain(message("distribusi.village"), lambda c: c.village, 160),
                Head(message("common.state"), self._far, 320, lambda c: c.courier_state or ""),
            ),
            load=self._load,
            name=lambda card: card.thing_id,
            text=lambda card: card.words,
            reads=frozenset({CardCase.KIND}),
            filters=(Filter.by("distribusi.courier_shown.", SHOWN),),
            ticks=lambda _card: not self._not_yours,
            empty=nothing_yet("distribusi.no_courier", "distribusi.none_shown"),
            side=lambda listed: (Facts(message("distribusi.message"), words=_shortened(self._message(listed))),),
            commands=self._commands,
            hint=message("distribusi.search"),
        )

    def _load(self) -> Sequence[CardCase]:
        self._dinas = self._office.letterhead.read().dinas
        return self._courier.offered()

    def _far(self, card: CardCase) -> FigureCell:
        state, run = card.courier_state, card.courier
        tag = Tag(courier_words(card), _COURIER_TONES.get(state, Tone.NEUTRAL) if state else Tone.NEUTRAL)
        told: Message = ""
        if run is not None and state is _S.SIAP_DIAMBIL_KURIR:
            told = message("distribusi.untold")
            if run.told_at is not None:
                told = message("distribusi.told", at=day_text(self._context.clock.local(run.told_at)))
        elif run is not None and run.attempts and card.place is Place.COURIER:
            told = message("distribusi.attempt_of", count=len(run.attempts), most=MOST_ATTEMPTS)
        return FigureCell(told, tags=(tag,))

    def _message(self, listed: Listed[CardCase]) -> Message:
        """Return the message for the group, or why there is none."""
        if not (ready := _ready(listed)):
            return message("distribusi.no_message")
        try:
            return courier_message(self._dinas, [card.registration for card in ready])
        except InputError as error:  # a number that looks like a NIK never leaves
            return error.problem

    def _commands(self, listed: Listed[CardCase]) -> tuple[Command, ...]:
        chosen, ready, notice = listed.chosen, _ready(listed), self._message(listed)
        ids = [card.thing_id for card in chosen]
        is_out = all(card.place is Place.COURIER for card in chosen)
        told = [card.thing_id for card in ready]
        copies = notice if isinstance(notice, str) else ""
        copy = Operation(
            work=lambda: self._courier.note_told(told),
            told=lambda _: message("distribusi.copied", count=len(told)),
            copies=copies,
        )
        none: Message = self._not_yours or ("" if chosen else message("distribusi.choose_first"))
        no_try = none or ("" if is_out else message("distribusi.not_out"))
        slip, no_slips, failed = message("common.receipt"), refused_slips(chosen), message("common.failed")
        printed, no_copy = slips(self._context, self._printing, chosen), self._not_yours or ("" if copies else notice)
        cards = SEPARATOR.join(ids)
        return (
            Command("print_slips", slip, Action.ISSUE, refused=none or no_slips, runs=printed),
            self._opens("failed", failed, Action.REMOVE, no_try, "handover_failed", card_ids=cards),
            Command("copy_message", message("common.copy_message"), Action.SEND_AGAIN, refused=no_copy, runs=copy),
            self._next(ids, step_after(card.courier_state for card in chosen), none),
        )

    def _next(self, ids: Sequence[str], step: CourierStep | None, refused: Message) -> Command:
        if step is None:
            refused = refused or message("distribusi.mixed")
        elif step is CourierStep.DELIVER and len(ids) > 1:
            refused = refused or message("distribusi.one_receipt")
        courier, cards = self._courier, SEPARATOR.join(ids)
        runs: dict[CourierStep, Opens | Operation[Sequence[CardCase]]] = {
            CourierStep.READY: Operation(
                work=lambda: courier.make_ready(ids), told=lambda _: message("distribusi.made_ready", count=len(ids))
            ),
            CourierStep.GIVE: opens(self._navigator, "handover", card_ids=cards, to=Place.COURIER.value),
            CourierStep.WENT: Operation(
                work=lambda: courier.attempts(ids), told=lambda _: message("distribusi.noted_went", count=len(ids))
            ),
            CourierStep.DELIVER: opens(self._navigator, "handover", card_ids=cards, to=Place.PERSON.value),
        }
        words = message(f"distribusi.step.{step or CourierStep.READY}")
        return enter(words, runs[step or CourierStep.READY], refused)


def _ready(listed: Listed[CardCase]) -> Sequence[CardCase]:
    """Return what the message names: those that are ticked and ready, or all that are ready."""
    ticked = [card for card in listed.ticked if card.courier_state is _S.SIAP_DIAMBIL_KURIR]
    return ticked or [card for card in listed.everything if card.courier_state is _S.SIAP_DIAMBIL_KURIR]


def _shortened(notice: Message) -> Message:
    """Return as much of a long message as the panel has room for; all of it is copied."""
    lines = notice.splitlines() if isinstance(notice, str) else []
    return notice if len(lines) <= _MOST_LINES else "\n".join((*lines[: _MOST_LINES - 2], "…", lines[-1]))


# Jadwal distribusi: when documents go where, and who brings them.

NEW_STOP = -1


@dataclass(frozen=True, slots=True)
class Planned:
    """A stop at its place of the schedule, and how many documents wait for it."""

    at: int
    stop: Stop
    waiting: int


class DistributionPlan(OfficeList):
    """Shows the schedule of an activity; who may plan also changes it."""

    _needs = (Permission.PLAN, "distribusi.plan_not_yours")

    def screen(self) -> ListScreen[Planned]:
        """Return the stops, in the order of their days."""
        on: Head[Planned] = Head(
            message("common.day"),
            lambda p: FigureCell(day_text(p.stop.on), is_strong=True, is_muted=self._is_over(p)),
            170,
            lambda p: p.stop.on,
        )
        return ListScreen(
            title=message("distribusi.plan_title"),
            heads=(
                on,
                Head.tagged(message("distribusi.to"), self._to, 190, lambda p: p.stop.to),
                Head.plain(message("common.place"), lambda p: p.stop.where),
                Head.plain(message("distribusi.field.by"), lambda p: p.stop.by, 280),
                Head(message("distribusi.waiting_there"), _waiting, 220, lambda p: p.waiting),
            ),
            load=self._load,
            name=lambda p: str(p.at),
            text=lambda p: f"{p.stop.where} {p.stop.by} {day_text(p.stop.on)}",
            reads=frozenset({Distribution.KIND, CardCase.KIND}),
            empty=self._nothing,
            commands=self._commands,
            hint=message("distribusi.plan_search"),
        )

    def _load(self) -> Sequence[Planned]:
        handover = self._office.handover
        plan, waiting = handover.distribution(self._of), handover.undelivered(self._of)
        villages = [each.card.village.casefold() for each in waiting if each.card.village]
        return [
            Planned(at, stop, sum(village in stop.where.casefold() for village in villages))
            for at, stop in enumerate(plan.stops if plan else ())
        ]

    def _is_over(self, planned: Planned) -> bool:
        return planned.stop.on < self._context.clock.today()

    def _to(self, planned: Planned) -> Tag:
        return Tag(
            message(f"distribusi.place.{planned.stop.to.value}"), Tone.NEUTRAL if self._is_over(planned) else Tone.SOFT
        )

    def _commands(self, listed: Listed[Planned]) -> tuple[Command, ...]:
        planned = listed.current
        none = self._not_yours or ("" if planned else message("distribusi.choose_stop"))
        remove = self._remove([each.stop for each in listed.everything], planned) if planned else None
        at, change = planned.at if planned else NEW_STOP, message("common.change")
        return (
            Command("remove", message("act.remove"), Action.REMOVE, Weight.DANGER, none, remove),
            self._writes("add", message("distribusi.add_stop"), Action.NEW, self._not_yours, NEW_STOP),
            self._writes("accept", change, Action.ACCEPT, none, at),
        )

    def _remove(self, stops: Sequence[Stop], planned: Planned) -> Operation[Distribution]:
        plan = self._office.handover.plan_distribution
        rest = [stop for at, stop in enumerate(stops) if at != planned.at]
        return Operation(
            work=lambda: plan(self._of, rest),
            told=lambda _: message("distribusi.stop_removed", where=planned.stop.where),
            undo=lambda _: Operation(work=lambda: plan(self._of, stops)),
        )

    def _writes(self, name: str, words: Message, act: Action, refused: Message, at: int) -> Command:
        return self._opens(name, words, act, refused, "distribution_stop", activity_id=self._of, at=str(at))

    def _nothing(self, _listed: Listed[Planned]) -> Empty:
        if self._not_yours:
            return Empty(message("distribusi.no_stops"), self._not_yours)
        add = self._writes("add", message("distribusi.add_stop"), Action.NEW, "", NEW_STOP)
        return Empty.of("distribusi.no_stops", replace(add, weight=Weight.PRIMARY))


def _waiting(planned: Planned) -> FigureCell:
    return FigureCell(
        "–" if planned.stop.to is Place.KECAMATAN else message("distribusi.documents", count=planned.waiting)
    )
