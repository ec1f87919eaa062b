"""The panel that notes biometric exceptions: which positions, why, before whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, ExceptionInk, StepKind, Verdict
from fieldkit.domain.recording.exception_mark import REASONS, ExceptionReason
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.wording import position_words, reason_words


@dataclass(frozen=True, slots=True)
class ExceptionPanel:
    """What is chosen so far. `positions` are those of the step; `colleagues` may be the second attendant."""

    step: StepKind
    positions: tuple[Position, ...]
    chosen: frozenset[Position]
    reason: ExceptionReason | None
    witness: str
    colleagues: tuple[tuple[str, str], ...]  # user id, name
    second: str
    photo: bytes = b""  # JPEG of what the exception is about, when somebody took one
    is_live: bool = False  # the camera shows what it is about
    is_photographing: bool = False
    needs_photo: bool = False  # the policy of the dinas says so
    needs_second: bool = False  # likewise

    @classmethod
    def for_step(
        cls, session: CaptureSession, step: StepKind, witness: str, colleagues: tuple[tuple[str, str], ...]
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
        second = colleagues[0][0] if colleagues else ""
        policy = session.policy
        needs_second = policy.exception_ink is ExceptionInk.BOTH
        return cls(
            *(step, positions, lacking, None, witness, colleagues, second),
            needs_photo=policy.exception_photo,
            needs_second=needs_second,
        )

    @property
    def reasons(self) -> tuple[Choice, ...]:
        """Return the reasons that fit, in the order of the closed list."""
        fitting = REASONS[self.positions[0].modality]
        return tuple(Choice(reason.value, reason_words(reason)) for reason in ExceptionReason if reason in fitting)

    @property
    def position_words(self) -> tuple[tuple[Position, Message, bool], ...]:
        """Return each position with its words and whether it is chosen."""
        return tuple((p, position_words(p), p in self.chosen) for p in self.positions)

    @property
    def second_choices(self) -> tuple[Choice, ...]:
        """Return who may be the second attendant; nobody is a choice where a team is alone and its dinas lets it be."""
        named = tuple(Choice(user_id, name) for user_id, name in self.colleagues)
        return named if named and self.needs_second else (*named, Choice("", message("rekam.nobody")))

    def at(self, number: int) -> Position | None:
        """Return the position behind a number key: fingers by their code 1–10, others by their place."""
        return next((p for p in self.positions if number_of(p, self.positions) == number), None)

    def toggled(self, position: Position) -> ExceptionPanel:
        """Return the panel with a position chosen or not chosen any more."""
        return replace(self, chosen=self.chosen ^ {position}) if position in self.positions else self

    def with_next_reason(self, by: int) -> ExceptionPanel:
        """Return the panel with the reason `by` lines further; the first press takes the first line."""
        names = [choice.name for choice in self.reasons]
        return replace(self, reason=ExceptionReason(moved(names, self.reason.value if self.reason else "", by)))

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
            reason=next((ExceptionReason(c.name) for c in self.reasons if c.name == fields.get("reason")), None),
            witness=fields.get("witness", ""),
            second=next((c.name for c in self.second_choices if c.name == fields.get("second")), self.second),
        )

    @property
    def is_ready(self) -> bool:
        """Return whether it can be noted."""
        return not self.lacks

    @property
    def lacks(self) -> str:
        """Return the key of the words for what lacks, "" when it can be noted."""
        if not (self.chosen and self.reason is not None and self.witness.strip()):
            return "rekam.exception_incomplete"
        if self.needs_second and not self.second:
            return "rekam.exception_no_second"
        return "rekam.exception_no_photo" if self.needs_photo and not self.photo else ""


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
