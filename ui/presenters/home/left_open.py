"""Belum selesai: open recordings and forms that were typed into, latest first, in words; Enter goes on with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.home import Left
from ui.presenters.amounts import moment_text
from ui.presenters.figures import FigureCell
from ui.presenters.lists import Head, Listed, ListScreen, OfficeList
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.presenter import Command, Message, Navigator, Operation, enter, message
from ui.presenters.recording.recording import show_recording
from ui.presenters.tasks import Tasks
from ui.presenters.wording import step_words

_STEPS_SHOWN = 3
_FORMS = frozenset(
    {
        *("recording", "visit", "walk_in", "target_notes", "trip"),
        *("request", "disposition", "plan", "staff_person", "calendar_days", "step_form", "declare"),
        *("letter", "evaluation"),
        *("settings", "application", "application_form", "status_note", "nik_status", "clock_pause", "card_facts"),
        *("print_note", "print_failed", "print_again", "handover", "handover_ba", "handover_failed"),
        *("distribution_stop", "aid_note", "aid_step", "aid_meeting", "aid_result"),
        *("sarpras_item", "sarpras_consumable", "sarpras_kit", "sarpras_repair", "sarpras_kits"),
        *("sarpras_note", "sarpras_reason"),
    }
)


class LeftOpen(OfficeList):
    """Goes on with a recording or with a form."""

    def screen(self) -> ListScreen[Left]:
        """Return the list."""
        return ListScreen(
            title=message("common.not_finished"),
            heads=(
                Head(
                    message("common.resident"), lambda e: FigureCell(e.who or "–", is_strong=True), 230, lambda e: e.who
                ),
                Head(message("isian.what"), _what, 250, lambda e: e.name.screen),
                Head(message("isian.missing"), _missing),
                Head(message("isian.since"), lambda e: FigureCell(self._moment_text(e.at)), 190, lambda e: e.at),
            ),
            load=self._context.left.all,
            name=lambda left: left.name.text,
            text=lambda left: left.who,
            reads=frozenset({"session"}),
            empty=lambda _: Empty.of("isian.nothing_left"),
            commands=self._commands,
            hint=message("isian.search"),
        )

    def _commands(self, listed: Listed[Left]) -> tuple[Command, ...]:
        left = listed.current
        runs = self._go_on(left) if left else None
        refused: Message = "" if left else message("common.choose_person")
        return (enter(message("beranda.resume"), runs, refused, "go_on"),)

    def _go_on(self, left: Left) -> Operation[CaptureSession] | Callable[[], None]:
        if left.is_recording:
            work = partial(self._context.recording.open, left.target_id)
            return Operation(work=work, done=partial(show_recording, self._navigator))
        return partial(self._navigator.push, left.name.screen, **left.name.about)


def _what(left: Left) -> FigureCell:
    typed: Message = message("isian.not_saved") if left.is_typed and left.is_recording else ""
    return FigureCell(form_words(left), typed)


def _missing(left: Left) -> FigureCell:
    steps = tuple(Tag(step_words(kind), Tone.NEUTRAL) for kind in left.missing[:_STEPS_SHOWN])
    more = len(left.missing) - len(steps)
    if more > 0:
        steps = (*steps, Tag(message("common.more", count=more), Tone.NEUTRAL))
    return FigureCell(tags=steps) if steps else FigureCell(missing_words(left))


def form_words(left: Left) -> Message:
    """Return what kind of form it is."""
    screen = left.name.screen
    return message(f"isian.form.{screen}") if screen in _FORMS else message("common.form")


def missing_words(left: Left) -> Message:
    """Return what is missing in one sentence."""
    if left.is_recording and left.missing:
        return message("isian.steps_missing", count=len(left.missing))
    return message("isian.not_sealed") if left.is_recording else message("isian.not_saved")


def line_of(left: Left, local: Callable[[datetime], datetime]) -> tuple[Message, ...]:
    """Return one of them in a line: about whom, what, what is missing, since when."""
    parts = (left.who, form_words(left), missing_words(left), moment_text(local(left.at)))
    return tuple(part for part in parts if part)


def go_on_with(
    left: Left, context: AppContext, tasks: Tasks, navigator: Navigator, failed: Callable[[Problem], None]
) -> None:
    """Open the screen on which it goes on."""
    if left.is_recording:
        work = partial(context.recording.open, left.target_id)
        tasks.write(work, failed, partial(show_recording, navigator))
    else:
        navigator.push(left.name.screen, **left.name.about)
