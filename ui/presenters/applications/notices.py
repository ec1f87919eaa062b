"""Pemberitahuan: what the applicant is told, by which way, and what they were told before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fieldkit.domain.notices import Channel, Notice, NoticeSettings
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import read_whole
from fieldkit.services.applications.notify import Draft
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell, tagged
from ui.presenters.form import Form, FormField, closed_form
from ui.presenters.lists import Facts, Head, ListScreen, Panel, Photo
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.readers import Values, answer
from ui.presenters.tasks import COMPUTE

_BY_HAND = (Channel.WHATSAPP, Channel.SMS, Channel.TELEPHONE, Channel.IN_PERSON)


class Notices:
    """Enter sends by mail where that is set up, else confirms what was sent by WhatsApp."""

    def __init__(self, context: AppContext, navigator: Navigator, application_id: str) -> None:
        self._context, self._navigator, self._id = context, navigator, application_id
        self._draft: Draft | None = None  # read with the list

    def screen(self) -> ListScreen[Notice]:
        """Return what was told before, newest first, with the message and its link beside it."""
        local = self._context.clock.local
        return ListScreen(
            title=message("told.title"),
            heads=(
                Head(message("told.when"), lambda each: Cell(moment_text(local(each.at))), 190),
                Head(message("told.channel"), lambda each: Cell(message(f"told.by_{each.channel.value}")), 150),
                Head(message("told.wording"), lambda each: Cell(each.wording, each.to)),
                Head(message("told.proof"), _proof, 190),
            ),
            load=self._load,
            name=lambda each: each.thing_id,
            text=lambda each: each.wording,
            reads=frozenset({Notice.KIND}),
            empty=lambda _listed: Empty(message("told.none"), message("told.none_hint")),
            side=lambda _listed: self._side(),
            commands=lambda _listed: self._commands(),
            where=lambda _listed: self._draft.application.applicant.name if self._draft else "",
        )

    def _load(self) -> Sequence[Notice]:
        self._draft = self._context.office.notices.draft(self._id)
        return self._draft.notices

    def _commands(self) -> tuple[Command, ...]:
        draft = self._draft
        if draft is None:
            return ()
        user, at = self._context.user, {"application_id": self._id}
        serving: Message = "" if user.may(Permission.SERVE_KK) else message("counter.not_serving")
        admin: Message = "" if user.may(Permission.KEEP_PROFILE) else message("told.not_admin")
        opens, channels = partial(opening, self._navigator), draft.settings.channels
        mail = serving or _closed(Channel.EMAIL in channels, draft.application.applicant.email)
        hook = serving or _closed(Channel.WEBHOOK in channels, draft.application.applicant.phone)
        sends = Operation(
            work=lambda: self._context.office.notices.keep(draft, Channel.WHATSAPP),
            told=lambda _: message("told.kept"),
        )
        whatsapp = serving or ("" if draft.link else message("told.no_phone"))
        post, send = self._sends(draft, Channel.WEBHOOK), self._sends(draft, Channel.EMAIL)
        confirm, mails = message("told.confirm"), message("told.mail")
        last = (
            (
                Command("mail", mails, Action.HAND_OVER, refused=mail, runs=send),
                enter(confirm, sends, whatsapp),
            )
            if mail
            else (
                Command("confirm", confirm, Action.HAND_OVER, refused=whatsapp, runs=sends),
                enter(mails, send),
            )
        )
        return (
            opens("set_up", message("told.set_up"), Action.STAFF, admin, "notice_settings"),
            opens("record", message("told.record"), Action.NEW, serving, "notice_record", **at),
            Command("post", message("told.post"), Action.SET_ASIDE, refused=hook, runs=post),
            *last,
        )

    def _sends(self, draft: Draft, channel: Channel) -> Operation[None]:
        notices = self._context.office.notices
        kept = Operation(work=lambda: notices.keep(draft, channel), told=lambda _: message("told.sent"))
        return Operation(work=lambda: notices.send(draft, channel), then=lambda _: kept, executor=COMPUTE)

    def _side(self) -> tuple[Panel, ...]:
        draft = self._draft
        if draft is None:
            return ()
        who = draft.application.applicant
        facts = (
            (message("told.phone"), who.phone or message("told.unknown")),
            (message("told.email"), who.email or message("told.unknown")),
        )
        text = Facts(message("told.text"), facts, draft.wording)
        if not draft.link:
            return (text,)
        return (Photo(message("told.scan"), draft.qr), text, Facts(message("told.link"), words=draft.link))


def record_form(context: AppContext, application_id: str) -> Form:
    """Return the form that keeps a message which somebody sent or said in their own words."""
    notices = context.office.notices
    choices = tuple(Choice(each.value, message(f"told.by_{each.value}")) for each in _BY_HAND)

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
    if not context.user.may(Permission.KEEP_PROFILE):
        return closed_form(context, message("told.set_up"), Permission.KEEP_PROFILE, message("told.not_admin"))
    return sending_form(context)


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


def _closed(is_set_up: bool, address: str) -> Message:
    if not is_set_up:
        return message("told.not_ready")
    return "" if address else message("told.unknown")


def _proof(each: Notice) -> Cell:
    if each.is_sent:
        return tagged(Tag(message("told.is_sent"), Tone.GOOD))
    return tagged(Tag(message("told.is_confirmed"), Tone.SOFT))
