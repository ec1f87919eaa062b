"""Antrean dan kirim: every record that is not yet acknowledged, and the one button that sends them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.data_center import SyncReport
from fieldkit.services.context.desk import Desk
from fieldkit.services.delivery.back_up import BackupStanding
from fieldkit.services.delivery.deliver import QueueView
from ui.presenters.acts import Act
from ui.presenters.ages_in_words import age_words
from ui.presenters.amounts import left_words, moment_text, size_words
from ui.presenters.commands import Command, Weight
from ui.presenters.delivery.backup_words import reminder_words
from ui.presenters.delivery.held_records import actions_of
from ui.presenters.delivery.sending import Sending
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Progress, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.statuses.central_words import summary
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("kirim.age"), 92),
    Column(phrase("kirim.person")),
    Column(phrase("kirim.place"), 136),
    Column(phrase("kirim.size"), 84),
    Column(phrase("kirim.state"), 214),
    Column(phrase("kirim.remark")),
)

_TONES = {
    DeliveryState.QUEUED: Tone.SOFT,
    DeliveryState.SENDING: Tone.SOFT,
    DeliveryState.RECEIVED: Tone.SOFT,
    DeliveryState.ACKNOWLEDGED: Tone.GOOD,
    DeliveryState.PURGED: Tone.GOOD,
    DeliveryState.QUARANTINED: Tone.BAD,
    DeliveryState.SET_ASIDE: Tone.CAUTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState(ViewState):
    """The queue as searched, the numbers of both sides, and the run under way."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    sides: tuple[Number, ...] = ()
    central: tuple[Number, ...] = ()
    sending: Progress | None = None
    held_back: Problem | None = None  # why the record under the cursor is held back
    why_aside: str = ""  # what the person wrote who set it aside
    record_actions: tuple[Command, ...] = ()  # what can be done about the record under the cursor
    reminder: Words = ""  # no backup is younger than a day
    reminder_detail: Words = ""


@dataclass(frozen=True, slots=True)
class _Read:
    queue: QueueView
    backup: BackupStanding


class QueuePresenter(Presenter[QueueState]):
    """Shows the queue and sends it."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, sending: Sending) -> None:
        super().__init__(QueueState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._sending = desk, tasks, navigator, sending
        self._text, self._selected = "", ""
        self._queue: QueueView | None = None
        self._backup: BackupStanding | None = None
        self._toasts = 0
        self._records_done, self._runs = 0, sending.runs
        self._deafen_sending: Callable[[], None] | None = None

    def start(self) -> None:
        """Read the queue and follow the run under way."""
        self._deafen_sending = self._sending.listen(self._moved)
        self.search(self._text)

    def stop(self) -> None:
        """Let the run go on without this screen."""
        if self._deafen_sending is not None:
            self._deafen_sending()
            self._deafen_sending = None

    def search(self, text: str) -> None:
        """Show the records that match what was typed so far."""
        self._text = text

        def read() -> _Read:
            return _Read(self._desk.delivery.queue(text), self._desk.backups.standing())

        self._tasks.run(STORE, read, self._loaded, self._failed)

    def refresh(self) -> None:
        """Read the queue anew."""
        self.search(self._text)

    def _loaded(self, found: _Read) -> None:
        self._queue, self._backup = found.queue, found.backup
        self._render()

    def _render(self) -> None:
        queue = self._queue
        if queue is None:
            return
        if queue.sealed == 0:
            empty = Empty(phrase("kirim.empty"), phrase("kirim.empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK, (self._hand_in(),))))
            return
        running, (reminder, reminder_detail) = self._sending.progress, self._reminder()
        tag: tuple[Tag, ...] = ()
        if running is not None and running.records_total:
            place = min(running.records_done + 1, running.records_total)
            tag = (Tag(phrase("kirim.sending_tag", done=place, total=running.records_total)),)
        elif queue.unsent:
            tag = (Tag(phrase("kirim.unsent_tag", count=queue.unsent), Tone.CAUTION),)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                rows=rows_of(tuple(self._row(entry) for entry in queue.entries), queue.sealed),
                tags=tag,
                nothing=Empty(phrase("kirim.not_found", text=self._text), phrase("kirim.not_found_hint")),
                sides=_sides(queue, self._sending.report),
                central=summary(queue.entries, self._desk.clock.today()),
                sending=self._progress(),
                held_back=self._held_back(queue),
                record_actions=self._record_actions(queue),
                reminder=reminder,
                reminder_detail=reminder_detail,
                bar=self._bar(queue),
            )
        )

    # --- sending

    def accept(self) -> None:
        """Send now, or pause the run under way."""
        if self._sending.is_running:
            self._sending.pause()
        else:
            self._become(replace(self.state, problem=None, retry=None))
            self._sending.begin()

    def _moved(self) -> None:
        done = self._sending.progress.records_done if self._sending.progress else 0
        has_ended = self._sending.runs != self._runs
        if has_ended or done != self._records_done:
            self.refresh()
        self._records_done, self._runs = done, self._sending.runs
        if has_ended:
            self._tell_end()
        self._render()

    def _tell_end(self) -> None:
        report, problem = self._sending.report, self._sending.problem
        if report is not None and report.stopped_by is not None:
            problem = report.stopped_by
        retry = Command("accept", phrase("kirim.again"), Act.ACCEPT) if problem else None
        toast = _toast(report, self._sending.runs) if report is not None and problem is None else None
        if problem is None and report is not None:
            problem = report.worry  # the records went; this is told beside them
        self._become(replace(self.state, problem=problem, retry=retry, toast=toast))

    def _progress(self) -> Progress | None:
        if not self._sending.is_running:
            return None
        step = self._sending.progress
        if self._sending.is_stopping:
            return Progress(phrase("kirim.stopping"))
        if step is None or not step.record_id:
            return Progress(phrase(step.step if step else "sync.step.hello"))
        done = self._sending.sent_bytes
        total = max(done, self._sending.total_bytes)
        speed = self._sending.bytes_per_second
        detail: Words = ""
        if speed:
            left = left_words(timedelta(seconds=(total - done) / speed))
            unit = f"kirim.speed_{left.key.rpartition('.')[2]}"
            detail = phrase(unit, speed=max(1, speed // 1000), count=left.params["count"])
        sent, whole = size_words(done).params, size_words(total).params
        title = phrase(
            "kirim.sent_of", whole=sent["whole"], tenth=sent["tenth"], of_whole=whole["whole"], of_tenth=whole["tenth"]
        )
        return Progress(title, done, total, detail)

    # --- the list

    def select(self, record_id: str) -> None:
        """Tell why the record under the cursor is held back, and what can be done about it."""
        self._selected = record_id
        queue = self._queue
        if queue is None:
            return
        held_back, actions = self._held_back(queue), self._record_actions(queue)
        self._become(replace(self.state, held_back=held_back, record_actions=actions, why_aside=""))
        entry = self._entry(queue)
        if entry is not None and entry.state is DeliveryState.SET_ASIDE:
            self._tasks.run(STORE, lambda: self._desk.delivery.why_aside(record_id), self._told_why, self._banner)

    def _told_why(self, reason: str) -> None:
        self._become(replace(self.state, why_aside=reason))

    def _entry(self, queue: QueueView) -> QueueEntry | None:
        return next((e for e in queue.entries if e.record.record_id == self._selected), None)

    def _held_back(self, queue: QueueView) -> Problem | None:
        entry = self._entry(queue)
        return Problem(entry.reason) if entry is not None and entry.reason else None

    def _record_actions(self, queue: QueueView) -> tuple[Command, ...]:
        entry = self._entry(queue)
        return actions_of(entry, self._refused()) if entry is not None else ()

    def _reminder(self) -> tuple[Words, Words]:
        return reminder_words(self._backup, self._desk.clock) if self._backup is not None else ("", "")

    # --- one record

    def send_again(self) -> None:
        """Put the record under the cursor into the queue again, whatever held it back."""
        entry = self._entry(self._queue) if self._queue is not None else None
        if entry is None:
            return
        record_id, delivery = entry.record.record_id, self._desk.delivery
        act = delivery.take_back if entry.state is DeliveryState.SET_ASIDE else delivery.send_again
        self._tasks.run(STORE, lambda: act(record_id), self._queued_again, self._banner)

    def hand_over(self) -> None:
        """Go to the sticks with the record under the cursor."""
        self._go_with_record("stick")

    def set_aside(self) -> None:
        """Ask why the record under the cursor is not to be sent."""
        self._go_with_record("set_aside")

    def back_up(self) -> None:
        """Go to the sticks with everything that is not yet acknowledged."""
        self._navigator.push("stick", record_id="")

    def hand_in(self) -> None:
        """Go to the sticks whose records of other laptops are sent from here."""
        self._navigator.push("hand_in")

    def _go_with_record(self, screen: str) -> None:
        if self._queue is not None and self._entry(self._queue) is not None:
            self._navigator.push(screen, record_id=self._selected)

    def _queued_again(self, _nothing: None) -> None:
        self._toasts += 1
        self._become(replace(self.state, toast=Toast(phrase("kirim.queued_again"), serial=-self._toasts)))
        self.refresh()

    def _banner(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem, retry=None))

    def _row(self, entry: QueueEntry) -> Row:
        record = entry.record
        age = age_words(self._desk.clock.now() - record.sealed_at)
        return Row(
            record.record_id,
            (
                Cell(phrase(f"age.{age.unit}", count=age.count)),
                Cell(record.masked_name, record.masked_nik, is_strong=True),
                Cell(record.place, is_muted=True),
                Cell(size_words(record.size_bytes)),
                Cell(tags=(self._tag(entry),)),
                self._remark(entry),
            ),
        )

    def _tag(self, entry: QueueEntry) -> Tag:
        running = self._sending.progress
        if running is not None and running.record_id == entry.record.record_id and running.size_bytes:
            return Tag(phrase("kirim.sending_percent", percent=running.sent_bytes * 100 // running.size_bytes))
        return Tag(phrase(f"delivery.{entry.state.value}"), _TONES[entry.state])

    def _remark(self, entry: QueueEntry) -> Cell:
        if entry.reason and entry.state in UNACKNOWLEDGED:
            return Cell(Problem(entry.reason), is_muted=True)
        if entry.acknowledged_at is not None:
            at = moment_text(self._desk.clock.local(entry.acknowledged_at))
            return Cell(phrase("kirim.receipt"), at, is_muted=True)
        return Cell(phrase("kirim.resumes") if entry.offset_bytes else "", is_muted=True)

    def _bar(self, queue: QueueView) -> Bar:
        letter = Command("make_shipment", phrase("kirim.shipment"), Act.LETTER)
        words = phrase("kirim.pause") if self._sending.is_running else phrase("kirim.send_now")
        primary = Command("accept", words, Act.ACCEPT, Weight.PRIMARY, self._refused())
        note: Words = phrase("masuk.never")
        if queue.last_run_at is not None:
            note = phrase("masuk.last_sync", at=moment_text(self._desk.clock.local(queue.last_run_at)))
        statuses = Command("show_statuses", phrase("kirim.statuses"))
        back_up = Command("back_up", phrase("kirim.back_up_short"), Act.USB, refused=self._refused())
        return Bar(BACK, (statuses, letter, self._hand_in(), back_up, primary), note)

    def _hand_in(self) -> Command:
        refused: Words = "" if self._desk.user.may(Permission.SEND) else phrase("kirim.not_your_role")
        return Command("hand_in", phrase("titip.short"), Act.HAND_IN, refused=refused, runs=self.hand_in)

    def _refused(self) -> Words:
        if self._sending.is_stopping:
            return phrase("kirim.stopping")
        return "" if self._desk.user.may(Permission.SEND) else phrase("kirim.not_your_role")

    def make_shipment(self) -> None:
        """Show the berita acara of the delivery."""
        self._navigator.push("shipment")

    def show_statuses(self) -> None:
        """Go to the central statuses."""
        self._navigator.push("statuses")

    def back(self) -> None:
        """Go back; a run under way goes on."""
        self._navigator.back()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _sides(queue: QueueView, report: SyncReport | None) -> tuple[Number, ...]:
    """Return the numbers of both sides; what the data center counted is known only after a run."""
    counts = Counter(queue.counts)
    proven = counts[DeliveryState.ACKNOWLEDGED] + counts[DeliveryState.PURGED]
    there = str(report.held_there) if report is not None and report.held_there is not None else "–"
    lost = len(report.lost) if report is not None else 0
    return (
        Number(str(queue.sealed), phrase("kirim.sealed_here")),
        Number(str(proven), phrase("kirim.proven"), Tone.GOOD),
        Number(there, phrase("kirim.held_there"), _there_tone(report)),
        Number(str(queue.unsent), phrase("kirim.unsent"), Tone.CAUTION if queue.unsent else Tone.NEUTRAL),
        Number(str(lost), phrase("kirim.lost"), Tone.BAD if lost else Tone.NEUTRAL),
    )


def _there_tone(report: SyncReport | None) -> Tone:
    if report is None or report.held_there is None:
        return Tone.NEUTRAL
    return Tone.GOOD if report.counts_agree else Tone.CAUTION


def _toast(report: SyncReport, serial: int) -> Toast:
    if report.is_cancelled:
        return Toast(phrase("kirim.paused", waiting=report.waiting), Tone.CAUTION, serial=serial)
    if report.quarantined:
        words = phrase("kirim.some_held", done=len(report.acknowledged), held=len(report.quarantined))
        return Toast(words, Tone.BAD, serial=serial)
    if report.waiting:
        words = phrase("kirim.some_wait", done=len(report.acknowledged), waiting=report.waiting)
        return Toast(words, Tone.CAUTION, serial=serial)
    return Toast(phrase("kirim.all_done", done=len(report.acknowledged)), serial=serial)
