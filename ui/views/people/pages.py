"""The pages about accounts."""

from __future__ import annotations

from ui.presenters.people.account_forms import ACCOUNT_WIDE, account_again_form, account_end_form, new_account_form
from ui.presenters.people.accounts import AccountList
from ui.runtime.navigation import Factory
from ui.views.form import FormView
from ui.views.form_pages import FormPages
from ui.views.page_parts import PageParts


def people_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `accounts` and of its forms, which take `user_id`."""
    forms = FormPages(at.tasks, at.navigator, at.theming, at.context).factories(
        {
            "account_new": lambda context, _params: new_account_form(context),
            "account_again": lambda context, params: account_again_form(context, params["user_id"]),
            "account_end": lambda context, params: account_end_form(context, params["user_id"]),
        },
        lambda dressed: FormView(dressed, ACCOUNT_WIDE),
    )
    return {"accounts": lambda _params: at.listed(AccountList(at.context(), at.navigator).screen()), **forms}
