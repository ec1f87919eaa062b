"""What stands beside a list, card below card."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.lists import Big, Facts, Hint, History, Numbers, Panel, Photo
from ui.presenters.messages import Message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.fact_grid import FactGrid
from ui.widgets.layout import SPRING, column
from ui.widgets.numbers import NumberCard, NumberLabel
from ui.widgets.photo import PhotoView
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import Timeline
from ui.widgets.tag import TagRow
from ui.widgets.text import Text


class _FactCard(Card):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._facts, self._words = FactGrid(theming), Text(wraps=True)
        self._tags = (TagRow(theming), TagRow(theming))  # the card has no room for more than two side by side
        for row in self._tags:
            self.body.addWidget(row)
        self.body.addWidget(self._facts)
        self.body.addWidget(self._words)

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


class Panels(QWidget):
    """Cards are built when a panel of their kind first stands at their place, and live on."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._cards: dict[tuple[int, type[Panel]], Card] = {}
        self._column = column(SPRING, on=self, gap=theming.tokens.space["md"])

    def render_panels(self, panels: tuple[Panel, ...]) -> None:
        """Show panels in their order."""
        shown = {(at, type(panel)) for at, panel in enumerate(panels)}
        for at, panel in enumerate(panels):
            self._show(at, panel)
        for key, card in self._cards.items():
            present(card, key in shown)

    def _show(self, at: int, panel: Panel) -> None:
        card = self._cards.get((at, type(panel)))
        if card is None:
            card = self._built(panel)
            self._cards[at, type(panel)] = card
            before = sum(place < at for place, _ in self._cards)
            self._column.insertWidget(before, card)
        match card, panel:
            case NumberCard(), Numbers():
                card.render_numbers(panel.title, panel.numbers, panel.nothing)
            case Advice(), Hint():
                words = panel.words if isinstance(panel.words, tuple) else (panel.words,)
                told = " ".join(map(self._theming.say, words)) or self._way_out(panel.title)
                card.render_advice(panel.title, told, panel.tone)
            case _BigCard(), Big():
                card.show_panel(panel)
            case _FactCard(), Facts():
                card.show_panel(panel)
            case _HistoryCard(), History():
                card.show_panel(panel)
            case _PhotoCard(), Photo():
                card.show_panel(panel)

    def _way_out(self, title: Message) -> str:
        """Return what is safe and what helps, where the title is a problem."""
        told = self._theming.catalog.explain(title) if isinstance(title, Problem) else None
        return f"{told.safe} {told.do}" if told else ""

    def _built(self, panel: Panel) -> Card:
        match panel:
            case Big():
                return _BigCard(self._theming)
            case Numbers():
                return NumberCard(self._theming)
            case Hint():
                return Advice(self._theming)
            case Facts():
                return _FactCard(self._theming)
            case History():
                return _HistoryCard(self._theming)
            case Photo():
                return _PhotoCard(self._theming)
