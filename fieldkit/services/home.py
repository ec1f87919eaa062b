"""What waits for the signed-in user, and what was left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.letters.letter import Letter, LetterState
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.biodata import masked_name
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.sarpras import CheckOut
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.domain.typed import Draft, DraftName, draft_of_recording
from fieldkit.ports.store import Store, Unit
from fieldkit.services.planning import ActivityLine, ListActivities, turns
from fieldkit.services.unit_of_work import UnitsOfWork

# What waits for the signed-in user: steps of SOPs, letters to sign, sarpras, and what a leader must see done.
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


# What the signed-in user left unfinished: recordings that are open, and forms that were typed into; latest first.

_RECORDING = "recording"
_CHOOSING = ("targets", "visits", "picked")  # screens on which somebody is only chosen; nothing is unfinished there
_OF_A_PERSON = ("walk_in", "application")  # forms whose field `name` is that of a resident


@dataclass(frozen=True, slots=True)
class Left:
    """One of them: where it goes on, about whom, and what is missing."""

    name: DraftName
    who: str  # masked; "" where it is about no one person
    at: datetime
    target_id: str = ""
    missing: tuple[StepKind, ...] = ()  # of a recording
    is_typed: bool = False  # something stands there that nobody accepted

    @property
    def is_recording(self) -> bool:
        """Return whether it is an open recording."""
        return self.name.screen == _RECORDING


class ListLeft:
    """Reads them from the store; nobody has to remember where they were."""

    def __init__(self, store: Store, user: User) -> None:
        self._store, self._user = store, user

    def all(self) -> tuple[Left, ...]:
        """Return everything that waits, latest first."""
        with self._store.read() as unit:
            drafts = {draft.name.text: draft for draft in unit.drafts.of(self._user.user_id)}
            found = self._recordings(unit, drafts) if self._user.may(Permission.RECORD) else []
            others = (draft for draft in drafts.values() if draft.name.screen not in (_RECORDING, *_CHOOSING))
            found += [_left(unit, draft) for draft in others]
        return tuple(sorted(found, key=lambda left: left.at, reverse=True))

    def _recordings(self, unit: Unit, drafts: Mapping[str, Draft]) -> list[Left]:
        begun = [session for session in unit.sessions.unfinished() if session.is_begun]
        targets = unit.targets.with_ids(session.target_id for session in begun)
        found = []
        for session in begun:
            name, target = draft_of_recording(session.session_id), targets.get(session.target_id)
            draft, who = drafts.get(name.text), session.biodata or (target.biodata if target else None)
            found.append(
                Left(
                    name,
                    who.masked_name if who else "",
                    max(session.last_at, draft.at) if draft else session.last_at,
                    session.target_id,
                    session.missing,
                    draft is not None,
                )
            )
        return found


def _left(unit: Unit, draft: Draft) -> Left:
    target_id = draft.name.about.get("target_id", "")
    typed = draft.fields.get("name", "") if draft.name.screen in _OF_A_PERSON else ""
    target = unit.targets.with_ids([target_id]).get(target_id)  # None: the list was read in anew without this person
    if target is not None:
        return Left(draft.name, target.biodata.masked_name, draft.at, target_id, is_typed=True)
    return Left(draft.name, masked_name(typed.strip().upper()) if typed.strip() else "", draft.at, is_typed=True)
