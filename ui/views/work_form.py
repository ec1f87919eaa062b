"""A form that is a place of work: what it is about at the left, the fields and what belongs below them at the right.

Where the window has no room for both, the fields come first and what it is about below them.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout

from ui.presenters.actions import Action
from ui.presenters.form import FormState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.form import FormView
from ui.widgets.layout import column, row
from ui.widgets.panels import Panels
from ui.widgets.presence import present

_SIDE, _NO_BOUND = 400, 16_777_215
_TURNS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}


class WorkFormView(FormView):
    """F5 reads anew, PgUp and PgDn scroll."""

    own_keys = (Action.REFRESH, *_TURNS)

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming, wide)
        self._side, self._below = Panels(theming), Panels(theming)
        self._side.setMinimumWidth(_SIDE)
        self.column.removeWidget(self._fields)
        self._right = column(self._fields, self._below, gap=theming.tokens.space["md"])
        self._both = row(self._side, (self._right, 1), gap=theming.tokens.space["lg"])
        self.column.insertLayout(self.column.count() - 1, self._both)

    def show_state(self, state: FormState) -> None:
        """Show the fields and what stands around them."""
        present(self._fields, bool(state.fields))  # first: what is out of sight takes no keyboard
        super().show_state(state)
        self._side.render_panels(state.side)
        self._below.render_panels(state.below)
        self._fields.setEnabled(state.is_open)
        take_keyboard(self)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        around = self.column.contentsMargins()
        least = around.left() + _SIDE + self._both.spacing() + self._right.minimumSize().width() + around.right()
        has_room = self.area.viewport().width() >= least
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.BottomToTop
        self._both.setDirection(beside if has_room else below)
        self._side.setMaximumWidth(_SIDE if has_room else _NO_BOUND)

    def perform(self, act: Action) -> bool:
        """Read anew, scroll what does not fit, or choose by a digit."""
        if act not in _TURNS:
            return super().perform(act)
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.value() + _TURNS[act] * bar.pageStep())
        return True
