from __future__ import annotations

from pytestqt.qtbot import QtBot
from support.recording_window import jpeg

from fieldkit.domain.errors import Problem
from ui.presenters.figures import Number, Step
from ui.presenters.lists import Big, Facts, Hint, History, Numbers, Photo
from ui.presenters.parts import Tag
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card
from ui.widgets.layout import Text
from ui.widgets.panels import Panels
from ui.widgets.preview import PhotoView
from ui.widgets.tags import TagLabel


def shown(panels: Panels) -> list[str]:
    cards = [card for card in panels.findChildren(Card) if not card.isHidden()]
    places = {card: panels.layout().indexOf(card) for card in cards}
    heads = [next(text for text in card.findChildren(Text) if text.text()) for card in sorted(cards, key=places.get)]
    return [head.text() for head in heads]


def test_each_kind_has_its_card_in_the_order_of_the_panels(qtbot: QtBot, theming: ThemeContext) -> None:
    panels = Panels(theming)
    qtbot.addWidget(panels)
    numbers, facts = Numbers("Jumlah", (Number("3", "orang"),)), Facts("Siti", (("Desa", "Jimbe"),))
    history, hint = History("Riwayat", (Step("a", "Dicetak"),)), Hint("Perhatikan", "ribbon putus")
    panels.render_panels((numbers, history))
    assert len(shown(panels)) == 2
    panels.render_panels((numbers, facts, hint, history))
    titles = shown(panels)
    assert titles[2] == "Perhatikan"
    assert len(titles) == 4
    panels.render_panels((hint,))
    assert shown(panels) == ["Perhatikan"]


def test_a_photo_stands_there_while_there_is_one(qtbot: QtBot, theming: ThemeContext) -> None:
    panels = Panels(theming)
    qtbot.addWidget(panels)
    panels.render_panels((Photo("Foto", jpeg()),))
    (photo,) = panels.findChildren(PhotoView)
    assert photo.has_picture
    assert photo.accessibleName() == "Foto"
    panels.render_panels(())
    assert not photo.isVisibleTo(panels)


def test_a_problem_is_told_whole(qtbot: QtBot, theming: ThemeContext) -> None:
    panels, problem = Panels(theming), Problem("sync.too_large")
    qtbot.addWidget(panels)
    panels.render_panels((Hint(problem),))
    told = theming.catalog.explain(problem)
    assert {text.text() for text in panels.findChildren(Text)} >= {told.what, f"{told.safe} {told.do}"}
    panels.render_panels((Hint(problem, "warga direkam ulang"),))
    assert "warga direkam ulang" in {text.text() for text in panels.findChildren(Text)}


def test_a_number_that_everybody_looks_at_has_its_tone_and_a_person_its_tags(
    qtbot: QtBot, theming: ThemeContext
) -> None:
    panels = Panels(theming)
    qtbot.addWidget(panels)
    panels.show()
    panels.render_panels((Big(Number("9.04", "menit")), Facts("Siti", tags=(Tag("A"), Tag("B"), Tag("C")))))
    assert "9.04" in {text.text() for text in panels.findChildren(Text) if text.isVisible()}
    assert [tag.accessibleName() for tag in panels.findChildren(TagLabel) if tag.isVisible()] == ["A", "B", "C"]
    panels.render_panels((Big(Number("9.05", "menit")), Facts("Siti", tags=(Tag("A"),))))
    assert [tag.accessibleName() for tag in panels.findChildren(TagLabel) if tag.isVisible()] == ["A"]
