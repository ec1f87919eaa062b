"""Antrean dan kirim: every record that is not yet acknowledged, what to decide of one, the one button that sends."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from textwrap import wrap

from fieldkit.domain.delivery import HELD_BACK, UNACKNOWLEDGED, DeliveryState, QueueEntry
from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import SyncProgress, SyncReport
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.check_store import BackupStanding
from fieldkit.services.delivery.deliver import QueueView
from ui.presenters.amounts import age_words, left_words, size_words
from ui.presenters.figures import FigureCell, Number
from ui.presenters.form import Form, FormField
from ui.presenters.lists import (
    ALL,
    Filter,
    Head,
    Hint,
    Listed,
    ListScreen,
    Numbers,
    OfficeList,
    Panel,
    Tell,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Progress, Tag, Toast, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message
from ui.presenters.statuses.statuses import summary
from ui.presenters.tasks import SYNC, CancelFlag, Tasks

# The run that sends the queue, and its words. It outlives the screen that began it: leaving does not stop it.

_GOES = UNACKNOWLEDGED - HELD_BACK


class Sending:
    """One run at a time; a `ProgressSink`. Everything but `offer` belongs to the thread of the window."""

    def __init__(self, context: AppContext, tasks: Tasks) -> None:
        self._context, self._tasks = context, tasks
        self._listeners: list[Callable[[], None]] = []
        self._flag: CancelFlag | None = None
        self._turn = threading.Lock()
        self._newest: SyncProgress | None = None  # offered and not yet shown
        self.progress: SyncProgress | None = None
        self.report: SyncReport | None = None
        self.problem: Problem | None = None  # why the last run could not even begin
        self.shut_out: Problem | None = None  # why the office lets this user not work on
        self.is_answered = False  # the data center took records of another laptop, after the last run if there was one
        self.runs = 0  # how many ended
        self.total_bytes = 0  # of the records that the run found waiting
        self._is_awaited = False  # something was sealed while a run was under way
        self._begun_at = context.clock.now()
        self._first: dict[str, int] = {}  # the offset at which each record was found, which this run did not send
        self._sent: dict[str, int] = {}

    @property
    def is_running(self) -> bool:
        """Return whether a run is under way."""
        return self._flag is not None

    @property
    def is_stopping(self) -> bool:
        """Return whether the run was asked to end."""
        return self._flag is not None and self._flag.is_cancelled()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever something here changes; return what stops it."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def begin(self) -> None:
        """Send what waits; a run under way goes on, and whom the office shut out sends nothing more."""
        if self._flag is not None or self.shut_out is not None:
            return
        flag = self._flag = CancelFlag()
        self.report, self.problem, self.progress, self.is_answered = None, None, None, False
        self._begun_at = self._context.clock.now()
        self._first.clear()
        self._sent.clear()
        self._tasks.run(SYNC, lambda: self._send(flag), self._ended, self._failed)
        self._tell()

    def begin_once_more(self) -> None:
        """Send what was sealed just now; a run under way is followed by another, unless somebody pauses it."""
        if self._flag is None:
            self.begin()
        else:
            self._is_awaited = True

    def _send(self, flag: CancelFlag) -> SyncReport:
        waiting = (entry for entry in self._context.delivery.queue().entries if entry.state in _GOES)
        self.total_bytes = sum(entry.record.size_bytes for entry in waiting)
        return self._context.delivery.send(self, flag)

    def pause(self) -> None:
        """End the run after the chunk under way; what arrived stays arrived."""
        if self._flag is not None:
            self._is_awaited = False
            self._flag.cancel()
            self._tell()

    def offer(self, progress: SyncProgress) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first = self._newest is None
            self._newest = progress
            if progress.record_id:
                # Noted here and not where it is shown: what is overtaken is never shown, yet it was sent.
                self._first.setdefault(progress.record_id, progress.sent_bytes)
                self._sent[progress.record_id] = progress.sent_bytes
        if is_first:
            self._tasks.post(self._show)

    @property
    def sent_bytes(self) -> int:
        """Return how much of the records of this run the data center holds."""
        with self._turn:
            return sum(self._sent.values())

    @property
    def bytes_per_second(self) -> int:
        """Return the speed of this run, 0 while it cannot be told."""
        seconds = (self._context.clock.now() - self._begun_at) / timedelta(seconds=1)
        with self._turn:
            moved = sum(self._sent.values()) - sum(self._first.values())
        return round(moved / seconds) if seconds > 0 else 0

    def _show(self) -> None:
        with self._turn:
            progress, self._newest = self._newest, None
        if progress is None or self._flag is None:
            return
        self.progress = progress
        self._tell()

    def answered(self) -> None:
        """Let everybody know that the data center answered elsewhere than in a run of this queue."""
        self.is_answered = True
        self._tell()

    def shut(self, why: Problem) -> None:
        """Let everybody know that this session must end."""
        self.shut_out = why
        self._tell()

    def _ended(self, report: SyncReport) -> None:
        self.report, self.shut_out = report, self.shut_out or report.shut_out  # a stick may have said it meanwhile
        self._end()

    def _failed(self, problem: Problem) -> None:
        self.problem = problem
        self._end()

    def _end(self) -> None:
        self._flag, self.progress = None, None
        self.runs += 1
        self._tell()
        if self._is_awaited:
            self._is_awaited = False
            self.begin()

    def _tell(self) -> None:
        for changed in tuple(self._listeners):
            changed()


def progress_of(sending: Sending) -> Progress | None:
    """Return how far the run under way is."""
    if not sending.is_running:
        return None
    step = sending.progress
    if sending.is_stopping:
        return Progress(message("kirim.stopping"))
    if step is None or not step.record_id:
        return Progress(message(step.step if step else "sync.step.hello"))
    done = sending.sent_bytes
    total = max(done, sending.total_bytes)
    speed = sending.bytes_per_second
    detail: Message = ""
    if speed:
        left = left_words(timedelta(seconds=(total - done) / speed))
        unit = f"kirim.speed_{left.key.rpartition('.')[2]}"
        detail = message(unit, speed=max(1, speed // 1000), count=left.params["count"])
    sent, whole = size_words(done).params, size_words(total).params
    title = message(
        "kirim.sent_of", whole=sent["whole"], tenth=sent["tenth"], of_whole=whole["whole"], of_tenth=whole["tenth"]
    )
    return Progress(title, done, total, detail)


def end_of(sending: Sending) -> tuple[Toast | Problem, ...]:
    """Return what is told of a run that ended: why it stopped, else what became of the records and what worries."""
    report, problem = sending.report, stopped_by(sending)
    if problem is not None:
        return (problem,)
    if report is None:
        return ()
    return (_toast(report), report.worry) if report.worry is not None else (_toast(report),)


def stopped_by(sending: Sending) -> Problem | None:
    """Return why the last run stopped or did not even begin."""
    report = sending.report
    return report.stopped_by if report is not None and report.stopped_by is not None else sending.problem


def follow(sending: Sending, tell: Tell) -> Callable[[], None]:
    """Tell how a run goes on, and once how it ended; return what stops that."""
    ended = sending.runs

    def moved() -> None:
        nonlocal ended
        if sending.runs != ended:
            ended = sending.runs
            for told in end_of(sending):
                tell(told)
        tell(None)

    return sending.listen(moved)


def _toast(report: SyncReport) -> Toast:
    if report.is_cancelled:
        return Toast(message("kirim.paused", waiting=report.waiting), Tone.CAUTION)
    if report.quarantined:
        words = message("kirim.some_held", done=len(report.acknowledged), held=len(report.quarantined))
        return Toast(words, Tone.BAD)
    if report.waiting:
        return Toast(message("kirim.some_wait", done=len(report.acknowledged), waiting=report.waiting), Tone.CAUTION)
    if not report.acknowledged and (came := len(report.from_office) + report.exchanged):
        return Toast(message("kirim.fetched", count=came))
    return Toast(message("kirim.all_done", done=len(report.acknowledged)))


_NUMBER_LINE = 24  # letters of a line beside the list: the number of a record takes two
_TONES = {
    DeliveryState.ACKNOWLEDGED: Tone.GOOD,
    DeliveryState.PURGED: Tone.GOOD,
    DeliveryState.QUARANTINED: Tone.BAD,
    DeliveryState.SET_ASIDE: Tone.CAUTION,
}
_CHIPS = {
    "waiting": UNACKNOWLEDGED - HELD_BACK,
    "held": HELD_BACK,
    "received": frozenset(DeliveryState) - UNACKNOWLEDGED,
}


class Queue(OfficeList):
    """Shows the queue and sends it; the run outlives the screen."""

    def __init__(self, context: AppContext, navigator: Navigator, sending: Sending) -> None:
        super().__init__(context, navigator)
        self._sending = sending
        self._queue = QueueView((), {}, None, None)
        self._backup = BackupStanding(0, None, is_due=False)

    def screen(self) -> ListScreen[QueueEntry]:
        """Return the list, the oldest first."""
        return ListScreen(
            title=message("kirim.title"),
            heads=(
                Head(message("common.age"), self._age, 92, lambda e: e.record.sealed_at),
                Head.named(
                    message("common.person"), lambda e: e.record.masked_name, lambda e: e.record.masked_nik, 172
                ),
                Head(
                    message("common.place"),
                    lambda e: FigureCell(e.record.place, is_muted=True),
                    136,
                    lambda e: e.record.place,
                ),
                Head(message("common.size"), lambda e: FigureCell(size_words(e.record.size_bytes)), 84),
                Head.tagged(message("common.state"), self._tag, 214, lambda e: e.state.value),
                Head(message("common.remark"), self._remark),
            ),
            load=self._load,
            name=lambda entry: entry.record.record_id,
            find=finding(self._found, lambda entry: entry.record.record_id),
            reads=frozenset({"record", "setting"}),  # how the last run ended is a setting
            filters=((ALL, *Filter.by("kirim.chip_", {name: _is_in(states) for name, states in _CHIPS.items()})),),
            empty=nothing_yet("kirim.empty"),
            side=self._side,
            commands=self._commands,
            follow=lambda tell: follow(self._sending, tell),
            progress=lambda: progress_of(self._sending),
        )

    def _load(self) -> Sequence[QueueEntry]:
        self._queue, self._backup = self._context.delivery.queue(), self._context.backups.standing()
        return self._queue.entries

    def _found(self, text: str) -> frozenset[str]:
        return frozenset(entry.record.record_id for entry in self._context.delivery.queue(text).entries)

    def _age(self, entry: QueueEntry) -> FigureCell:
        age = age_words(self._context.clock.now() - entry.record.sealed_at)
        return FigureCell(message(f"age.{age.unit}", count=age.count))

    def _tag(self, entry: QueueEntry) -> Tag:
        running = self._sending.progress
        if running is not None and running.record_id == entry.record.record_id and running.size_bytes:
            return Tag(message("kirim.sending_percent", percent=running.sent_bytes * 100 // running.size_bytes))
        return Tag(message(f"delivery.{entry.state.value}"), _TONES.get(entry.state, Tone.SOFT))

    def _remark(self, entry: QueueEntry) -> FigureCell:
        if entry.reason and entry.state in UNACKNOWLEDGED:
            return FigureCell(Problem(entry.reason), is_muted=True)
        if entry.acknowledged_at is not None:
            return FigureCell(message("kirim.receipt"), self._moment_text(entry.acknowledged_at), is_muted=True)
        return FigureCell(message("kirim.resumes") if entry.offset_bytes else "", is_muted=True)

    def _side(self, listed: Listed[QueueEntry]) -> tuple[Panel, ...]:
        if not listed.everything:
            return self._from_office()
        last, clock, entry = self._queue.last_run_at, self._context.clock, listed.current
        run = message("masuk.last_sync", at=self._moment_text(last)) if last else message("kirim.never")
        central = summary(listed.everything, clock.today())
        counts = Numbers(message("kirim.both_sides"), self._counts())
        numbers = (counts, Numbers(message("common.central_status"), central, message("kirim.central_none")))
        stopped = stopped_by(self._sending)
        if entry is not None and entry.reason and (stopped is None or stopped.code != entry.reason):
            why = self._queue.why_aside.get(entry.record.record_id)
            words: Message = message("kirim.why_aside", reason=why) if why else ""
            told = Hint(Problem(entry.reason), words, Tone.CAUTION)
            # The remedy of a refusal asks for this number, and nothing else on this screen says it.
            number = tuple(wrap(entry.record.record_id, _NUMBER_LINE))
            return (told, Hint(message("common.record_number"), number), *numbers)
        reminder, help_words = reminder_words(self._backup, clock)
        return (*numbers, Hint(reminder or run, help_words), *self._from_office())

    def _from_office(self) -> tuple[Hint, ...]:
        """Return what came last from the office, in which version and when."""
        came = self._queue.from_office
        if came is None or came.applied_at is None:
            return ()
        what = message(f"kirim.office_{came.kind.value}", version=came.version)
        return (Hint(what, message("kirim.office_at", at=self._moment_text(came.applied_at))),)

    def _counts(self) -> tuple[Number, ...]:
        """Return the numbers of both sides; what the data center counted is known only after a run."""
        queue, report = self._queue, self._sending.report
        counts = Counter(queue.counts)
        proven = counts[DeliveryState.ACKNOWLEDGED] + counts[DeliveryState.PURGED]
        lost, there, tone = 0, None, Tone.NEUTRAL
        if report is not None:
            lost, there = len(report.lost), report.held_there
            if there is not None:
                tone = Tone.GOOD if report.counts_agree else Tone.CAUTION
        return (
            Number(str(queue.sealed), message("kirim.sealed_here")),
            Number(str(proven), message("kirim.proven"), Tone.GOOD),
            Number("–" if there is None else str(there), message("kirim.held_there"), tone),
            Number(str(queue.unsent), message("kirim.unsent"), Tone.CAUTION if queue.unsent else Tone.NEUTRAL),
            Number(str(lost), message("kirim.lost"), Tone.BAD if lost else Tone.NEUTRAL),
        )

    def _commands(self, listed: Listed[QueueEntry]) -> tuple[Command, ...]:
        opens, sending, entry = self._opens, self._sending, listed.current
        refused = self._refusal(Permission.SEND, "kirim.not_your_role")
        hand_in = opens("hand_in", message("titip.short"), Action.HAND_IN, refused, "hand_in")
        stopping: Message = message("kirim.stopping") if sending.is_stopping else ""
        held = refused or stopping
        # Letters, plans and applications want a backup too, where nothing waits to be sent.
        back_up = opens("back_up", message("common.back_up"), Action.USB, held, "stick", record_id="")
        commands: tuple[Command, ...] = (hand_in, back_up)
        if listed.everything:
            commands = (
                opens("show_statuses", message("common.statuses"), None, "", "statuses").quiet(),
                opens("make_shipment", message("kirim.shipment"), Action.LETTER, "", "shipment").quiet(),
                hand_in,
                back_up,
                *(record_commands(self._context, self._navigator, entry, held) if entry else ()),
            )
        if sending.is_running:
            pause = Command("pause", message("common.pause"), Action.PAUSE, refused=held, runs=sending.pause)
            commands, refused = (*commands, pause), held or message("kirim.under_way")
        words = message("kirim.send_now" if listed.everything else "kirim.fetch_now")
        return (*commands, enter(words, sending.begin, refused, name="send"))


def _is_in(states: frozenset[DeliveryState]) -> Callable[[QueueEntry], bool]:
    return lambda entry: entry.state in states


def reminder_words(backup: BackupStanding, clock: Clock) -> tuple[Message, Message]:
    """Return what is missing and what helps, both "" while nothing is due."""
    if not backup.is_due:
        return "", ""
    help_words = message("cadangan.reminder_help", count=backup.unsent)
    if backup.last_at is None or backup.last_at > clock.now():
        return message("cadangan.none_yet"), help_words
    age = age_words(clock.now() - backup.last_at)
    return message(f"cadangan.old_{age.unit}", count=age.count), help_words


def record_commands(
    context: AppContext, navigator: Navigator, entry: QueueEntry, refused: Message
) -> tuple[Command, ...]:
    """Return what can be done about a record, each with the reason why this person may not; nothing when it is safe."""
    record_id, delivery = entry.record.record_id, context.delivery
    if entry.state not in UNACKNOWLEDGED:
        return _signing(context, entry)
    is_aside = entry.state is DeliveryState.SET_ASIDE
    send = delivery.take_back if is_aside else delivery.send_again
    queue = Operation(work=lambda: send(record_id), told=lambda _sent: message("kirim.queued_again"))
    words = message("kirim.record_back" if is_aside else "kirim.record_again")
    again = Command("send_again", words, Action.SEND_AGAIN, refused=refused, runs=queue)
    carry, keep_back = message("kirim.record_hand_over"), message("kirim.record_aside")
    to_stick, to_reason = (partial(navigator.push, way, record_id=record_id) for way in ("stick", "set_aside"))
    hand_over = Command("hand_over", carry, Action.HAND_OVER, refused=refused, runs=to_stick)
    aside = Command("set_aside", keep_back, Action.SET_ASIDE, refused=refused, runs=to_reason)
    if entry.state is DeliveryState.QUARANTINED:
        return (again, hand_over, aside)
    return (again, hand_over) if is_aside or entry.next_try_at is not None else (hand_over,)


def _signing(context: AppContext, entry: QueueEntry) -> tuple[Command, ...]:
    """Return how a team lead answers for a record that the data center holds back for it."""
    if entry.central is None or entry.central.reason != LEAD_WANTED:
        return ()
    refused: Message = "" if context.user.may(Permission.ALLOW_FAILURE) else message("kirim.lead_only")
    vouch = partial(context.vouching.vouch, entry.record.record_id)
    sign = Operation(work=vouch, told=lambda _signed: message("kirim.vouched"))
    return (Command("vouch", message("common.sign"), Action.APPROVE, refused=refused, runs=sign),)


def aside_form(context: AppContext, record_id: str) -> Form:
    """Return the form that asks why a record is not to be sent."""

    def load() -> tuple[FormField, ...]:
        record = context.delivery.entry(record_id).record
        who = message("kirim.aside_hint", name=record.masked_name, nik=record.masked_nik)
        return (FormField("reason", message("common.reason"), hint=who),)

    def keep(values: Mapping[str, str]) -> None:
        context.delivery.set_aside(record_id, values["reason"])

    return Form(message("kirim.aside_title"), load, keep, message("kirim.aside_note"), message("kirim.record_aside"))
