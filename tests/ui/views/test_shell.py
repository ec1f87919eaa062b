from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from fieldkit.domain.recording.positions import FINGERS, Position
from ui.presenters.parts import Bar, Chime, Indicator, Light, Sound, Stage, StatusBar, Toast, Tone, ViewState
from ui.presenters.presenter import CHOICES, Action, Command, Presenter, Weight, message
from ui.runtime.navigation import Page
from ui.runtime.theme import ThemeContext, ThemeName
from ui.views.screen import Screen
from ui.views.shell import Shell
from ui.widgets.bars import StatusBarWidget, ToastBox
from ui.widgets.layout import Text
from ui.widgets.letter_pages import ManualOverlay
from ui.widgets.overlays import BlankOverlay, BugOverlay, HelpOverlay

BACK = Command("back", message("act.back"), Action.BACK, Weight.PLAIN)
CAPTURE = Command("capture", message("act.capture"), Action.CAPTURE)
ACCEPT = Command("accept", message("act.accept"), Action.ACCEPT, Weight.PRIMARY)
UNDO = Toast("Percobaan dihapus.", Tone.CAUTION, Command("undo", "Urungkan", Action.UNDO))
STATE = ViewState(where="MIS••• · 350512••••••••07", bar=Bar(BACK, (CAPTURE, ACCEPT)))


class Recording(Screen[ViewState]):
    finger_chosen = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self.name = QLineEdit()
        QVBoxLayout(self.content).addWidget(self.name)

    def show_state(self, state: ViewState) -> None:
        pass

    def perform(self, act: Action) -> bool:
        finger = FINGERS[CHOICES.index(act)] if act in CHOICES else None
        if finger is not None:
            self.finger_chosen.emit(finger)
        return finger is not None


class Steered(Presenter[ViewState]):
    def __init__(self, said: list[object]) -> None:
        super().__init__(STATE)
        self._said = said

    def perform(self, command: Command) -> None:
        self._said.append(command.name)

    def become(self, state: ViewState) -> None:
        self._become(state)


@dataclass
class Bench:
    """A shell with one screen and what was pressed on it."""

    shell: Shell
    presenter: Steered
    view: Recording
    said: list[object]

    def press(self, qtbot: QtBot, *keys: Qt.Key) -> list[object]:
        for key in keys:
            qtbot.keyClick(self.shell.focusWidget() or self.shell, key)
        said, self.said[:] = list(self.said), []
        return said


@pytest.fixture
def bench(qtbot: QtBot, theming: ThemeContext) -> Iterator[Bench]:
    shell = Shell(theming)
    qtbot.addWidget(shell)
    said: list[object] = []
    presenter, view = Steered(said), Recording(theming)
    view.finger_chosen.connect(said.append)
    shell.navigation.register("recording", lambda _params: Page(presenter, view))
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    shell.navigation.push("recording")
    yield Bench(shell, presenter, view, said)
    theming.theme.choose(ThemeName.TERANG)
    shell.close()


def test_keys_do_what_the_bar_and_the_screen_offer(qtbot: QtBot, bench: Bench) -> None:
    keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_2, Qt.Key.Key_0, Qt.Key.Key_R)
    assert bench.press(qtbot, *keys) == ["capture", "accept", "back", Position.RIGHT_INDEX, Position.LEFT_LITTLE]


def test_space_still_captures_after_a_button_was_clicked(qtbot: QtBot, bench: Bench) -> None:
    accept = next(b for b in bench.shell.findChildren(QPushButton) if b.isVisible() and "Terima" in b.text())
    qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)
    assert bench.press(qtbot, Qt.Key.Key_Space) == ["accept", "capture"]


class Greedy(QLineEdit):
    """A field that has a use of its own for each key, as Qt's on Linux for Ctrl K: it erases to the end of the line."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        event.accept()


def test_ctrl_k_is_the_windows_in_a_field_too_while_nothing_works(qtbot: QtBot, bench: Bench) -> None:
    asked, field = list[str](), Greedy()
    bench.shell.finder_wanted.connect(lambda: asked.append("finder"))
    bench.view.content.layout().addWidget(field)
    field.show()
    for place in (bench.view, field):
        place.setFocus()
        qtbot.keyClick(place, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["finder", "finder"]
    bench.presenter.become(replace(STATE, stage=Stage.BUSY))
    bench.shell.perform(Action.FIND)
    assert asked == ["finder", "finder"]


def test_letters_in_a_field_are_text_and_enter_is_still_the_primary(qtbot: QtBot, bench: Bench) -> None:
    bench.view.name.setFocus()
    assert bench.press(qtbot, Qt.Key.Key_1, Qt.Key.Key_Space, Qt.Key.Key_R, Qt.Key.Key_Return) == ["accept"]
    assert bench.view.name.text().lower() == "1 r"


def test_a_command_of_the_window_is_done_by_the_window(qtbot: QtBot, bench: Bench, theming: ThemeContext) -> None:
    language = Command("language", "Bahasa", runs=Action.LANGUAGE)
    before = theming.catalog.language
    bench.presenter.become(replace(STATE, bar=Bar(actions=(language,))))
    button = next(b for b in bench.shell.findChildren(QPushButton) if b.isVisible() and "Bahasa" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert theming.catalog.language != before
    assert bench.said == []
    theming.catalog.choose(before)


def test_a_busy_screen_hears_only_back(qtbot: QtBot, bench: Bench) -> None:
    bench.presenter.become(replace(STATE, stage=Stage.BUSY))
    assert bench.press(qtbot, Qt.Key.Key_Space, Qt.Key.Key_2, Qt.Key.Key_Escape) == ["back"]


def test_a_chime_of_the_screen_in_front_is_rung_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(bench.shell._bell, "_beep", lambda: rung.append(1))
    bench.presenter.become(replace(STATE, chime=Chime(Sound.CAPTURED, 1)))
    bench.presenter.become(replace(STATE, chime=Chime(Sound.CAPTURED, 1), where="MIS"))
    assert len(rung) == 1
    bench.shell.navigation.changed.emit()  # the screen comes back to the front
    assert len(rung) == 1


def test_the_voice_is_switched_and_the_switch_is_said(qtbot: QtBot, bench: Bench) -> None:
    theming, played = bench.shell._theming, list[str]()
    bench.shell._bell._play = lambda name: not played.append(name)
    for is_on, words in ((True, "ui.voice_on"), (False, "ui.voice_off")):
        assert bench.shell.perform(Action.VOICE)
        assert theming.voice.is_on is is_on
        assert theming.say(message(words)) in {text.text() for text in bench.shell._toast.findChildren(Text)}
    assert played == ["say_photo"]


def test_blank_hides_everything_and_its_key_brings_it_back(qtbot: QtBot, bench: Bench) -> None:
    assert bench.press(qtbot, Qt.Key.Key_F12, Qt.Key.Key_Space, Qt.Key.Key_Return) == []
    blank = bench.shell.findChild(BlankOverlay)
    assert blank.isVisible()
    assert blank.rect() == bench.shell.rect()
    assert bench.press(qtbot, Qt.Key.Key_F12, Qt.Key.Key_Space) == ["capture"]


def test_blank_works_while_somebody_types(qtbot: QtBot, bench: Bench) -> None:
    bench.view.name.setFocus()
    bench.press(qtbot, Qt.Key.Key_F12)
    assert bench.shell.findChild(BlankOverlay).isVisible()


def test_the_help_tells_what_the_buttons_of_this_screen_say(qtbot: QtBot, bench: Bench) -> None:
    bench.press(qtbot, Qt.Key.Key_F1)
    told = {text.text() for text in bench.shell.findChild(HelpOverlay).findChildren(Text)}
    say = bench.shell._theming.say
    assert {say(CAPTURE.words), say(ACCEPT.words), say(BACK.words)} <= told
    assert say(message("act.test")) not in told
    bench.press(qtbot, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("room", "wanted"),
    [(QSize(1366, 768), [1.15, 1.3, 1.0]), (QSize(1280, 720), [1.15, 1.0]), (QSize(1024, 600), [1.0])],
)
def test_the_size_of_the_next_start_goes_round_where_the_screen_has_room(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, room: QSize, wanted: list[float]
) -> None:
    theme = bench.shell._theming.theme
    monkeypatch.setattr(bench.shell, "screen", lambda: SimpleNamespace(size=lambda: room))
    for scale in wanted:
        bench.shell.perform(Action.SIZE)
        assert theme.wanted_scale == scale


def test_help_opens_and_closes(qtbot: QtBot, bench: Bench) -> None:
    bench.press(qtbot, Qt.Key.Key_F1)
    assert bench.shell.findChild(HelpOverlay).isVisible()
    assert bench.press(qtbot, Qt.Key.Key_Escape) == []
    assert not bench.shell.findChild(HelpOverlay).isVisible()


def test_f1_once_more_or_its_button_opens_the_manual(qtbot: QtBot, bench: Bench) -> None:
    bench.press(qtbot, Qt.Key.Key_F1, Qt.Key.Key_F1)
    manual = bench.shell.findChild(ManualOverlay)
    assert manual.isVisible()
    assert not bench.shell.findChild(HelpOverlay).isVisible()
    assert bench.press(qtbot, Qt.Key.Key_Space, Qt.Key.Key_Escape) == []
    assert not manual.isVisible()
    bench.press(qtbot, Qt.Key.Key_F1)
    words = bench.shell._theming.say(message("ui.manual.title"))
    button = next(each for each in bench.shell.findChildren(QPushButton) if each.text() == words and each.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert manual.isVisible()


def test_language_and_theme_change_while_it_runs(qtbot: QtBot, bench: Bench, theming: ThemeContext) -> None:
    bench.press(qtbot, Qt.Key.Key_F2, Qt.Key.Key_F3)
    shown = [button.text() for button in bench.shell.findChildren(QPushButton) if button.isVisible()]
    assert "Accept and go on" in shown
    assert theming.theme.name is ThemeName.MALAM


def test_undo_by_key_while_the_toast_is_seen(qtbot: QtBot, bench: Bench) -> None:
    bench.presenter.become(replace(STATE, toast=UNDO))
    qtbot.keyClick(bench.shell.focusWidget(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(bench.shell.focusWidget(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bench.said == ["undo"]


def test_a_refused_key_says_why_each_time(qtbot: QtBot, bench: Bench) -> None:
    refused = replace(ACCEPT, refused="Iris kiri belum direkam.")
    bench.presenter.become(replace(STATE, bar=Bar(BACK, (refused,))))
    toast = bench.shell.findChild(ToastBox)
    for _ in range(2):
        assert bench.press(qtbot, Qt.Key.Key_Return) == []
        assert toast.isVisible()
        assert toast.accessibleName() == "Iris kiri belum direkam."
        toast.dismiss()


def test_lock_is_asked_for_and_covers_the_session(qtbot: QtBot, bench: Bench) -> None:
    with qtbot.waitSignal(bench.shell.lock_wanted):
        bench.press(qtbot, Qt.Key.Key_F11)
    bench.shell.lock.lock("Petugas A")
    with qtbot.waitSignal(bench.shell.lock.pin_entered):
        qtbot.waitUntil(lambda: bench.shell.focusWidget() is not bench.view)
        qtbot.keyClicks(bench.shell.focusWidget(), "123456")
    bench.shell.lock.close_overlay()
    assert bench.press(qtbot, Qt.Key.Key_Space) == ["capture"]


def test_the_status_bar_shows_the_program_and_the_place_of_the_screen(qtbot: QtBot, bench: Bench) -> None:
    bench.shell.render_status_bar(StatusBar((Indicator("Jari", Light.READY),), user="Petugas A"))
    status_bar = bench.shell.findChild(StatusBarWidget)
    texts = {label.text() for label in status_bar.findChildren(object) if hasattr(label, "text")}
    assert {"Fieldkit", STATE.where, "Petugas A"} <= texts


def test_a_bug_is_told_and_logged_without_what_it_was_about(
    qtbot: QtBot, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    nik = "3505120000000001"
    try:
        raise ValueError(nik)
    except ValueError as error:
        bench.shell.show_bug(error)
    assert bench.shell.findChild(BugOverlay).isVisible()
    assert "ValueError" in caplog.text
    assert nik not in caplog.text


def test_each_key_tells_that_somebody_is_there(qtbot: QtBot, bench: Bench) -> None:
    with qtbot.waitSignal(bench.shell.active):
        bench.press(qtbot, Qt.Key.Key_Space)


def test_it_can_be_as_small_as_1024_by_560(bench: Bench) -> None:
    bench.shell.resize(100, 100)
    assert (bench.shell.width(), bench.shell.height()) == (1024, 560)
