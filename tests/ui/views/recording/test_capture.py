from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from support.cards import Tray
from support.recording_window import jpeg
from support.samples import INK

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import LEFT_FOUR, Position
from ui.presenters.figures import Finger, FingerMark, QualityRow
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.recording.state import RecordingState, Still
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.views.recording.capture import CapturePanel, IndexPanel, SidePanel
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import Text
from ui.widgets.preview import InkView, LivePreview


@pytest.fixture
def frames() -> Iterator[PreviewMailbox]:
    frames = PreviewMailbox()
    yield frames
    frames.close()


@pytest.fixture
def panel(qtbot: QtBot, theming: ThemeContext, frames: PreviewMailbox) -> CapturePanel:
    panel = CapturePanel(theming, frames, InkMailbox())
    qtbot.addWidget(panel)
    panel.resize(754, 570)
    panel.show()
    return panel


def state(step: StepKind = StepKind.LEFT_FOUR) -> RecordingState:
    return replace(RecordingState(), current=step, waiting="Menunggu")


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        (StepKind.PHOTO, {LivePreview}),
        (StepKind.LEFT_FOUR, {LivePreview, HandsPicture}),
        (StepKind.IRIS, {LivePreview, EyesPicture}),
        (StepKind.CONFIRMATION, {InkView}),
    ],
)
def test_each_step_has_its_pictures(panel: CapturePanel, step: StepKind, shown: set[type]) -> None:
    panel.show_state(state(step))
    kinds = (LivePreview, HandsPicture, EyesPicture, InkView)
    assert {kind for kind in kinds if panel.findChild(kind).isVisible()} == shown


def test_kept_prints_stand_as_the_hand_lies_on_the_glass(panel: CapturePanel) -> None:
    colours = ("#ff0000", "#00ff00", "#0000ff", "#ffffff")
    stills = tuple(Still(p, jpeg(30, 40, c), Tone.GOOD) for p, c in zip(LEFT_FOUR, colours, strict=True))
    panel.show_state(replace(state(), stills=stills))
    image = panel.findChild(LivePreview)._image
    cell = image.width() // 4
    seen = [image.pixelColor(cell * n + cell // 2, image.height() // 2) for n in range(4)]
    assert seen[0].lightness() > 240, "the little finger of the left hand lies outermost"
    assert seen[3].red() > 200
    assert seen[3].green() < 60


def test_the_best_prints_so_far_stand_beside_the_live_picture(panel: CapturePanel) -> None:
    tried = tuple(Still(p, jpeg(30, 40, "#ff0000"), Tone.BAD) for p in LEFT_FOUR)
    panel.show_state(replace(state(), so_far=tried, attempts_made=1))
    live, last = panel.findChildren(LivePreview)
    assert live.isVisible()
    assert last.isVisible()
    assert live.geometry().right() < last.geometry().left()
    assert last._image is not None
    assert panel.width() >= live.width() + last.width()
    panel.show_state(replace(state(), stills=tried, so_far=tried))
    assert not last.isVisible(), "kept prints stand alone"


def test_the_live_picture_comes_back_after_stills_and_goes_with_the_device(
    qtbot: QtBot, panel: CapturePanel, frames: PreviewMailbox
) -> None:
    preview = panel.findChild(LivePreview)
    panel.show_state(state())
    frames.offer(jpeg())
    qtbot.waitUntil(lambda: preview._image is not None)
    panel.show_state(replace(state(), clock="00:01"))
    assert preview._image is not None, "a tick of the clock wipes nothing"
    panel.show_state(replace(state(), is_away=True, trouble=Problem("device.none.fingerprint")))
    assert preview._image is None
    panel.show_state(replace(state(), stills=(Still(Position.LEFT_RING, jpeg(), Tone.GOOD),)))
    frames.offer(jpeg())
    qtbot.wait(50)
    assert preview._mailbox is None
    panel.show_state(state())
    assert preview._image is None, "what came meanwhile is old"
    frames.offer(jpeg())
    qtbot.waitUntil(lambda: preview._image is not None)


def test_ink_stays_until_the_person_signs_anew(panel: CapturePanel, picture: Callable[..., bytes]) -> None:
    ink = panel.findChild(InkView)
    signing = replace(state(StepKind.SIGNATURE), ink_round=1)
    panel.show_state(signing)
    empty = picture(ink)
    ink.show_signature(INK)  # as the mailbox does while the pen moves
    drawn = picture(ink)
    panel.show_state(replace(signing, clock="00:02"))
    assert picture(ink) == drawn
    panel.show_state(replace(signing, ink_round=2))
    assert picture(ink) == empty
    panel.show_state(replace(signing, ink_round=2, ink=INK))
    assert picture(ink) == drawn
    panel.show_state(replace(signing, ink_round=3, is_away=True, trouble=Problem("device.none.signature_pad")))
    assert picture(ink) not in (empty, drawn)


def test_the_ink_field_takes_signatures_itself(qtbot: QtBot, panel: CapturePanel) -> None:
    panel.show_state(state(StepKind.SIGNATURE))
    ink = panel.findChild(InkView)
    with qtbot.waitSignal(panel.sign_here):
        QTest.mousePress(ink, Qt.MouseButton.LeftButton, pos=ink.rect().center())
    QTest.mouseRelease(ink, Qt.MouseButton.LeftButton, pos=ink.rect().center())
    panel.pad.armed.emit(True)
    assert ink.cursor().shape() is Qt.CursorShape.CrossCursor


def test_it_says_plainly_that_nothing_is_compared(qtbot: QtBot, theming: ThemeContext) -> None:
    panel = IndexPanel(theming)
    qtbot.addWidget(panel)
    wanted = (Finger(Position.RIGHT_INDEX, FingerMark.WANTED),)
    title, hint = message("rekam.index.no_matcher"), message("rekam.index.no_matcher_why")
    index = StepKind.INDEX_VERIFICATION
    panel.show_state(replace(RecordingState(), current=index, fingers=wanted, index_title=title, index_hint=hint))
    said = " ".join(text.text() for text in panel.findChildren(Text))
    assert "Tidak dibandingkan" in said
    assert "belum punya pembanding" in said
    assert "Telunjuk kanan sekarang" in panel.findChild(HandsPicture).accessibleName()


STATE = replace(RecordingState(), current=StepKind.RIGHT_FOUR)


def test_it_tells_scores_advice_and_trouble(qtbot: QtBot, theming: ThemeContext) -> None:
    side = SidePanel(theming)
    qtbot.addWidget(side)
    side.show()

    def said(state: RecordingState) -> str:
        side.show_state(state)
        return "\n".join(text.text() for text in side.findChildren(Text) if text.isVisible())

    assert "Alat mengambil sendiri begitu semua diam" in said(STATE)
    assert "pena" in said(replace(STATE, current=StepKind.SIGNATURE))
    low = replace(STATE, advice_title="Telunjuk", advice=message("rekam.hint.finger_1", score=31, enough=40))
    assert "Nilai 31, perlu 40." in said(low)
    missing = said(replace(low, advice=Problem("device.sbi.missing")))
    assert "tidak ikut terambil" in missing
    assert "Letakkan semua jari rata" in missing
    trouble = said(replace(low, trouble=Problem("device.none.fingerprint")))
    assert "Tidak ada pemindai sidik jari" in trouble
    assert "Nilai 31" not in trouble
    excepted = QualityRow("Telunjuk", "", Tag(message("verdict.excepted"), Tone.CAUTION))
    assert "membatalkan pengecualian" in said(replace(STATE, rows=(excepted,)))
    assert "Pembandingan" in said(replace(STATE, current=StepKind.INDEX_VERIFICATION))


@pytest.mark.days
def test_a_card_on_the_reader_is_shown_and_esc_puts_it_away(window, kit, shoot, monkeypatch) -> None:
    tray = Tray()
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    window.press(Qt.Key.Key_F4)
    window.reach("CardCheck")
    window.wait(lambda: window.view.state.card is not None and window.view.state.card.photo is not None)
    shoot("card_check")
    window.press(Qt.Key.Key_Escape)
    window.reach("Targets")
