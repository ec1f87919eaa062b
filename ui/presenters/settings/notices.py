"""Pengaturan: how applicants are told; the very form that the notices of an application open."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.applications.notice_forms import sending_form
from ui.presenters.form import FormField
from ui.presenters.messages import Message, message
from ui.presenters.settings.section import Kind, Section, SettingField

_SECOND_COLUMN = ("sender", "webhook", "webhook_secret")


class NoticesSection(Section[tuple[FormField, ...]]):
    """The mail server and the webhook of the dinas."""

    name = "kabar"
    permission = Permission.KEEP_PROFILE

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._form = sending_form(context)
        self._fields: tuple[FormField, ...] = ()

    def read(self) -> tuple[FormField, ...]:
        """Return the fields as they are kept."""
        return self._form.load()

    def take(self, kept: tuple[FormField, ...]) -> None:
        """Show what is kept."""
        self._fields, self.typed = kept, {}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the fields of the form."""
        return tuple(
            SettingField(
                each.name,
                Kind.SECRET if each.is_secret else Kind.TEXT,
                each.label,
                self.typed.get(each.name, each.text),
                each.hint,
                column=int(each.name in _SECOND_COLUMN),
            )
            for each in self._fields
        )

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the form."""
        values = {each.name: self.typed.get(each.name, each.text) for each in self._fields}

        def kept() -> Message:
            self._form.keep(values)
            return message("pengaturan.kabar_saved")

        return kept
