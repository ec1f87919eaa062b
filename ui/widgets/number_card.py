"""A card of counts: what is counted at the left, how many at the right."""

from __future__ import annotations

from ui.presenters.figures import Number, QualityRow
from ui.presenters.parts import Tag
from ui.presenters.words import Words
from ui.runtime.look import Look
from ui.widgets.card import Card
from ui.widgets.quality_panel import QualityRows
from ui.widgets.text import Role, Text


class NumberCard(Card):
    """Counts below a section head; a quiet line while there are none."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._rows, self._nothing = QualityRows(look), Text(Role.MUTED, wraps=True)
        self.body.addWidget(self._rows)
        self.body.addWidget(self._nothing)

    def render_numbers(self, title: Words, numbers: tuple[Number, ...], nothing: Words = "") -> None:
        """Show the counts."""
        self.set_title(self._look.say(title))
        self._rows.render_rows(tuple(QualityRow(n.label, n.value, Tag("", n.tone)) for n in numbers))
        self._nothing.show_text("" if numbers else self._look.say(nothing))
