"""Semua layar: tiles with a digit each."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from ui.presenters.actions import Action
from ui.presenters.home.more import MoreState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.layout import SPRING, column
from ui.widgets.numbers import BigActionCard
from ui.widgets.presence import present

_MOST, _COLUMNS = 10, 3


class MoreView(Screen[MoreState]):
    """A digit goes there; so does Enter on a tile."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tiles = tuple(BigActionCard(theming) for _ in range(_MOST))
        grid = QGridLayout()
        grid.setSpacing(theming.tokens.space["md"])
        page(column(grid, SPRING, on=self.content), theming)
        for place, tile in enumerate(self._tiles):
            tile.commanded.connect(self.command)
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)

    def show_state(self, state: MoreState) -> None:
        """Show the tiles."""
        for at, tile in enumerate(self._tiles):
            present(tile, at < len(state.ways))
            if at < len(state.ways):
                tile.render_big(state.ways[at])
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Press a tile by its digit."""
        ways = self.state.ways if self.state else ()
        tile = next((tile for tile, way in zip(self._tiles, ways, strict=False) if way.action.act is act), None)
        if tile is not None:
            tile.press()
        return tile is not None
