"""The panel in which a recording is put off, or ended without a record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.recording.session_events import EndReason
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.recording.exception_panel import moved

LATER = "later"
_SUBJECTS_CHOICE = (EndReason.DECLINED, EndReason.FLED, EndReason.TOO_ILL)
_TEAMS_CHOICE = (
    EndReason.WRONG_PERSON,
    EndReason.ALREADY_RECORDED,
    EndReason.NIK_PROBLEM,
    EndReason.OPENED_BY_MISTAKE,
)


@dataclass(frozen=True, slots=True)
class EndingPanel:
    """What is chosen: `LATER`, which keeps everything, or the reason of an end, which erases it."""

    chosen: str = LATER

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Return the ways to stop, the harmless one first."""
        ends = (
            Choice(reason.value, message(f"end_reason.{reason.value}")) for reason in _SUBJECTS_CHOICE + _TEAMS_CHOICE
        )
        return (Choice(LATER, message("rekam.later"), message("rekam.later_hint")), *ends)

    @property
    def is_end(self) -> bool:
        """Return whether what was recorded will be erased."""
        return self.chosen != LATER

    @property
    def is_subjects_choice(self) -> bool:
        """Return whether the person did not want or could not; otherwise the team gave up."""
        return self.chosen in _SUBJECTS_CHOICE

    def at(self, number: int) -> EndingPanel:
        """Return the panel with the line of a number key chosen."""
        names = [choice.name for choice in self.choices]
        return replace(self, chosen=names[number - 1]) if 0 < number <= len(names) else self

    def with_next(self, by: int) -> EndingPanel:
        """Return the panel with the choice `by` lines further."""
        return replace(self, chosen=moved([choice.name for choice in self.choices], self.chosen, by))
