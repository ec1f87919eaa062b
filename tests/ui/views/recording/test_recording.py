from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.app_context import TARGETS
from support.recording import LEAD_PASSPHRASE, PIN
from support.recording_window import RecordingWindow, jpeg

from fieldkit.app.bootstrap.catalogue import LANGUAGES
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import Phase
from ui.presenters.parts import Stage
from ui.presenters.presenter import Action
from ui.presenters.recording.panels import EndingPanel, LeadPanel
from ui.presenters.recording.review import ReviewPresenter
from ui.runtime.typist import grab
from ui.widgets.layout import Text
from ui.widgets.letter_pages import PageView
from ui.widgets.preview import InkView, LivePreview

K = Qt.Key
LOW = {Position.RIGHT_MIDDLE: 31}


def to_step(window: RecordingWindow, step: StepKind) -> None:
    window.press(K.Key_Return)
    window.arrive(StepKind.PHOTO)
    while window.current is not step:
        before = window.current
        window.press(K.Key_PageDown)
        assert window.current is not before


def test_the_narrowest_window_cuts_nothing_at_its_side(recording_window: RecordingWindow) -> None:
    window = recording_window
    window.shell.resize(1024, 560)
    for step in (StepKind.BIODATA, StepKind.PHOTO):
        window.arrive(step)
        content = window.page.view.content
        assert content.minimumSizeHint().width() <= content.parentWidget().width()
        window.press(K.Key_Return)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_person_is_recorded_and_sealed_without_the_mouse(
    recording_window: RecordingWindow, qtbot: QtBot, language: str
) -> None:
    window = recording_window
    window.theming.catalog.choose(language)
    window.press(K.Key_Return)
    for kind in CAPTURED_AT:
        window.arrive(kind)
        if kind in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
            qtbot.waitUntil(lambda: window.recording.state.ink is not None)
        else:
            window.capture()
        window.press(K.Key_Return)
    window.arrive(StepKind.INDEX_VERIFICATION)
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: isinstance(window.page.presenter, ReviewPresenter))
    qtbot.waitUntil(lambda: window.review.state.stage is Stage.CONTENT)
    assert window.kit.on_disk().index_comparison is IndexComparison.NOT_COMPARED
    window.type(PIN)
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: window.kit.on_disk().phase is Phase.SEALED)
    qtbot.waitUntil(lambda: type(window.page.view).__name__ == "Nothing")


def test_letters_and_digits_type_while_a_field_has_the_keyboard(recording_window: RecordingWindow) -> None:
    window = recording_window
    name = window.view._biodata.fields["name"].edit
    name.setFocus()
    name.clear()
    window.type("xr s1")
    assert name.text() == "xr s1"
    assert window.recording.state.panel is None
    assert window.current is StepKind.BIODATA
    QTest.keySequence(name, QKeySequence(Action.PAUSE.key))  # what the button beside it names
    assert window.recording.state.panel is not None


def test_the_rail_and_page_keys_walk_the_steps(recording_window: RecordingWindow) -> None:
    window = recording_window
    to_step(window, StepKind.RIGHT_FOUR)
    window.press(K.Key_PageUp)
    assert window.current is StepKind.SIGNATURE
    window.view._rail._lines.made[6].click()
    assert window.current is StepKind.IRIS


def test_exceptions_are_noted_by_keys_alone(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    to_step(window, StepKind.RIGHT_FOUR)
    window.press(K.Key_X)
    assert window.view._exception.isVisible()
    window.press(K.Key_3, K.Key_Down, K.Key_Down, K.Key_Right, K.Key_Tab)
    window.type("Pak RT 3")
    window.press(K.Key_Up, K.Key_Down)  # still the reason, while the witness is typed
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: isinstance(window.recording.state.panel, LeadPanel))
    window.type(LEAD_PASSPHRASE)  # of the second attendant, who signs
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: window.recording.state.panel is None)
    (mark,) = window.kit.on_disk().exceptions
    assert (mark.position, mark.reason.value, mark.witness) == (Position.RIGHT_MIDDLE, "worn", "Pak RT 3")
    assert mark.attendants == ("rina", "bagus")
    window.press(K.Key_3)
    qtbot.waitUntil(lambda: not window.kit.on_disk().exceptions)


@pytest.mark.days
def test_an_exception_is_seen_live_and_photographed_by_one_key(
    recording_window: RecordingWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = recording_window
    to_step(window, StepKind.RIGHT_FOUR)
    window.press(K.Key_X, K.Key_3, K.Key_Down, K.Key_Tab)
    window.type("Pak Faris")
    window.kit.camera.streams_on = True
    window.press(K.Key_F6)  # while the witness has the keyboard, where a letter would be one
    qtbot.waitUntil(lambda: window.view._exception._live.has_picture)
    folder = Path(os.environ.get("FIELDKIT_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    grab(window.shell, folder / "recording-exception-live.png")
    window.press(K.Key_F6)
    qtbot.waitUntil(lambda: bool(window.recording.state.panel.photo))
    assert not window.view._exception._live.isVisible()
    grab(window.shell, folder / "recording-exception-photo.png")
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: window.recording.state.panel is None)
    (mark,) = window.kit.on_disk().exceptions
    assert mark.witness == "Pak Faris"
    assert window.kit.context.recording.sample(mark.evidence_sample_id).data == jpeg()


@pytest.mark.days
def test_the_team_lead_types_a_passphrase(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    to_step(window, StepKind.RIGHT_FOUR)
    window.kit.fingers.script = [LOW] * 4
    for _ in range(4):
        window.capture()
    window.press(K.Key_K)
    passphrase = window.view._lead.passphrase
    window.type("salah")
    assert passphrase.text() == "salah"
    window.press(K.Key_Return)
    qtbot.waitUntil(
        lambda: window.recording.state.panel is not None and window.recording.state.panel.problem is not None
    )
    assert passphrase.text() == ""
    window.type(LEAD_PASSPHRASE)
    window.press(K.Key_Return)
    window.arrive(StepKind.LEFT_FOUR)
    assert window.kit.on_disk().failed == (Position.RIGHT_MIDDLE,)
    assert passphrase.text() == "", "nothing of it stays in the window"


def shown(window: RecordingWindow) -> list[str]:
    return [text.text() for text in window.view.findChildren(Text) if text.isVisible()]


def test_escape_closes_a_panel_before_it_pauses(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    to_step(window, StepKind.IRIS)
    window.press(K.Key_S)
    assert "Tidak ada yang hilang" in shown(window)
    window.press(K.Key_2)
    assert window.recording.state.panel == EndingPanel(chosen="declined")
    assert "Semua hasil rekam orang ini dihapus" in shown(window)
    window.view._endings.choose(0)
    assert window.recording.state.panel == EndingPanel()
    window.press(K.Key_Escape)
    assert window.recording.state.panel is None
    window.press(K.Key_Escape)
    qtbot.waitUntil(lambda: window.kit.on_disk().phase is Phase.SUSPENDED)


@pytest.mark.days
def test_an_unplugged_device_says_so_and_the_picture_comes_back(
    recording_window: RecordingWindow, qtbot: QtBot
) -> None:
    window = recording_window
    to_step(window, StepKind.RIGHT_FOUR)
    preview = window.view.findChild(LivePreview)
    qtbot.waitUntil(lambda: preview._image is not None)
    window.kit.fingers.is_away = True
    qtbot.waitUntil(lambda: window.recording.state.is_away)
    assert preview._image is None, "the last frame is no live picture"
    window.kit.fingers.is_away = False
    qtbot.waitUntil(lambda: not window.recording.state.is_away)
    qtbot.waitUntil(lambda: preview._image is not None)


@pytest.mark.days
def test_nothing_is_clipped_at_the_size_of_the_field_laptop(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    view = window.view
    room = view.content.parentWidget()
    window.kit.fingers.script = [LOW] * 4
    for language in LANGUAGES:
        window.theming.catalog.choose(language)
        qtbot.waitUntil(lambda: view.content.height() <= room.height())
    window.press(K.Key_Return)
    window.arrive(StepKind.PHOTO)
    window.capture()
    for _ in range(2):
        window.press(K.Key_PageDown)
    for _ in range(4):
        window.capture()
    states = ((), (K.Key_X,), (K.Key_Escape, K.Key_K), (K.Key_Escape, K.Key_S), (K.Key_Escape, K.Key_PageUp))
    for keys in states:
        window.press(*keys)
        for language in LANGUAGES:
            window.theming.catalog.choose(language)
            qtbot.waitUntil(lambda: view.content.height() <= room.height())


def draw_line(field: InkView) -> None:
    """Draw a line of half the field with the mouse."""
    left, right = (QPoint(field.width() * n // 4, field.height() // 2) for n in (1, 3))
    QTest.mousePress(field, Qt.MouseButton.LeftButton, pos=left)
    for tenth in range(1, 11):
        QTest.mouseMove(field, left + (right - left) * tenth / 10)
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, pos=right)


@pytest.mark.days
def test_without_a_pad_a_line_on_the_screen_is_a_signature(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    window.kit.pad.is_away = True
    to_step(window, StepKind.SIGNATURE)
    field = window.view.findChild(InkView)
    qtbot.waitUntil(lambda: field.cursor().shape() is Qt.CursorShape.CrossCursor)
    assert window.recording.state.trouble is None, "nothing is amiss: the screen takes the signature"
    draw_line(field)
    qtbot.waitUntil(lambda: window.recording.state.ink is not None)
    window.press(K.Key_Return)
    window.arrive(StepKind.RIGHT_FOUR)
    step = window.kit.on_disk().step(StepKind.SIGNATURE)
    assert step.is_closed
    assert not step.excepted


def test_who_cannot_sign_is_noted_by_keys_alone(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    window = recording_window
    window.kit.pad.is_away = True
    to_step(window, StepKind.SIGNATURE)
    window.press(K.Key_X, K.Key_Down, K.Key_Down, K.Key_Down, K.Key_Tab)
    window.type("Bu Siti")
    window.press(K.Key_Return)
    qtbot.waitUntil(lambda: window.recording.state.panel is None)
    (mark,) = window.kit.on_disk().exceptions
    assert (mark.position, mark.reason.value) == (Position.SIGNATURE, "cannot_sign")


@pytest.fixture
def notice(window):
    """The notice of the first house."""
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    window.press(Qt.Key.Key_Return)
    window.reach("Notice")
    return window


def test_enter_notes_the_language_on_the_screen(notice, kit, shoot) -> None:
    shoot("notice")
    notice.press(Qt.Key.Key_F2, Qt.Key.Key_Return)
    notice.wait(lambda: notice.name == "Recording")
    (session,) = kit.context.visits.overview().unfinished
    assert (session.notice.language, session.notice.companion) == ("en", "")


@pytest.mark.days
def test_the_companion_is_reached_by_tab(notice, kit) -> None:
    notice.press(Qt.Key.Key_Tab)
    assert isinstance(notice.shell.focusWidget(), QLineEdit)
    notice.type("Pak Slamet")
    notice.press(Qt.Key.Key_Return)
    notice.wait(lambda: notice.name == "Recording")
    (session,) = kit.context.visits.overview().unfinished
    assert session.notice.companion == "Pak Slamet"


@pytest.mark.days
def test_a_no_is_three_keys(notice, kit, shoot) -> None:
    notice.press(Qt.Key.Key_X)
    shoot("notice-declined")
    notice.press(Qt.Key.Key_2, Qt.Key.Key_Return)
    notice.reach("Targets")
    target = kit.context.visits.target("t1")
    assert (target.state, target.reason) == (TargetState.POSTPONED, "fled")


@pytest.mark.days
def test_a_no_without_a_reason_says_what_lacks(notice) -> None:
    notice.press(Qt.Key.Key_X, Qt.Key.Key_Return)
    assert notice.name == "Notice"
    notice.press(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    notice.reach("Targets")


def test_a_page_that_closes_takes_its_preview_thread_along(recording_window: RecordingWindow, qtbot: QtBot) -> None:
    def previews() -> int:
        return sum(thread.name == "preview" for thread in threading.enumerate())

    assert previews() == 1
    recording_window.navigation.restart("home")
    qtbot.waitUntil(lambda: previews() == 0)


@pytest.fixture
def slip(window, kit):
    """The screen right after a seal, with the real papers of it."""
    window.sign_in()
    session = kit.context.recording.open("t1")
    kit.context.recording.give_notice(session.session_id, "id")
    kit.context.recording.confirm_biodata(session.session_id, TARGETS[0].biodata)
    fields = kit.context.papers.slip_fields(session.session_id)
    record_id = kit.seal(1, TARGETS[0])
    (entry,) = kit.context.delivery.queue().entries
    closed = {
        "position": "EYE_LEFT",
        "reason": "eyes_closed",
        "attempts": 2,
        "attendants": ["Siti"],
        "witness": "Pak RT",
    }
    papers = kit.context.papers.of_record({**fields, "exceptions": [closed]}, entry)
    window.program.signed_in().context.fresh_papers[record_id] = papers
    window.go("slip", record_id=record_id)
    return window


def test_the_slip_is_seen_and_enter_leads_to_the_next_person(slip, shoot) -> None:
    shoot("slip")
    assert slip.view.findChild(PageView).has_picture
    slip.press(Qt.Key.Key_Return)
    slip.reach("Targets")
    slip.press(Qt.Key.Key_Escape)
    slip.reach("Home")


@pytest.mark.days
def test_a_digit_chooses_the_other_paper(slip, shoot) -> None:
    slip.press(Qt.Key.Key_2)
    assert slip.view.state.chosen == "berita_acara_pengecualian"
    shoot("slip-exceptions")


@pytest.mark.days
@pytest.mark.skipif(bool(QPrinterInfo.availablePrinterNames()), reason="this machine has a printer")
def test_p_without_a_printer_keeps_a_pdf_and_says_where(slip, shoot, tmp_path: Path) -> None:
    slip.press(Qt.Key.Key_P)
    slip.wait(lambda: slip.view.state.toast is not None)
    (pdf,) = (tmp_path / "papers").iterdir()
    assert pdf.read_bytes().startswith(b"%PDF")
    shoot("slip-saved")


@pytest.mark.days
def test_pages_turn_and_stop_at_both_ends(window, kit, shoot) -> None:
    for number in range(60):
        kit.seal(number + 1, TARGETS[0])
    window.sign_in()
    window.go("shipment")
    view, pages = window.view, len(window.view.state.pages)
    assert pages >= 2
    for _ in range(pages + 1):
        window.press(Qt.Key.Key_PageDown)
    assert view._pages._count.text().startswith(f"Halaman {pages} dari {pages}")
    shoot("shipment-last-page")
    for _ in range(pages + 1):
        window.press(Qt.Key.Key_PageUp)
    assert view._pages._count.text().startswith(f"Halaman 1 dari {pages}")
