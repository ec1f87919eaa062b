"""The pages of recording and review: presenter, view, and which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable

from ui.presenters.recording.exception_ink import ExceptionInkPresenter
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.recording.recording import RecordingView
from ui.views.recording.review import ReviewView
from ui.views.sarpras.permission import IzinView
from ui.views.wiring import page_of


def recording_factories(at: PageParts, send: Callable[[], None]) -> dict[str, Factory]:
    """Return the factories of `recording`, `review` and `exception_ink`; they take the parameter `session_id`.

    `send` delivers what an activity that records daring just sealed.
    """

    def recording(params: Params) -> Page:
        now = at.context()
        view = RecordingView(at.theming, now.tables)
        presenter = RecordingPresenter(
            now, at.door, at.tasks, at.navigator, view.frames, view.ink, params["session_id"], view.pad
        )
        view.sign_here.connect(presenter.sign_here)
        view.choose_step.connect(presenter.choose_step)
        view.type_biodata.connect(presenter.type_biodata)
        view.number.connect(presenter.number)
        view.choose_next.connect(presenter.choose_next)
        view.choose_second_next.connect(presenter.choose_second_next)
        view.toggle_position.connect(presenter.toggle_position)
        view.type_witness.connect(presenter.type_witness)
        view.choose_second.connect(presenter.choose_second)
        view.choose.connect(presenter.choose)
        return page_of(presenter, view)

    def review(params: Params) -> Page:
        view = ReviewView(at.theming)
        presenter = ReviewPresenter(at.context(), at.door, at.tasks, at.navigator, params["session_id"], send)
        view.type_pin.connect(presenter.type_pin)
        view.choose.connect(presenter.choose)
        view.choose_next.connect(presenter.choose_next)
        return page_of(presenter, view)

    def exception_ink(params: Params) -> Page:
        view = IzinView(at.theming)
        presenter = ExceptionInkPresenter(
            at.context(), at.tasks, at.navigator, params["session_id"], view.ink, view.pad
        )
        view.sign_here.connect(presenter.sign_here)
        view.choose.connect(presenter.choose)
        view.choose_next.connect(presenter.choose_next)
        return page_of(presenter, view)

    return {"recording": recording, "review": review, "exception_ink": exception_ink}
