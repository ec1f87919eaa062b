"""Every screen behind the door by its name: which presenter, which view, which signal means which intent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fieldkit.services.context.app_context import AppContext, Door
from ui.presenters.delivery.queue import Queue, Sending, aside_form
from ui.presenters.delivery.stick_work import HandInPresenter, StickPresenter, StickWorkPresenter
from ui.presenters.devices import DevicesPresenter
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.left_open import LeftOpen
from ui.presenters.home.places import PlacesPresenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.form import FormView
from ui.views.home.home import HomeView
from ui.views.office import DevicesView, HandInView, office_factories
from ui.views.page_parts import PageParts, Params
from ui.views.recording.recording import recording_factories
from ui.views.shell import Shell
from ui.views.wiring import page_of


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What exists only while somebody is signed in."""

    context: AppContext
    sending: Sending
    places: PlacesPresenter


def screen_factories(
    door: Door,
    tasks: Tasks,
    shell: Shell,
    theming: ThemeContext,
    printing: Printing,
    signed_in: Callable[[], SignedIn],
) -> dict[str, Factory]:
    """Return the factory of each screen behind the door; `signed_in` gives the context of this moment."""
    at = PageParts(door, tasks, shell.navigation, theming, printing, lambda: signed_in().context)

    def home(_params: Params) -> Page:
        return at.page(HomePresenter(at.context(), tasks, at.navigator, signed_in().places.take), HomeView)

    def stick(params: Params) -> Page:
        presenter = StickPresenter(at.context(), tasks, at.navigator, params.get("record_id", ""))
        return stick_page(presenter, FormView(theming))

    def hand_in(_params: Params) -> Page:
        presenter = HandInPresenter(at.context(), tasks, at.navigator, signed_in().sending)
        return stick_page(presenter, HandInView(theming))

    def stick_page(presenter: StickWorkPresenter[Any, Any], view: FormView) -> Page:
        view.choose.connect(presenter.type)
        view.type.connect(presenter.type)
        return page_of(presenter, view)

    def devices(_params: Params) -> Page:
        return at.page(DevicesPresenter(at.context(), tasks, at.navigator), DevicesView)

    return {
        "home": home,
        "stick": stick,
        "hand_in": hand_in,
        "devices": devices,
        **at.forms({"set_aside": lambda now, params: aside_form(now, params["record_id"])}),
        **at.lists(
            {
                "left_open": lambda now, _: LeftOpen(now, at.navigator).screen(),
                "queue": lambda now, _: Queue(now, at.navigator, signed_in().sending).screen(),
            }
        ),
        **recording_factories(at, lambda: signed_in().sending.begin_once_more()),
        **office_factories(at),
    }
