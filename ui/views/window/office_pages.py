"""The pages of the office: presenter, view, and which signal means which intent. One small method per screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.home.more import MorePresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.letters.letters import Letters
from ui.presenters.letters.sign_letters import SignLettersPresenter
from ui.presenters.letters.verify_letter import VerifyLetterPresenter
from ui.presenters.navigator import Navigator
from ui.presenters.planning.activities import Activities
from ui.presenters.planning.activity import STEP_INTENTS, ActivityPresenter
from ui.presenters.printing import Printing
from ui.presenters.settings.settings import SettingsPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.aid.pages import aid_factories
from ui.views.applications.pages import counter_factories
from ui.views.cards.pages import distribution_factories
from ui.views.exchange.pages import exchange_factories
from ui.views.home.more import MoreView
from ui.views.letters.letter import LetterView
from ui.views.letters.sign_letters import SignLettersView
from ui.views.letters.verify_letter import VerifyLetterView
from ui.views.planning.activity import ActivityView
from ui.views.planning.pages import planning_factories
from ui.views.reports.pages import reports_factories
from ui.views.sarpras.pages import sarpras_factories
from ui.views.settings.settings import SettingsView
from ui.views.statuses.pages import status_factories
from ui.views.targets.pages import target_factories
from ui.views.visits.pages import field_factories
from ui.views.wiring import list_page, wired

Params = Mapping[str, str]
_ACTIVITY = (
    "back",
    "accept",
    "refresh",
    "choose_step",
    "next_step",
    "choose",
    "type_field",
    "show_letters",
    "show_evaluation",
)
_SETTINGS = ("back", "accept", "refresh", "choose_section", "type_field", "tick_line", "point_line")
_LIST = ("back", "search", "select", "refresh")
_LETTER = (
    *("back", "accept", "ask_issue", "ask_number", "ask_void", "compose_again"),
    *("print", "save", "sign", "edit", "type_answer"),
)


@dataclass(frozen=True, slots=True)
class OfficePages:
    """Builds the screens of the office; all but lists take the parameter `activity_id`."""

    door: Door
    tasks: Tasks
    navigator: Navigator
    theming: ThemeContext
    printing: Printing
    context: Callable[[], AppContext]

    def factories(self) -> dict[str, Factory]:
        """Return the factory of each screen by its name."""
        # One line per screen: "name": self._name, and a method `_name(self, params: Params) -> Page` below that returns
        # wired(Presenter(self.desk(), self.tasks, self.navigator, params["activity_id"]), View(self.look), "back", …).
        return {
            "activities": self._activities,
            "activity": self._activity,
            **sarpras_factories(self.door, self.tasks, self.navigator, self.theming, self.context),
            "letters": self._letters,
            "letter": self._letter,
            "sign_letters": self._sign_letters,
            "verify_letter": self._verify_letter,
            "settings": self._settings,
            "more": self._more,
            **target_factories(self.tasks, self.navigator, self.theming, self.printing, self.context),
            **exchange_factories(self.tasks, self.navigator, self.theming, self.context),
            **planning_factories(self.tasks, self.navigator, self.theming, self.context),
            **reports_factories(self.tasks, self.navigator, self.theming, self.printing, self.context),
            **aid_factories(self.tasks, self.navigator, self.theming, self.printing, self.context),
            **field_factories(self.tasks, self.navigator, self.theming, self.context),
            **distribution_factories(self.tasks, self.navigator, self.theming, self.printing, self.context),
            **counter_factories(self.tasks, self.navigator, self.theming, self.context),
            **status_factories(self.tasks, self.navigator, self.theming, self.context),
        }

    def _activity(self, params: Params) -> Page:
        presenter = ActivityPresenter(self.context(), self.tasks, self.navigator, params["activity_id"])
        return wired(presenter, ActivityView(self.theming), *_ACTIVITY, *STEP_INTENTS)

    def _activities(self, params: Params) -> Page:
        on = date.fromisoformat(params["on"]) if "on" in params else None
        activities = Activities(self.context(), self.navigator, on)
        return list_page(activities.screen(), self.tasks, self.navigator, self.theming)

    def _sign_letters(self, _params: Params) -> Page:
        presenter = SignLettersPresenter(self.context(), self.tasks, self.navigator)
        view = SignLettersView(self.theming)
        view.opened.connect(presenter.open)
        view.sign.connect(presenter.sign)
        view.settle_signed.connect(presenter.settle_signed)
        view.choose_proof.connect(presenter.choose_proof)
        return wired(presenter, view, *_LIST, "accept", "settle_unsigned", "request_code", "show_verify")

    def _settings(self, _params: Params) -> Page:
        presenter = SettingsPresenter(self.context(), self.tasks, self.navigator)
        return wired(presenter, SettingsView(self.theming), *_SETTINGS)

    def _more(self, params: Params) -> Page:
        presenter = MorePresenter(self.context(), self.tasks, self.navigator, params.get("activity_id", ""))
        return wired(presenter, MoreView(self.theming), "back", "go", "refresh")

    def _verify_letter(self, params: Params) -> Page:
        presenter = VerifyLetterPresenter(self.context(), self.tasks, self.navigator, params.get("letter_id", ""))
        return wired(presenter, VerifyLetterView(self.theming), "back", "accept", "type_path")

    def _letters(self, params: Params) -> Page:
        letters = Letters(self.context(), self.navigator, params.get("activity_id", ""))
        return list_page(letters.screen(), self.tasks, self.navigator, self.theming)

    def _letter(self, params: Params) -> Page:
        presenter = LetterPresenter(self.context(), self.tasks, self.navigator, self.printing, params["letter_id"])
        return wired(presenter, LetterView(self.theming), *_LETTER)


def office_factories(
    door: Door,
    tasks: Tasks,
    navigator: Navigator,
    theming: ThemeContext,
    printing: Printing,
    context: Callable[[], AppContext],
) -> dict[str, Factory]:
    """Return the factories of the office's screens."""
    return OfficePages(door, tasks, navigator, theming, printing, context).factories()
