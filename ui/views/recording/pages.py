"""The pages of recording and review: presenter, view, and which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable

from ui.presenters.recording.card_check import CardCheckPresenter
from ui.presenters.recording.exception_ink import ExceptionInkPresenter
from ui.presenters.recording.notice import NoticePresenter
from ui.presenters.recording.paper import PaperPresenter, ShipmentPresenter, SlipPresenter
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.recording.card_check import CardCheckView
from ui.views.recording.notice import NoticeView
from ui.views.recording.paper import PaperView
from ui.views.recording.recording import RecordingView
from ui.views.recording.review import ReviewView
from ui.views.sarpras.permission import IzinView, signing_page
from ui.views.wiring import page_of


def recording_factories(at: PageParts, send: Callable[[], None]) -> dict[str, Factory]:
    """Return the factories of `recording`, `review`, `exception_ink`, `notice` (`session_id`), `card_check`, `slip`,
    and `shipment`. `send` delivers what an activity that records daring just sealed.
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
        return signing_page(presenter, view)

    def card_check(params: Params) -> Page:
        presenter = CardCheckPresenter(at.context(), at.tasks, at.navigator, params["target_id"])
        return Page(presenter, CardCheckView(at.theming))

    def notice(params: Params) -> Page:
        presenter = NoticePresenter(at.context(), at.tasks, at.navigator, params["session_id"])
        view = NoticeView(at.theming)
        view.choose_reason.connect(presenter.choose_reason)
        view.type_companion.connect(presenter.type_companion)
        return page_of(presenter, view)

    def slip(params: Params) -> Page:
        return paper(SlipPresenter(at.context(), at.tasks, at.navigator, at.printing, params["record_id"]))

    def shipment(_params: Params) -> Page:
        return paper(ShipmentPresenter(at.context(), at.tasks, at.navigator, at.printing))

    def paper(presenter: PaperPresenter) -> Page:
        view = PaperView(at.theming)
        view.choose.connect(presenter.choose)
        return page_of(presenter, view)

    return {
        "recording": recording,
        "review": review,
        "exception_ink": exception_ink,
        "card_check": card_check,
        "notice": notice,
        "slip": slip,
        "shipment": shipment,
    }
