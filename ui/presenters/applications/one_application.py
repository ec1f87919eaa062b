"""One permohonan: its way through the SOP, and what the present role does next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.applications import ApplicationState, PaperVerdict, Requirement, Service, applicant_message
from fieldkit.domain.cards.card import Document, Place
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.notices import Channel, Notice, NoticeSettings
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.typed import read_whole
from fieldkit.services.applications.notify import Draft
from fieldkit.services.applications.serve_applications import ApplicationView
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.applications.applications import ApplicationList, history_facts, lines_of, minutes_words, state_tag
from ui.presenters.figures import FigureCell
from ui.presenters.form import Form, FormField
from ui.presenters.letters.letters import state_tag as letter_tag
from ui.presenters.lists import Facts, Head, ListScreen, Panel, Photo, nothing_yet
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Clip, Stage, Tag, Toast, Tone, leave
from ui.presenters.planning.steps import Fact, TimelineState, group
from ui.presenters.presenter import CHOICES, Action, Command, Message, Navigator, Operation, enter, message, opens
from ui.presenters.readers import Values, answer
from ui.presenters.tasks import COMPUTE, STORE, Tasks

# Pemberitahuan: what the applicant is told, by which way, and what they were told before.

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
                Head(message("common.time"), lambda each: FigureCell(self._moment_text(each.at)), 190),
                Head(message("told.channel"), lambda each: FigureCell(message(f"told.by_{each.channel.value}")), 150),
                Head(message("told.wording"), lambda each: FigureCell(each.wording, each.to)),
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
        whatsapp = serving or ("" if draft.link else message("told.no_phone"))
        sent = Operation(
            work=lambda: self._office.notices.keep(draft, Channel.WHATSAPP), told=lambda _: message("told.kept")
        )
        confirm = Command("confirm", message("told.confirm"), Action.HAND_OVER, refused=whatsapp, runs=sent)
        mails = Command(
            "mail", message("told.mail"), Action.HAND_OVER, refused=mail, runs=self._sends(draft, Channel.EMAIL)
        )
        other, first = (mails, confirm) if mail else (confirm, mails)
        return (
            opens("set_up", message("told.set_up"), Action.STAFF, admin, "notice_settings"),
            opens("record", message("told.record"), Action.NEW, serving, "notice_record", **at),
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
    """Return the form of the dinas' mail server."""
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
        )

    def keep(values: Values) -> None:
        port = answer(values, "smtp_port", read_whole)
        texts = {name: text.strip() for name, text in values.items() if name != "smtp_port"}
        notices.set_up(NoticeSettings(smtp_port=port, **texts))

    return Form(message("told.set_up"), load, keep, message("told.set_up_hint"))


_S = ApplicationState
# What brings an application into a state; with the acts of `_BY_FORM` something is asked first.
_ACT_INTO = {
    _S.DIPERIKSA: "check",
    _S.DIINPUT: "enter",
    _S.DIVERIFIKASI: "verify",
    _S.DISETUJUI: "approve",
    _S.TTE: "tte",
    _S.TERCETAK: "print",
    _S.DITERIMA_LOKET: "receive",
}
_BY_FORM = frozenset({"tte", "print"})
_PERMISSION = {"print": Permission.PRINT_CARDS, "hand_over": Permission.HAND_OVER, "courier": Permission.HAND_OVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class OneApplicationState(TimelineState):
    """The time in the head, what is to do and to know beside the timeline."""

    time: Message = ""
    is_slow: bool = False
    now: Message = ""
    now_tone: Tone = Tone.SOFT
    facts: tuple[Fact, ...] = ()
    ways: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    view: ApplicationView
    papers: tuple[Letter, ...]
    dinas: str


class OneApplicationPresenter(OperatingPresenter[OneApplicationState]):
    """Does the next step of an application; what belongs to another role is shown with the reason."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, application_id: str) -> None:
        super().__init__(OneApplicationState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._tasks, self._navigator, self._id = context, tasks, navigator, application_id
        self._view: ApplicationView | None = None
        self._papers: tuple[Letter, ...] = ()
        self._dinas = ""

    def start(self) -> None:
        """Read the application anew: what another screen did shows at once."""
        self._tasks.run(STORE, self._load, self._loaded, self._failed)

    def accept(self) -> None:
        """Do the next step, or ask what it needs first."""
        view = self._view
        act = _act_of(view) if view is not None else ""
        if view is None or not act or self._refusal(view, act):
            return
        if act == "read":
            self._navigator.push("application_papers", application_id=self._id)
        elif act == "enter" and view.application.document is Document.KK:
            self._navigator.push("family", application_id=self._id)
        elif act == "hand_over":
            to = Place.DESA if view.application.legs[-1] is Fulfilment.CARDS_TO_DESA else Place.PERSON
            self._navigator.push("handover", card_ids=view.application.document_id, to=to.value)
        elif act == "courier":
            self._navigator.push("courier")
        elif act in _BY_FORM:
            self._ask(act)
        else:
            context, application_id = self._context.office.applications, self._id
            acts: dict[str, Callable[[], object]] = {
                "check": lambda: context.check(application_id),
                "complete": lambda: context.complete(application_id),
                "enter": lambda: context.enter(application_id),
                "verify": lambda: context.verify(application_id),
                "approve": lambda: context.approve(application_id),
                "receive": lambda: context.receive_at_counter(application_id),
            }
            self._do(acts[act], message(f"counter.done_{act}"))

    def copy_message(self) -> None:
        """Copy what the applicant is told; a person sends it, the program sends nothing."""
        if self._view is not None:
            text = applicant_message(self._dinas, self._view.application)
            self._become(replace(self.state, clip=Clip(text), toast=Toast(message("counter.copied"))))

    def next_step(self, by: int) -> None:
        """Move the cursor along the timeline."""
        if self.state.steps:
            cursor = max(1, min(len(self.state.steps), self.state.cursor + by))
            self._become(replace(self.state, cursor=cursor))

    # --- parts

    def _load(self) -> _Found:
        context = self._context.office.applications
        view = context.view(self._id)
        return _Found(view, tuple(context.papers(view.application)), self._context.office.letterhead.read().dinas)

    def _loaded(self, found: _Found) -> None:
        view, self._papers, self._dinas = found.view, found.papers, found.dinas
        self._view = view
        application = view.application
        who = application.applicant
        steps = lines_of(view, self._context.clock.local)
        number = next((no for no, leg in enumerate(view.legs, 1) if leg is view.next), len(steps))
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=who.nik.masked,
                tag=state_tag(view),
                title=who.name,
                subtitle=message(
                    f"counter.about_{application.document.value}",
                    registration=application.registration,
                    nik=who.nik.masked,
                ),
                time=message("counter.minutes_of", count=view.minutes, standard=view.standard_minutes)
                if view.standard_minutes is not None
                else minutes_words(view),
                is_slow=view.is_slow,
                sop=message("counter.way"),
                steps=steps,
                cursor=number,
                now=self._now(view),
                now_tone=self._now_tone(view),
                facts=self._facts(view),
                ways=self._ways(view),
                bar=self._bar(view),
            )
        )

    def _now(self, view: ApplicationView) -> Message:
        act = _act_of(view)
        if not act:
            return message("counter.now_withdrawn" if not view.application.counts else "counter.now_over")
        if view.is_with_applicant:
            return message("counter.now_complete", reason=view.application.sent_back_because)
        return self._refusal(view, act) or message(f"counter.now_{act}")

    def _now_tone(self, view: ApplicationView) -> Tone:
        act = _act_of(view)
        if not act:
            return Tone.GOOD if view.application.counts else Tone.NEUTRAL
        return Tone.NEUTRAL if self._refusal(view, act) else Tone.SOFT

    def _refusal(self, view: ApplicationView, act: str) -> Message:
        """Return why the user cannot do the next step, "" when they can."""
        user = self._context.user
        if view.is_with_applicant:
            return "" if user.may(Permission.SERVE_KK) else message("counter.not_serving")
        leg = view.next
        if leg is None or user.role not in leg.roles or not user.may(_PERMISSION.get(act, Permission.SERVE_KK)):
            return message("counter.others", who=view.who)
        return ""

    def _may_send_back(self, view: ApplicationView) -> bool:
        is_early = view.application.counts and not view.application.has_reached(_S.DISETUJUI)
        user = self._context.user
        return is_early and view.waits_for(user.role) and user.may(Permission.SERVE_KK)

    def _may_tell(self, view: ApplicationView) -> bool:
        is_news = view.is_with_applicant or view.application.has_reached(_S.DIPERIKSA)
        is_printed = view.application.has_reached(_S.TERCETAK)
        return is_news and not is_printed and self._context.user.may(Permission.SERVE_KK)

    def _may_withdraw(self, view: ApplicationView) -> bool:
        application = view.application
        is_open = application.counts and not application.has_reached(_S.TERCETAK)
        return is_open and self._context.user.may(Permission.SERVE_KK) and self._context.user.role in view.legs[0].roles

    def _facts(self, view: ApplicationView) -> tuple[Fact, ...]:
        application = view.application
        letters = (
            Fact(message(f"counter.letter_{letter.state.value}", title=letter.title), letter_tag(letter).tone)
            for letter in self._papers
        )
        return (
            *_about(view),
            *group("counter.papers", map(_paper_fact, application.requirements)),
            *group("common.letters", letters),
            *history_facts(view, self._context.clock.local),
        )

    def _ways(self, view: ApplicationView) -> tuple[Command, ...]:
        act, office = _act_of(view), self._context.office
        may_write = office.letters.may_write
        is_first = bool(act) and not self._refusal(view, act)
        ways: list[tuple[str, Message, Callable[[], None]]] = []
        if is_first:
            ways.append(("accept", message(f"counter.do_{act}"), self.accept))
        if self._may_send_back(view):
            ways.append(("send_back", message("counter.do_send_back"), partial(self._ask, "send_back")))
        if self._may_tell(view):
            ways.append(("copy_message", message("counter.do_message"), self.copy_message))
            notices = opens(self._navigator, "notices", application_id=self._id)
            ways.append(("show_notices", message("told.title"), notices))
        if act == "tte" and is_first:
            ways.append(("show_sign", message("counter.do_sign"), opens(self._navigator, "sign_letters")))
        if may_write(LetterKind.FORMULIR):
            form = partial(self._write, LetterKind.FORMULIR, partial(office.applications.write_form, self._id))
            ways.append(("write_form", message("counter.do_form"), form))
        if may_write(LetterKind.BUKTI_PENGAMBILAN) and view.application.service is Service.KK:
            slip = partial(self._write, LetterKind.BUKTI_PENGAMBILAN, partial(office.applications.write_slip, self._id))
            ways.append(("write_slip", message("counter.do_slip"), slip))
        papers = view.application.requirements
        told = message("counter.do_papers", count=len(papers) - len(view.application.unread), all=len(papers))
        ways.append(("show_papers", told, opens(self._navigator, "application_papers", application_id=self._id)))
        if view.application.family is not None:
            ways.append(
                ("show_family", message("family.title"), opens(self._navigator, "family", application_id=self._id))
            )
        if view.card is not None and view.card.receipt is not None and may_write(LetterKind.TANDA_TERIMA):
            draft = partial(office.handover.slip, view.card.thing_id)
            receipt = partial(self._write, LetterKind.TANDA_TERIMA, draft)
            ways.append(("write_receipt", message("counter.do_receipt"), receipt))
        if office.forms.offered():
            forms = opens(self._navigator, "official_form", application_id=self._id)
            ways.append(("official_form", message("common.official_forms"), forms))
        if self._may_withdraw(view):
            ways.append(("withdraw", message("counter.do_withdraw"), partial(self._ask, "withdraw")))
        return tuple(
            Command(name, words, key, runs=run) for (name, words, run), key in zip(ways, CHOICES, strict=False)
        )

    def _bar(self, view: ApplicationView) -> Bar:
        act = _act_of(view)
        if not act:
            return Bar(leave(self.back), (), message("counter.one_keys"))
        accept = enter(message(f"counter.do_{act}"), self.accept, self._refusal(view, act))
        return Bar(leave(self.back), (accept,), message("counter.one_keys"))

    def _ask(self, act: str) -> None:
        self._navigator.push("application_form", application_id=self._id, act=act)

    def _write(self, kind: LetterKind, draft: Callable[[], Letter]) -> None:
        """Show a paper; draft it when there is none."""
        known = next((letter for letter in self._papers if letter.letter is kind), None)
        if known is not None:
            self._navigator.push("letter", letter_id=known.thing_id)
        else:
            shown = partial(self._navigator.push, "letter")
            self._operate(Operation(work=draft, done=lambda letter: shown(letter_id=letter.thing_id)))

    def _do(self, act: Callable[[], object], told: Message = "") -> None:
        self._operate(Operation(work=act, told=lambda _: told, done=lambda _: self.start()))


def _act_of(view: ApplicationView) -> str:
    """Return what is to be done next, "" when nothing is."""
    if view.is_over:
        return ""
    if view.is_with_applicant:
        return "read" if view.application.to_complete else "complete"
    wanted = view.application.next_state
    if wanted is _S.DIPERIKSA and view.application.unread:
        return "read"
    if wanted is not None:
        return _ACT_INTO[wanted]
    return "courier" if view.application.service is Service.BECAK_PINTAR else "hand_over"


def _about(view: ApplicationView) -> tuple[Fact, ...]:
    application, who = view.application, view.application.applicant
    born = day_text(who.birth_date) if who.birth_date else ""
    told = (
        (application.wish, "counter.about_wish"),
        (", ".join(filter(None, (who.address, who.village))), "counter.about_address"),
        (who.phone, "counter.about_phone"),
        (born, "counter.about_born"),
        (application.source, "counter.from_app"),
    )
    asked = (Fact(message(f"surat.choice_{each}")) for each in (application.request,) if each)
    applicant = group("counter.who", (Fact(message(key, text=text)) for text, key in told if text))
    return (*applicant, *group("counter.field_request", asked))


def _paper_fact(paper: Requirement) -> Fact:
    if paper.verdict is PaperVerdict.WRONG:
        return Fact(message("papers.fact_wrong", paper=paper.name, reason=paper.reason), Tone.BAD)
    is_right = paper.verdict is PaperVerdict.RIGHT
    return Fact(paper.name, Tone.GOOD if is_right else Tone.CAUTION)
