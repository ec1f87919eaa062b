"""Antrean dan kirim: every record that is not yet acknowledged, and the one button that sends them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import HELD_BACK, UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from fieldkit.services.delivery.back_up import BackupStanding
from fieldkit.services.delivery.deliver import QueueView
from ui.presenters.acts import Act
from ui.presenters.ages_in_words import age_words
from ui.presenters.amounts import moment_text, size_words
from ui.presenters.commands import Command, Weight
from ui.presenters.delivery.backup_words import reminder_words
from ui.presenters.delivery.held_records import record_commands
from ui.presenters.delivery.sending import Sending
from ui.presenters.delivery.sending_words import end_of, progress_of
from ui.presenters.figures import Cell, Number
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Numbers, Panel, Tell, nothing_yet
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Tag, Tone
from ui.presenters.statuses.central_words import summary
from ui.presenters.words import Words, phrase

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


class Queue:
    """Shows the queue and sends it; the run outlives the screen."""

    def __init__(self, desk: Desk, navigator: Navigator, sending: Sending) -> None:
        self._desk, self._navigator, self._sending = desk, navigator, sending
        self._queue = QueueView((), {}, None, None)
        self._backup: BackupStanding | None = None
        self._why: dict[str, str] = {}  # what the person wrote who set a record aside

    def screen(self) -> ListScreen[QueueEntry]:
        """Return the list, the oldest first."""
        return ListScreen(
            title=phrase("kirim.title"),
            heads=(
                Head(phrase("kirim.age"), self._age, 92, lambda e: e.record.sealed_at),
                Head(phrase("kirim.person"), _who, 0, lambda e: e.record.masked_name),
                Head(
                    phrase("kirim.place"), lambda e: Cell(e.record.place, is_muted=True), 136, lambda e: e.record.place
                ),
                Head(phrase("kirim.size"), lambda e: Cell(size_words(e.record.size_bytes)), 84),
                Head(phrase("kirim.state"), lambda e: Cell(tags=(self._tag(e),)), 214, lambda e: e.state.value),
                Head(phrase("kirim.remark"), self._remark),
            ),
            load=self._load,
            name=lambda entry: entry.record.record_id,
            find=self._find,
            reads=frozenset({"record"}),
            filters=((ALL, *(Filter(n, phrase(f"kirim.chip_{n}"), _is_in(s)) for n, s in _CHIPS.items())),),
            empty=nothing_yet(phrase("kirim.empty"), phrase("kirim.empty_hint")),
            side=self._side,
            commands=self._commands,
            follow=self._follow,
            progress=lambda: progress_of(self._sending),
        )

    def _load(self) -> Sequence[QueueEntry]:
        self._queue, self._backup = self._desk.delivery.queue(), self._desk.backups.standing()
        aside = (e.record.record_id for e in self._queue.entries if e.state is DeliveryState.SET_ASIDE)
        self._why = {record_id: self._desk.delivery.why_aside(record_id) for record_id in aside}
        return self._queue.entries

    def _find(self, text: str) -> Callable[[QueueEntry], bool]:
        found = {entry.record.record_id for entry in self._desk.delivery.queue(text).entries}
        return lambda entry: entry.record.record_id in found

    def _follow(self, tell: Tell) -> Callable[[], None]:
        ended = self._sending.runs

        def moved() -> None:
            nonlocal ended
            if self._sending.runs != ended:
                ended = self._sending.runs
                for news in end_of(self._sending):
                    tell(news)
            tell(None)

        return self._sending.listen(moved)

    def _age(self, entry: QueueEntry) -> Cell:
        age = age_words(self._desk.clock.now() - entry.record.sealed_at)
        return Cell(phrase(f"age.{age.unit}", count=age.count))

    def _tag(self, entry: QueueEntry) -> Tag:
        running = self._sending.progress
        if running is not None and running.record_id == entry.record.record_id and running.size_bytes:
            return Tag(phrase("kirim.sending_percent", percent=running.sent_bytes * 100 // running.size_bytes))
        return Tag(phrase(f"delivery.{entry.state.value}"), _TONES.get(entry.state, Tone.SOFT))

    def _remark(self, entry: QueueEntry) -> Cell:
        if entry.reason and entry.state in UNACKNOWLEDGED:
            return Cell(Problem(entry.reason), is_muted=True)
        if entry.acknowledged_at is not None:
            at = moment_text(self._desk.clock.local(entry.acknowledged_at))
            return Cell(phrase("kirim.receipt"), at, is_muted=True)
        return Cell(phrase("kirim.resumes") if entry.offset_bytes else "", is_muted=True)

    def _side(self, listed: Listed[QueueEntry]) -> tuple[Panel, ...]:
        if not listed.everything:
            return ()
        last, clock, entry = self._queue.last_run_at, self._desk.clock, listed.current
        run = phrase("masuk.last_sync", at=moment_text(clock.local(last))) if last else phrase("masuk.never")
        central = summary(listed.everything, clock.today())
        counts = Numbers(phrase("kirim.both_sides"), self._counts())
        numbers = (counts, Numbers(phrase("kirim.central"), central, phrase("kirim.central_none")))
        if entry is not None and entry.reason:
            why = self._why.get(entry.record.record_id)
            words: Words = phrase("kirim.why_aside", reason=why) if why else ""
            return (Hint(Problem(entry.reason), words, Tone.CAUTION), *numbers)
        reminder, help_words = reminder_words(self._backup, clock) if self._backup is not None else ("", "")
        return (*numbers, Hint(reminder or run, help_words))

    def _counts(self) -> tuple[Number, ...]:
        """Return the numbers of both sides; what the data center counted is known only after a run."""
        queue, report = self._queue, self._sending.report
        counts = Counter(queue.counts)
        proven = counts[DeliveryState.ACKNOWLEDGED] + counts[DeliveryState.PURGED]
        lost, tone = len(report.lost) if report is not None else 0, Tone.NEUTRAL
        there = report.held_there if report is not None else None
        if report is not None and there is not None:
            tone = Tone.GOOD if report.counts_agree else Tone.CAUTION
        return (
            Number(str(queue.sealed), phrase("kirim.sealed_here")),
            Number(str(proven), phrase("kirim.proven"), Tone.GOOD),
            Number("–" if there is None else str(there), phrase("kirim.held_there"), tone),
            Number(str(queue.unsent), phrase("kirim.unsent"), Tone.CAUTION if queue.unsent else Tone.NEUTRAL),
            Number(str(lost), phrase("kirim.lost"), Tone.BAD if lost else Tone.NEUTRAL),
        )

    def _commands(self, listed: Listed[QueueEntry]) -> tuple[Command, ...]:
        go, sending, entry = self._navigator.push, self._sending, listed.current
        refused: Words = "" if self._desk.user.may(Permission.SEND) else phrase("kirim.not_your_role")
        hand_in = Command("hand_in", phrase("titip.short"), Act.HAND_IN, refused=refused, runs=partial(go, "hand_in"))
        if not listed.everything:
            return (hand_in,)
        stopping: Words = phrase("kirim.stopping") if sending.is_stopping else ""
        about = record_commands(self._desk, self._navigator, entry, refused or stopping) if entry else ()
        back_up, words = partial(go, "stick", record_id=""), phrase("kirim.back_up_short")
        commands = (
            Command("show_statuses", phrase("kirim.statuses"), weight=Weight.PLAIN, runs=partial(go, "statuses")),
            Command("make_shipment", phrase("kirim.shipment"), Act.LETTER, Weight.PLAIN, runs=partial(go, "shipment")),
            hand_in,
            Command("back_up", words, Act.USB, refused=refused or stopping, runs=back_up),
            *about,
        )
        if sending.is_running:
            pause = Command("pause", phrase("kirim.pause"), Act.PAUSE, refused=refused or stopping, runs=sending.pause)
            commands, refused = (*commands, pause), refused or stopping or phrase("kirim.under_way")
        send = Command("send", phrase("kirim.send_now"), Act.ACCEPT, Weight.PRIMARY, refused, sending.begin)
        return (*commands, send)


def _is_in(states: frozenset[DeliveryState]) -> Callable[[QueueEntry], bool]:
    return lambda entry: entry.state in states


def _who(entry: QueueEntry) -> Cell:
    return Cell(entry.record.masked_name, entry.record.masked_nik, is_strong=True)
