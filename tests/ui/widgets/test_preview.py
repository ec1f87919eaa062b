from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from fieldkit.ports.devices import PenPoint, Signature
from fieldkit.ports.recording import FingerSeen
from ui.presenters.figures import Frame, Guide
from ui.presenters.parts import Tone
from ui.presenters.recording.panels import CardShown
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.widgets.preview import CardSeenPanel, InkView, LivePreview, PhotoView, PinBoxes

Picture = Callable[..., bytes]


def jpeg(colour: str) -> bytes:
    image = QImage(800, 400, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "JPEG", 100)
    return bytes(memory.data())


@pytest.fixture
def mailbox(qtbot: QtBot) -> Iterator[PreviewMailbox]:
    mailbox = PreviewMailbox()
    yield mailbox
    mailbox.close()


@pytest.fixture
def preview(qtbot: QtBot, theming: ThemeContext) -> LivePreview:
    preview = LivePreview(theming)
    qtbot.addWidget(preview)
    preview.resize(400, 200)
    return preview


def is_red(colour: QColor) -> bool:
    return colour.red() > 180 and colour.green() < 60


def test_it_shows_the_newest_frame_of_its_mailbox(qtbot: QtBot, preview: LivePreview, mailbox: PreviewMailbox) -> None:
    preview.watch(mailbox)
    assert not preview.has_picture
    mailbox.offer(jpeg("#E01010"))
    qtbot.waitUntil(lambda: is_red(preview.grab().toImage().pixelColor(200, 150)))
    assert preview.has_picture


def test_it_stops_looking_when_told(
    qtbot: QtBot, theming: ThemeContext, preview: LivePreview, mailbox: PreviewMailbox
) -> None:
    preview.watch(mailbox)
    preview.watch(None)
    with qtbot.waitSignal(mailbox.arrived):
        mailbox.offer(jpeg("#E01010"))
    qtbot.wait(20)
    assert preview.grab().toImage().pixelColor(200, 180) == theming.theme.colour("preview")


def test_frames_chips_and_guides_lie_over_the_picture(
    theming: ThemeContext, preview: LivePreview, picture: Picture
) -> None:
    image = QImage(800, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    preview.show_image(image)
    preview.render_marks(("Satu wajah",), (Frame(500, 250, 250, 500, Tone.BAD),))
    shown = preview.grab().toImage()
    assert theming.theme.colour("light_bad") in [shown.pixelColor(x, 130) for x in range(shown.width())]
    assert shown.pixelColor(22, 29) == theming.theme.colour("preview_chip")
    plain = picture(preview)
    for guide in (Guide.FACE, Guide.EYES):
        preview.render_marks(guide=guide)
        assert picture(preview) != plain


def test_where_two_chips_have_no_room_the_rate_goes(qtbot: QtBot, theming: ThemeContext) -> None:
    preview = LivePreview(theming)
    qtbot.addWidget(preview)
    preview._image, preview._fps = QImage(40, 40, QImage.Format.Format_RGB32), 7
    preview.render_marks(chips=("Di kaca: 0 jari",))

    def chips(width: int) -> int:
        preview.resize(width, 270)
        row = preview.grab().toImage()
        inked = [row.pixelColor(x, 16) == theming.theme.colour("preview_chip") for x in range(row.width())]
        return sum(now and not before for before, now in zip([False, *inked], inked, strict=False))

    assert (chips(760), chips(320)) == (2, 1)


def test_no_chip_lies_on_a_finger(qtbot: QtBot, theming: ThemeContext) -> None:
    preview = LivePreview(theming)
    qtbot.addWidget(preview)
    preview.resize(752, 276)
    red = QImage(1600, 1200, QImage.Format.Format_RGB32)
    red.fill(QColor("red"))
    preview.show_image(red)
    whole = _red_rows(preview)
    preview.render_marks(chips=("Terakhir: 4 dari 4 terambil",))
    assert whole[0] == 0
    assert _red_rows(preview)[0] > 44  # below the chips
    assert _red_rows(preview)[-1] == whole[-1]


def _red_rows(preview: LivePreview) -> list[int]:
    seen = preview.grab().toImage()
    return [y for y in range(seen.height()) if seen.pixelColor(seen.width() // 2, y) == QColor("red")]


@pytest.mark.parametrize(("top", "height"), [(200, 500), (300, 700)])
def test_no_number_lies_on_a_finger(
    qtbot: QtBot, theming: ThemeContext, preview: LivePreview, mailbox: PreviewMailbox, top: int, height: int
) -> None:
    preview.watch(mailbox)
    mailbox.offer(jpeg("#000000"))
    qtbot.waitUntil(lambda: preview.grab().toImage().pixelColor(200, 150) == QColor("black"))
    mailbox.mark((FingerSeen(400, top, 200, height, 72),))
    shown = preview.grab().toImage()

    def seen(colour: str) -> set[tuple[int, int]]:
        """Return where below the chips of the picture a colour stands."""
        wanted = theming.theme.colour(colour)
        places = ((x, y) for y in range(45, shown.height()) for x in range(shown.width()))
        return {(x, y) for x, y in places if shown.pixelColor(x, y) == wanted}

    number = seen("preview_chip")
    left = min(x for x, _ in number)
    rows, outline = {y for _, y in number}, {y for x, y in seen("light_good") if x < left}
    assert max(rows) < min(outline) or min(rows) > max(outline)


def test_fingers_that_move_on_the_glass_carry_their_number(
    qtbot: QtBot, theming: ThemeContext, preview: LivePreview, mailbox: PreviewMailbox
) -> None:
    preview.watch(mailbox)
    mailbox.offer(jpeg("#000000"))
    qtbot.waitUntil(lambda: preview.grab().toImage().pixelColor(200, 150) == QColor("black"))
    mailbox.mark((FingerSeen(100, 200, 200, 500, 72), FingerSeen(600, 200, 200, 500, 12)))
    shown = preview.grab().toImage()
    row = [shown.pixelColor(x, 110) for x in range(shown.width())]
    good, bad = ([x for x, at in enumerate(row) if at == theming.theme.colour(f"light_{n}")] for n in ("good", "bad"))
    assert good
    assert bad
    assert max(good) < 200 < min(bad)
    preview.watch(mailbox)
    assert mailbox.fingers() == ()


LINE = (PenPoint(5_000, 15_000, 0.5, 0), PenPoint(55_000, 15_000, 0.5, 90))
DOT = (PenPoint(30_000, 5_000, 0.5, 200),)


def inked(view: InkView, theming: ThemeContext) -> set[tuple[int, int]]:
    image = view.grab().toImage()
    ink = theming.theme.colour("text")
    return {(x, y) for x in range(15, 305) for y in range(15, 155) if image.pixelColor(x, y) == ink}


def view(qtbot: QtBot, theming: ThemeContext) -> InkView:
    view = InkView(theming)
    qtbot.addWidget(view)
    view.resize(320, 170)
    return view


def test_strokes_are_scaled_from_the_pad_and_dots_count(qtbot: QtBot, theming: ThemeContext) -> None:
    pad = view(qtbot, theming)
    pad.show_signature(Signature((LINE, DOT), 60_000, 30_000))
    ink = inked(pad, theming)
    across = {x for x, y in ink if abs(y - 85) <= 1}
    assert min(across) < 45
    assert max(across) > 275
    assert any(abs(x - 160) <= 2 and y < 60 for x, y in ink)


def test_it_follows_the_pad_live(qtbot: QtBot, theming: ThemeContext) -> None:
    pad, mailbox = view(qtbot, theming), InkMailbox()
    pad.watch(mailbox)
    assert not any(abs(y - 85) > 30 for _, y in inked(pad, theming))
    mailbox.offer_signature(Signature((LINE,), 60_000, 30_000))
    qtbot.waitUntil(lambda: len(inked(pad, theming)) > 200)
    pad.watch(None)
    mailbox.offer_signature(Signature((DOT,), 60_000, 30_000))
    qtbot.wait(20)
    assert len(inked(pad, theming)) > 200


def test_ink_drawn_on_the_view_appears_under_the_pen(qtbot: QtBot, theming: ThemeContext) -> None:
    pad = view(qtbot, theming)
    field = pad.surface()
    width_um, height_um = round(field.width() * 250), round(field.height() * 250)
    under = QPointF(100, 60)
    x_um, y_um = round((under.x() - field.left()) * 250), round((under.y() - field.top()) * 250)
    cross = [[(-1_000, 0), (1_000, 0)], [(0, -1_000), (0, 1_000)]]  # four px to each side
    strokes = tuple(tuple(PenPoint(x_um + dx, y_um + dy, 1, 0) for dx, dy in arm) for arm in cross)
    pad.show_signature(Signature(strokes, width_um, height_um))
    ink = inked(pad, theming)
    assert ink
    assert all(abs(x - under.x()) <= 6 and abs(y - under.y()) <= 6 for x, y in ink)


def test_it_says_where_to_sign(qtbot: QtBot, theming: ThemeContext, picture: Callable[..., bytes]) -> None:
    pad = view(qtbot, theming)
    beside = picture(pad)
    pad.invite(True)
    assert picture(pad) != beside
    assert pad.cursor().shape() is Qt.CursorShape.CrossCursor
    pad.invite(False)
    assert picture(pad) == beside


def png(colour: str) -> bytes:
    image = QImage(30, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")
    return bytes(memory.data())


def test_a_photo_fills_its_place_and_a_broken_one_shows_none(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoView(theming)
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.show_photo(png("#DB1514"), "Foto")
    assert view.has_picture
    assert view.grab().toImage().pixelColor(20, 190) == QColor("#DB1514")
    view.show_photo(b"no picture", "Foto")
    assert not view.has_picture
    assert view.grab().toImage().pixelColor(20, 190) == theming.theme.colour("neutral_soft")
    assert view.accessibleName() == "Foto"


def test_a_paper_or_a_code_is_shown_whole(qtbot: QtBot, theming: ThemeContext) -> None:
    view = PhotoView(theming, Qt.AspectRatioMode.KeepAspectRatio)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show_photo(png("#DB1514"), "Kode")
    shown = view.grab().toImage()
    assert shown.pixelColor(150, 100) == shown.pixelColor(150, 4) == QColor("#DB1514")
    assert shown.pixelColor(20, 100) != QColor("#DB1514")  # beside it is room: nothing was cut off to fill it


def test_it_takes_place_only_while_a_card_is_told_of(qtbot: QtBot, theming: ThemeContext) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    panel = CardSeenPanel(theming)
    QVBoxLayout(window).addWidget(panel)
    panel.render_card(CardShown("Judul", "Petunjuk", Tone.SOFT))
    photo = panel.findChild(PhotoView)
    assert not panel.isHidden()
    assert photo.isHidden()
    panel.render_card(CardShown("Judul", "Petunjuk", Tone.CAUTION, b"picture"))
    assert not photo.isHidden()
    panel.render_card(None)
    assert panel.isHidden()


@pytest.fixture
def pin(qtbot: QtBot, theming: ThemeContext) -> PinBoxes:
    pin = PinBoxes(theming)
    qtbot.addWidget(pin)
    pin.resize(pin.sizeHint())
    pin.show()
    return pin


def test_six_digits_are_told_once_and_whole(qtbot: QtBot, pin: PinBoxes) -> None:
    told: list[str] = []
    pin.completed.connect(told.append)
    qtbot.keyClicks(pin, "12a34")
    qtbot.keyClick(pin, Qt.Key.Key_Backspace)
    assert told == []
    qtbot.keyClicks(pin, "5678")
    assert told == ["123567"]


def test_the_digits_are_never_readable(qtbot: QtBot, pin: PinBoxes, picture: Picture) -> None:
    qtbot.keyClicks(pin, "1234")
    assert pin.accessibleName() == "PIN, 4 dari 6 angka terisi"
    one = picture(pin)
    pin.clear()
    qtbot.keyClicks(pin, "9876")
    assert picture(pin) == one


def test_a_wrong_pin_empties_the_boxes_and_outlines_them(qtbot: QtBot, theming: ThemeContext, pin: PinBoxes) -> None:
    qtbot.keyClicks(pin, "123456")
    pin.clear(wrong=True)
    # The box that waits for a digit wears the ring.
    assert pin.grab().toImage().pixelColor(59, 27) == theming.theme.colour("bad")
    with qtbot.waitSignal(pin.completed) as told:
        qtbot.keyClicks(pin, "654321")
    assert told.args == ["654321"]
