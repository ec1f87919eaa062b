"""A card of counts: what is counted at the left, how many at the right."""

from __future__ import annotations

from ui.presenters.figures import Number, QualityRow
from ui.presenters.messages import Message
from ui.presenters.parts import Tag
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.quality_panel import QualityRows
from ui.widgets.text import Role, Text


class NumberCard(Card):
    """Counts below a section head; a quiet line while there are none."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._rows, self._nothing = QualityRows(theming), Text(Role.MUTED, wraps=True)
        self.body.addWidget(self._rows)
        self.body.addWidget(self._nothing)

    def render_numbers(self, title: Message, numbers: tuple[Number, ...], nothing: Message = "") -> None:
        """Show the counts."""
        self.set_title(self._theming.say(title))
        self._rows.render_rows(tuple(QualityRow(n.label, n.value, Tag("", n.tone)) for n in numbers))
        self._nothing.show_text("" if numbers else self._theming.say(nothing))
