"""What was left open in words: what kind of form it is, what is missing; and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from fieldkit.domain.errors import Problem
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.list_left import Left
from ui.presenters.amounts import moment_text
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.recording.opening import show_recording
from ui.presenters.tasks import Tasks

_FORMS = frozenset(
    {
        *("recording", "visit", "walk_in", "target_notes", "trip"),
        *("request", "disposition", "plan", "staff_person", "calendar_days", "step_form", "declare"),
        *("letter", "evaluation"),
        *("settings", "application", "application_form", "status_note", "clock_pause", "card_facts"),
        *("print_note", "print_failed", "print_again", "handover", "handover_ba", "handover_failed"),
        *("distribution_stop", "aid_note", "aid_step", "aid_meeting", "aid_result"),
        *("sarpras_item", "sarpras_consumable", "sarpras_kit", "sarpras_repair", "sarpras_kits"),
        *("sarpras_note", "sarpras_reason"),
    }
)


def form_words(left: Left) -> Message:
    """Return what kind of form it is."""
    screen = left.name.screen
    return message(f"isian.form.{screen}") if screen in _FORMS else message("isian.form.other")


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
