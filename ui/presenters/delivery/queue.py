"""Antrean dan kirim: every record that is not yet acknowledged, what to decide of one, the one button that sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from textwrap import wrap

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import HELD_BACK, UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.recording.authority import LEAD_WANTED
from fieldkit.ports.clock import Clock
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.back_up import BackupStanding
from fieldkit.services.delivery.deliver import QueueView
from ui.presenters.actions import Action
from ui.presenters.amounts import age_words, size_words
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.delivery.sending import Sending, follow, progress_of, stopped_by
from ui.presenters.figures import Cell, Number
from ui.presenters.form import Form, FormField
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Numbers, Panel, finding, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.statuses.central_messages import summary

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
                    lambda e: Cell(e.record.place, is_muted=True),
                    136,
                    lambda e: e.record.place,
                ),
                Head(message("common.size"), lambda e: Cell(size_words(e.record.size_bytes)), 84),
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

    def _age(self, entry: QueueEntry) -> Cell:
        age = age_words(self._context.clock.now() - entry.record.sealed_at)
        return Cell(message(f"age.{age.unit}", count=age.count))

    def _tag(self, entry: QueueEntry) -> Tag:
        running = self._sending.progress
        if running is not None and running.record_id == entry.record.record_id and running.size_bytes:
            return Tag(message("kirim.sending_percent", percent=running.sent_bytes * 100 // running.size_bytes))
        return Tag(message(f"delivery.{entry.state.value}"), _TONES.get(entry.state, Tone.SOFT))

    def _remark(self, entry: QueueEntry) -> Cell:
        if entry.reason and entry.state in UNACKNOWLEDGED:
            return Cell(Problem(entry.reason), is_muted=True)
        if entry.acknowledged_at is not None:
            return Cell(message("kirim.receipt"), self._moment_text(entry.acknowledged_at), is_muted=True)
        return Cell(message("kirim.resumes") if entry.offset_bytes else "", is_muted=True)

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
