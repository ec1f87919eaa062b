"""Permohonan: what people applied for at the counter or by Becak Pintar, in words, how far each is and whose turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from fieldkit.domain.applications import Application, ApplicationState, Done
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.letters.letter import MONTHS, Letter, LetterKind
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.applications.serve_applications import ApplicationView, Leg
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import moment_text
from ui.presenters.figures import FigureCell, StepMark, tagged
from ui.presenters.lists import Filter, Head, Listed, ListScreen, OfficeList
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.planning.steps import Fact, TimelineStep, group
from ui.presenters.presenter import Action, Command, Message, Navigator, Weight, message

Local = Callable[[datetime], datetime]

_TONES = {
    ApplicationState.PERLU_DILENGKAPI: Tone.CAUTION,
    ApplicationState.DITARIK: Tone.NEUTRAL,
}


def document_words(application: Application) -> Message:
    """Return the name of the document."""
    return message(f"counter.document_{application.document.value}")


def state_tag(view: ApplicationView) -> Tag:
    """Return how far an application is; its document, once printed, has the last word."""
    application = view.application
    if view.is_over and application.counts:
        return Tag(message("counter.state_over"), Tone.GOOD)
    if view.card is not None and view.card.courier is not None:
        return Tag(message(f"counter.courier_{view.card.courier.state.value}"), Tone.SOFT)
    return Tag(message(f"counter.state_{application.state.value}"), _TONES.get(application.state, Tone.SOFT))


def act_words(leg: Leg) -> Message:
    """Return what is done in a step, short."""
    return message(f"counter.leg_{leg.fact.value}")


def actor_words(view: ApplicationView) -> Message:
    """Return who acts next, "" when nobody does."""
    if view.is_with_applicant:
        return message("counter.who")
    return view.next.who if view.next else ""


def minutes_words(view: ApplicationView) -> Message:
    """Return the minutes that the office took."""
    return message("common.minutes_short", count=view.minutes)


def standard_words(view: ApplicationView) -> Message:
    """Return the standard of the whole way, "" without one."""
    standard = view.standard_minutes
    return "" if standard is None else message("counter.standard", count=standard)


def lines_of(view: ApplicationView, local: Local) -> tuple[TimelineStep, ...]:
    """Return the way of an application as a timeline."""
    return tuple(_line(no, leg, view, local) for no, leg in enumerate(view.legs, 1))


def _line(no: int, leg: Leg, view: ApplicationView, local: Local) -> TimelineStep:
    is_next = leg is view.next
    mark = StepMark.DONE if leg.ended_at else StepMark.CURRENT if is_next else StepMark.PENDING
    told: list[Message] = []
    if leg.ended_at is None:
        told.append(leg.who)
    elif leg.by:
        told.append(leg.by)
    if leg.ended_at is not None:
        told.append(moment_text(local(leg.ended_at)))
    if leg.minutes is not None and leg.standard_minutes is not None:
        told.append(message("counter.minutes_of", count=leg.minutes, standard=leg.standard_minutes))
    elif leg.standard_minutes is not None and leg.ended_at is None:
        told.append(message("counter.standard", count=leg.standard_minutes))
    tag = None
    if leg.is_slow:
        tag = Tag(message("counter.slow"), Tone.BAD)
    elif is_next:
        tag = Tag(message("common.next"), Tone.SOFT)
    # The short words; those of the SOP are long and stand in the timeline of the activity.
    return TimelineStep(no, act_words(leg), mark, tuple(told), tag)


def history_facts(view: ApplicationView, local: Local) -> tuple[Fact, ...]:
    """Return everything that happened, newest first."""

    def fact(done: Done) -> Fact:
        who, at = view.names.get(done.by, ""), moment_text(local(done.at))
        words = message(f"counter.did_{done.state.value}", at=at, who=who, reason=done.note)
        return Fact(words, _TONES.get(done.state, Tone.GOOD))

    return group("common.history", map(fact, reversed(view.application.history)))


class ApplicationList(OfficeList):
    """Knows the application once it was read; the status bar says whose it is."""

    _view: ApplicationView

    def __init__(self, context: AppContext, navigator: Navigator, application_id: str) -> None:
        super().__init__(context, navigator)
        self._id = application_id

    def _read(self) -> ApplicationView:
        """Read the application anew. Blocks."""
        self._view = view = self._office.applications.view(self._id)
        return view

    def _others(self, view: ApplicationView) -> Message:
        """Return whose turn it is, "" when it is the user's."""
        return "" if view.waits_for(self._context.user.role) else message("counter.others", who=view.who)

    def _where(self, _listed: Listed[Any]) -> Message:
        return self._view.application.applicant.name


class Shown(StrEnum):
    """Which applications the list shows."""

    OPEN = "open"
    MINE = "mine"  # whose next step is the user's
    BACK = "back"  # with the applicant
    SLOW = "slow"  # beyond the standard
    ALL = "all"


class Applications(OfficeList):
    """Finds an application, or begins one; without an activity those of all are shown."""

    _place = ""  # of the activity; read with the list

    def screen(self) -> ListScreen[ApplicationView]:
        """Return the list, newest first."""
        shown: Mapping[Shown, Callable[[ApplicationView], bool]] = {
            Shown.OPEN: lambda view: not view.is_over,
            Shown.MINE: lambda view: view.waits_for(self._context.user.role),
            Shown.BACK: lambda view: view.is_with_applicant,
            Shown.SLOW: lambda view: view.is_slow,
            Shown.ALL: lambda _view: True,
        }
        return ListScreen(
            title=message("counter.title"),
            heads=(
                Head.named(message("counter.who"), lambda v: v.application.applicant.name, _below),
                Head(message("common.document"), _document, 230, lambda v: v.application.registration),
                Head.tagged(message("common.state"), state_tag, 220, lambda v: v.application.state),
                Head(message("counter.next_actor"), _next, 250),
                Head(message("common.time"), _time, 150, lambda v: v.minutes),
            ),
            load=self._load,
            name=lambda view: view.application.thing_id,
            text=lambda view: view.application.words,
            reads=frozenset({Application.KIND, CardCase.KIND, SopRun.KIND}),
            filters=(Filter.by("counter.show_", shown, {Shown.BACK: Tone.CAUTION, Shown.SLOW: Tone.BAD}),),
            empty=self._nothing,
            commands=self._commands,
            hint=message("counter.hint"),
            where=lambda _listed: self._place,
        )

    def _load(self) -> Sequence[ApplicationView]:
        self._place = self._office.letters.place_of(self._of)
        return self._office.applications.board(self._of)

    def _nothing(self, listed: Listed[ApplicationView]) -> Empty:
        if listed.everything:
            return Empty.of("counter.none_shown")
        new = replace(self._new(), weight=Weight.PRIMARY)
        return Empty.of("counter.empty", None if new.refused else new)

    def _commands(self, listed: Listed[ApplicationView]) -> tuple[Command, ...]:
        view, opens, recap = listed.current, self._opens, message("counter.recap")
        at, none = view.application.thing_id if view else "", message("counter.choose_first")
        serving = self._refusal(Permission.SERVE_KK, "counter.not_serving")
        no_import = serving or ("" if self._of else message("counter.no_activity"))
        no_recap, of = self._refused_recap(listed), {"activity_id": self._of}
        return (
            opens("import", message("export.open"), Action.HAND_IN, no_import, "import_applications", **of),
            Command("write_recap", recap, Action.ISSUE, refused=no_recap, runs=self._shown(self._recap)),
            self._new(),
            opens(
                "accept", message("counter.open"), Action.ACCEPT, "" if view else none, "application", application_id=at
            ),
        )

    def _new(self) -> Command:
        serving, of = self._refusal(Permission.SERVE_KK, "counter.not_serving"), {"activity_id": self._of}
        return self._opens(
            "begin_new", message("counter.new"), Action.NEW, serving, "application", application_id="", **of
        )

    def _recap(self) -> Letter:
        """Draft the rekapitulasi of what was printed."""
        today = self._context.clock.today()
        return self._office.applications.write_recap(self._of, f"{MONTHS[today.month - 1]} {today.year}")

    def _refused_recap(self, listed: Listed[ApplicationView]) -> Message:
        if not self._of:
            return message("counter.no_activity")
        if not self._office.letters.may_write(LetterKind.REKAPITULASI):
            return message("counter.not_recap")
        printed = any(view.card is not None for view in listed.everything)
        return "" if printed else message("counter.nothing_printed")


def _below(view: ApplicationView) -> str:
    who = view.application.applicant
    return f"{who.nik.masked} · {who.village}" if who.village else who.nik.masked


def _document(view: ApplicationView) -> FigureCell:
    return FigureCell(document_words(view.application), view.application.registration)


def _next(view: ApplicationView) -> FigureCell:
    return FigureCell(actor_words(view), act_words(view.next) if view.next and not view.is_with_applicant else "")


def _time(view: ApplicationView) -> FigureCell:
    if view.is_slow:
        return tagged(Tag(minutes_words(view), Tone.BAD))
    return FigureCell(minutes_words(view), standard_words(view))
