from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Empty, Progress, Tone
from ui.presenters.presenter import Action, Command, message
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.cards import Card, EmptyCard, Icon, NoticeCard, ProblemCard, ProgressBar, ProgressCard, RestoredLine
from ui.widgets.layout import ElidedText, Text


def test_a_tone_colours_the_ground(qtbot: QtBot, theming: ThemeContext) -> None:
    card = Card(theming)
    qtbot.addWidget(card)
    card.resize(200, 100)
    assert card.grab().toImage().pixelColor(100, 50) == theming.theme.colour("surface")
    card.set_tone(Tone.CAUTION)
    assert card.grab().toImage().pixelColor(100, 50) == theming.theme.ground(Tone.CAUTION)


def test_the_title_stands_above_the_body_once(qtbot: QtBot, theming: ThemeContext) -> None:
    card = Card(theming)
    qtbot.addWidget(card)
    card.set_title("Mutu")
    card.set_title("Mutu per jari")
    assert card.body.count() == 1


@pytest.mark.parametrize("is_banner", [False, True])
def test_a_problem_says_what_is_safe_and_what_to_do(qtbot: QtBot, theming: ThemeContext, is_banner: bool) -> None:
    card = ProblemCard(theming, is_banner=is_banner)
    qtbot.addWidget(card)
    card.show()
    card.render_problem(Problem("ui.bug"), Command("retry", "Coba lagi"))
    told = theming.catalog.explain(Problem("ui.bug"))
    assert [text.text() for text in card.findChildren(Text)] == [told.what, told.safe, told.do]
    with qtbot.waitSignal(card.commanded) as pressed:
        card.findChild(ActionButton).click()
    assert pressed.args[0].name == "retry"
    card.render_problem(Problem("ui.bug"))
    assert not card.findChild(ActionButton).isVisible()


def test_an_empty_place_names_the_next_step(qtbot: QtBot, theming: ThemeContext) -> None:
    card = EmptyCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_empty(Empty("Belum ada sasaran", "Impor daftar dari XLSX.", Command("import_list", "Impor")))
    with qtbot.waitSignal(card.commanded) as told:
        card.findChild(ActionButton).click()
    assert told.args[0].name == "import_list"
    assert card.findChild(Icon).width() == 48


def test_enter_takes_the_next_step_once_its_button_has_the_keyboard(qtbot: QtBot, theming: ThemeContext) -> None:
    card = EmptyCard(theming)
    qtbot.addWidget(card)
    card.render_empty(Empty("Belum ada sasaran", "", Command("import_list", "Impor", Action.HAND_IN)))
    with qtbot.waitSignal(card.commanded):
        qtbot.keyClick(card.findChild(ActionButton), Qt.Key.Key_Return)


LONG = Problem("audit.files_changed", {"files": ", ".join(f"sop/berkas-{n}.yaml" for n in range(30))})


def test_a_long_notice_takes_two_lines_until_somebody_wants_all_of_it(qtbot: QtBot, theming: ThemeContext) -> None:
    card = NoticeCard(theming)
    qtbot.addWidget(card)
    card.resize(1200, 200)
    card.show()
    card.render_problem(LONG)
    told = theming.catalog.explain(LONG)
    short = [line.text() for line in card.findChildren(ElidedText) if line.isVisible()]
    assert short == [told.what, told.do]
    assert not [text for text in card.findChildren(Text) if text.isVisible()]
    folded = card.sizeHint().height()
    (turn,) = [button for button in card.findChildren(ActionButton) if button.isVisible()]
    turn.click()
    assert [text.text() for text in card.findChildren(Text) if text.isVisible()] == [told.what, told.safe, told.do]
    assert card.sizeHint().height() > folded
    turn.click()
    assert [line.isVisible() for line in card.findChildren(ElidedText)] == [True, True]


def test_a_short_notice_stands_as_it_is(qtbot: QtBot, theming: ThemeContext) -> None:
    card = NoticeCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_problem(LONG)
    card.findChildren(ActionButton)[-1].click()
    card.render_problem(Problem("stick.none"))
    told = theming.catalog.explain(Problem("stick.none"))
    assert [text.text() for text in card.findChildren(Text) if text.isVisible()] == [told.what, told.safe, told.do]
    assert not [button for button in card.findChildren(ActionButton) if button.isVisible()]
    card.render_problem(LONG)
    assert all(line.isVisible() for line in card.findChildren(ElidedText))  # another one is folded again


def test_it_says_since_when_and_offers_to_throw_away(theming: ThemeContext, qtbot) -> None:
    line = RestoredLine(theming)
    qtbot.addWidget(line)
    line.show_words(message("isian.restored", at="21-11-2026 09.00"))
    assert line.accessibleName() == theming.say(message("isian.restored", at="21-11-2026 09.00"))
    with qtbot.waitSignal(line.thrown):
        line.findChild(ActionButton).click()


@pytest.mark.parametrize(("permille", "filled"), [(0, 0), (500, 200), (1000, 400), (2000, 400)])
def test_the_bar_fills_as_far_as_the_work_is(qtbot: QtBot, theming: ThemeContext, permille: int, filled: int) -> None:
    bar = ProgressBar(theming)
    qtbot.addWidget(bar)
    bar.resize(400, 14)
    bar.show_permille(permille)
    image = bar.grab().toImage()
    primary = theming.theme.colour("primary")
    assert abs(sum(image.pixelColor(x, 7) == primary for x in range(400)) - filled) <= 2


def test_work_of_unknown_size_shows_no_bar_and_cancel_tells(qtbot: QtBot, theming: ThemeContext) -> None:
    card = ProgressCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_progress(Progress("Membuka …"))
    bar, button = card.findChild(ProgressBar), card.findChild(ActionButton)
    assert (bar.isVisible(), button.isVisible()) == (False, False)
    card.render_progress(Progress("Mengirim", 1, 4, "30 detik lagi", Command("pause", "Jeda")))
    assert (bar.isVisible(), bar.accessibleName()) == (True, "25 %")
    with qtbot.waitSignal(card.commanded) as told:
        button.click()
    assert told.args[0].name == "pause"
