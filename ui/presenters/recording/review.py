"""Review and seal: everything on one page, the completeness gate, the PIN, the seal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import KnownError, Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import ModePerekaman, TargetFilter
from fieldkit.domain.recording.biodata import background_for
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import EYES, FINGERS, ExceptionMark, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import Signature
from fieldkit.services.context.app_context import AppContext, Door
from fieldkit.services.letters.print_papers import Paper
from fieldkit.services.recording.find_again import Found
from ui.presenters.amounts import moment_text, size_words
from ui.presenters.figures import Finger
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Chime, Choice, Empty, Progress, Sound, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import (
    Action,
    Command,
    Held,
    Message,
    Navigator,
    Operation,
    Presenter,
    Weight,
    enter,
    message,
)
from ui.presenters.printing import Printing, keep, print_or_keep
from ui.presenters.recording.panels import LeadPanel
from ui.presenters.recording.state import pictures
from ui.presenters.recording.steps import (
    AtWork,
    SessionWork,
    checks_of,
    counted,
    first_marks,
    found_problem,
    found_row,
    others_who_may_allow,
)
from ui.presenters.tasks import COMPUTE, Tasks

# A paper on the screen: the proof slip after a seal, the berita acara of a delivery. Print it or keep it as PDF.


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperState(ViewState):
    """The page that is shown, what it is about, and the papers to choose from."""

    title: Message = ""
    tag: Tag | None = None
    facts: tuple[tuple[Message, Message], ...] = ()
    note: Message = ""
    papers: tuple[Choice, ...] = ()
    chosen: str = ""
    pages: tuple[bytes, ...] = ()  # PNG


class PaperPresenter(OperatingPresenter[PaperState]):
    """Shows papers and prints or keeps the chosen one. A subclass says where they come from."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, printing: Printing) -> None:
        super().__init__(PaperState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._printing = context, navigator, printing
        self._papers: dict[str, Paper] = {}
        self._name = ""  # of a kept file, before the letter's own

    def show_papers(self, papers: Sequence[Paper], **about: Any) -> None:
        """Show the first of these papers, and what they are about."""
        self._papers = {paper.letter: paper for paper in papers}
        choices = Choice.each(self._papers, "letter.")
        self._become(replace(self.state, stage=Stage.CONTENT, papers=choices, **about))
        if papers:
            self.choose(papers[0].letter)

    def choose(self, letter: str) -> None:
        """Show another of the papers."""
        self._become(replace(self.state, chosen=letter, pages=self._papers[letter].pages))

    def print(self) -> None:
        """Print the shown paper; without a printer keep it as PDF and say where."""
        self._bring_out(lambda paper: print_or_keep(self._printing, self._file_of(paper), paper.pdf, paper.pages))

    def print_receipt(self) -> None:
        """Print the short form on the receipt printer."""
        receipt = next((paper.receipt for paper in self._papers.values() if paper.receipt), None)
        if receipt is None:
            return

        def print_now() -> Message:
            self._printing.print_receipt(receipt)
            return message("paper.printed", printer=self._printing.receipt_printer())

        self._operate(Operation(work=print_now, told=lambda words: words, executor=COMPUTE))

    def save(self) -> None:
        """Keep the shown paper as PDF and say where."""
        self._bring_out(lambda paper: keep(self._printing, self._file_of(paper), paper.pdf))

    def _bring_out(self, bring_out: Callable[[Paper], Message]) -> None:
        paper = self._papers.get(self.state.chosen)
        if paper is not None:
            self._operate(Operation(work=lambda: bring_out(paper), told=lambda words: words, executor=COMPUTE))

    def _file_of(self, paper: Paper) -> str:
        return f"{paper.letter}-{self._name}"

    def _keeping(self) -> tuple[Command, Command]:
        save = Command("save", message("paper.save"), runs=self.save)
        return save, Command("print", message("common.print"), Action.PRINT, runs=self.print)


class SlipPresenter(PaperPresenter):
    """What stands there right after a seal: the proof for the resident, and the way to the next one."""

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, printing: Printing, record_id: str
    ) -> None:
        super().__init__(context, tasks, navigator, printing)
        self._name = record_id

    def start(self) -> None:
        """Show the papers of the record that was just sealed."""
        record_id = self._name
        entry = next((e for e in self._context.delivery.queue().entries if e.record.record_id == record_id), None)
        papers = self._context.fresh_papers.get(record_id, ())
        actions: tuple[Command, ...] = (*self._keeping(), enter(message("slip.next_person"), self.accept))
        if self._printing.receipt_printer() and any(paper.receipt for paper in papers):
            words = message("paper.receipt")
            actions = (Command("print_receipt", words, Action.PRINT_RECEIPT, runs=self.print_receipt), *actions)
        facts: tuple[tuple[Message, Message], ...] = ((message("common.record_number"), record_id),)
        if entry is not None:
            facts = (
                (message("common.resident"), f"{entry.record.masked_name} · {entry.record.masked_nik}"),
                *facts,
                (message("slip.sealed_at"), moment_text(self._context.clock.local(entry.record.sealed_at))),
                (message("common.size"), size_words(entry.record.size_bytes)),
            )
        self.show_papers(
            papers,
            title=message("slip.title"),
            tag=Tag(message("slip.sealed"), Tone.GOOD),
            facts=facts,
            note=message("slip.note"),
            bar=Bar(replace(leave(self.back), words=message("slip.home")), actions),
        )

    def accept(self) -> None:
        """Go on with the next person."""
        self._navigator.restart("home")
        self._navigator.push("targets")

    def back(self) -> None:
        """Go to Beranda: the recording behind this screen is sealed and gone."""
        self._navigator.restart("home")


class ShipmentPresenter(PaperPresenter):
    """The berita acara of the delivery, over everything in the queue."""

    def start(self) -> None:
        """Make the paper of how the queue stands now."""
        self._name = self._context.clock.local(self._context.clock.now()).strftime("%Y%m%d-%H%M")
        self._tasks.write(self._load, self._failed, self._loaded)

    def _load(self) -> Paper | None:
        entries = self._context.delivery.queue().entries
        return self._context.papers.shipment(entries) if entries else None

    def _loaded(self, paper: Paper | None) -> None:
        if paper is None:
            self._become(replace(self.state, stage=Stage.EMPTY, empty=Empty.of("kirim.empty")))
            return
        save, show = self._keeping()
        bar = Bar(leave(self.back), (save, replace(show, weight=Weight.PRIMARY)))
        self.show_papers((paper,), title=message("letter.ba_pengiriman"), note=message("paper.shipment_note"), bar=bar)


PIN_LENGTH = 6
_PHOTO_PX = 480
_PIN_PROBLEMS = ("vault.wrong_pin", "vault.pin_exhausted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState(ViewState):
    """Everything on the review page."""

    photo: bytes | None = None
    photo_tag: Tag | None = None
    photo_notes: tuple[Message, ...] = ()
    fingers: tuple[Finger, ...] = ()
    eyes: tuple[Finger, ...] = ()
    ink: Signature | None = None
    exceptions: tuple[ExceptionMark, ...] = ()
    checks: tuple[tuple[Message, Tag], ...] = ()
    pin: str = ""
    pin_problem: Problem | None = None
    pin_round: int = 0  # the boxes empty whenever it changes
    lead: LeadPanel | None = None  # open while a second person decides about somebody who was recorded before


class ReviewPresenter(AtWork, Presenter[ReviewState]):
    """Shows what goes into the record and seals it."""

    def __init__(
        self,
        context: AppContext,
        door: Door,
        tasks: Tasks,
        navigator: Navigator,
        session_id: str,
        send: Callable[[], None],
    ) -> None:
        super().__init__(ReviewState(stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._send = send
        self._context, self._door, self._tasks, self._navigator = context, door, tasks, navigator
        self._session_id = session_id
        self._is_leaving = False
        self._before: Sequence[Found] | None = None  # None while fingers are being compared
        self._is_waiting = False  # for the comparison, with the PIN typed
        self._may_seal = False  # a second person said so, or nobody else is here who could
        self._session: CaptureSession | None = None
        self._work = SessionWork(context.recording, tasks, session_id)

    def start(self) -> None:
        """Open the review and load its pictures."""
        self._tasks.write(self._load, self._not_loaded, self._loaded)
        self._work.run()

    def stop(self) -> None:
        """Note what was worked."""
        self._work.rest()

    def _load(self) -> tuple[CaptureSession, bytes | None, Signature | None]:
        session = self._context.recording.review(self._session_id)
        kept = {(kind, ref.position): ref for kind, ref in session.kept}
        photo = kept.get((StepKind.PHOTO, Position.PORTRAIT))
        ink = kept.get((StepKind.SIGNATURE, Position.SIGNATURE))
        sample = self._context.recording.sample
        return (
            session,
            self._context.pictures.jpeg(sample(photo.sample_id), _PHOTO_PX) if photo else None,
            self._context.signatures.from_sample(sample(ink.sample_id)) if ink else None,
        )

    def _loaded(self, found: tuple[CaptureSession, bytes | None, Signature | None]) -> None:
        session, portrait, ink = found
        self._session = session
        who = session.biodata
        assert who is not None
        self._show_with(
            stage=Stage.CONTENT,
            where=f"{who.masked_name} · {who.nik.masked}",
            photo=portrait,
            photo_tag=Tag(message("common.photo"), counted(session, StepKind.PHOTO).tone),
            photo_notes=(
                message(f"tinjau.ground_{background_for(who.birth_date, who.citizenship).value}"),
                message("tinjau.born", year=who.birth_date.year),
            ),
            fingers=pictures(session, StepKind.BIODATA, FINGERS),
            eyes=pictures(session, StepKind.BIODATA, EYES),
            ink=ink,
            exceptions=first_marks(session),
            checks=self._checks(),
        )
        again, session_id = self._context.again, self._session_id
        self._tasks.run(COMPUTE, lambda: again.look(session_id), self._compared, self._not_compared)

    def _compared(self, before: Sequence[Found]) -> None:
        self._before = before
        second = others_who_may_allow(self._door.leads(), self._context.user)
        self._may_seal = not before or not second
        problem = self.state.problem
        if before:
            problem = found_problem(before[0], self._context.clock.local, has_second=bool(second))
        self._go_on(problem)

    def _not_compared(self, problem: Problem) -> None:
        self._before, self._may_seal = (), True  # advice that could not be had keeps nobody waiting
        self._go_on(problem)

    def _go_on(self, problem: Problem | None) -> None:
        was_waiting, self._is_waiting = self._is_waiting, False
        if was_waiting:
            self._become(replace(self.state, stage=Stage.CONTENT, progress=None))
        self._show_with(problem=problem, checks=self._checks())
        if was_waiting:
            self.accept()

    def _show_with(self, **changes: Any) -> None:
        """Show what changed, and the bar that goes with it."""
        state = replace(self.state, **changes)
        self._become(replace(state, bar=self._bar(state)))

    def _checks(self) -> tuple[tuple[Message, Tag], ...]:
        assert self._session is not None
        row = found_row(self._before, self._may_seal)
        return checks_of(self._session, self._context.clock.today(), row)

    # --- a second person decides about somebody who was recorded before

    def ask_lead(self) -> None:
        """Open the panel for the second person."""
        second = others_who_may_allow(self._door.leads(), self._context.user)
        if self.state.stage is Stage.CONTENT and self._before and not self._may_seal and second:
            self._show_with(lead=LeadPanel.of(second))

    def choose(self, user_id: str) -> None:
        """Choose which team lead stands here."""
        if (lead := self.state.lead) is not None:
            self._become(replace(self.state, lead=lead.choose(user_id)))

    def choose_next(self, by: int) -> None:
        """Move the choice of the team lead up (-1) or down (1)."""
        if (lead := self.state.lead) is not None:
            self._become(replace(self.state, lead=lead.next(by)))

    def allow(self, passphrase: str) -> None:
        """Let the recording be sealed on the team lead's passphrase."""
        panel, before = self.state.lead, self._before
        if panel is None or not before:
            return

        def let_seal() -> None:
            lead = self._door.check_lead(panel.chosen, passphrase)
            self._context.again.allow(self._session_id, before[0].record_id, lead)

        def allowed(_: None) -> None:
            self._may_seal = True
            self._show_with(problem=None, lead=None, checks=self._checks())

        self._tasks.write(let_seal, lambda problem: self._show_with(lead=panel.refused(problem)), allowed)

    def take_ink(self) -> None:
        """Let the witness and the second attendant sign the exceptions."""
        if self.state.stage is Stage.CONTENT and self.state.lead is None:
            self._navigator.push("exception_ink", session_id=self._session_id)

    def type_pin(self, pin: str) -> None:
        """Take the PIN as typed."""
        if self.state.stage is Stage.CONTENT and self.state.lead is None:
            self._show_with(pin=pin[:PIN_LENGTH], pin_problem=None if pin else self.state.pin_problem)

    def accept(self) -> None:
        """Check the PIN, then seal; the meaning of Enter."""
        if self.state.stage is not Stage.CONTENT or len(self.state.pin) < PIN_LENGTH:
            return
        assert self._session is not None
        if self._session.inks_demanded:
            return
        if self._before is None:  # it goes on by itself
            self._is_waiting = True
            waits = Progress(message("tinjau.comparing_first"))
            self._become(replace(self.state, stage=Stage.BUSY, progress=waits))
            return
        if not self._may_seal:
            return
        pin = self.state.pin
        progress = Progress(message("tinjau.sealing"))
        self._become(replace(self.state, stage=Stage.BUSY, progress=progress, pin="", pin_problem=None))
        self._tasks.write(lambda: self._seal(pin), self._refused, self._sealed)

    def _seal(self, pin: str) -> tuple[str, tuple[Paper, ...], bool]:
        """Return the record, its papers where they could be made, and whether it goes to the data center at once."""
        self._door.check_pin(pin)
        fields = self._context.papers.slip_fields(self._session_id)  # sealing erases what the papers say
        activity_id = self._context.recording.find(self._session_id).activity_id
        activity = self._context.visits.list_of(TargetFilter(), activity_id, 1).activity
        is_daring = activity is not None and activity.mode is ModePerekaman.DARING
        goes_at_once = is_daring and self._context.user.may(Permission.SEND)
        entry = self._context.sealing.seal(self._session_id)
        papers: tuple[Paper, ...] = ()
        with suppress(KnownError):  # the record is sealed whatever becomes of its papers
            papers = self._context.papers.of_record(fields, entry)
        return entry.record.record_id, papers, goes_at_once

    def _sealed(self, sealed: tuple[str, tuple[Paper, ...], bool]) -> None:
        record_id, papers, goes_at_once = sealed
        self._become(replace(self.state, chime=Chime(Sound.DONE, spoken="done")))
        if goes_at_once:
            self._send()
        self._context.fresh_papers[record_id] = papers
        self._navigator.replace("slip", record_id=record_id)

    def _refused(self, problem: Problem) -> None:
        is_pin = problem.code in _PIN_PROBLEMS
        self._show_with(
            stage=Stage.CONTENT,
            progress=None,
            pin_problem=problem if is_pin else None,
            problem=None if is_pin else problem,
            pin_round=self.state.pin_round + 1,
        )

    def back(self) -> None:
        """Close the panel of the second person; otherwise go back to capturing."""
        if self.state.lead is not None:
            self._show_with(lead=None)
        elif self.state.stage is Stage.CONTENT:
            recording = self._context.recording
            self._leave(lambda: recording.leave_review(self._session_id), self._navigator.back)
        elif self.state.stage is not Stage.BUSY:
            self._navigator.back()

    def postpone(self) -> None:
        """Pause; everything captured stays."""

        def suspend() -> CaptureSession:
            # A seal that failed half-way left the session in sealing: it is taken out before it rests.
            self._context.recording.leave_review(self._session_id)
            return self._context.recording.suspend(self._session_id)

        if self.state.stage is Stage.CONTENT:
            self._leave(suspend, lambda: self._navigator.restart("home"))

    def _leave(self, func: Callable[[], CaptureSession], go: Callable[[], None]) -> None:
        if self._is_leaving:
            return
        self._is_leaving = True

        def fail(problem: Problem) -> None:
            self._is_leaving = False
            self._become(replace(self.state, problem=problem))

        self._tasks.write(func, fail, lambda _: go())

    def _not_loaded(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, bar=Bar(leave(self.back))))

    def _bar(self, state: ReviewState) -> Bar:
        if state.lead is not None:
            return Bar(leave(self.back), (enter(message("tinjau.allow"), Held(self.allow), name="lead_says"),))
        refused: Message = "" if len(state.pin) >= PIN_LENGTH else message("tinjau.pin_first")
        if self._before and not self._may_seal:
            refused = message("tinjau.decide_first")
        others = [Command("postpone", message("act.postpone"), Action.POSTPONE, runs=self.postpone)]
        session = self._session
        assert session is not None
        if session.inks_demanded:  # before the PIN: whoever signs may want to go
            first = enter(message("tinjau.take_ink"), self.take_ink, name="take_ink")
            return Bar(leave(self.back), (*others, first))
        if session.inks_open:
            others.append(Command("take_ink", message("tinjau.take_ink"), Action.IZIN, runs=self.take_ink))
        if self._before and not self._may_seal:
            others.append(Command("ask_lead", message("common.team_lead"), Action.LEAD, runs=self.ask_lead))
        return Bar(leave(self.back), (*others, enter(message("tinjau.seal"), self.accept, refused)))
