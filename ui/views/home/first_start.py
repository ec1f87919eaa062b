"""The first start: a window of its own, in which a laptop becomes a kit."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.ports.first_start import FirstStart
from fieldkit.ports.messages import Messages
from fieldkit.ports.ways_back import WaysBack
from ui.presenters.home.first_start import (
    AGAIN,
    CODE,
    FACTOR,
    FINGERPRINT,
    LANGUAGE,
    NAME,
    NEW,
    PIN,
    SLIP,
    URL,
    USER,
    FirstStartPresenter,
)
from ui.presenters.messages import message
from ui.presenters.viewfinder import Sight
from ui.runtime.navigation import Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.views.home.start_problem import StartWindow
from ui.views.wiring import page_of

# Two beside each other where they are short: all of a step is seen at 1024 × 560.
_WIDE = {SLIP: 4, FINGERPRINT: 4, LANGUAGE: 4, URL: 2, CODE: 2, USER: 2, NAME: 2, NEW: 2, AGAIN: 2, PIN: 2, FACTOR: 2}


class FirstStartView(FormView):
    """The fields of a step, or what the camera sees of the slip."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, _WIDE)

    def show_photo_words(self, photo: Sight) -> None:
        """Say how the slip is held before the camera."""
        self._title.setText(self.theming.say(message("awal.scan")))
        self._hint.show_text(self.theming.say(message("awal.scan_away" if photo.away else "awal.scan_hint")))


class FirstStartWindow(StartWindow):
    """Leads through the first start; `exec` returns whether a kit was made."""

    def __init__(self, first: FirstStart, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self._first = first
        super().__init__(messages, language, ways)
        self.shell.field_left.connect(self._settle)
        self.shell.closing.connect(self._settle)

    def _settle(self) -> None:
        if (page := self.shell.navigation.page) is not None:
            page.presenter.settle()

    def _page(self) -> Page:
        view = FirstStartView(self.theming)
        presenter = FirstStartPresenter(
            *(self._first, self.tasks, lambda: view.frames),
            *(self.theming.catalog.language, self.theming.catalog.choose, self._decide),
            lambda: self.shell.navigation.push("ways_back"),
        )
        view.choose.connect(presenter.type)
        view.type.connect(presenter.type)
        return page_of(presenter, view)
