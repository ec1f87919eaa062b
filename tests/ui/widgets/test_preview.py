from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from fieldkit.ports.inspection import FingerSeen
from ui.presenters.figures import Frame, Guide
from ui.presenters.parts import Tone
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.widgets.preview import LivePreview

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
