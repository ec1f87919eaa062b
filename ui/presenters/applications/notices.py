"""Pemberitahuan: what the applicant is told, by which way, and what they were told before."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.notices import Channel, Notice, NoticeSettings
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import read_whole
from fieldkit.services.applications.notify import Draft
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.applications.applications import ApplicationList
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField
from ui.presenters.lists import Facts, Head, ListScreen, Panel, Photo, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.readers import Values, answer
from ui.presenters.tasks import COMPUTE

_BY_HAND = (Channel.WHATSAPP, Channel.SMS, Channel.TELEPHONE, Channel.IN_PERSON)


class Notices(ApplicationList):
    """Enter sends by mail where that is set up, else confirms what was sent by WhatsApp."""

    def __init__(self, context: AppContext, navigator: Navigator, application_id: str) -> None:
        super().__init__(context, navigator, application_id)
        self._draft: Draft | None = None  # read with the list

    def screen(self) -> ListScreen[Notice]:
        """Return what was told before, newest first, with the message and its link beside it."""
        return ListScreen(
            title=message("told.title"),
            heads=(
                Head(message("common.time"), lambda each: Cell(self._moment_text(each.at)), 190),
                Head(message("told.channel"), lambda each: Cell(message(f"told.by_{each.channel.value}")), 150),
                Head(message("told.wording"), lambda each: Cell(each.wording, each.to)),
                Head.tagged(message("told.proof"), _proof, 190),
            ),
            load=self._load,
            name=lambda each: each.thing_id,
            text=lambda each: each.wording,
            reads=frozenset({Notice.KIND}),
            empty=nothing_yet("told.none"),
            side=lambda _listed: self._side(),
            commands=lambda _listed: self._commands(),
            where=lambda _listed: self._draft.application.applicant.name if self._draft else "",
        )

    def _load(self) -> Sequence[Notice]:
        self._draft = self._office.notices.draft(self._id)
        return self._draft.notices

    def _commands(self) -> tuple[Command, ...]:
        draft = self._draft
        if draft is None:
            return ()
        at, opens, channels = {"application_id": self._id}, self._opens, draft.settings.channels
        serving = self._refusal(Permission.SERVE_KK, "counter.not_serving")
        admin = self._refusal(Permission.KEEP_PROFILE, "told.not_admin")
        mail = serving or _closed(Channel.EMAIL in channels, draft.application.applicant.email)
        hook = serving or _closed(Channel.WEBHOOK in channels, draft.application.applicant.phone)
        whatsapp = serving or ("" if draft.link else message("told.no_phone"))
        sent = Operation(
            work=lambda: self._office.notices.keep(draft, Channel.WHATSAPP), told=lambda _: message("told.kept")
        )
        confirm = Command("confirm", message("told.confirm"), Action.HAND_OVER, refused=whatsapp, runs=sent)
        mails = Command(
            "mail", message("told.mail"), Action.HAND_OVER, refused=mail, runs=self._sends(draft, Channel.EMAIL)
        )
        other, first = (mails, confirm) if mail else (confirm, mails)
        post = self._sends(draft, Channel.WEBHOOK)
        return (
            opens("set_up", message("told.set_up"), Action.STAFF, admin, "notice_settings"),
            opens("record", message("told.record"), Action.NEW, serving, "notice_record", **at),
            Command("post", message("told.post"), Action.SET_ASIDE, refused=hook, runs=post),
            other,
            enter(first.words, first.runs, first.refused),
        )

    def _sends(self, draft: Draft, channel: Channel) -> Operation[None]:
        notices = self._office.notices

        def send() -> None:
            notices.send(draft, channel)
            notices.keep(draft, channel)  # at once: a window closed meanwhile must not forget that it was sent

        return Operation(work=send, told=lambda _: message("told.sent"), executor=COMPUTE)

    def _side(self) -> tuple[Panel, ...]:
        draft = self._draft
        if draft is None:
            return ()
        who = draft.application.applicant
        unknown = message("told.unknown")
        known = {"told.phone": who.phone or unknown, "told.email": who.email or unknown}
        text = Facts.known(message("told.text"), known, draft.wording)
        if not draft.link:
            return (text,)
        return (Photo(message("told.scan"), draft.qr), text, Facts(message("told.link"), words=_in_lines(draft.link)))


def _closed(is_set_up: bool, address: str) -> Message:
    if not is_set_up:
        return message("told.not_ready")
    return "" if address else message("told.unknown")


def _proof(each: Notice) -> Tag:
    return Tag(message("told.is_sent"), Tone.GOOD) if each.is_sent else Tag(message("told.is_confirmed"))


def _in_lines(link: str) -> str:
    """Let a link break where it may: a label breaks no word, and this one is wider than any panel."""
    return link.replace("%20", "%20\u200b").replace("?", "?\u200b")


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
