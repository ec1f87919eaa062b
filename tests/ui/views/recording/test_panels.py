from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from support.kept import session
from support.recording_window import jpeg

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import FINGERS, Position
from ui.presenters.parts import Choice
from ui.presenters.presenter import message
from ui.presenters.recording.panels import ExceptionPanel, LeadPanel
from ui.presenters.recording.state import pictures
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme import ThemeContext
from ui.views.recording.capture import ExceptionPage, LeadPage, ReasonSide
from ui.widgets.buttons import Mark
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import Text
from ui.widgets.preview import PhotoView

PEOPLE = (User("u2", "Bagus", Role.PETUGAS_PEREKAMAN), User("u3", "Sri", Role.PETUGAS_PEREKAMAN))


def panel(step: StepKind) -> ExceptionPanel:
    found = ExceptionPanel.for_step(session(), step, "Pak RT", PEOPLE)
    assert found is not None
    return found


@pytest.fixture
def page(qtbot: QtBot, theming: ThemeContext) -> ExceptionPage:
    frames = PreviewMailbox()
    page = ExceptionPage(theming, frames)
    page.destroyed.connect(lambda: frames.close())
    qtbot.addWidget(page)
    page.show()
    return page


def test_positions_and_people_are_toggles_that_tell_what_was_pressed(qtbot: QtBot, page: ExceptionPage) -> None:
    chosen = panel(StepKind.RIGHT_FOUR).toggled(Position.RIGHT_RING)
    page.show_panel(chosen, pictures(session(), StepKind.RIGHT_FOUR, FINGERS), ())
    buttons = page._positions.buttons
    assert [button.is_on for button in buttons] == [False, False, True, False]
    with qtbot.waitSignal(page.position_chosen) as told:
        qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert told.args == [Position.RIGHT_INDEX]
    assert [button.is_on for button in page._second.buttons] == [True, False, False]
    marks = [{button._mark for button in toggles.buttons} for toggles in (page._positions, page._second)]
    assert marks == [{Mark.BOX}, {Mark.CIRCLE}]  # several fingers, one attendant
    with qtbot.waitSignal(page.second_chosen) as told:
        qtbot.mouseClick(page._second.buttons[2], Qt.MouseButton.LeftButton)
    assert told.args == ["u3"]
    assert page.witness.text() == "Pak RT"


def test_each_kind_of_step_has_its_picture(page: ExceptionPage) -> None:
    for step, shows_hands, shows_eyes in (
        (StepKind.THUMBS, True, False),
        (StepKind.IRIS, False, True),
        (StepKind.SIGNATURE, False, False),
    ):
        page.show_panel(panel(step), (), ())
        assert page.findChild(HandsPicture).isVisible() is shows_hands
        assert page.findChild(EyesPicture).isVisible() is shows_eyes
        assert sum(button.isVisible() for button in page._positions.buttons) == len(panel(step).positions)


def test_a_photo_takes_its_place_once_it_is_there(page: ExceptionPage) -> None:
    page.show_panel(panel(StepKind.IRIS), (), ())
    assert not page.findChild(PhotoView).isVisible()
    page.show_panel(replace(panel(StepKind.IRIS), photo=jpeg()), (), ())
    assert page.findChild(PhotoView).isVisible()
    assert page.findChild(PhotoView).has_picture


def test_the_reasons_that_fit_are_listed(qtbot: QtBot, theming: ThemeContext) -> None:
    side = ReasonSide(theming)
    qtbot.addWidget(side)
    side.show_panel(panel(StepKind.IRIS).next(1))
    with qtbot.waitSignal(side.reasons.chosen) as told:
        side.reasons.choose(3)
    assert told.args == ["cataract"]


PANEL = LeadPanel((Choice("u2", "Bagus"), Choice("u3", "Sri")), "u2")
HINT = message("rekam.lead_hint")


def test_the_passphrase_stays_while_typed_and_goes_when_refused(qtbot: QtBot, theming: ThemeContext) -> None:
    page = LeadPage(theming)
    qtbot.addWidget(page)
    page.show()
    page.show_panel(PANEL, HINT)
    page.passphrase.render_field("Kata sandi", "sawah")
    page.show_panel(replace(PANEL, chosen="u3"), HINT)
    assert page.passphrase.text() == "sawah"
    wrong = Problem("vault.wrong_passphrase", {"left": 2})
    page.show_panel(replace(PANEL, clear_serial=1, problem=wrong), HINT)
    assert page.passphrase.text() == ""
    said = [text.text() for text in page.findChildren(Text) if text.isVisible()]
    assert "Kata sandi tidak cocok. Coba lagi; tersisa 2 kali." in said
    page.passphrase.render_field("Kata sandi", "sawah")
    page.forget()
    assert page.passphrase.text() == ""
