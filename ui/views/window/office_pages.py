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
from ui.presenters.planning.activity import ActivityPresenter
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
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]


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
        # page_of(presenter, view), its signals connected to the presenter's methods; a list is a value: list_page(…).
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
        view = ActivityView(self.theming)
        view.refresh.connect(presenter.refresh)
        view.choose_step.connect(presenter.choose_step)
        view.next_step.connect(presenter.next_step)
        view.choose.connect(presenter.choose)
        view.type_field.connect(presenter.type_field)
        return page_of(presenter, view)

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
        view.search.connect(presenter.search)
        view.select.connect(presenter.select)
        view.refresh.connect(presenter.refresh)
        return page_of(presenter, view)

    def _settings(self, _params: Params) -> Page:
        presenter = SettingsPresenter(self.context(), self.tasks, self.navigator)
        view = SettingsView(self.theming)
        view.choose_section.connect(presenter.choose_section)
        view.type_field.connect(presenter.type_field)
        view.tick_line.connect(presenter.tick_line)
        view.point_line.connect(presenter.point_line)
        return page_of(presenter, view)

    def _more(self, params: Params) -> Page:
        presenter = MorePresenter(self.context(), self.tasks, self.navigator, params.get("activity_id", ""))
        view = MoreView(self.theming)
        return page_of(presenter, view)

    def _verify_letter(self, params: Params) -> Page:
        presenter = VerifyLetterPresenter(self.context(), self.tasks, self.navigator, params.get("letter_id", ""))
        view = VerifyLetterView(self.theming)
        view.accept.connect(presenter.accept)
        view.type_path.connect(presenter.type_path)
        return page_of(presenter, view)

    def _letters(self, params: Params) -> Page:
        letters = Letters(self.context(), self.navigator, params.get("activity_id", ""))
        return list_page(letters.screen(), self.tasks, self.navigator, self.theming)

    def _letter(self, params: Params) -> Page:
        presenter = LetterPresenter(self.context(), self.tasks, self.navigator, self.printing, params["letter_id"])
        view = LetterView(self.theming)
        view.edit.connect(presenter.edit)
        view.type_answer.connect(presenter.type_answer)
        return page_of(presenter, view)


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
