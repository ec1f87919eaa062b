"""The code of a printed recovery sheet, typed back."""

from __future__ import annotations

from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.readers import Values


def recovery_sheet_form(context: AppContext, path: str = "") -> Form:
    """The code of the sheet that was just printed, typed back from the paper: only then it opens the kit.

    `path` is where it was kept for want of a printer.
    """

    def load() -> tuple[FormField, ...]:
        return (FormField("code", message("pulih.sheet_code"), hint=message("persiapan.code_hint")),)

    def keep(values: Values) -> None:
        context.accounts.prove_sheet(values["code"])

    hint = message("persiapan.sheet_saved", path=path) if path else message("persiapan.sheet_hint")
    return Form(message("persiapan.sheet_title"), load, keep, hint)
