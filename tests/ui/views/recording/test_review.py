from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.recording import PIN
from support.recording_window import RecordingWindow, jpeg
from support.samples import INK

from fieldkit.app.bootstrap.catalogue import LANGUAGES
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import EYES, FINGERS, ExceptionMark, ExceptionReason, Position
from fieldkit.domain.recording.session import Phase
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.parts import Choice, Progress, Stage, Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.recording.panels import LeadPanel
from ui.presenters.recording.review import ReviewState
from ui.runtime.theme import ThemeContext
from ui.views.recording.capture import LeadPage
from ui.views.recording.recording import ReviewView
from ui.widgets.layout import Text
from ui.widgets.preview import PhotoView, PinBoxes

STATE = ReviewState(
    photo=jpeg(30, 40, "#DB1514"),
    photo_tag=Tag(message("common.photo"), Tone.GOOD),
    photo_notes=(message("tinjau.ground_red"), message("tinjau.born", year=1951)),
    fingers=tuple(Finger(p, FingerMark.SCORED, 70, Tone.GOOD) for p in FINGERS),
    eyes=tuple(Finger(p, FingerMark.SCORED, 81, Tone.GOOD) for p in EYES),
    ink=INK,
    checks=((message("tinjau.biodata"), Tag(message("common.complete"), Tone.GOOD)),) * 9,
)


@pytest.fixture
def view(qtbot: QtBot, theming: ThemeContext) -> ReviewView:
    view = ReviewView(theming)
    qtbot.addWidget(view)
    view.resize(1366, 636)
    view.render(STATE)
    view.show()
    return view


def said(view: ReviewView) -> str:
    return "\n".join(text.text() for text in view.findChildren(Text) if text.isVisible())


def mark(name: str, reason: str = "worn", witness: str = "Pak RT") -> ExceptionMark:
    return ExceptionMark(
        Position(name.upper()), ExceptionReason(reason), 3, (), witness, datetime(2026, 11, 24, tzinfo=UTC)
    )


def test_the_photo_the_notes_and_the_exceptions_are_there(view: ReviewView) -> None:
    assert view.findChild(PhotoView).has_picture
    assert "latar merah, lahir 1951" in said(view)
    assert "Tidak ada pengecualian." in said(view)
    view.render(replace(STATE, exceptions=(mark("left_little", "bandaged"), mark("left_ring", "bandaged"))))
    assert "Kelingking kiri, Jari manis kiri: Luka atau perban · 3 percobaan · saksi Pak RT" in said(view)


def test_many_exceptions_are_counted(view: ReviewView) -> None:
    names = ("right_index", "right_middle", "right_ring", "right_little", "left_ring")
    view.render(replace(STATE, exceptions=tuple(mark(name, witness=name) for name in names)))
    assert "… dan 3 pengecualian lagi" in said(view)


def test_digits_fill_the_pin_wherever_the_keyboard_is(qtbot: QtBot, view: ReviewView) -> None:
    told: list[str] = []
    view.type_pin.connect(told.append)
    qtbot.keyClicks(view, "27")
    qtbot.keyClick(view.findChild(PinBoxes), Qt.Key.Key_Backspace)
    assert told == ["2", "27", "2"]


def test_a_wrong_pin_clears_and_says_how_many_tries_are_left(qtbot: QtBot, view: ReviewView) -> None:
    qtbot.keyClicks(view, "111111")
    boxes = view.findChild(PinBoxes)
    assert "6" in boxes.accessibleName().split()[1]
    wrong = Problem("vault.wrong_pin", {"left": 2})
    view.render(replace(STATE, pin_problem=wrong, pin_round=1))
    assert "PIN tidak cocok." in said(view)
    assert "tersisa 2 kali" in said(view)
    assert "0" in boxes.accessibleName().split()[1]
    view.render(replace(STATE, pin_problem=Problem("vault.pin_exhausted"), pin_round=2))
    assert "Ganti pengguna (F10)" in said(view)


def test_the_passphrase_of_the_second_person_takes_the_place_of_the_pin(qtbot: QtBot, view: ReviewView) -> None:
    told: list[str] = []
    moved: list[int] = []
    view.type_pin.connect(told.append)
    view.choose_next.connect(moved.append)
    lead = LeadPanel((Choice("u2", "Bagus"), Choice("u3", "Sri")), "u2")
    view.render(replace(STATE, lead=lead))
    assert "kit ini" in said(view) or "rekaman lain" in said(view)
    assert not view.findChild(PinBoxes).isVisible()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_7)
    assert (told, moved) == ([], [1]), "a digit is no PIN now"
    qtbot.keyClicks(view.findChild(LeadPage).findChild(QLineEdit), "sawah")
    assert view.held() == "sawah"
    view.render(STATE)
    assert view.held() == ""
    assert view.findChild(PinBoxes).isVisible()


def test_a_veil_lies_over_it_while_it_seals(view: ReviewView) -> None:
    view.render(replace(STATE, stage=Stage.BUSY, progress=Progress(message("tinjau.sealing"))))
    assert "Menyegel rekaman" in said(view)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_clipped_at_the_size_of_the_field_laptop(
    theming: ThemeContext, view: ReviewView, language: str
) -> None:
    theming.catalog.choose(language)
    names = ("right_index", "right_middle", "right_ring", "right_little", "left_ring")
    wrong = Problem("vault.pin_exhausted")
    view.render(replace(STATE, exceptions=tuple(mark(n, witness=n) for n in names), pin_problem=wrong, pin_round=1))
    assert view.content.heightForWidth(view.width()) <= view.height()


@pytest.mark.days
def test_keys_seal_postpone_and_go_back(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    who = window.kit.context.visits.target("target-1").biodata
    window.kit.room.complete(window.kit.context.recording.confirm_biodata(window.kit.session_id, who))
    window.navigation.push("review", session_id=window.kit.session_id)
    qtbot.waitUntil(lambda: window.review.state.stage is Stage.CONTENT)
    window.press(Qt.Key.Key_Return)
    assert window.kit.on_disk().phase is Phase.REVIEWING
    window.type("000000")
    window.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.state.pin_problem is not None)
    assert "0" in window.review_view.findChild(PinBoxes).accessibleName().split()[1]
    window.type(PIN)
    assert window.review.state.pin == PIN
    window.press(Qt.Key.Key_S)
    qtbot.waitUntil(lambda: window.kit.on_disk().phase is Phase.SUSPENDED)
