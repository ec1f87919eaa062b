"""One thing was changed on two laptops that did not know of each other: a person sees both and says what holds.

What was said is a revision like any other: it travels, and the other laptops show the conflict no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import digest_of
from fieldkit.domain.exchange import (
    ATTACHMENT,
    COUNTED,
    Revision,
    Revisions,
    combined,
    differing,
    joined,
    joined_counts,
    stepped,
    value_at,
)
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.exceptions import Act
from fieldkit.domain.visits import Visit, settles
from fieldkit.ports.delivery import Credential, answered
from fieldkit.ports.store import Unit
from fieldkit.services.exchange.exchange import Touched, people
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

HIDDEN = "•••"  # differs, and is not for this screen
_PRIVATE = frozenset({"safety"})  # for those who go to the door
_NEVER = frozenset({"category"})
_NUMBERS = frozenset({"nik.digits", "no_kk.digits"})
_RECORDED = frozenset({TargetState.RECORDED, TargetState.RECORDED_WITH_EXCEPTION})


@dataclass(frozen=True, slots=True)
class Side:
    """What one laptop has. `values` are those that differ, as JSON has them, by path."""

    kit: str
    by: str  # a name, "" when nobody can be named
    at: datetime
    is_removal: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing with its sides; the first is the one that screens show meanwhile."""

    kind: str
    thing_id: str
    activity_id: str
    about: str  # whose or which it is
    activity: str
    differing: tuple[str, ...]
    sides: tuple[Side, ...]
    digests: tuple[str, ...] = field(repr=False)


class SettleConflicts:
    """Conflicts for the signed-in user."""

    def __init__(self, units: UnitsOfWork, kit_id: str, me: Credential) -> None:
        self._units, self._kit_id, self._me = units, kit_id, me

    def count(self) -> int:
        """Return how many wait."""
        with self._units.read() as unit:
            return unit.revisions.count_conflicts()

    def all(self) -> Sequence[Conflict]:
        """Return every conflict, the newest first."""
        with self._units.read() as unit:
            return [self._conflict(unit, standing) for standing in unit.revisions.conflicts()]

    def keep(self, conflict: Conflict, chosen: int, picks: Mapping[str, int] | None = None) -> None:
        """Let one side hold, with fields of other sides where they were picked (path → side); the user signs it.

        Raise `RuleError("exchange.settled_meanwhile")` when the sides are others by now, `InputError` for parts that do
        not fit together.
        """
        with self._units.write(Permission.SEND) as work:
            repository = work.unit.revisions
            repository.catch_up(work.at)
            standing = repository.of(conflict.kind, conflict.thing_id)
            if tuple(each.digest for each in standing) != conflict.digests:
                raise RuleError("exchange.settled_meanwhile")
            body = self._body(work.unit, standing, chosen, picks or {})
            held = Revision(
                *(conflict.kind, conflict.thing_id, conflict.activity_id, digest_of(body), body),
                vector=stepped(joined(*(each.vector for each in standing)), repository.bump()),
                kit=self._kit_id,
                actor=work.user.user_id,
                at=work.at,
                counts=_counts(standing, body, repository.chain),
            )
            repository.stand((held,), {})
            about = (held.digest, *conflict.digests)
            act = answered(self._me, Act.SETTLED, conflict.thing_id, conflict.kind, "", work.at, about)
            work.note(
                Act.SETTLED,
                conflict.thing_id,
                thing=conflict.kind,
                digest=held.digest,
                sides=list(conflict.digests),
                **act.payload,
            )
            _follow(work, held)

    def _body(self, unit: Unit, standing: Revisions, chosen: int, picks: Mapping[str, int]) -> str:
        side = standing[chosen]
        others = {path: number for path, number in picks.items() if number != chosen}
        if side.is_removal or not others:
            return side.body
        made = combined([_parsed(each) for each in standing], chosen, others)
        return unit.revisions.write(unit.revisions.read(side.kind, json.dumps(made)))

    def _conflict(self, unit: Unit, standing: Revisions) -> Conflict:
        first = standing[0]
        bodies = [_parsed(each) for each in standing]
        paths = differing([body for body in bodies if body])
        names = people(unit)
        sides = tuple(
            Side(
                each.kit,
                names.get(each.actor, each.actor),
                each.at,
                each.is_removal,
                {path: self._shown(path, value_at(body, path)) for path in paths},
            )
            for each, body in zip(standing, bodies, strict=True)
        )
        about, activity = _about(unit, first)
        digests = tuple(each.digest for each in standing)
        return Conflict(first.kind, first.thing_id, first.activity_id, about, activity, paths, sides, digests)

    def _shown(self, path: str, value: Any) -> Any:
        last = path.rsplit(".", 1)[-1]
        if last in _NEVER or (last in _PRIVATE and not self._units.user.may(Permission.VISIT)):
            return HIDDEN
        if any(path.endswith(number) for number in _NUMBERS) and isinstance(value, str):
            return Nik(value).masked
        return value


def _counts(standing: Revisions, body: str, chain: str) -> dict[str, int]:
    """Return what each chain did to a stock, the rest to what a person said being this kit's."""
    kind = standing[0].kind
    if kind not in COUNTED or not body:
        return {}
    counts = dict(reduce(_joined, standing).counts)
    return {**counts, chain: counts.get(chain, 0) + int(json.loads(body)[COUNTED[kind]]) - sum(counts.values())}


def _joined(one: Revision, other: Revision) -> Revision:
    return replace(one, vector=joined(one.vector, other.vector), counts=joined_counts(one, other))


def _parsed(revision: Revision) -> dict[str, Any]:
    return {} if revision.is_removal else dict(json.loads(revision.body))


def _about(unit: Unit, first: Revision) -> tuple[str, str]:
    """Return whose or which it is, and the name of its activity."""
    named = {each.activity_id: each.name for each in unit.activities.all()}
    activity = named.get(first.activity_id, "")
    if first.kind == ATTACHMENT:
        return "", activity
    value = unit.revisions.read(first.kind, first.body)  # no removal, for those come last
    target_id = getattr(value, "target_id", "")
    if target_id:
        return unit.targets.get(target_id).biodata.name, activity
    kits = " ".join(getattr(value, "kit_names", ()))
    return str(getattr(value, "name", "") or getattr(value, "title", "") or kits), activity


def _follow(work: UnitOfWork, held: Revision) -> None:
    """Let what depends on it follow: the target of a visit, the SOP of an activity."""
    touched = Touched()
    touched.note(held)
    if held.kind == Visit.KIND and not held.is_removal:
        visit = work.unit.repository(Visit).get(held.thing_id)
        target = work.unit.targets.get(visit.target_id)
        last = [each for each in work.unit.repository(Visit).of(visit.activity_id) if each.target_id == visit.target_id]
        is_last = max(last, key=lambda each: each.started_at) == visit
        if visit.outcome is not None and is_last and target.state not in _RECORDED:
            with suppress(RuleError):  # it tells of a record that is not known here yet, which will settle the target
                state = settles(visit.outcome, visit.wants_revisit, target.state)
                work.unit.targets.mark(target.target_id, state, visit.outcome.value)
    touched.tell(work)
