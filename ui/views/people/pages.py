"""The pages about accounts and the first steps of a kit."""

from __future__ import annotations

from ui.presenters.people.accounts import AccountList, account_again_form, account_end_form, new_account_form
from ui.presenters.people.second_factor import SpareCodeList, second_factor_change_form, second_factor_form
from ui.presenters.people.set_up import SetUpList, recovery_sheet_form
from ui.presenters.people.staff import staff_import_form
from ui.runtime.navigation import Factory
from ui.views.page_parts import PageParts


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
