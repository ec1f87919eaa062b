"""Permohonan: what people applied for at the counter or by Becak Pintar, how far each is and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.terbilang import MONTHS
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.applications.views import ApplicationView
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.applications.words import (
    act_words,
    actor_words,
    document_words,
    minutes_words,
    standard_words,
    state_tag,
)
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import Filter, Head, Listed, ListScreen
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.words import Words, phrase


class Shown(StrEnum):
    """Which applications the list shows."""

    OPEN = "open"
    MINE = "mine"  # whose next step is the user's
    BACK = "back"  # with the applicant
    SLOW = "slow"  # beyond the standard
    ALL = "all"


class Applications:
    """Finds an application, or begins one; without an activity those of all are shown."""

    def __init__(self, desk: Desk, navigator: Navigator, activity_id: str = "") -> None:
        self._desk, self._navigator, self._of = desk, navigator, activity_id
        self._place = ""  # of the activity; read with the list

    def screen(self) -> ListScreen[ApplicationView]:
        """Return the list, newest first."""
        return ListScreen(
            title=phrase("counter.title"),
            heads=(
                Head(phrase("counter.who"), _who, 0, lambda v: v.application.applicant.name),
                Head(phrase("counter.document"), _document, 230, lambda v: v.application.registration),
                Head(phrase("counter.state"), lambda v: Cell(tags=(state_tag(v),)), 220, lambda v: v.application.state),
                Head(phrase("counter.next_actor"), _next, 250),
                Head(phrase("counter.time"), _time, 150, lambda v: v.minutes),
            ),
            load=self._load,
            name=lambda view: view.application.thing_id,
            text=lambda view: view.application.words,
            reads=frozenset({Application.KIND, CardCase.KIND, SopRun.KIND}),
            filters=(
                (
                    Filter(Shown.OPEN, phrase("counter.show_open"), lambda v: not v.is_over),
                    Filter(Shown.MINE, phrase("counter.show_mine"), self._is_mine),
                    Filter(Shown.BACK, phrase("counter.show_back"), lambda v: v.is_with_applicant, Tone.CAUTION),
                    Filter(Shown.SLOW, phrase("counter.show_slow"), lambda v: v.is_slow, Tone.BAD),
                    Filter(Shown.ALL, phrase("counter.show_all"), lambda _view: True),
                ),
            ),
            empty=self._nothing,
            commands=self._commands,
            hint=phrase("counter.hint"),
            where=lambda _listed: self._place,
        )

    def _load(self) -> Sequence[ApplicationView]:
        if self._of:
            self._place = self._desk.office.letters.place_of(self._of)
        return self._desk.office.applications.board(self._of)

    def _is_mine(self, view: ApplicationView) -> bool:
        leg = view.next
        return leg is not None and not view.is_with_applicant and self._desk.user.role in leg.roles

    def _nothing(self, listed: Listed[ApplicationView]) -> Empty:
        if listed.everything:
            return Empty(phrase("counter.none_shown"), phrase("counter.none_shown_hint"))
        new = self._new(Weight.PRIMARY)
        return Empty(phrase("counter.empty"), phrase("counter.empty_hint"), None if new.refused else new)

    def _commands(self, listed: Listed[ApplicationView]) -> tuple[Command, ...]:
        view, go = listed.current, self._navigator.push
        at = view.application.thing_id if view else ""
        refused: Words = "" if view else phrase("counter.choose_first")
        recap, no_recap = phrase("counter.recap"), self._refused_recap(listed)
        open_it = phrase("counter.open")
        return (
            Command("write_recap", recap, Act.ISSUE, refused=no_recap, runs=self._recap()),
            self._new(Weight.SECOND),
            Command(
                "accept", open_it, Act.ACCEPT, Weight.PRIMARY, refused, lambda: go("application", application_id=at)
            ),
        )

    def _new(self, weight: Weight) -> Command:
        refused: Words = "" if self._desk.user.may(Permission.SERVE_KK) else phrase("counter.not_serving")
        go, of = self._navigator.push, self._of
        words = phrase("counter.new")
        return Command(
            "begin_new", words, Act.NEW, weight, refused, lambda: go("application", application_id="", activity_id=of)
        )

    def _recap(self) -> Operation[Letter]:
        """Draft the rekapitulasi of what was printed, and show it."""
        today, write = self._desk.clock.today(), self._desk.office.applications.write_recap
        return Operation(
            work=lambda: write(self._of, f"{MONTHS[today.month - 1]} {today.year}"),
            done=lambda letter: self._navigator.push("letter", letter_id=letter.thing_id),
        )

    def _refused_recap(self, listed: Listed[ApplicationView]) -> Words:
        if not self._of:
            return phrase("counter.no_activity")
        if not self._desk.office.letters.may_write(LetterKind.REKAPITULASI):
            return phrase("counter.not_recap")
        printed = any(view.card is not None for view in listed.everything)
        return "" if printed else phrase("counter.nothing_printed")


def _who(view: ApplicationView) -> Cell:
    who = view.application.applicant
    return Cell(who.name, f"{who.nik.masked} · {who.village}" if who.village else who.nik.masked, is_strong=True)


def _document(view: ApplicationView) -> Cell:
    return Cell(document_words(view.application), view.application.registration)


def _next(view: ApplicationView) -> Cell:
    return Cell(actor_words(view), act_words(view.next) if view.next and not view.is_with_applicant else "")


def _time(view: ApplicationView) -> Cell:
    if view.is_slow:
        return Cell(tags=(Tag(minutes_words(view), Tone.BAD),))
    return Cell(minutes_words(view), standard_words(view))
