from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from fieldkit.ports.devices import PenPoint, Signature
from ui.runtime.mailbox import InkMailbox
from ui.runtime.theme_context import ThemeContext
from ui.widgets.ink_view import InkView

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
