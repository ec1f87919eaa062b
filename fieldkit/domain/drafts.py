"""What a person typed and did not accept yet: erasable, never in the event log, gone once it is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True, slots=True)
class DraftName:
    """The form that was typed into: its screen, and what it is about as the screen is opened with it."""

    screen: str
    about: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DraftName:
        """Return the name that `text` spells."""
        screen, _, about = text.partition("?")
        return cls(screen, dict(parse_qsl(about, keep_blank_values=True)))

    @property
    def text(self) -> str:
        """Return the name as it is kept: the same form always spells the same."""
        return f"{self.screen}?{urlencode(sorted(self.about.items()))}" if self.about else self.screen


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of one form as one person left them."""

    name: DraftName
    owner: str  # user id
    fields: Mapping[str, str]
    at: datetime


def draft_of_recording(session_id: str) -> DraftName:
    """Return the name under which the recording screen keeps what was typed; it goes with the session."""
    return DraftName("recording", {"session_id": session_id})
