"""Pengaturan: how applicants are told; the very form that the notices of an application open."""

from __future__ import annotations

from fieldkit.domain.people.accounts import Permission
from ui.presenters.applications.notice_forms import sending_form
from ui.presenters.form import FormField
from ui.presenters.messages import Message, message
from ui.presenters.settings.section import Kind, Section, SettingField

_SECOND_COLUMN = ("sender", "webhook", "webhook_secret")


class NoticesSection(Section[tuple[FormField, ...]]):
    """The mail server and the webhook of the dinas."""

    name = "kabar"
    permission = Permission.KEEP_PROFILE

    def read(self) -> tuple[FormField, ...]:
        """Return the fields of the form as they are kept."""
        return sending_form(self.context).load()

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
            for each in self.kept
        )

    def keep(self) -> Message:
        """Keep the form."""
        sending_form(self.context).keep({field.name: field.text for field in self.fields()})
        return message("pengaturan.kabar_saved")
