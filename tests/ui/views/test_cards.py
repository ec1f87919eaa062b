from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from support.app_context import KETUA, OpenDoor
from support.cards_sent import PRINTER
from support.handed import distributed
from support.letters import office
from support.recording_window import jpeg
from support.samples import INK
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.cards.card import MarkKind
from ui.presenters.cards.handover import HandoverState, Mark, Phase
from ui.presenters.cards.prints import QueueBoardPresenter
from ui.presenters.form import FormField
from ui.presenters.parts import Stage
from ui.presenters.presenter import Action, Command
from ui.presenters.wording import Line
from ui.runtime.theme import ThemeContext
from ui.views.cards import HandoverView, QueueBoardWindow, another, distribution_factories, toggle_board
from ui.views.page_parts import PageParts
from ui.widgets.form_fields import FormFields
from ui.widgets.preview import InkView, LivePreview

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


PARAMS = {
    "distribution": {},
    "courier": {},
    "handover": {"card_ids": "card-005 card-006"},
    "distribution_plan": {"activity_id": "a1"},
    "distribution_stop": {"activity_id": "a1"},
    "handover_ba": {"card_ids": "card-005"},
    "handover_failed": {"card_ids": "card-001"},
    "blanks": {},
    **{name: {"activity_id": "a1"} for name in ("printing_day", "queue_numbers", "queue_walk_in")},
    **{f"blanks.{act}": {} for act in ("receive", "move", "spoil", "count", "want")},
    "blanks.revoke": {"entry_id": "e1"},
}


@pytest.mark.days
def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path) -> None:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    factories = distribution_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    assert factories.keys() == PARAMS.keys()
    for name, factory in factories.items():
        page = factory(PARAMS[name])
        qtbot.addWidget(page.view)
        page.presenter.listen(page.view.render)
        page.presenter.start()
        assert page.presenter.state.stage is Stage.CONTENT, name
        page.presenter.stop()
        if name == "handover":
            page.view.frames.close()
    kit.store.close()


@pytest.mark.parametrize("name", ["handover", "distribution_stop", "handover_ba", "handover_failed"])
def test_every_screen_with_its_own_view_has_a_way_back(
    theming: ThemeContext, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    kit, steps = office(tmp_path, KETUA), Steps()
    distributed(kit)
    page = distribution_factories(
        PageParts(OpenDoor(kit.context), SameThread(), steps, theming, Paperless(), lambda: kit.context)
    )[name](PARAMS[name])
    qtbot.addWidget(page.view)
    page.presenter.start()
    assert page.presenter.state.bar.back is not None
    page.presenter.perform(page.presenter.state.bar.back)
    assert steps.taken == [("back",)]
    page.presenter.stop()
    if name == "handover":
        page.view.frames.close()
    kit.store.close()


def test_a_press_opens_the_board_beside_the_program_and_another_closes_it(
    qtbot: QtBot, theming: ThemeContext, tmp_path: Path
) -> None:
    kit, owner = office(tmp_path, PRINTER), QWidget()
    qtbot.addWidget(owner)
    owner.show()
    for number in range(3):
        kit.context.office.queue.take_walk_in("a1", f"ORANG {number}")

    def press() -> None:
        toggle_board(theming, owner, QueueBoardPresenter(kit.context, SameThread(), "a1"))

    press()
    board = owner.findChild(QueueBoardWindow)
    assert board.isVisible()
    assert board.isWindow()
    assert not board.isFullScreen()  # there is one screen only
    before = board.grab().toImage()
    kit.context.office.queue.call_next("a1")
    assert board.grab().toImage() != before
    press()
    QApplication.processEvents()
    assert owner.findChild(QueueBoardWindow) is None
    press()
    QTest.keyClick(owner.findChild(QueueBoardWindow), Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert owner.findChild(QueueBoardWindow) is None
    kit.store.close()


def test_it_goes_to_the_screen_that_the_program_is_not_on() -> None:
    own, beamer = object(), object()
    assert another([own, beamer], own) is beamer  # type: ignore[list-item, arg-type]
    assert another([own], own) is None  # type: ignore[list-item, arg-type]
