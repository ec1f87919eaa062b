"""Belum selesai: open recordings and forms that were typed into, latest first; Enter goes on with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from fieldkit.domain.errors import Problem
from fieldkit.services.context.desk import Desk
from fieldkit.services.context.list_left import Left
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.recording.opening import show_recording
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.wording import step_words
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("isian.who"), 230),
    Column(phrase("isian.what"), 250),
    Column(phrase("isian.missing")),
    Column(phrase("isian.since"), 190),
)
_STEPS_SHOWN = 3
_FORMS = frozenset(
    {
        *("recording", "visit", "walk_in", "target_notes", "trip"),
        *("request", "disposition", "plan", "staff", "calendar_days", "activity", "letter", "evaluation"),
        *("application", "application_form", "status_note", "clock_pause", "card_facts"),
        *("print_note", "print_failed", "print_again", "handover", "handover_ba", "handover_failed"),
        *("distribution_stop", "aid_note", "aid_step", "aid_meeting", "aid_result"),
        *("sarpras_item", "sarpras_consumable", "sarpras_kit", "sarpras_repair", "sarpras_kits"),
        *("sarpras_note", "sarpras_reason"),
    }
)


def form_words(left: Left) -> Words:
    """Return what kind of form it is."""
    screen = left.name.screen
    return phrase(f"isian.form.{screen}") if screen in _FORMS else phrase("isian.form.other")


def missing_words(left: Left) -> Words:
    """Return what is missing in one phrase."""
    if left.is_recording and left.missing:
        return phrase("isian.steps_missing", count=len(left.missing))
    return phrase("isian.not_sealed") if left.is_recording else phrase("isian.not_saved")


def line_of(left: Left, local: Callable[[datetime], datetime]) -> tuple[Words, ...]:
    """Return one of them in a line: about whom, what, what is missing, since when."""
    parts = (left.who, form_words(left), missing_words(left), moment_text(local(left.at)))
    return tuple(part for part in parts if part)


def go_on_with(left: Left, desk: Desk, tasks: Tasks, navigator: Navigator, failed: Callable[[Problem], None]) -> None:
    """Open the screen on which it goes on."""
    if left.is_recording:
        tasks.run(
            STORE, lambda: desk.recording.open(left.target_id), lambda found: show_recording(navigator, found), failed
        )
    else:
        navigator.push(left.name.screen, **left.name.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOpenState(ViewState):
    """Everything that waits for this person."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING


class LeftOpenPresenter(Presenter[LeftOpenState]):
    """Lists what is unfinished. Who is chosen stays chosen, wherever the row moves to."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(LeftOpenState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._left: tuple[Left, ...] = ()
        self._text, self._selected = "", ""

    def start(self) -> None:
        """Read what waits."""
        self._tasks.run(STORE, self._desk.left.all, self._loaded, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those whose masked name begins so."""
        self._text = text.strip().casefold()
        self._render()

    def select(self, name: str) -> None:
        """Note the row under the cursor."""
        self._selected = name

    def accept(self) -> None:
        """Go on with the row under the cursor."""
        self.open(self._selected)

    def open(self, name: str) -> None:
        """Go on with one."""
        left = next((left for left in self._left if left.name.text == name), None)
        if left is not None:
            go_on_with(left, self._desk, self._tasks, self._navigator, self._banner)

    def back(self) -> None:
        """Leave; everything waits on."""
        self._navigator.back()

    def _loaded(self, found: tuple[Left, ...]) -> None:
        self._left = found
        if not found:
            empty = Empty(phrase("isian.nothing_left"), phrase("isian.nothing_left_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, rows=NO_ROWS, tags=(), bar=Bar(BACK)))
            return
        self._render()

    def _render(self) -> None:
        shown = [left for left in self._left if self._text in left.who.casefold()]
        if all(left.name.text != self._selected for left in self._left):
            self._selected = shown[0].name.text if shown else ""
        is_there = any(left.name.text == self._selected for left in shown)
        refused: Words = "" if is_there or shown else phrase("sasaran.choose_first")
        go_on = Command("accept", phrase("beranda.resume"), Act.ACCEPT, Weight.PRIMARY, refused)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                rows=Rows(len(shown), len(self._left), lambda at: self._row(shown[at])),
                tags=(Tag(phrase("isian.count", count=len(self._left)), Tone.CAUTION),),
                nothing=Empty(phrase("sasaran.not_found", text=self._text), phrase("sasaran.not_found_hint")),
                bar=Bar(BACK, (go_on,)),
            )
        )

    def _row(self, left: Left) -> Row:
        steps = tuple(Tag(step_words(kind), Tone.NEUTRAL) for kind in left.missing[:_STEPS_SHOWN])
        more = len(left.missing) - len(steps)
        if more > 0:
            steps = (*steps, Tag(phrase("isian.and_more", count=more), Tone.NEUTRAL))
        typed: Words = phrase("isian.not_saved") if left.is_typed and left.is_recording else ""
        return Row(
            left.name.text,
            (
                Cell(left.who or "–", is_strong=True),
                Cell(form_words(left), typed),
                Cell(tags=steps) if steps else Cell(missing_words(left)),
                Cell(moment_text(self._desk.clock.local(left.at))),
            ),
        )

    def _banner(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))
