"""Numbers that this kit gives to documents and applications; two kits never give the same one."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.ports.store import Unit

_COUNTER = "registrations.last"


@dataclass(frozen=True, slots=True)
class Registrations:
    """Counts within the transaction of an act."""

    kit_id: str

    def next(self, unit: Unit) -> str:
        """Return the next number."""
        last = unit.settings.get(_COUNTER)
        number = (last if isinstance(last, int) else 0) + 1
        unit.settings.put(_COUNTER, number)
        return f"{self.kit_id}-R{number:05}"
