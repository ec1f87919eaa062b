"""Every screen behind the door by its name: which presenter, which view, which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.delivery.hand_in import HandInPresenter
from ui.presenters.delivery.queue import Queue, aside_form
from ui.presenters.delivery.sending import Sending
from ui.presenters.delivery.stick import StickPresenter
from ui.presenters.devices.devices import DevicesPresenter
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.left_open import LeftOpen
from ui.presenters.printing import Printing
from ui.presenters.recording.card_check import CardCheckPresenter
from ui.presenters.recording.notice import NoticePresenter
from ui.presenters.recording.paper import PaperPresenter, ShipmentPresenter, SlipPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.delivery.hand_in import HandInView
from ui.views.devices.devices import DevicesView
from ui.views.form import FormView
from ui.views.home.home import HomeView
from ui.views.page_parts import PageParts, Params
from ui.views.recording.card_check import CardCheckView
from ui.views.recording.notice import NoticeView
from ui.views.recording.pages import recording_factories
from ui.views.recording.paper import PaperView
from ui.views.shell import Shell
from ui.views.window.office_pages import office_factories
from ui.views.wiring import page_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What exists only while somebody is signed in."""

    context: AppContext
    sending: Sending


class Pages:
    """Builds a page whenever the navigation asks for one. `signed_in` gives the context of this moment."""

    def __init__(
        self,
        door: Door,
        tasks: Tasks,
        shell: Shell,
        theming: ThemeContext,
        printing: Printing,
        signed_in: Callable[[], SignedIn],
    ) -> None:
        self._signed_in = signed_in
        self._at = PageParts(door, tasks, shell.navigation, theming, printing, lambda: signed_in().context)

    def factories(self) -> dict[str, Factory]:
        """Return the factory of each screen."""
        at = self._at
        return {
            "home": self._home,
            "card_check": self._card_check,
            "notice": self._notice,
            "slip": self._slip,
            "stick": self._stick,
            "hand_in": self._hand_in,
            **at.forms({"set_aside": lambda now, params: aside_form(now, params["record_id"])}),
            "shipment": self._shipment,
            "devices": self._devices,
            **at.lists(
                {
                    "left_open": lambda now, _: LeftOpen(now, at.navigator).screen(),
                    "queue": lambda now, _: Queue(now, at.navigator, self._signed_in().sending).screen(),
                }
            ),
            **recording_factories(at, lambda: self._signed_in().sending.begin_once_more()),
            **office_factories(at),
        }

    def _home(self, _params: Params) -> Page:
        at = self._at
        return at.page(HomePresenter(at.context(), at.tasks, at.navigator), HomeView)

    def _card_check(self, params: Params) -> Page:
        at = self._at
        presenter = CardCheckPresenter(at.context(), at.tasks, at.navigator, params["target_id"])
        return Page(presenter, CardCheckView(self._at.theming))

    def _notice(self, params: Params) -> Page:
        presenter = NoticePresenter(self._at.context(), self._at.tasks, self._at.navigator, params["session_id"])
        view = NoticeView(self._at.theming)
        view.choose_reason.connect(presenter.choose_reason)
        view.type_companion.connect(presenter.type_companion)
        return page_of(presenter, view)

    def _slip(self, params: Params) -> Page:
        at = self._at
        presenter = SlipPresenter(at.context(), at.tasks, at.navigator, at.printing, params["record_id"])
        return self._paper(presenter)

    def _shipment(self, _params: Params) -> Page:
        at = self._at
        presenter = ShipmentPresenter(at.context(), at.tasks, at.navigator, at.printing)
        return self._paper(presenter)

    def _paper(self, presenter: PaperPresenter) -> Page:
        view = PaperView(self._at.theming)
        view.choose.connect(presenter.choose)
        return page_of(presenter, view)

    def _stick(self, params: Params) -> Page:
        at = self._at
        presenter = StickPresenter(at.context(), at.tasks, at.navigator, params.get("record_id", ""))
        view = FormView(self._at.theming)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.type)
        return page_of(presenter, view)

    def _hand_in(self, _params: Params) -> Page:
        presenter = HandInPresenter(self._at.context(), self._at.tasks, self._at.navigator, self._signed_in().sending)
        view = HandInView(self._at.theming)
        view.choose.connect(presenter.type)
        view.type.connect(presenter.type)
        return page_of(presenter, view)

    def _devices(self, _params: Params) -> Page:
        at = self._at
        return at.page(DevicesPresenter(at.context(), at.tasks, at.navigator), DevicesView)
