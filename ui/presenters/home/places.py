"""The places of an office role, beside every screen: where it may go, and what waits there for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sarpras import CheckOut
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.home import Duties
from ui.presenters.home.office import STUCK, Waits, read_waits
from ui.presenters.parts import Place, Rail
from ui.presenters.presenter import Message, Presenter, message
from ui.presenters.tasks import STORE, Tasks


class _Place(NamedTuple):
    screen: str
    words: Message
    icon: str


_HOME = _Place("home", message("slip.home"), "home")
_ACTIVITIES = _Place("activities", message("common.activities"), "calendar")
_LETTERS = _Place("letters", message("common.letters"), "mail")
_PEOPLE = _Place("statuses", message("rail.people"), "people")
_DOCUMENTS = _Place("distribution", message("rail.documents"), "id_card")
_SARPRAS = _Place("sarpras", message("common.sarpras"), "box")
_REPORTS = _Place("reports", message("reports.title"), "bars")
_APPLICATIONS = _Place("applications", message("counter.title"), "people")
_PRINTS = _Place("prints", message("cetak.title"), "printer")
_BLANKS = _Place("blanks", message("common.ledger_of_blanks"), "id_card")
_ACCOUNTS = _Place("accounts", message("pengaturan.roles"), "people")
_SETTINGS = _Place("settings", message("common.settings"), "gear")

_OFFICE = (_HOME, _ACTIVITIES, _LETTERS, _PEOPLE, _DOCUMENTS, _SARPRAS, _REPORTS)

# The one table: the places of each role that works at a desk. Who records has the whole width for it.
_OF_ROLE: dict[Role, tuple[_Place, ...]] = {
    Role.KASI: _OFFICE,
    Role.KABID: _OFFICE,
    Role.KEPALA_DINAS: (_HOME, _LETTERS, _ACTIVITIES, _PEOPLE, _REPORTS),
    Role.PENGURUS_BARANG: (_HOME, _SARPRAS, _ACTIVITIES, _BLANKS, _REPORTS),
    Role.LOKET: (_HOME, _APPLICATIONS, _DOCUMENTS, _PEOPLE, _LETTERS, _REPORTS),
    Role.OPERATOR_CETAK: (_HOME, _PRINTS, _BLANKS, _DOCUMENTS, _APPLICATIONS, _REPORTS),
    Role.ADMIN_DINAS: (_HOME, _ACTIVITIES, _SARPRAS, _ACCOUNTS, _REPORTS),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What Beranda reads of the office."""

    duties: Duties
    waits: Waits


def read_waiting(context: AppContext) -> Waiting:
    """Read it."""
    return Waiting(context.office.duties.mine(), read_waits(context))


def waiting_at(found: Waiting, user: User) -> dict[str, int]:
    """Return how many things wait for the user at each screen of a place."""
    duties, tasks = found.duties, found.waits.tasks

    def count(permission: Permission, *which: OfficeTask) -> int:
        return sum(tasks.get(task, 0) for task in which) if user.may(permission) else 0

    return {
        _ACTIVITIES.screen: len(duties.turns) + len(duties.to_dispose),
        _LETTERS.screen: duties.to_sign,
        _PEOPLE.screen: count(Permission.TYPE_STATUS, *STUCK),
        _DOCUMENTS.screen: count(Permission.HAND_OVER, OfficeTask.HAND_OVER),
        _PRINTS.screen: count(Permission.PRINT_CARDS, OfficeTask.PRINT),
        _SARPRAS.screen: len(duties.to_allow),
    }


class PlacesPresenter(Presenter[Rail]):
    """Keeps the numbers beside the places true; Beranda hands over what it reads, so nothing is counted twice."""

    def __init__(self, context: AppContext, tasks: Tasks) -> None:
        super().__init__(Rail())
        self._context, self._tasks, self._is_reading = context, tasks, False
        self._count(Waiting(Duties((), 0, (), (), 0, 0, 0), Waits({}, 0)))

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of things behind the numbers; nothing for who has no places."""
        kinds = (CardCase, CheckOut, Disposisi, Letter, Plan, SopRun, SuratPermohonan)
        return frozenset({"activity", "record", *(each.KIND for each in kinds)} if self.state.places else ())

    def refresh(self) -> None:
        """Read what waits; while the store is busy with the last reading nothing new is asked."""
        if not self._is_reading:
            self._is_reading = True
            self._tasks.run(STORE, lambda: read_waiting(self._context), self._read, self._unread)

    def take(self, found: Waiting) -> None:
        """Show what Beranda has just read."""
        self._count(found)

    def _read(self, found: Waiting) -> None:
        self._is_reading = False
        self._count(found)

    def _unread(self, _problem: Problem) -> None:
        self._is_reading = False  # the screen in front says what is wrong with the store

    def _count(self, found: Waiting) -> None:
        user = self._context.user
        counts = waiting_at(found, user)
        places = (Place(*place, counts.get(place.screen, 0)) for place in _OF_ROLE.get(user.role, ()))
        self._become(Rail(tuple(places), Place(*_SETTINGS) if user.role in _OF_ROLE else None))
