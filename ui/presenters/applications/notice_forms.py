"""The forms of notices: what somebody sent or said in their own words, and how the dinas sends."""

from __future__ import annotations

from fieldkit.domain.notices import Channel, NoticeSettings
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import Values, answer

_BY_HAND = (Channel.WHATSAPP, Channel.SMS, Channel.TELEPHONE, Channel.IN_PERSON)


def record_form(context: AppContext, application_id: str) -> Form:
    """Return the form that keeps a message which somebody sent or said in their own words."""
    notices = context.office.notices
    choices = Choice.each(_BY_HAND, "told.by_")

    def load() -> tuple[FormField, ...]:
        return (
            FormField("channel", message("told.channel"), choices[0].name, choices=choices),
            FormField("wording", message("told.wording"), hint=message("told.wording_hint")),
        )

    def keep(values: Values) -> object:
        return notices.keep(notices.draft(application_id), Channel(values["channel"]), values["wording"])

    return Form(message("told.record_title"), load, keep, message("told.record_hint"))


def settings_form(context: AppContext) -> Form:
    """Return the form of the dinas' mail server and webhook."""
    return sending_form(context).for_whom(context, Permission.KEEP_PROFILE, message("told.not_admin"))


def sending_form(context: AppContext) -> Form:
    """Return the same for who may see and not change it."""
    notices = context.office.notices

    def load() -> tuple[FormField, ...]:
        now = notices.settings()
        kept = message("told.secret_hint")
        return (
            FormField("smtp_host", message("told.smtp_host"), now.smtp_host),
            FormField("smtp_port", message("told.smtp_port"), str(now.smtp_port), hint="587"),
            FormField("smtp_user", message("told.smtp_user"), now.smtp_user),
            FormField("smtp_secret", message("told.smtp_secret"), hint=kept, is_secret=True),
            FormField("sender", message("told.sender"), now.sender),
            FormField("webhook", message("told.webhook"), now.webhook, hint="https://…"),
            FormField("webhook_secret", message("told.webhook_secret"), hint=kept, is_secret=True),
        )

    def keep(values: Values) -> None:
        port = answer(values, "smtp_port", read_whole)
        texts = {name: text.strip() for name, text in values.items() if name != "smtp_port"}
        notices.set_up(NoticeSettings(smtp_port=port, **texts))

    return Form(message("told.set_up"), load, keep, message("told.set_up_hint"))
