"""The pages of the counter: applications for KK, KTP-el and KIA."""

from __future__ import annotations

from ui.presenters.applications.applications import Applications
from ui.presenters.applications.family import FamilyEntry, home_form, member_form
from ui.presenters.applications.forms import act_form, new_form
from ui.presenters.applications.import_applications import ImportApplicationsPresenter
from ui.presenters.applications.notices import Notices, record_form, settings_form
from ui.presenters.applications.one_application import OneApplicationPresenter
from ui.presenters.applications.papers import ApplicationPapers, scan_form, wrong_form
from ui.runtime.navigation import Factory, Page
from ui.views.applications.one_application import OneApplicationView
from ui.views.page_parts import PageParts, Params
from ui.views.targets.import_targets import ImportTargetsView


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
