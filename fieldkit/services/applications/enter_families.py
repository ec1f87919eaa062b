"""The KK as it is entered from the form of an application: its address, its members, what is odd about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fieldkit.domain.applications import Applicant, Application, ApplicationState
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import RuleError
from fieldkit.domain.families import Family, check_member, doubts
from fieldkit.domain.nik import Finding
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.recording.biodata import Address, CodeTables
from fieldkit.services.applications.event_handlers import demand_role
from fieldkit.services.unit_of_work import UnitsOfWork


class EnterFamilies:
    """Families of applications for a KK, between the check of the papers and the submission."""

    def __init__(self, units: UnitsOfWork, tables: CodeTables, is_known_region: Callable[[str], bool]) -> None:
        self._units, self._tables, self._is_known_region = units, tables, is_known_region

    def family(self, application_id: str) -> Family:
        """Return the family as far as it was entered; before that the address of the applicant."""
        with self._units.read() as unit:
            application = unit.repository(Application).get(application_id)
        return application.family or _begun(application.applicant)

    def doubts(self, family: Family) -> Sequence[tuple[str, Finding]]:
        """Return what a person should look at, with the name of the member."""
        return doubts(family, self._units.clock.today(), self._is_known_region)

    def keep(self, application_id: str, family: Family) -> Application:
        """Keep a family, complete or not. Raise `InputError` about a member; `RuleError`: `application.not_now`,
        `application.not_yours`.
        """
        today = self._units.clock.today()
        for member in family.members:
            check_member(member, self._tables, today)
        with self._units.write(Permission.SERVE_KK) as work:
            application = work.unit.repository(Application).get(application_id)
            if application.document is not Document.KK or application.next_state is not ApplicationState.DIINPUT:
                raise RuleError("application.not_now", registration=application.registration)
            demand_role(work, application, ApplicationState.DIINPUT)
            kept = replace(application, family=family)
            work.keep(kept, "application_family_entered", members=len(family.members))
            return kept


def _begun(who: Applicant) -> Family:
    home = Address(who.address.upper(), "", "", who.village.upper(), "", who.nik.region)
    return Family(None, home, phone=who.phone)
