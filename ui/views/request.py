"""A long form in columns, so that all of it is in sight: the surat permohonan, an application at the counter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QGridLayout, QWidget

from ui.presenters.form import FormField
from ui.runtime.look import Look
from ui.views.form import FormView

_COLUMNS = 4
_WIDE = {"applicant": 4, "sifat": 4, "sender": 2, "number": 2, "subject": 2, "scans": 2, "sop": 4, "mode": 2}


class RequestView(FormView):
    """Tab walks row by row, Enter registers. `wide` says which fields take more than one column."""

    def __init__(self, look: Look, wide: Mapping[str, int] = _WIDE) -> None:
        super().__init__(look)
        self._wide = wide
        self._grid, self._at = QGridLayout(), 0
        self._grid.setHorizontalSpacing(look.tokens.space["md"])
        self._grid.setVerticalSpacing(look.tokens.space["sm"])
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self._card.body.addLayout(self._grid)

    def _build(self, field: FormField) -> QWidget:  # type: ignore[override]  # the same widget, seen as what it is laid out as
        widget = super()._build(field)
        span = self._wide.get(field.name, 1)
        if self._at % _COLUMNS + span > _COLUMNS:
            self._at += _COLUMNS - self._at % _COLUMNS
        self._card.body.removeWidget(widget)
        self._grid.addWidget(widget, self._at // _COLUMNS, self._at % _COLUMNS, 1, span)
        self._at += span
        return widget
