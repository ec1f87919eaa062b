from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from support.apart import Stick, brought_together, other_laptop, worked_apart
from support.app_context import KETUA, TARGETS, Kit, OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.runtime.theme import ThemeContext
from ui.views.exchange import exchange_factories
from ui.views.page_parts import PageParts

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stick(kit: Kit, tmp_path: Path) -> Stick:
    return worked_apart(kit, tmp_path, "t1", "a1")


@pytest.mark.days
def test_a_file_is_read_and_a_difference_settled_by_keyboard_alone(window, kit, shoot, stick) -> None:
    window.sign_in()
    window.go("exchange")
    shoot("exchange-nobody")
    window.type(str(stick.folder))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.wants_code)
    window.settle()
    shoot("exchange-code")
    window.type(stick.code.lower())
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.outcome is not None and window.view.state.stage is Stage.CONTENT)
    shoot("exchange-read")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(Qt.Key.Key_O, to=CTRL)
    window.reach("Conflicts")
    shoot("conflicts")
    window.press(Qt.Key.Key_Return)
    window.reach("Conflict")
    shoot("conflict")
    first = window.view.state.columns[1].title.params["kit"]
    window.press(Qt.Key.Key_2 if first == "KIT-07" else Qt.Key.Key_1)
    shoot("conflict-other-side")
    window.press(Qt.Key.Key_Return)
    window.reach("Conflicts")
    window.wait(lambda: window.view.state.rows.total == 0)
    shoot("conflicts-none")
    (visit,) = kit.context.office.visits.card("t1").visits
    assert visit.note == "Takut difoto"


@pytest.mark.days
def test_one_field_is_taken_from_the_other_side(window, kit, stick) -> None:
    kit.context.office.exchange.take(stick.file.read_bytes(), stick.code)
    (conflict,) = kit.context.office.conflicts.all()
    note = conflict.differing.index("note")
    window.sign_in()
    window.go("conflict", kind=conflict.kind, thing_id=conflict.thing_id)
    window.press(Qt.Key.Key_1)
    for _ in range(note):  # the cursor stands on the first field
        window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_O, to=CTRL)
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    (visit,) = kit.context.office.visits.card("t1").visits
    assert visit.note == conflict.sides[1].values["note"]
    assert visit.outcome == conflict.sides[0].values["outcome"]


@pytest.mark.days
def test_a_file_is_made_with_a_code_and_opens_elsewhere(window, kit, shoot, tmp_path) -> None:
    usb = tmp_path / "stick"
    usb.mkdir()
    window.sign_in()
    window.go("exchange")
    window.type(str(usb))
    window.press(Qt.Key.Key_B, to=CTRL)
    window.wait(lambda: window.view.state.outcome is not None and window.view.state.stage is Stage.CONTENT)
    shoot("exchange-made")
    (file,) = usb.iterdir()
    other = other_laptop(kit, tmp_path)
    assert other.exchange.take(file.read_bytes(), window.view.state.outcome.code).conflicts == 0
    other.store.close()


@pytest.mark.days
@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("KIT-09-x.tukar", b"garbage", "exchange.not_a_parcel"),
        ("catatan.txt", b"", "exchange.nothing_there"),
    ],
)
def test_what_is_no_file_of_a_laptop_is_told_in_place(window, shoot, tmp_path, name, content, code) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / name).write_bytes(content)
    window.sign_in()
    window.go("exchange")
    window.type(str(tmp_path / "usb"))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.problem is not None)
    shoot("exchange-problem")
    assert window.view.state.problem.code == code
    assert window.view.state.stage is Stage.CONTENT


@pytest.mark.days
def test_a_stick_that_is_not_there_is_named(window, tmp_path) -> None:
    window.sign_in()
    window.go("exchange")
    window.type(str(tmp_path / "tidak-ada"))
    window.press(Qt.Key.Key_B, to=CTRL)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "exchange.not_written"


@pytest.mark.parametrize("name", ["exchange", "conflicts", "conflict"])
def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path, name: str) -> None:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    brought_together(kit, tmp_path, "t1", "a1")
    (conflict,) = kit.context.office.conflicts.all()
    factories = exchange_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    page = factories[name]({"kind": conflict.kind, "thing_id": conflict.thing_id})
    qtbot.addWidget(page.view)
    page.presenter.listen(page.view.render)
    page.presenter.start()
    assert page.presenter.state.stage is Stage.CONTENT
    assert page.presenter.state.rows.count
    page.presenter.stop()
    kit.store.close()
