"""A person's word that a step was done: who did it, when, why nobody saw it happen, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was said about a step; its day, its files and who wrote it down stand in the ending beside it."""

    who: str  # did it, by name: an account or an outsider
    why: str  # it is said by hand
    said_at: datetime
    letter: str = ""  # number of a letter that shows it

    def demand(self, no: int, at: datetime, earliest: datetime, files: int) -> None:
        """Demand that somebody, a day, a reason and evidence are there.

        Raise `InputError("sop.name_needed")`, `why_needed`, `evidence_needed`, `in_future`, `before_activity`.
        """
        if not self.who.strip():
            raise InputError("sop.name_needed", step=no).at("who")
        if not self.why.strip():
            raise InputError("sop.why_needed", step=no).at("why")
        if not files and not self.letter.strip():
            raise InputError("sop.evidence_needed", step=no).at("paper")
        if at > self.said_at:
            raise InputError("sop.in_future", step=no).at("at")
        if at < earliest:
            raise InputError("sop.before_activity", step=no).at("at")
