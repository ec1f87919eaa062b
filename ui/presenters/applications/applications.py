"""Permohonan: what people applied for at the counter or by Becak Pintar, how far each is and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.terbilang import MONTHS
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.applications.views import ApplicationView
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.applications.messages import (
    act_words,
    actor_words,
    document_words,
    minutes_words,
    standard_words,
    state_tag,
)
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, tagged
from ui.presenters.lists import Filter, Head, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Empty, Tag, Tone


class Shown(StrEnum):
    """Which applications the list shows."""

    OPEN = "open"
    MINE = "mine"  # whose next step is the user's
    BACK = "back"  # with the applicant
    SLOW = "slow"  # beyond the standard
    ALL = "all"


class Applications:
    """Finds an application, or begins one; without an activity those of all are shown."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._place = ""  # of the activity; read with the list

    def screen(self) -> ListScreen[ApplicationView]:
        """Return the list, newest first."""
        return ListScreen(
            title=message("counter.title"),
            heads=(
                Head(message("counter.who"), _who, 0, lambda v: v.application.applicant.name),
                Head(message("counter.document"), _document, 230, lambda v: v.application.registration),
                Head(message("counter.state"), lambda v: tagged(state_tag(v)), 220, lambda v: v.application.state),
                Head(message("counter.next_actor"), _next, 250),
                Head(message("counter.time"), _time, 150, lambda v: v.minutes),
            ),
            load=self._load,
            name=lambda view: view.application.thing_id,
            text=lambda view: view.application.words,
            reads=frozenset({Application.KIND, CardCase.KIND, SopRun.KIND}),
            filters=(
                (
                    Filter(Shown.OPEN, message("counter.show_open"), lambda v: not v.is_over),
                    Filter(Shown.MINE, message("counter.show_mine"), self._is_mine),
                    Filter(Shown.BACK, message("counter.show_back"), lambda v: v.is_with_applicant, Tone.CAUTION),
                    Filter(Shown.SLOW, message("counter.show_slow"), lambda v: v.is_slow, Tone.BAD),
                    Filter(Shown.ALL, message("counter.show_all"), lambda _view: True),
                ),
            ),
            empty=self._nothing,
            commands=self._commands,
            hint=message("counter.hint"),
            where=lambda _listed: self._place,
        )

    def _load(self) -> Sequence[ApplicationView]:
        if self._of:
            self._place = self._context.office.letters.place_of(self._of)
        return self._context.office.applications.board(self._of)

    def _is_mine(self, view: ApplicationView) -> bool:
        leg = view.next
        return leg is not None and not view.is_with_applicant and self._context.user.role in leg.roles

    def _nothing(self, listed: Listed[ApplicationView]) -> Empty:
        if listed.everything:
            return Empty(message("counter.none_shown"), message("counter.none_shown_hint"))
        new = replace(self._new(), weight=Weight.PRIMARY)
        return Empty(message("counter.empty"), message("counter.empty_hint"), None if new.refused else new)

    def _commands(self, listed: Listed[ApplicationView]) -> tuple[Command, ...]:
        view, opens = listed.current, partial(opening, self._navigator)
        at = view.application.thing_id if view else ""
        refused: Message = "" if view else message("counter.choose_first")
        recap, no_recap = message("counter.recap"), self._refused_recap(listed)
        return (
            self._import(),
            Command("write_recap", recap, Action.ISSUE, refused=no_recap, runs=self._recap()),
            self._new(),
            opens("accept", message("counter.open"), Action.ACCEPT, refused, "application", application_id=at),
        )

    def _new(self) -> Command:
        refused: Message = "" if self._context.user.may(Permission.SERVE_KK) else message("counter.not_serving")
        of = {"application_id": "", "activity_id": self._of}
        return opening(self._navigator, "begin_new", message("counter.new"), Action.NEW, refused, "application", **of)

    def _import(self) -> Command:
        refused: Message = "" if self._context.user.may(Permission.SERVE_KK) else message("counter.not_serving")
        words, of = message("export.open"), {"activity_id": self._of}
        refused = refused or ("" if self._of else message("counter.no_activity"))
        return opening(self._navigator, "import", words, Action.HAND_IN, refused, "import_applications", **of)

    def _recap(self) -> Operation[Letter]:
        """Draft the rekapitulasi of what was printed, and show it."""
        today, write = self._context.clock.today(), self._context.office.applications.write_recap
        return Operation(
            work=lambda: write(self._of, f"{MONTHS[today.month - 1]} {today.year}"),
            done=lambda letter: self._navigator.push("letter", letter_id=letter.thing_id),
        )

    def _refused_recap(self, listed: Listed[ApplicationView]) -> Message:
        if not self._of:
            return message("counter.no_activity")
        if not self._context.office.letters.may_write(LetterKind.REKAPITULASI):
            return message("counter.not_recap")
        printed = any(view.card is not None for view in listed.everything)
        return "" if printed else message("counter.nothing_printed")


def _who(view: ApplicationView) -> Cell:
    who = view.application.applicant
    return Cell(who.name, f"{who.nik.masked} · {who.village}" if who.village else who.nik.masked, is_strong=True)


def _document(view: ApplicationView) -> Cell:
    return Cell(document_words(view.application), view.application.registration)


def _next(view: ApplicationView) -> Cell:
    return Cell(actor_words(view), act_words(view.next) if view.next and not view.is_with_applicant else "")


def _time(view: ApplicationView) -> Cell:
    if view.is_slow:
        return tagged(Tag(minutes_words(view), Tone.BAD))
    return Cell(minutes_words(view), standard_words(view))
