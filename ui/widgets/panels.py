"""What stands beside a list, card below card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.presenters.lists import Big, Facts, Hint, History, Numbers, Panel, Photo
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card
from ui.widgets.layout import SPRING, Text, column, fill, present
from ui.widgets.numbers import NumberCard, NumberLabel
from ui.widgets.preview import PhotoView
from ui.widgets.quality_panel import Advice, FactGrid, Timeline
from ui.widgets.tags import TagRow


class _FactCard(Card):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._facts, self._words = FactGrid(theming), Text(wraps=True)
        self._tags = (TagRow(theming), TagRow(theming))  # the card has no room for more than two side by side
        fill(self.body, *self._tags, self._facts, self._words)

    def show_panel(self, panel: Facts) -> None:
        self.set_title(self._theming.say(panel.title))
        for at, row in enumerate(self._tags):
            tags = panel.tags[2:] if at else panel.tags[:2]
            row.render_tags(tags)
            present(row, bool(tags))
        self._facts.render_facts(panel.facts)
        say, words = self._theming.say, panel.words
        self._words.show_text("\n".join(f"• {say(each)}" for each in words) if isinstance(words, tuple) else say(words))


class _HistoryCard(Card):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._steps = Timeline(theming)
        self.body.addWidget(self._steps)

    def show_panel(self, panel: History) -> None:
        self.set_title(self._theming.say(panel.title))
        self._steps.render_steps(panel.steps)


class _PhotoCard(Card):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._photo = PhotoView(theming, Qt.AspectRatioMode.KeepAspectRatio)  # a paper or a code is read whole
        self._photo.setMinimumHeight(240)
        self.body.addWidget(self._photo)

    def show_panel(self, panel: Photo) -> None:
        self._photo.show_photo(panel.picture, panel.title)


class _BigCard(Card):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._number = NumberLabel(theming)
        self.body.addWidget(self._number)

    def show_panel(self, panel: Big) -> None:
        self.set_tone(panel.number.tone)
        self._number.render_number(panel.number)


class _NumbersCard(NumberCard):
    def show_panel(self, panel: Numbers) -> None:
        self.render_numbers(panel.title, panel.numbers, panel.nothing)


class _HintCard(Advice):
    def show_panel(self, panel: Hint) -> None:
        words = panel.words if isinstance(panel.words, tuple) else (panel.words,)
        self.render_advice(panel.title, " ".join(map(self._theming.say, words)), panel.tone)


_CARDS: Mapping[type[Panel], Callable[[ThemeContext], Any]] = {
    Big: _BigCard,
    Numbers: _NumbersCard,
    Facts: _FactCard,
    History: _HistoryCard,
    Hint: _HintCard,
    Photo: _PhotoCard,
}


class Panels(QWidget):
    """Cards are built when a panel of their kind first stands at their place, and live on."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._cards: dict[tuple[int, type[Panel]], Any] = {}
        self._column = column(SPRING, on=self, gap=theming.tokens.space["md"])

    def render_panels(self, panels: tuple[Panel, ...]) -> None:
        """Show panels in their order."""
        shown = {(at, type(panel)): panel for at, panel in enumerate(panels)}
        for key, panel in shown.items():
            (self._cards.get(key) or self._built(*key)).show_panel(panel)
        for key, card in self._cards.items():
            present(card, key in shown)

    def _built(self, at: int, kind: type[Panel]) -> Any:
        card = self._cards[at, kind] = _CARDS[kind](self._theming)
        self._column.insertWidget(sum(place < at for place, _ in self._cards), card)
        return card
