"""The panels that lie over a step: what cannot be given and why, the team lead's word, how a recording is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import CAPTURED_AT, ExceptionInk, StepKind, Verdict
from fieldkit.domain.recording.positions import ABSENT, REASONS, ExceptionReason, Modality, Position
from fieldkit.domain.recording.session import CaptureSession, EndReason
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.run_session import CardMoment, CardSeen
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Stage, Tone, ViewState, leave
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
from ui.presenters.tasks import STORE, Tasks, device_executor

# The card that a resident brings along, read before anybody is recorded a second time.

_EXECUTOR = device_executor("cards")


@dataclass(frozen=True, slots=True)
class CardShown:
    """What is told of the card; `photo` is a JPEG or None."""

    title: Message
    hint: Message
    tone: Tone
    photo: bytes | None = None


_WAITING = CardShown(message("kartu.waiting"), message("kartu.waiting_hint"), Tone.SOFT)
_OTHER = CardShown(message("kartu.other"), message("kartu.other_hint"), Tone.SOFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCheckState(ViewState):
    """Whose card it should be, and what it told."""

    title: Message = ""
    card: CardShown | None = None


class CardCheckPresenter(Presenter[CardCheckState]):
    """Waits for one card at a time as long as the screen stands in front."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, target_id: str) -> None:
        back = Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=navigator.back)
        self._again = Command("again", message("act.card"), Action.CARD, runs=self.begin)
        super().__init__(CardCheckState(stage=Stage.LOADING, bar=Bar(back, (self._again,))))
        self._context, self._tasks, self._target_id = context, tasks, target_id
        self._task = CancellableTask(tasks)

    def start(self) -> None:
        """Read whose card it should be and wait for it."""
        if not self.state.title:
            self._tasks.run(STORE, lambda: self._context.visits.target(self._target_id), self._named, self._unread)

    def begin(self) -> None:
        """Wait for a card; the one before is forgotten."""
        self._become(replace(self.state, stage=Stage.CONTENT, card=_WAITING, problem=None, retry=None))
        self._task.run(_EXECUTOR, self._context.cards.read, self._seen, self._unread)

    def stop(self) -> None:
        """Let go of the card reader."""
        self._task.release()

    def _named(self, target: Target) -> None:
        who = target.biodata
        self._become(replace(self.state, title=f"{who.name} · {who.nik.masked}"))
        self.begin()

    def _seen(self, seen: CardSeen) -> None:
        self._become(replace(self.state, card=_told(seen) if seen.is_ktp_el else _OTHER))
        note = self._context.cards.note
        self._tasks.write(lambda: note(self._target_id, seen, CardMoment.BEFORE_RECORDING), self._unread)

    def _unread(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, card=None, problem=problem, retry=self._again))


def _told(seen: CardSeen) -> CardShown:
    hint = message("kartu.holds_hint" if seen.photograph else "kartu.holds_hint_blind")
    return CardShown(message("kartu.holds"), hint, Tone.CAUTION, seen.photograph or None)


# What the subject must hear before anything is recorded (UU 27/2022), and the way out when the answer is no.

POINTS = ("what", "why", "who", "how_long", "rights", "free")
# A broken device is found out later, while recording.
END_REASONS = tuple(reason for reason in EndReason if reason is not EndReason.DEVICE_BROKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeState(ViewState):
    """The points in big type, who listens along, and the reasons once somebody declines."""

    name: str = ""
    points: tuple[tuple[Message, Message], ...] = ()  # head, sentence
    companion: str = ""
    reasons: tuple[Choice, ...] = ()
    reason: str = ""


class NoticePresenter(OperatingPresenter[NoticeState]):
    """Notes that the notice was given, or why there will be no record."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, session_id: str) -> None:
        super().__init__(NoticeState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._session_id = context, navigator, session_id

    def start(self) -> None:
        """Show the notice for the person of this session."""
        self._tasks.run(STORE, self._load, self._loaded, self._failed)

    def _load(self) -> Biodata:
        session = self._context.recording.find(self._session_id)
        return self._context.visits.target(session.target_id).biodata

    def _loaded(self, who: Biodata) -> None:
        where = f"{who.masked_name} · {who.nik.masked}"
        points = tuple((message(f"notice.{point}"), message(f"notice.{point}_text")) for point in POINTS)
        self._show_with(stage=Stage.CONTENT, name=who.name, where=where, points=points)

    def type_companion(self, name: str) -> None:
        """Take the name of the guardian or companion as typed."""
        self._become(replace(self.state, companion=name))

    def told(self, language: str) -> None:
        """Go on: the notice was given in this language."""
        give, session_id, companion = (
            self._context.recording.give_notice,
            self._session_id,
            self.state.companion.strip(),
        )
        on = partial(self._navigator.replace, "recording", session_id=session_id)
        self._operate(Operation(work=lambda: give(session_id, language, companion), done=lambda _: on()))

    def decline(self) -> None:
        """Ask why there will be no record."""
        self._show_with(reasons=Choice.each(END_REASONS, "end_reason."), reason="")

    def choose_reason(self, name: str) -> None:
        """Choose why."""
        self._show_with(reason=name)

    def _note_refusal(self) -> None:
        refuse, reason = self._context.recording.refuse, EndReason(self.state.reason)
        self._operate(Operation(work=lambda: refuse(self._session_id, reason), done=lambda _: self._navigator.back()))

    def back(self) -> None:
        """Close the reasons, else leave; the session stays open for later."""
        if self.state.reasons:
            self._show_with(reasons=(), reason="", problem=None)
        else:
            self._navigator.back()

    def _show_with(self, **changes: Any) -> None:
        """Show what changed, and the bar that goes with it."""
        state = replace(self.state, **changes)
        if state.reasons:
            refused = "" if state.reason else message("notice.reason_first")
            actions: tuple[Command, ...] = (enter(message("notice.note_refusal"), self._note_refusal, refused),)
        else:
            decline = Command("decline", message("notice.decline"), Action.EXCEPTION, runs=self.decline)
            actions = (decline, enter(message("notice.accept"), Held(self.told)))
        self._become(replace(state, bar=Bar(leave(self.back), actions)))


O = TypeVar("O", bound="OneOf")  # noqa: E741 – one of several

LATER = "later"
_SUBJECTS_CHOICE = (EndReason.DECLINED, EndReason.FLED, EndReason.TOO_ILL)
_TEAMS_CHOICE = (
    EndReason.WRONG_PERSON,
    EndReason.ALREADY_RECORDED,
    EndReason.NIK_PROBLEM,
    EndReason.OPENED_BY_MISTAKE,
)
_ENDS = Choice.each((reason.value for reason in _SUBJECTS_CHOICE + _TEAMS_CHOICE), "end_reason.")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these is chosen."""

    choices: tuple[Choice, ...]
    chosen: str = ""

    def choose(self: O, name: str) -> O:
        """Return the panel with another choice."""
        return replace(self, chosen=name)

    def next(self: O, by: int) -> O:
        """Return the panel with the choice `by` lines further."""
        return replace(self, chosen=moved([choice.name for choice in self.choices], self.chosen, by))

    def at(self: O, number: int) -> O:
        """Return the panel with the line of a number key chosen."""
        return replace(self, chosen=self.choices[number - 1].name) if 0 < number <= len(self.choices) else self


@dataclass(frozen=True, slots=True)
class LeadPanel(OneOf):
    """Somebody else signs with the own key: who, and the passphrase typed in the view.

    `exception` is what a second attendant signs; without one a team lead lets something pass.
    """

    clear_serial: int = 0  # the passphrase field empties whenever it changes
    problem: Problem | None = None  # why the passphrase was refused
    exception: ExceptionPanel | None = None

    @property
    def words(self) -> str:
        """Return by which words the panel asks."""
        return "lead" if self.exception is None else "second"

    @classmethod
    def of(cls, leads: Sequence[User]) -> LeadPanel:
        """Return the panel with the first of the team leads chosen."""
        return cls(tuple(Choice(lead.user_id, lead.name) for lead in leads), leads[0].user_id)

    @classmethod
    def to_sign(cls, exception: ExceptionPanel) -> LeadPanel:
        """Return the panel in which the second attendant of an exception signs it."""
        chosen = tuple(choice for choice in exception.colleagues if choice.name == exception.second)
        return cls(chosen, exception.second, exception=exception)

    def refused(self, problem: Problem) -> LeadPanel:
        """Return the panel in which the passphrase has to be typed anew."""
        return replace(self, clear_serial=self.clear_serial + 1, problem=problem)


@dataclass(frozen=True, slots=True)
class EndingPanel(OneOf):
    """How to stop: `LATER`, which keeps everything and stands first, or the reason of an end, which erases it."""

    choices: tuple[Choice, ...] = (Choice(LATER, message("rekam.later"), message("rekam.later_hint")), *_ENDS)
    chosen: str = LATER

    @property
    def is_end(self) -> bool:
        """Return whether what was recorded will be erased."""
        return self.chosen != LATER

    @property
    def is_subjects_choice(self) -> bool:
        """Return whether the person did not want or could not; otherwise the team gave up."""
        return self.chosen in _SUBJECTS_CHOICE


@dataclass(frozen=True, slots=True)
class ExceptionPanel:
    """Which positions cannot be given, why, before whom. `positions` are those of the step."""

    step: StepKind
    positions: tuple[Position, ...]
    chosen: frozenset[Position]
    reason: ExceptionReason | None
    witness: str
    colleagues: tuple[Choice, ...]  # who may be the second attendant
    second: str
    photo: bytes = b""  # JPEG of what the exception is about, when somebody took one
    is_live: bool = False  # the camera shows what it is about
    is_photographing: bool = False
    needs_photo: bool = False  # the policy of the dinas says so
    needs_second: bool = False  # likewise
    needs_nik: bool = False  # of the witness, likewise: typed behind the name
    proposed: frozenset[Position] = frozenset()  # chosen by the program: its number key confirms it, once
    captured: frozenset[Position] = frozenset()  # whose print or iris reads well enough: it is there

    @classmethod
    def for_step(
        cls, session: CaptureSession, step: StepKind, witness: str, colleagues: Iterable[User]
    ) -> ExceptionPanel | None:
        """Return the panel with the lacking positions chosen; None for a step without exceptions."""
        positions = CAPTURED_AT.get(step, ())
        if not positions or not REASONS[positions[0].modality]:
            return None
        state = session.step(step)
        verdicts = state.verdicts(session.policy)
        tried = bool(state.attempts)
        lacking = frozenset(p for p in state.wanted if verdicts[p] in (None, Verdict.REPEAT)) if tried else frozenset()
        if len(positions) == 1:
            lacking = frozenset(positions)
        people = tuple(Choice(person.user_id, person.name) for person in colleagues)
        policy = session.policy
        is_both = policy.exception_ink is ExceptionInk.BOTH
        second = people[0].name if people and is_both else ""  # nobody is named who does not sign
        return cls(
            *(step, positions, lacking, None, witness, people, second),
            proposed=lacking,
            captured=state.captured(session.policy),
            needs_photo=policy.exception_photo,
            needs_second=is_both,
            needs_nik=policy.witness_nik,
        )

    @property
    def reasons(self) -> tuple[Choice, ...]:
        """Return the reasons that fit, in the order of the closed list."""
        fitting = REASONS[self.positions[0].modality]
        return Choice.each((reason.value for reason in ExceptionReason if reason in fitting), "reason.")

    @property
    def second_choices(self) -> tuple[Choice, ...]:
        """Return who may be the second attendant; nobody is a choice where a team is alone and its dinas lets it be."""
        is_demanded = self.colleagues and self.needs_second
        return self.colleagues if is_demanded else (Choice("", message("rekam.nobody")), *self.colleagues)

    def choose(self, name: str) -> ExceptionPanel:
        """Return the panel with another reason."""
        return replace(self, reason=ExceptionReason(name))

    def next(self, by: int) -> ExceptionPanel:
        """Return the panel with the reason `by` lines further; the first press takes the first line."""
        return self.choose(
            moved([choice.name for choice in self.reasons], self.reason.value if self.reason else "", by)
        )

    def at(self, number: int) -> ExceptionPanel:
        """Return the panel with the position of a number key turned: fingers by their code 1–10, others by place.

        What the program chose stays chosen at the first press, so that a number always means "this one".
        """
        meant = {p for p in self.positions if number_of(p, self.positions) == number}
        return replace(self.toggled(*(meant - self.proposed)), proposed=self.proposed - meant)

    def toggled(self, *positions: Position) -> ExceptionPanel:
        """Return the panel with positions chosen or not chosen any more."""
        turned = {p for p in positions if p in self.positions}
        return replace(self, chosen=self.chosen ^ turned, proposed=self.proposed - turned)

    def with_next_second(self, by: int) -> ExceptionPanel:
        """Return the panel with another second attendant."""
        return replace(self, second=moved([choice.name for choice in self.second_choices], self.second, by))

    @property
    def typed(self) -> Mapping[str, str]:
        """Return what is chosen and typed so far, as a draft keeps it; not the photo."""
        return {
            "step": self.step.value,
            "chosen": " ".join(p.value for p in self.positions if p in self.chosen),
            "reason": self.reason.value if self.reason else "",
            "witness": self.witness,
            "second": self.second,
        }

    def filled(self, fields: Mapping[str, str]) -> ExceptionPanel:
        """Return the panel with what a draft of it keeps; what does not fit any more is passed over."""
        chosen = fields.get("chosen", "").split()
        return replace(
            self,
            chosen=frozenset(p for p in self.positions if p.value in chosen),
            proposed=frozenset(),
            reason=next((ExceptionReason(c.name) for c in self.reasons if c.name == fields.get("reason")), None),
            witness=fields.get("witness", ""),
            second=next((c.name for c in self.second_choices if c.name == fields.get("second")), self.second),
        )

    @property
    def witness_name(self) -> str:
        """Return the name of the witness as typed, without the NIK where one is asked for."""
        return self._witness[0] if self.needs_nik else self.witness.strip()

    @property
    def witness_nik(self) -> str:
        """Return the digits that were typed behind the name of the witness, "" where none are asked for."""
        return self._witness[1] if self.needs_nik else ""

    @property
    def _witness(self) -> tuple[str, str]:
        name, _, nik = self.witness.strip().rpartition(" ")
        return (name.rstrip(" ,"), nik) if nik.isdigit() else (self.witness.strip(), "")

    @property
    def is_ready(self) -> bool:
        """Return whether it can be noted."""
        return not self.lacks

    @property
    def lacks(self) -> str:
        """Return the key of the words for what lacks, "" when it can be noted."""
        if not self.chosen:
            return "rekam.exception_no_position"
        if self.reason is None:
            return "rekam.exception_no_reason"
        if self.reason in ABSENT and self.chosen & self.captured:
            return "rekam.exception_captured"
        if not self.witness_name:
            return "rekam.exception_no_witness"
        if self.needs_nik and not self.witness_nik:
            return "rekam.exception_no_nik"
        if self.needs_second and not self.second:
            return "rekam.exception_no_second"
        return "rekam.exception_no_photo" if self.needs_photo and not self.photo else ""


Panel: TypeAlias = ExceptionPanel | LeadPanel | EndingPanel


def number_of(position: Position, among: Sequence[Position]) -> int:
    """Return the number key of a position, 1–10."""
    if position.modality is Modality.FINGER:
        return position.finger_code
    return among.index(position) + 1


def moved(names: Sequence[str], current: str, by: int) -> str:
    """Return the name `by` places further, staying within the list."""
    if current not in names:
        return names[0]
    return names[max(0, min(len(names) - 1, names.index(current) + by))]
