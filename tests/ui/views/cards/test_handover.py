from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.recording_window import jpeg
from support.samples import INK

from fieldkit.domain.cards.card import MarkKind
from ui.presenters.actions import Action
from ui.presenters.cards.handover import HandoverState, Phase
from ui.presenters.cards.receipt_mark import Mark
from ui.presenters.commands import Command
from ui.presenters.form import FormField
from ui.presenters.lines import Line
from ui.runtime.theme_context import ThemeContext
from ui.views.cards.handover import HandoverView
from ui.widgets.form_fields import FormFields
from ui.widgets.ink_view import InkView
from ui.widgets.preview import LivePreview

WHO = HandoverState(
    title="Serah terima",
    lines=(Line("c1", "WARSITO"),),
    fields=(FormField("receiver", "Nama penerima", "Warsito"),),
)


@pytest.fixture
def view(qtbot: QtBot, theming: ThemeContext) -> Iterator[HandoverView]:
    view = HandoverView(theming)
    qtbot.addWidget(view)
    view.show()
    yield view
    view.frames.close()


def shown(view: HandoverView) -> list[bool]:
    return [not view.findChild(kind).isHidden() for kind in (FormFields,)] + [
        view.findChild(kind).isVisible() for kind in (InkView, LivePreview)
    ]


def test_one_question_at_a_time(view: HandoverView) -> None:
    view.render(WHO)
    assert shown(view) == [True, False, False]
    view.render(HandoverState(phase=Phase.SIGN, mark=Mark(ink=INK)))
    assert shown(view) == [False, True, False]
    view.render(HandoverState(phase=Phase.PICTURE, mark=Mark(MarkKind.THUMB, is_live=True)))
    assert shown(view) == [False, False, True]
    view.render(HandoverState(phase=Phase.DONE, mark=Mark(ink=INK), facts=(("Nama", "Warsito"),)))
    assert shown(view) == [False, True, False]


def test_without_a_camera_the_path_takes_the_keyboard(qtbot: QtBot, view: HandoverView) -> None:
    take = Command("take", "", Action.CAPTURE)
    state = HandoverState(phase=Phase.PICTURE, mark=Mark(MarkKind.SCAN), keyed=(take,))
    view.render(state)
    assert not view.perform(Action.SEARCH)
    with qtbot.waitSignal(view.commanded) as taken:
        view.perform(Action.CAPTURE)
    assert taken.args == [take]
    view.render(HandoverState(phase=Phase.PICTURE, mark=Mark(MarkKind.SCAN, away="Kamera tidak ada")))
    focused = view.window().focusWidget()
    assert isinstance(focused, QLineEdit)
    with qtbot.waitSignal(view.type_path) as typed:
        focused.textEdited.emit("/media/usb/a.pdf")
    assert typed.args == ["/media/usb/a.pdf"]


def test_the_picture_that_was_taken_stands_still(view: HandoverView) -> None:
    view.render(HandoverState(phase=Phase.PICTURE, mark=Mark(MarkKind.THUMB, jpeg())))
    preview = view.findChild(LivePreview)
    assert preview._image is not None
    view.render(HandoverState(phase=Phase.PICTURE, mark=Mark(MarkKind.THUMB)))
    assert preview._image is None


def test_what_was_typed_is_told(qtbot: QtBot, view: HandoverView) -> None:
    view.render(WHO)
    with qtbot.waitSignal(view.type) as typed:
        view.findChild(FormFields).typed.emit("receiver", "Siti")
    assert typed.args == ["receiver", "Siti"]
