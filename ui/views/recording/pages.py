"""The pages of recording and review: presenter, view, and which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.navigator import Navigator
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.recording import RecordingView
from ui.views.recording.review import ReviewView
from ui.views.wiring import wired

RECORDING_INTENTS = (
    "back",
    "accept",
    "capture",
    "sign_here",
    "open_exception",
    "photograph",
    "ask_lead",
    "postpone",
    "next_step",
    "previous_step",
    "choose_step",
    "type_biodata",
    "number",
    "choose_next",
    "choose_second_next",
    "toggle_position",
    "choose_reason",
    "type_witness",
    "choose_second",
    "choose_lead",
    "choose_ending",
    "allow",
)
REVIEW_INTENTS = ("back", "accept", "postpone", "type_pin")


def recording_factories(
    door: Door,
    tasks: Tasks,
    navigator: Navigator,
    theming: ThemeContext,
    context: Callable[[], AppContext],
    send: Callable[[], None],
) -> dict[str, Factory]:
    """Return the factories of `recording` and `review`; both take the parameter `session_id`.

    `send` delivers what an activity that records daring just sealed.
    """

    def recording(params: Mapping[str, str]) -> Page:
        now = context()
        view = RecordingView(theming, now.tables)
        presenter = RecordingPresenter(
            now, door, tasks, navigator, view.frames, view.ink, params["session_id"], view.pad
        )
        return wired(presenter, view, *RECORDING_INTENTS)

    def review(params: Mapping[str, str]) -> Page:
        view = ReviewView(theming)
        presenter = ReviewPresenter(context(), door, tasks, navigator, params["session_id"], send)
        return wired(presenter, view, *REVIEW_INTENTS)

    return {"recording": recording, "review": review}
