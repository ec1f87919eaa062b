"""What the document of an SOP says besides its steps, beside who of a team has what it asks of people."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.staff import Staff, qualified
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.sop.run import SopRun
from fieldkit.ports.sop_profiles import SopProfiles
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class SopPage:
    """An SOP to read. `people` are the names of the team, or of the whole staff, per qualification in its order."""

    profile: SopProfile
    people: tuple[tuple[str, ...], ...]
    is_team: bool


class ReadDocument:
    """Reads SOPs as documents."""

    def __init__(self, units: UnitsOfWork, profiles: SopProfiles) -> None:
        self._units, self._profiles = units, profiles

    def page(self, activity_id: str, sop_id: str = "") -> SopPage:
        """Return the SOP that an activity follows, in the edition it began with, else the one with this id.

        Raise `RuleError("sop.unknown")`.
        """
        with self._units.read() as unit:
            profile = profile_of(unit, activity_id) or self._known(sop_id)
            plan = unit.repository(Plan).find(activity_id)
            staff = tuple(unit.repository(Staff).search())
        team = plan.team if plan is not None else ()
        crew = tuple(each for each in staff if not team or each.thing_id in team)
        return SopPage(profile, tuple(_names(crew, words) for words in profile.document.qualifications), bool(team))

    def qualifications(self) -> tuple[str, ...]:
        """Return what any SOP asks of people, each once, as the documents have it."""
        wanted = (words for profile in self._profiles.read().profiles for words in profile.document.qualifications)
        return tuple(sorted(dict.fromkeys(wanted), key=str.casefold))

    def _known(self, sop_id: str) -> SopProfile:
        found = next((each for each in self._profiles.read().profiles if each.sop_id == sop_id), None)
        if found is None:
            raise RuleError("sop.unknown", sop=sop_id)
        return found


def profile_of(unit: Unit, activity_id: str) -> SopProfile | None:
    """Return the SOP that an activity follows, None for none."""
    run = unit.repository(SopRun).find(activity_id)
    return run.profile if run is not None else None


def _names(crew: tuple[Staff, ...], words: str) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in qualified(crew, words)))
