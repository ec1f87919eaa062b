"""What this kit is, as its enrolment says: read here, changed at the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KitFacts:
    """`retention_days` None keeps what was acknowledged for ever."""

    kit_id: str
    dinas: str
    retention_days: int | None


class ReadKit:
    """The facts of the kit. `profile` is what enrolment brought."""

    def __init__(self, kit_id: str, profile: Mapping[str, str]) -> None:
        self._kit_id, self._profile = kit_id, profile

    def read(self) -> KitFacts:
        """Return the facts."""
        days = self._profile.get("retention_days", "")
        return KitFacts(self._kit_id, self._profile.get("dinas", ""), int(float(days)) if days else None)
