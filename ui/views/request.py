"""A long form in columns, so that all of it is in sight: the surat permohonan, an application at the counter."""

from __future__ import annotations

from collections.abc import Mapping

from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView

_WIDE = {"applicant": 4, "sifat": 4, "sender": 2, "number": 2, "subject": 2, "scans": 2, "sop": 4, "mode": 2}


class RequestView(FormView):
    """Tab walks row by row, Enter registers. `wide` says which fields take more than one column."""

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] = _WIDE) -> None:
        super().__init__(theming, wide)
