"""What the document of an SOP holds besides its steps: law, people, things, warnings, records, who approved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fieldkit.domain.sarpras.inventory import SarprasKind


@dataclass(frozen=True, slots=True)
class Equipment:
    """A thing of the peralatan; `kind` where it goes along and stands on the checklist, None for what stays."""

    name: str
    kind: SarprasKind | None = None


@dataclass(frozen=True, slots=True)
class SopDocument:
    """The head and the boxes of the form of PermenPANRB 35/2012, in the document's own words; empty what it lacks."""

    heading: str = ""  # of its page, where that says more than the name
    approved_by: str = ""
    made_on: date | None = None
    revised_on: date | None = None
    effective_on: date | None = None
    laws: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    supplies: tuple[str, ...] = ()  # what is used up: "tisu"
    warnings: tuple[str, ...] = ()
    archiving: tuple[str, ...] = ()

    @property
    def taken_along(self) -> tuple[Equipment, ...]:
        """Return the equipment that the checklist of an activity asks for."""
        return tuple(thing for thing in self.equipment if thing.kind is not None)


NO_DOCUMENT = SopDocument()
"""Of a file that names nothing but steps."""
