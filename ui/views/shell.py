"""The window: status bar, the screen in front, bottom bar, and what can lie over all of it."""

from __future__ import annotations

import logging
import traceback
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPlainTextEdit, QStackedWidget, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Chime, Clip, Rail, Stage, StatusBar, Toast, Tone, ViewState
from ui.presenters.presenter import CHOICES, PLACES, Action, Command, Message, message
from ui.runtime.bell import Bell
from ui.runtime.navigation import Navigation, act_of
from ui.runtime.qt_application import SCALES
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen
from ui.widgets.bars import NARROW, BottomBar, StatusBarWidget, ToastBox
from ui.widgets.layout import column, present, row

# On demand: what lies over the window is made when it first has to; the sign-in screen stands before that.
if TYPE_CHECKING:
    from ui.presenters.finder import FoundLine
    from ui.widgets.finder import FinderOverlay
    from ui.widgets.letter_pages import ManualOverlay
    from ui.widgets.overlays import BlankOverlay, BugOverlay, HelpOverlay, LockOverlay, Overlay
    from ui.widgets.rail import RailWidget

    Over = TypeVar("Over", bound=Overlay)

_log = logging.getLogger(__name__)

SIZE = QSize(1366, 768)
SMALLEST = QSize(1024, 560)
_NOTHING = ViewState()
_HOME = "home"
_LOW = 700  # px: below this strip and bar get lower
_ROOMY = 1500  # px: below it the navigation folds beside a screen of three columns


class Shell(QMainWindow):
    """Keys that nobody below took come here: overlays first, then the bar, the screen, the program.

    `active` comes with each key and press, for whoever locks the screen after a while.
    """

    active = Signal()
    lock_wanted = Signal()
    sign_out_wanted = Signal()
    closing = Signal()
    field_left = Signal()
    finder_wanted = Signal()
    activity_shown = Signal(str)  # the one that the screen in front is about, "" for none

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._status_bar_state, self._rail_state = StatusBar(), Rail()
        self.setMinimumSize(SMALLEST)
        # The picture of a screen in memory is no screen: pictures stay as large as the sketches.
        is_real = QGuiApplication.platformName() != "offscreen"
        self.resize(SIZE.boundedTo(self.screen().availableSize()) if is_real else SIZE)
        frame, stack = QWidget(), QStackedWidget()
        self._status_bar, self._bar = StatusBarWidget(theming), BottomBar(theming)
        self._beside = row((column((stack, 1), self._bar, gap=0), 1), gap=0)
        column(self._status_bar, (self._beside, 1), on=frame, gap=0)
        self.setCentralWidget(frame)
        self.navigation = Navigation(stack)
        self._overlays: list[Overlay] = []
        self._toast = ToastBox(theming, self)
        self._bell = Bell(self, has_voice=lambda: theming.voice.is_on)
        self._activity_id = ""
        self._clip: Clip | None = None  # what was copied last
        self._status_bar.chosen.connect(self.perform)
        self._bar.commanded.connect(self._command)
        self._bar.refused.connect(self.refuse)
        self._toast.commanded.connect(self._command)
        self.navigation.changed.connect(self._enter)
        qt = QGuiApplication.instance()
        if isinstance(qt, QApplication):
            qt.focusChanged.connect(self._focus_moved)
        theming.catalog.changed.connect(self._dress)
        self._dress()

    @cached_property
    def lock(self) -> LockOverlay:
        """Return what hides a session behind a PIN or a finger."""
        from ui.widgets.overlays import LockOverlay

        return self._laid_over(LockOverlay(self._theming, self))

    @cached_property
    def _rail(self) -> RailWidget:
        """Return the left navigation; who records never has one."""
        from ui.widgets.rail import RailWidget

        rail = RailWidget(self._theming)
        rail.chosen.connect(self.go_to)
        rail.asked.connect(self.perform)
        rail.fold(self._has_little_room)
        self._beside.insertWidget(0, rail)
        return rail

    @property
    def _has_little_room(self) -> bool:
        return self.width() < (_ROOMY if self._view is not None and self._view.has_three_columns else NARROW)

    @property
    def _has_rail(self) -> bool:
        return "_rail" in vars(self) and self._rail.isVisible()

    @cached_property
    def _help(self) -> HelpOverlay:
        from ui.presenters.manual import passage_of
        from ui.widgets.overlays import HelpOverlay

        overlay = self._laid_over(HelpOverlay(self._theming, self))
        overlay.manual_wanted.connect(lambda: self._manual.open_at(passage_of(self.navigation.name, self._state.part)))
        return overlay

    @cached_property
    def _manual(self) -> ManualOverlay:
        from ui.widgets.letter_pages import ManualOverlay

        return self._laid_over(ManualOverlay(self._theming, self))

    @cached_property
    def _blank(self) -> BlankOverlay:
        from ui.widgets.overlays import BlankOverlay

        return self._laid_over(BlankOverlay(self._theming, self))

    @cached_property
    def finder(self) -> FinderOverlay:
        """Return what finds everything by its words."""
        from ui.widgets.finder import FinderOverlay

        overlay = self._laid_over(FinderOverlay(self._theming, self))
        overlay.chosen.connect(self._do)
        return overlay

    def leave_finder(self) -> None:
        """Close it where it is open."""
        if "finder" in vars(self):
            self.finder.close_overlay()

    @cached_property
    def _bug(self) -> BugOverlay:
        from ui.widgets.overlays import BugOverlay

        return self._laid_over(BugOverlay(self._theming, self))

    def _laid_over(self, overlay: Over) -> Over:
        overlay.closed.connect(self._focus)
        self._overlays.append(overlay)
        return overlay

    def render_status_bar(self, status_bar: StatusBar) -> None:
        """Show the state of the program in the status bar."""
        self._status_bar_state = status_bar
        self._status_bar.render_status_bar(status_bar, self._where())

    @property
    def rail(self) -> Rail:
        """Return the places of who is signed in."""
        return self._rail_state

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return what the screen in front offers, by a button or by a key alone."""
        state = self._state
        return (*reversed(state.bar.actions), *(command for command in state.keyed if command.act is not None))

    def render_rail(self, rail: Rail) -> None:
        """Show the places of who is signed in beside every screen; before Beranda and without places nothing."""
        self._rail_state, names = rail, self.navigation.names
        if rail.places:
            known = {place.screen for place in (*rail.places, rail.settings) if place is not None}
            self._rail.render_rail(rail, next((name for name in names[1:] if name in known), _HOME))
        if "_rail" in vars(self):
            present(self._rail, bool(rail.places) and names[:1] == (_HOME,))
            self._rail.fold(self._has_little_room)

    def say(self, toast: Toast) -> None:
        """Show a word that belongs to no screen."""
        self._toast.render_toast(toast)

    def refuse(self, reason: str) -> None:
        """Say why a button does nothing now."""
        self._toast.render_toast(Toast(reason, Tone.CAUTION))

    def show_bug(self, error: BaseException) -> None:
        """Say that the program made a mistake; what happened stands in the log, without personal data."""
        _log.error(
            "bug: %s", "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__, extra={"error": error}
        )
        self._bug.open_problem(Problem("ui.bug"))

    def perform(self, act: Action) -> bool:
        """Do what a key means here and now; `False` when it means nothing."""
        match act:
            case Action.BLANK:
                self._blank.open()
            case Action.HELP:
                self._help.open_for(self._keys_here())
            case Action.LANGUAGE:
                self._theming.catalog.choose_next()
            case Action.THEME:
                self._theming.theme.choose_next()
            case Action.SIZE:
                self._choose_next_size()
            case Action.VOICE:
                self._switch_voice()
            case Action.LOCK:
                self.lock_wanted.emit()
            case Action.SIGN_OUT:
                self.sign_out_wanted.emit()
            case Action.FIND if self._state.stage is not Stage.BUSY:
                self.finder_wanted.emit()
            case Action.UNDO if self._toast.undo is not None:
                self._toast.press()
            case Action.THROW_AWAY if self._toast.undo is not None and self._toast.undo.act is Action.THROW_AWAY:
                self._toast.press()  # a field keeps Ctrl Z for its own letters
            case Action.THROW_AWAY if self._view is not None and self._state.restored:
                self._view.throw_away.emit()
            case act if self._has_rail and (place := self._rail.place_of(act)) is not None:
                self.go_to(place.screen)
            case _:
                return self._perform_on_screen(act)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.active.emit()
        act = act_of(event)
        if act is None or event.isAutoRepeat() or not self.perform(act):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        size, is_low = self._theming.tokens.size, self.height() < _LOW
        if "_rail" in vars(self):
            self._rail.fold(self._has_little_room)
        self._status_bar.setFixedHeight(size["strip_low" if is_low else "strip"])
        self._bar.setFixedHeight(size["bar_low" if is_low else "bar"])
        for overlay in self._overlays:
            overlay.setGeometry(self.rect())
        if not self._toast.isHidden():  # the next one finds its place when it comes
            self._toast.place()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.closing.emit()
        super().closeEvent(event)

    def _perform_on_screen(self, act: Action) -> bool:
        view = self._view
        if view is None:
            return False
        if self._state.stage is Stage.BUSY and act is not Action.BACK:
            return True
        return self._bar.perform(act) or view.perform(act)

    def go_to(self, screen: str) -> None:
        """Open a place; what works goes on undisturbed."""
        if self._state.stage is not Stage.BUSY:
            self.navigation.go_to(screen)

    def _choose_next_size(self) -> None:
        """Take the next size at which the whole window still has room; Qt scales a program when it starts."""
        room, now = self.screen().size(), self._theming.theme.scale
        needs = {scale: SMALLEST * (scale / now) for scale in SCALES}
        fits = [scale for scale, need in needs.items() if need.expandedTo(room) == room]
        wanted = self._theming.theme.wanted_scale
        self._theming.theme.wanted_scale = next((s for s in fits if s > wanted), SCALES[0])
        self.say(Toast(message("ui.size", percent=round(100 * self._theming.theme.wanted_scale))))

    def _switch_voice(self) -> None:
        """Let the program speak to the resident, or be silent, and say so."""
        voice = self._theming.voice
        voice.is_on = not voice.is_on
        self.say(Toast(message("ui.voice_on" if voice.is_on else "ui.voice_off")))
        self._bell.ring(Chime(None, spoken="photo"))

    def _keys_here(self) -> tuple[tuple[Action, Message], ...]:
        """Return the keys of the screen in front with what each does there; a button's own words say it best."""
        keys: dict[Action, Message] = {
            act: message("act.choice" if act in CHOICES else f"act.{act.value}")
            for act in (self._view.keys if self._view is not None else ())
        }
        keys |= self._bar.keys()
        if self._has_rail:
            keys |= {act: place.words for act, place in zip(PLACES, self._rail.places, strict=False)}
        return tuple(keys.items())

    @property
    def _view(self) -> Screen[Any] | None:
        """Return the screen in front."""
        return self.navigation.page.view if self.navigation.page is not None else None

    @property
    def _state(self) -> ViewState:
        """Return what the screen in front shows; nothing before it shows anything."""
        return (self._view.state if self._view is not None else None) or _NOTHING

    def _do(self, line: FoundLine) -> None:
        """Do what was found: press what the screen offers now, ask the window, or go there."""
        command = line.command
        if line.is_of_screen:
            command = next((each for each in self.commands if each.name == command.name), command)
        if command.refused:
            self.refuse(self._theming.say(command.refused))
        elif line.is_of_screen or isinstance(command.runs, Action):
            self._command(command)
        elif callable(command.runs):
            command.runs()

    def _command(self, command: Command) -> None:
        if self._view is not None:
            self._view.command(command)

    def _enter(self) -> None:
        view = self._view
        if view is None:
            return
        view.rendered.connect(self._render_page, Qt.ConnectionType.UniqueConnection)
        view.asked_window.connect(self.perform, Qt.ConnectionType.UniqueConnection)
        view.refused.connect(self.refuse, Qt.ConnectionType.UniqueConnection)
        self._toast.dismiss()
        self._bell.pass_over(self._state.chime)
        self.render_rail(self._rail_state)
        self._render_page()
        self._focus()

    def _render_page(self) -> None:
        state = self._state
        self._bar.render_bar(state.bar)
        self._tell_activity()
        self._status_bar.show_where(self._where())
        self._toast.render_toast(state.toast)
        self._bell.ring(state.chime)
        if state.clip is not None and state.clip != self._clip:
            self._clip = state.clip
            QGuiApplication.clipboard().setText(state.clip.text)

    def _tell_activity(self) -> None:
        activity_id = self._state.activity_id or self.navigation.activity_id
        if activity_id != self._activity_id:
            self._activity_id = activity_id
            self.activity_shown.emit(activity_id)

    def _where(self) -> Message:
        return self._state.where or self._status_bar_state.where

    def _focus_moved(self, left: QWidget | None, now: QWidget | None) -> None:
        if left is not None:
            self.field_left.emit()
            left.removeEventFilter(self)
        if isinstance(now, QLineEdit | QPlainTextEdit) and now.window() is self:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 – Qt's name
        """Take Ctrl K from a field with the keyboard: on Linux it would erase what stands behind the cursor."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and act_of(event) is Action.FIND:
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _focus(self) -> None:
        if self._view is not None:
            self._view.setFocus()

    def _dress(self) -> None:
        self.setWindowTitle(self._theming.say(message("ui.brand")))
        self.render_status_bar(self._status_bar_state)
