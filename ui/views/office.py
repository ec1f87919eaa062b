"""Pages of the office whose screens are lists and forms of the kernel: aid, devices, people, delivery, visits."""

from __future__ import annotations

from datetime import date

from ui.presenters.aid import AidList, meeting_form, note_form, result_form, step_form
from ui.presenters.delivery.stick_work import HandInState, Refusal
from ui.presenters.devices import COLUMNS, DevicesPresenter, DevicesState
from ui.presenters.form import FormState
from ui.presenters.home.home import clock_form
from ui.presenters.home.office import MorePresenter
from ui.presenters.letters.letter import LetterInkPresenter, LetterPresenter
from ui.presenters.letters.letters import Letters, VerifyLetterPresenter, form_choice
from ui.presenters.letters.sign_letters import SignLettersPresenter
from ui.presenters.people.accounts import (
    AccountList,
    SetUpList,
    account_again_form,
    account_end_form,
    new_account_form,
    recovery_sheet_form,
    staff_import_form,
)
from ui.presenters.people.lock import SpareCodeList, second_factor_change_form, second_factor_form
from ui.presenters.planning.activities import Activities, ActivityPresenter
from ui.presenters.presenter import message
from ui.presenters.reports import EvaluationOfActivity
from ui.presenters.settings.settings import SettingsPresenter
from ui.presenters.visits.visit import TripOfTeam, VisitAtDoor
from ui.presenters.visits.visits import Recap, Visits, ikd_form, ikd_target_form, survey_form, walk_in_form
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.applications import counter_factories
from ui.views.cards import distribution_factories
from ui.views.exchange import exchange_factories
from ui.views.form import FormView
from ui.views.home.home import MoreView
from ui.views.letters import LetterView, SignLettersView, VerifyLetterView
from ui.views.list_screen import ListScreen
from ui.views.page_parts import PageParts, Params
from ui.views.planning import ActivityView, planning_factories
from ui.views.reports import reports_factories
from ui.views.sarpras import IzinView, sarpras_factories, signing_page
from ui.views.screen import page
from ui.views.settings import SettingsView
from ui.views.statuses import status_factories
from ui.views.targets import target_factories
from ui.views.wiring import page_of
from ui.widgets.cards import ProblemCard
from ui.widgets.layout import Pool, column, present
from ui.widgets.numbers import NumberCard
from ui.widgets.quality_panel import Advice

# The pages of what comes after the cards: social aid, and the evaluation of an activity.


def aid_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `aid` and `evaluation` (`activity_id`) and of the forms that `aid` leads to."""
    forms = at.forms(
        {
            "aid_note": lambda context, params: note_form(context, params["target_id"]),
            "aid_step": lambda context, params: step_form(context, params["activity_id"], params["keys"]),
            "aid_meeting": lambda context, params: meeting_form(context, params["activity_id"]),
            "aid_result": lambda context, params: result_form(context, params["activity_id"]),
            "evaluation": lambda now, of: EvaluationOfActivity(now, at.navigator, of["activity_id"]).form(),
        }
    )
    aid = at.lists(
        {"aid": lambda now, params: AidList(now, at.navigator, at.printing, at.spoken, params["activity_id"]).screen()}
    )
    return {**aid, **forms}


# Kirim dari flashdisk: the sticks to choose from, and below them what became of the records of one.


class HandInView(FormView):
    """A form whose stick has the keyboard at first; each reason of a refusal is a card of its own."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._counts = NumberCard(theming)
        below = column(self._counts, gap=theming.tokens.space["md"])
        self._reasons: Pool[Advice] = Pool(below.addWidget, lambda: Advice(theming))
        self.column.insertLayout(self.column.count() - 1, below)

    def show_state(self, state: FormState) -> None:
        """Show the sticks and the outcome."""
        super().show_state(state)
        assert isinstance(state, HandInState)
        present(self._counts, bool(state.counts))
        if state.counts:
            self._counts.render_numbers(message("titip.outcome"), state.counts)
        self._reasons.show(state.refusals, self._show_refusal)

    def _show_refusal(self, card: Advice, refusal: Refusal) -> None:
        told = self.theming.catalog.explain(refusal.problem)
        title = message("titip.refused_because", count=len(refusal.record_ids), why=told.what)
        card.render_advice(title, f"{told.safe} {told.do}\n{', '.join(refusal.record_ids)}")


# Perangkat: the list of devices and what puts one right.


class DevicesView(ListScreen[DevicesState]):
    """A row is a device; its trouble stands below the table."""

    def __init__(self, theming: ThemeContext, presenter: DevicesPresenter) -> None:
        super().__init__(theming, presenter)
        self.table.selected.connect(presenter.select)
        self._trouble = ProblemCard(theming, is_banner=True)
        page(column((self.table, 1), self._trouble, on=self.content), theming)

    def show_state(self, state: DevicesState) -> None:
        """Show the devices."""
        title, hint = message("common.devices"), message("perangkat.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)
        present(self._trouble, state.trouble is not None)
        if state.trouble is not None:
            self._trouble.render_problem(state.trouble)


# The pages about accounts and the first steps of a kit.


def people_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `accounts` and its forms, which take `user_id`, of `set_up` and what it leads to.

    `second_factor` sets one up, `second_factor_change` renews or ends it.
    """
    return {
        **at.lists(
            {
                "accounts": lambda now, _: AccountList(now, at.navigator).screen(),
                "set_up": lambda now, _: SetUpList(now, at.navigator, at.printing).screen(),
                "spare_codes": lambda now, _: SpareCodeList(now, at.navigator, at.printing).screen(),
            }
        ),
        **at.forms(
            {
                "account_new": lambda context, _params: new_account_form(context),
                "account_again": lambda context, params: account_again_form(context, params["user_id"]),
                "account_end": lambda context, params: account_end_form(context, params["user_id"]),
                "second_factor": lambda context, _params: second_factor_form(context),
                "recovery_sheet": lambda context, params: recovery_sheet_form(context, params.get("path", "")),
                "second_factor_change": lambda context, _params: second_factor_change_form(context),
                "staff_import": lambda context, _params: staff_import_form(context),
            }
        ),
    }


# The pages of the field: the clock, visits with their cards, walk-ins, trips, the recap of a day.


def field_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories; all take `activity_id` ("" = that of the day), `visit` the `target_id` too."""

    def visit(params: Params) -> Page:
        target_id = params["target_id"]
        form = VisitAtDoor(at.context(), at.tasks, at.navigator, target_id).form()
        return at.form_page("visit", {"target_id": target_id}, form)

    def trip(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        form = TripOfTeam(at.context(), at.navigator, activity_id).form()
        return at.form_page("trip", {"activity_id": activity_id}, form)

    lists = at.lists(
        {
            "visits": lambda now, of: Visits(now, at.navigator, of.get("activity_id", "")).screen(),
            "recap": lambda now, of: Recap(now, at.navigator, of.get("activity_id", "")).screen(),
        }
    )
    forms = at.forms(
        {
            "clock": lambda context, _params: clock_form(context),
            "walk_in": lambda context, params: walk_in_form(context, params["activity_id"]),
            "walk_in_without_nik": lambda context, params: walk_in_form(
                context, params["activity_id"], without_nik=True
            ),
            "ikd": lambda context, params: ikd_form(context, params["target_id"]),
            "ikd_target": lambda context, params: ikd_target_form(context, params["activity_id"]),
            "survey": lambda context, params: survey_form(context, params["activity_id"]),
        }
    )
    return {**lists, **forms, "visit": visit, "trip": trip}


# The pages of the office: presenter and view. One small function per screen.


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
            "letters": lambda now, of: Letters(
                now, at.navigator, of.get("activity_id", ""), of.get("kinds", "")
            ).screen(),
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
