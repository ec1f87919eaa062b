"""What the signed-in user left unfinished: recordings that are open, and forms that were typed into; latest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.drafts import Draft, DraftName, draft_of_recording
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.recording.biodata import masked_name
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.ports.store import Store, Unit

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
