"""One permohonan: who and how far at the left, what is to do at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ui.presenters.applications.applications import Applications
from ui.presenters.applications.family import (
    ApplicationPapers,
    FamilyEntry,
    home_form,
    member_form,
    scan_form,
    wrong_form,
)
from ui.presenters.applications.forms import act_form, new_form
from ui.presenters.applications.import_applications import ImportApplicationsPresenter
from ui.presenters.applications.one_application import (
    Notices,
    OneApplicationPresenter,
    OneApplicationState,
    record_form,
    settings_form,
)
from ui.presenters.parts import Tone
from ui.presenters.presenter import Action
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import TimelineScreen
from ui.views.page_parts import PageParts, Params
from ui.views.targets import ImportTargetsView
from ui.widgets.cards import Card
from ui.widgets.layout import Role, Text, fill


class OneApplicationView(TimelineScreen[OneApplicationState]):
    """The digits and Enter do what the panel offers."""

    def __init__(self, theming: ThemeContext, presenter: OneApplicationPresenter) -> None:
        super().__init__(theming, presenter)
        self._time = Text(Role.SECTION)
        self._head.addWidget(self._time, 0, Qt.AlignmentFlag.AlignBottom)
        card = Card(theming)
        fill(card.body, self._now_card, (self.scrolling_facts(), 1), self._ways)
        self.lay_out(card)
        self.setFocusProxy(self._timeline)

    def show_state(self, state: OneApplicationState) -> None:
        """Show the application."""
        super().show_state(state)
        self._time.setText(self.theming.say(state.time))
        self._time.set_tone(Tone.BAD if state.is_slow else Tone.NEUTRAL)
        self._now.setText(self.theming.say(state.now))
        self._now_card.set_tone(state.now_tone)
        self._facts.render_facts(state.facts)
        self._ways.render_ways(state.ways)

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        return super().perform(act) or (self.state is not None and self._ways.perform(act, self.state.ways))


# The pages of the counter: applications for KK, KTP-el and KIA.


def counter_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `applications` (`activity_id`, "" for all), `application` (`application_id`, or ""
    for a new one, with the `activity_id` where it is known), `application_form` (`application_id`, `act`),
    `application_papers` (`application_id`), `paper_scan` and `paper_wrong` (`application_id`, `place`), and
    `import_applications` (`activity_id`), `family`, `family_home` (`application_id`), `family_member` (with `place`),
    `notices`, `notice_record` (`application_id`) and `notice_settings`.
    """

    def application(params: Params) -> Page:
        if not params["application_id"]:
            return at.form_page("application", params, new_form(at.context(), params.get("activity_id", "")))
        presenter = OneApplicationPresenter(at.context(), at.tasks, at.navigator, params["application_id"])
        return at.page(presenter, OneApplicationView)

    def import_applications(params: Params) -> Page:
        presenter = ImportApplicationsPresenter(at.context(), at.tasks, at.navigator, params["activity_id"])
        return at.page(presenter, ImportTargetsView)

    lists = at.lists(
        {
            "applications": lambda now, of: Applications(now, at.navigator, of.get("activity_id", "")).screen(),
            "application_papers": lambda now, of: ApplicationPapers(now, at.navigator, of["application_id"]).screen(),
            "family": lambda now, of: FamilyEntry(now, at.navigator, of["application_id"]).screen(),
            "notices": lambda now, of: Notices(now, at.navigator, of["application_id"]).screen(),
        }
    )
    forms = at.forms(
        {
            "family_home": lambda context, params: home_form(context, params["application_id"]),
            "family_member": lambda context, params: member_form(
                context, params["application_id"], int(params["place"])
            ),
            "notice_record": lambda context, params: record_form(context, params["application_id"]),
            "notice_settings": lambda context, _params: settings_form(context),
            "application_form": lambda context, params: act_form(context, params["application_id"], params["act"]),
            "paper_scan": lambda context, params: scan_form(context, params["application_id"], int(params["place"])),
            "paper_wrong": lambda context, params: wrong_form(context, params["application_id"], int(params["place"])),
        }
    )
    return {
        "application": application,
        "import_applications": import_applications,
        **lists,
        **forms,
    }
