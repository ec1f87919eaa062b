"""The pages of the counter: applications for KK, KTP-el and KIA."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from fieldkit.services.context.app_context import AppContext
from ui.presenters.applications.act_forms import act_form
from ui.presenters.applications.applications import Applications
from ui.presenters.applications.family import FamilyEntry
from ui.presenters.applications.family_forms import home_form, member_form
from ui.presenters.applications.forms import new_form
from ui.presenters.applications.import_applications import ImportApplicationsPresenter
from ui.presenters.applications.notice_forms import record_form, settings_form
from ui.presenters.applications.notices import Notices
from ui.presenters.applications.one_application import OneApplicationPresenter
from ui.presenters.applications.paper_forms import scan_form, wrong_form
from ui.presenters.applications.papers import ApplicationPapers
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.applications.one_application import OneApplicationView
from ui.views.form_pages import FormPages
from ui.views.reading_form import ReadingFormView
from ui.views.request import RequestView
from ui.views.targets.pages import file_rows_page
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]
_FAMILY = {"name": 2, "sex": 4, "relation": 2, "marital_status": 4, "education": 2, "occupation": 2, "blood_type": 2}
_WIDE = {"activity": 4, "document": 2, "name": 2, "marital_status": 4, "papers": 4}


def counter_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `applications` (`activity_id`, "" for all), `application` (`application_id`, or ""
    for a new one, with the `activity_id` where it is known), `application_form` (`application_id`, `act`),
    `application_papers` (`application_id`), `paper_scan` and `paper_wrong` (`application_id`, `place`), and
    `import_applications` (`activity_id`), `family`, `family_home` (`application_id`), `family_member` (with `place`),
    `notices`, `notice_record` (`application_id`) and `notice_settings`.
    """
    forms = FormPages(tasks, navigator, theming, context)

    def applications(params: Params) -> Page:
        screen = Applications(context(), navigator, params.get("activity_id", "")).screen()
        return list_page(screen, tasks, navigator, theming)

    def application(params: Params) -> Page:
        if not params["application_id"]:
            form = new_form(context(), params.get("activity_id", ""))
            return forms.page("application", params, form, RequestView(theming, _WIDE))
        presenter = OneApplicationPresenter(context(), tasks, navigator, params["application_id"])
        view = OneApplicationView(theming)
        view.refresh.connect(presenter.refresh)
        view.next_step.connect(presenter.go_along)
        return page_of(presenter, view)

    def papers(params: Params) -> Page:
        screen = ApplicationPapers(context(), navigator, params["application_id"]).screen()
        return list_page(screen, tasks, navigator, theming)

    def import_applications(params: Params) -> Page:
        presenter = ImportApplicationsPresenter(context(), tasks, navigator, params["activity_id"])
        return file_rows_page(presenter, theming)

    def family(params: Params) -> Page:
        return list_page(
            FamilyEntry(context(), navigator, params["application_id"]).screen(), tasks, navigator, theming
        )

    entered = forms.factories(
        {
            "family_home": lambda at, params: home_form(at, params["application_id"]),
            "family_member": lambda at, params: member_form(at, params["application_id"], int(params["place"])),
        },
        partial(RequestView, wide=_FAMILY),
    )

    def notices(params: Params) -> Page:
        return list_page(Notices(context(), navigator, params["application_id"]).screen(), tasks, navigator, theming)

    asked = forms.factories(
        {
            "notice_record": lambda at, params: record_form(at, params["application_id"]),
            "notice_settings": lambda at, _params: settings_form(at),
            "application_form": lambda at, params: act_form(at, params["application_id"], params["act"]),
            "paper_scan": lambda at, params: scan_form(at, params["application_id"], int(params["place"])),
        }
    )
    reading = forms.factories(
        {"paper_wrong": lambda at, params: wrong_form(at, params["application_id"], int(params["place"]))},
        ReadingFormView,
    )
    return {
        "applications": applications,
        "application": application,
        "application_papers": papers,
        "import_applications": import_applications,
        "family": family,
        "notices": notices,
        **entered,
        **asked,
        **reading,
    }
