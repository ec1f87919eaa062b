"""How to stop: put off, or end without a record."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.recording.ending_panel import EndingPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare
from ui.widgets.choices import ChoiceList
from ui.widgets.quality_panel import Advice


class EndingPage(QWidget):
    """The ways to stop, one of them chosen."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self.choices = ChoiceList(theming)
        column = bare(QVBoxLayout(self), 0)
        column.addWidget(self.choices)
        column.addStretch(1)

    def show_panel(self, panel: EndingPanel) -> None:
        """Show the choices."""
        self.choices.render_choices(panel.choices, panel.chosen)


class EndingSide(QWidget):
    """What the choice does to what was recorded."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._effect = Advice(theming)
        column = bare(QVBoxLayout(self), 0)
        column.addWidget(self._effect)
        column.addStretch(1)

    def show_panel(self, panel: EndingPanel) -> None:
        """Say what is kept or erased."""
        name, tone = ("erase", Tone.BAD) if panel.is_end else ("keep", Tone.GOOD)
        self._effect.render_advice(message(f"rekam.{name}_title"), message(f"rekam.{name}_hint"), tone)
