"""Flashdisk: the sticks to choose from and a folder to type, in one form; the copy lies over it while it runs."""

from __future__ import annotations

from ui.views.form import FormView


class StickView(FormView):
    """A form whose stick has the keyboard at first, so that Enter copies at once."""
