"""Beranda: the team's day, or what waits for somebody of the office; from here everything is one key away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.trusted_time import CertificateSpan, ClockState, ClockVerdict
from fieldkit.ports.vault import SignerRole
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.set_up import SetUpStep
from fieldkit.services.delivery.deliver import QueueView
from fieldkit.services.home import Left
from ui.presenters.amounts import age_words, moment_text
from ui.presenters.devices import ready_count
from ui.presenters.figures import BigAction, Number, Rows, Step, rows_of
from ui.presenters.form import Form, FormField
from ui.presenters.home.field import (
    FieldDay,
    actions_of,
    side_of,
    sop_title,
    subtitle_of,
    turn_words,
)
from ui.presenters.home.field import (
    numbers_of as numbers_of_day,
)
from ui.presenters.home.left_open import go_on_with, line_of
from ui.presenters.home.office import (
    Duty,
    duties_left,
    duties_of,
    duties_of_set_up,
    duty_of_ending,
    duty_of_program,
)
from ui.presenters.home.office import (
    office_numbers as numbers_of_office,
)
from ui.presenters.home.places import Waiting, read_waiting
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import CHOICES, Action, Command, Message, Navigator, Presenter, Weight, message, opens
from ui.presenters.readers import moment
from ui.presenters.tasks import CARE, STORE, Tasks

# The laptop's clock: what is said of it, and the form by which a person mends it.

_TYPED, _LAPTOP = "typed", "laptop"
_WIDE = {"answer": 4, "at": 2, "reason": 2}


def sign_words(verdict: ClockVerdict) -> Message:
    """Return what the sign-in screen says of a clock that is not fine."""
    return _off(verdict.state, verdict.by)


def clock_notice(context: AppContext, see_clock: Callable[[], None]) -> tuple[Message, Message, Command | None] | None:
    """Return the coloured line of Beranda about the time, None when nothing is to be said."""
    standing, local = context.time.standing(), context.clock.local
    see = Command("show_clock", message("waktu.see"), CHOICES[4], runs=see_clock)
    if not standing.verdict.is_fine:
        trusted = standing.trusted
        detail = message(f"waktu.least_{trusted.source.value}", at=moment_text(local(trusted.at))) if trusted else ""
        return _off(standing.verdict.state, standing.verdict.by), detail, see
    if standing.correction:
        now = moment_text(local(standing.kit_at))
        return message("waktu.notice_corrected", at=now), message("waktu.notice_corrected_detail"), see
    return None


def ending_notice(context: AppContext) -> tuple[Message, Message, Command | None] | None:
    """Return the line about the certificate that ends first, None when none ends within two months."""
    ending = context.time.ending()
    if not ending:
        return None
    span = ending[0]
    is_over = span.not_after <= context.clock.now() and span.role == SignerRole.PETUGAS
    return _ends(span, context), message("waktu.new_start" if is_over else "waktu.renew"), None


def clock_form(context: AppContext) -> Form:
    """Return both clocks, what is trusted, and the two ways: the true time, or the laptop's clock is right."""
    standing, local = context.time.standing(), context.clock.local
    trusted = standing.trusted
    facts = {"laptop": moment_text(local(standing.laptop_at)), "kit": moment_text(local(standing.kit_at))}
    hint = message("waktu.hint_unknown", **facts)
    if trusted is not None:
        hint = message(f"waktu.hint_{trusted.source.value}", trusted=moment_text(local(trusted.at)), **facts)

    def load() -> tuple[FormField, ...]:
        answers = Choice.each((_TYPED, _LAPTOP), "waktu.answer_")
        return (
            FormField("answer", message("waktu.answer"), _TYPED, choices=answers),
            FormField("at", message("waktu.at"), hint=message("waktu.at_hint")),
            FormField("reason", message("common.reason"), hint=message("waktu.reason_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        if values["answer"] == _LAPTOP:
            return context.time.accept(values["reason"])
        at = moment(values, "at", context.clock)
        if at is None:
            raise InputError("clock.at_needed").at("at")
        return context.time.correct(at, values["reason"])

    return Form(message("waktu.title"), load, keep, hint, message("common.keep"), wide=_WIDE)


def _off(state: ClockState, by: timedelta) -> Message:
    age = age_words(by)
    return message(f"waktu.notice_{state.value}_{age.unit}", count=age.count)


def _ends(span: CertificateSpan, context: AppContext) -> Message:
    left = span.not_after - context.clock.now()
    if left <= timedelta(0):
        return message(f"waktu.ended_{span.role}", holder=span.holder)
    return message(f"waktu.ends_{span.role}", holder=span.holder, count=left.days)


_LEFT_SHOWN = 3
_DISK_FULL = "store.disk_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeState(ViewState):
    """Everything on Beranda; `duties` is None for who records, `actions` are empty for the office."""

    day: Tag | None = None
    title: Message = ""
    subtitle: Message = ""
    step: Message = ""  # the step of the SOP and whose turn it is
    numbers: tuple[Number, ...] = ()
    actions: tuple[BigAction, ...] = ()
    side: tuple[Step, ...] = ()  # the SOP, or the visits
    side_title: Message = ""
    side_note: Message = ""
    notice: Message = ""  # the coloured line: oldest unsent record, or a recording that was left open
    notice_detail: Message = ""
    notice_lines: tuple[tuple[Message, ...], ...] = ()  # below the detail: the latest of what was left unfinished
    notice_action: Command | None = None
    duties: Rows | None = None


@dataclass(frozen=True, slots=True)
class _Desktop:
    waiting: Waiting
    queue: QueueView
    left: tuple[Left, ...]
    missing: tuple[SetUpStep, ...] = ()  # of the first steps of this kit


def _nobody(_found: Waiting) -> None:
    """Nothing stands beside this Beranda that shows the same numbers."""


class HomePresenter(Presenter[HomeState]):
    """Shows the day and leads to the work. `counted` is handed what the office's Beranda read."""

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, counted: Callable[[Waiting], None] = _nobody
    ) -> None:
        super().__init__(HomeState(stage=Stage.LOADING))
        self._context, self._tasks, self._navigator, self._counted = context, tasks, navigator, counted
        self._left: tuple[Left, ...] = ()
        self._activity_id = ""
        told = context.to_tell.pop(0) if context.to_tell else None  # the next visit to Beranda tells the next
        self._told = Problem("mulai.disk_full") if told is not None and told.code == _DISK_FULL else told
        self._duties: tuple[Duty, ...] = ()
        self._selected = ""

    def start(self) -> None:
        """Read the day anew: every return to Beranda shows what is on disk."""
        if self._context.check_store.is_due:
            self._tasks.run(CARE, self._context.check_store.run, self._checked, self._banner)
        if self._context.user.may(Permission.RECORD):
            self._tasks.run(STORE, self._load_day, self._day_loaded, self._problem)
        else:
            self._tasks.run(STORE, self._load_duties, self._duties_loaded, self._problem)

    def _checked(self, found: Sequence[Problem]) -> None:
        self._context.to_tell.extend(found)
        if self._told is None and self._context.to_tell:
            self._told = self._context.to_tell.pop(0)
            self._banner(self._told)

    # --- who records

    def _load_day(self) -> FieldDay:
        visits, office = self._context.visits, self._context.office
        day = visits.overview()
        left = self._context.left.all()
        queue, conflicts = self._context.delivery.glance(), office.conflicts.count()
        if day.activity is None:
            return FieldDay(day, (), queue, left, None, None, conflicts)
        backup = self._context.backups.standing()
        mine = day.activity.activity_id
        targets = tuple(visits.targets(mine))
        kit = office.duties.kit_of(mine)
        return FieldDay(day, targets, queue, left, office.sop.view(mine), kit, conflicts, backup)

    def _day_loaded(self, found: FieldDay) -> None:
        day, queue = found.day, found.queue
        self._left = found.left
        if day.activity is None or day.count is None:
            self._activity_id = ""
            empty = Empty.of("beranda.no_activity")
            bar = Bar(None, (self._send_way(), *self._ways(), self._more(), _HELP))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=bar, problem=self._told))
            return
        activity, count = day.activity, day.count
        self._activity_id = activity.activity_id
        is_today = activity.on == self._context.clock.today()
        mode = message(f"beranda.{'today' if is_today else 'other_day'}_{activity.mode.value}")
        notice, detail, action = self._notice(found)
        sop = found.sop
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=message("common.place_and_targets", place=activity.place, targets=count.targets),
                day=Tag(mode, Tone.SOFT),
                title=activity.name,
                subtitle=subtitle_of(activity, day.others),
                step=turn_words(sop) if sop else "",
                numbers=numbers_of_day(count, found.conflicts),
                actions=actions_of(
                    found, count, ready_count(self._context.registry.statuses()), self._navigator, self.record
                ),
                side=side_of(found),
                side_title=sop_title(sop) if sop else message("beranda.visits"),
                side_note="" if sop else message("beranda.visits_note", done=count.recorded, targets=count.targets),
                notice=notice,
                notice_detail=detail,
                notice_lines=self._left_lines(action),
                notice_action=action,
                bar=self._bar(queue),
                problem=self._told,
            )
        )

    def _notice(self, found: FieldDay) -> tuple[Message, Message, Command | None]:
        time, clock = self._context.time, clock_notice(self._context, opens(self._navigator, "clock"))
        if clock is not None and not time.verdict().may_seal(time.rule):
            return clock  # nothing that is left open could be sealed
        if self._left:
            return self._left_words()
        if found.conflicts:
            action = self._leads("show_conflicts", message("beranda.see_conflicts"), CHOICES[4], "conflicts")
            return message("beranda.conflicts_wait", count=found.conflicts), message("beranda.conflicts_safe"), action
        if clock is not None:
            return clock
        if (ending := ending_notice(self._context)) is not None:
            return ending
        if found.queue.oldest_unsent_at is not None:
            age = age_words(self._context.clock.now() - found.queue.oldest_unsent_at)
            oldest = message(f"beranda.oldest_{age.unit}", count=age.count)
            if found.backup.is_due:
                back_up = self._leads("back_up", message("common.back_up_to_stick"), CHOICES[4], "stick", record_id="")
                return oldest, message("beranda.no_backup"), back_up
            return oldest, message("beranda.send_at_office"), None
        if (offered := self._context.offered) is not None:
            return message("beranda.program", version=offered.version), message("beranda.program_tell"), None
        return "", "", None

    def _left_lines(self, action: Command | None) -> tuple[tuple[Message, ...], ...]:
        is_told = action is not None and action.name == "resume"
        return tuple(line_of(left, self._context.clock.local) for left in self._left[:_LEFT_SHOWN]) if is_told else ()

    def _left_words(self) -> tuple[Message, Message, Command]:
        if len(self._left) > 1:
            action = Command("resume", message("beranda.choose_left"), CHOICES[4], runs=self.resume)
            return message("beranda.left_many", count=len(self._left)), "", action
        (left,) = self._left
        action = Command("resume", message("beranda.resume"), CHOICES[4], runs=self.resume)
        if left.is_recording:
            return message("beranda.left_open", name=left.who), message("beranda.saved"), action
        return message("beranda.left_typed"), "", action

    # --- the office

    def _load_duties(self) -> _Desktop:
        return _Desktop(
            read_waiting(self._context),
            self._context.delivery.glance(),
            self._context.left.all(),
            self._context.set_up.missing(),
        )

    def _duties_loaded(self, found: _Desktop) -> None:
        user = self._context.user
        duties, waits = found.waiting.duties, found.waiting.waits
        self._counted(found.waiting)
        found_duties = duties_of(duties, self._context.clock.today(), waits, user)
        ending, offered = ending_notice(self._context), self._context.offered
        self._duties = (
            *((duty_of_ending(ending[0], ending[1]),) if ending else ()),
            *duties_left(found.left, self._context.clock.local),
            *duties_of_set_up(found.missing),
            *found_duties,
            *((duty_of_program(offered),) if offered and user.may(Permission.ADD_USERS) else ()),
        )
        rows = tuple(duty.row for duty in self._duties)
        if self._selected not in {row.name for row in rows}:
            self._selected = rows[0].name if rows else ""
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=self._context.dinas,
                part="admin" if user.may(Permission.ADD_USERS) else "office",
                day=Tag(message(f"role.{user.role.value}"), Tone.SOFT),
                title=message("beranda.hello", name=user.name),
                subtitle=message("beranda.waits_for_you", count=len(rows)) if rows else message("common.nothing_waits"),
                numbers=numbers_of_office(duties, len(rows), waits.conflicts),
                duties=rows_of(rows),
                bar=self._bar(found.queue),
                keyed=(self._settings(), *self._ways()),
                problem=self._told,
            )
        )

    def select(self, name: str) -> None:
        """Remember the line under the cursor."""
        self._selected = name

    def accept(self) -> None:
        """Go to where the line under the cursor is done."""
        self.open_duty(self._selected)

    def open_duty(self, name: str) -> None:
        """Go to where a line is done."""
        duty = next((duty for duty in self._duties if duty.row.name == name), None)
        if duty is not None:
            self._navigator.push(duty.screen, **duty.params)

    def search(self, text: str) -> None:
        """Show the lines that have what was typed; they are few and all here."""
        wanted = text.casefold()
        rows = tuple(duty.row for duty in self._duties if not wanted or wanted in _text_of(duty))
        self._become(replace(self.state, duties=rows_of(rows, len(self._duties))))

    # --- ways

    def record(self) -> None:
        """Go to the target list; a clock by which nothing can be sealed is mended first."""
        time = self._context.time
        self._navigator.push("targets" if time.verdict().may_seal(time.rule) else "clock")

    def resume(self) -> None:
        """Go on with what was left unfinished, or choose which of it."""
        if len(self._left) > 1:
            self._navigator.push("left_open")
        elif self._left:
            go_on_with(self._left[0], self._context, self._tasks, self._navigator, self._banner)

    def _bar(self, queue: QueueView) -> Bar:
        user = self._context.user
        has_card = user.may(Permission.RECORD)  # for sending, on the team's day
        sends = (self._send_way(),) if user.may(Permission.SEND) and not has_card else ()
        ways = (*self._ways(), self._more(), _HELP) if has_card else (*sends, self._more())
        if queue.last_run_at is None:
            return Bar(None, ways, message("beranda.never"))
        seen = moment_text(self._context.clock.local(queue.last_run_at))
        return Bar(None, ways, message("common.connected_at", at=seen))

    def _leads(self, name: str, words: Message, act: Action, screen: str, **params: str) -> Command:
        return Command(name, words, act, runs=opens(self._navigator, screen, **params))

    def _send_way(self) -> Command:
        return self._leads("send", message("beranda.send"), CHOICES[2], "queue")

    def _settings(self) -> Command:
        return self._leads("show_settings", message("common.settings"), CHOICES[4], "settings")

    def _more(self) -> Command:
        return self._leads("show_more", message("beranda.more"), Action.MORE, "more", activity_id=self._activity_id)

    def _ways(self) -> tuple[Command, ...]:
        return (
            self._leads("show_activities", message("common.activities"), CHOICES[5], "activities"),
            self._leads("show_letters", message("common.letters"), CHOICES[6], "letters", activity_id=""),
            self._leads("show_sarpras", message("common.sarpras"), CHOICES[7], "sarpras"),
            self._leads("statuses", message("common.status"), CHOICES[8], "statuses"),
            self._leads("devices", message("beranda.devices"), CHOICES[9], "devices"),
        )

    def _banner(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _problem(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, bar=Bar(None, _ALWAYS)))


def _text_of(duty: Duty) -> str:
    cells = (words for cell in duty.row.cells for words in (cell.words, cell.detail))
    return " ".join(words for words in cells if isinstance(words, str)).casefold()


_HELP = Command("help", message("act.help"), Action.HELP, Weight.PLAIN, runs=Action.HELP)
_ALWAYS = (Command("lock", message("beranda.lock"), Action.LOCK, Weight.PLAIN, runs=Action.LOCK), _HELP)
