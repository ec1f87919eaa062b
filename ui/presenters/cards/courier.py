"""Kurir (Becak Pintar): what waits for the courier, what is on the way, and the message for their group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.cards.courier import MOST_ATTEMPTS, CourierState, CourierStep, courier_message, step_after
from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.cards.distribution import courier_words, document, refused_slips, slips
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import Facts, Filter, Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, Opens, opens
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Printing

_S = CourierState
_TONES = {
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
                Head(message("distribusi.person"), lambda c: Cell(c.name, c.masked_nik), 0, lambda c: c.name),
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

    def _far(self, card: CardCase) -> Cell:
        state, run = card.courier_state, card.courier
        tag = Tag(courier_words(card), _TONES.get(state, Tone.NEUTRAL) if state else Tone.NEUTRAL)
        told: Message = ""
        if run is not None and state is _S.SIAP_DIAMBIL_KURIR:
            told = message("distribusi.untold")
            if run.told_at is not None:
                told = message("distribusi.told", at=day_text(self._context.clock.local(run.told_at)))
        elif run is not None and run.attempts and card.place is Place.COURIER:
            told = message("distribusi.attempt_of", count=len(run.attempts), most=MOST_ATTEMPTS)
        return Cell(told, tags=(tag,))

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
            Command("print_slips", slip, Action.NEW, refused=none or no_slips, runs=printed),
            self._opens("failed", failed, Action.REMOVE, no_try, "handover_failed", card_ids=cards),
            Command("copy_message", message("common.copy_message"), Action.ISSUE, refused=no_copy, runs=copy),
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
