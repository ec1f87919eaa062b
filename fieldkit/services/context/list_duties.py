"""What waits for the signed-in user: steps of SOPs, letters to sign, sarpras, and what a leader must see done."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.domain.letters.letter import Letter, LetterState
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckOut
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.services.planning.list_activities import ActivityLine, ListActivities, turns
from fieldkit.services.unit_of_work import UnitsOfWork

_TO_SIGN = LetterState.WAITING, LetterState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Duties:
    """Everything that the user can go on with now."""

    turns: tuple[ActivityLine, ...]  # each with the step that is the user's, the nearest day first
    to_sign: int  # letters that wait for the signature, or whose outcome is unknown
    to_dispose: tuple[SuratPermohonan, ...]  # requests that no SOP runs for
    to_allow: tuple[tuple[CheckOut, str], ...]  # sarpras lists without the permission, with the place
    activities: int
    unfinished: int
    late: int
    overdue: tuple[ActivityLine, ...] = ()  # for who answers for the office: what others leave undone, oldest first


class ListDuties:
    """Reads them."""

    def __init__(self, units: UnitsOfWork, activities: ListActivities) -> None:
        self._units, self._activities = units, activities

    def mine(self) -> Duties:
        """Return what waits for the user."""
        user, today = self._units.user, self._units.clock.today()
        lines = self._activities.everything()
        running = {line.activity.activity_id for line in lines if line.glance is not None}
        places = {line.activity.activity_id: line.activity.place for line in lines}
        with self._units.read() as unit:
            letters = unit.repository(Letter).having("state", _TO_SIGN) if user.may(Permission.SIGN) else ()
            disposed = {each.request_id for each in unit.repository(Disposisi).search()}
            asked = unit.repository(SuratPermohonan).search() if user.may(Permission.DISPOSE) else ()
            lists = unit.repository(CheckOut).search() if user.may(Permission.ALLOW_SARPRAS) else ()
        late = [line for line in lines if line.is_late(today)]
        owed = [line for line in late if line.mine is None] if user.may(Permission.APPROVE) else []
        return Duties(
            turns=tuple(turns(lines)),
            to_sign=len(letters),
            to_dispose=tuple(r for r in asked if r.thing_id not in disposed and r.activity_id not in running),
            to_allow=tuple(
                (each, places.get(each.activity_id, ""))
                for each in lists
                if each.out_at is None and each.checklist.izin is None
            ),
            activities=len(lines),
            unfinished=sum(not line.progress.is_over for line in lines),
            late=len(late),
            overdue=tuple(sorted(owed, key=lambda line: line.days[-1])),
        )

    def kit_of(self, activity_id: str) -> CheckOut | None:
        """Return the newest list with which sarpras left for an activity, or is about to."""
        with self._units.read() as unit:
            lists = unit.repository(CheckOut).of(activity_id)
        return lists[-1] if lists else None
