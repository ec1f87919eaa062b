"""The form that takes the staff of the dinas over from a table."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.readers import Values, read_file


def staff_import_form(context: AppContext) -> Form:
    """One file, XLSX or CSV; all of its people or nobody."""

    def load() -> tuple[FormField, ...]:
        return (replace(FormField("file", message("pegawai.file"), hint=message("pegawai.file_hint")), is_file=True),)

    def keep(values: Values) -> int:
        return context.office.staff_imports.take(*read_file(values["file"]))

    title, hint = message("pegawai.import_title"), message("pegawai.import_hint")
    return Form(title, load, keep, hint, message("pegawai.import_do"))
