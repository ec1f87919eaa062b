"""The pages of the office: presenter and view. One small function per screen."""

from __future__ import annotations

from datetime import date

from ui.presenters.home.more import MorePresenter
from ui.presenters.letters.ink import LetterInkPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.letters.letters import Letters
from ui.presenters.letters.official_form import form_choice
from ui.presenters.letters.sign_letters import SignLettersPresenter
from ui.presenters.letters.verify_letter import VerifyLetterPresenter
from ui.presenters.planning.activities import Activities
from ui.presenters.planning.activity import ActivityPresenter
from ui.presenters.settings.settings import SettingsPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.aid.pages import aid_factories
from ui.views.applications.pages import counter_factories
from ui.views.cards.pages import distribution_factories
from ui.views.exchange.pages import exchange_factories
from ui.views.home.more import MoreView
from ui.views.letters.letter import LetterView
from ui.views.letters.sign_letters import SignLettersView
from ui.views.letters.verify_letter import VerifyLetterView
from ui.views.page_parts import PageParts, Params
from ui.views.people.pages import people_factories
from ui.views.planning.activity import ActivityView
from ui.views.planning.pages import planning_factories
from ui.views.reports.reports import reports_factories
from ui.views.sarpras.pages import sarpras_factories
from ui.views.sarpras.permission import IzinView, signing_page
from ui.views.settings.settings import SettingsView
from ui.views.statuses.pages import status_factories
from ui.views.targets.pages import target_factories
from ui.views.visits.pages import field_factories
from ui.views.wiring import page_of


def office_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of the office's screens; all but lists take the parameter `activity_id`."""

    def activity(params: Params) -> Page:
        return at.page(ActivityPresenter(at.context(), at.tasks, at.navigator, params["activity_id"]), ActivityView)

    def sign_letters(_params: Params) -> Page:
        return at.page(SignLettersPresenter(at.context(), at.tasks, at.navigator), SignLettersView)

    def settings(params: Params) -> Page:
        section = params.get("section", "")
        return at.page(SettingsPresenter(at.context(), at.tasks, at.navigator, section), SettingsView)

    def more(params: Params) -> Page:
        presenter = MorePresenter(at.context(), at.tasks, at.navigator, params.get("activity_id", ""))
        return page_of(presenter, MoreView(at.theming))

    def verify_letter(params: Params) -> Page:
        letter_id = params.get("letter_id", "")
        return at.page(VerifyLetterPresenter(at.context(), at.tasks, at.navigator, letter_id), VerifyLetterView)

    def letter(params: Params) -> Page:
        letter_id = params["letter_id"]
        return at.page(LetterPresenter(at.context(), at.tasks, at.navigator, at.printing, letter_id), LetterView)

    def letter_ink(params: Params) -> Page:
        view = IzinView(at.theming)
        presenter = LetterInkPresenter(at.context(), at.tasks, at.navigator, params["letter_id"], view.ink, view.pad)
        return signing_page(presenter, view)

    official_forms = at.forms(
        {
            "official_form": lambda context, params: form_choice(
                context, params.get("target_id", ""), params.get("application_id", "")
            )
        }
    )

    lists = at.lists(
        {
            "activities": lambda now, of: Activities(
                now, at.navigator, date.fromisoformat(of["on"]) if "on" in of else None
            ).screen(),
            "letters": lambda now, of: Letters(now, at.navigator, of.get("activity_id", "")).screen(),
        }
    )
    # One line per screen: "name": name, and a function `name(params: Params) -> Page` above that returns
    # at.page(presenter, view); lists and forms are values.
    return {
        **lists,
        "activity": activity,
        **sarpras_factories(at),
        "letter": letter,
        "letter_ink": letter_ink,
        **official_forms,
        "sign_letters": sign_letters,
        "verify_letter": verify_letter,
        "settings": settings,
        "more": more,
        **target_factories(at),
        **exchange_factories(at),
        **planning_factories(at),
        **reports_factories(at),
        **people_factories(at),
        **aid_factories(at),
        **field_factories(at),
        **distribution_factories(at),
        **counter_factories(at),
        **status_factories(at),
    }
