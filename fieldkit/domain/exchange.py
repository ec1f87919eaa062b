"""What two laptops know of one thing: revisions, what differs, what merges by itself, which kinds travel."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fieldkit.domain.aid import AidCase, AidRound
from fieldkit.domain.applications import Application
from fieldkit.domain.cards.blanks import BlankEntry
from fieldkit.domain.cards.card import CardCase, CardFacts, ClockPause, Distribution, PrintFailure
from fieldkit.domain.cards.printing import QueueTicket
from fieldkit.domain.events import Thing, digest_of
from fieldkit.domain.letters.letter import Letter, Letterhead, SigningTrail
from fieldkit.domain.notices import Notice
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import Activity, HouseSpot, Plan, Target, TargetState, TargetVerdict
from fieldkit.domain.planning.schedule import CalendarChoice, CalendarDay, Durations
from fieldkit.domain.reports import Evaluation, IkdOffer, IkdTarget, RecordingTally, SurveyAnswer
from fieldkit.domain.sarpras import (
    CheckIn,
    CheckOut,
    Consumable,
    DamageReport,
    RepairNote,
    SarprasItem,
    SarprasKit,
    SelfTestNote,
)
from fieldkit.domain.sop.profile import SopActors
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import SopGlance, merged_runs
from fieldkit.domain.status_lists import CopiedNiks, SeenStatuses, StatusList
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan, TargetNotes
from fieldkit.domain.targets.sheets import NikAdded, TargetList
from fieldkit.domain.visits import OfficialRecording, PerekamanChoice, Trip, Visit

# Where several bodies of one thing differ, field by field, and a body made of chosen parts of them.
Body = Mapping[str, Any]


def differing(bodies: Sequence[Body]) -> tuple[str, ...]:
    """Return the paths (`biodata.name`) at which they are not all the same; lists are taken as a whole."""
    return tuple(_differing("", [dict(body) for body in bodies]))


def value_at(body: Body, path: str) -> Any:
    """Return what a body has at a path, None where it has nothing."""
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def combined(bodies: Sequence[Body], chosen: int, picks: Mapping[str, int]) -> dict[str, Any]:
    """Return the chosen body with those fields of others that were picked: path → which body."""
    made: dict[str, Any] = copy.deepcopy(dict(bodies[chosen]))
    for path, number in picks.items():
        *way, last = path.split(".")
        place = made
        for name in way:
            place = place[name]
        place[last] = copy.deepcopy(value_at(bodies[number], path))
    return made


def _differing(before: str, bodies: Sequence[Body]) -> list[str]:
    found = []
    for name in dict.fromkeys(name for body in bodies for name in body):
        values: list[Any] = [body.get(name) for body in bodies]
        if all(value == values[0] for value in values):
            continue
        if all(isinstance(value, Mapping) for value in values):
            found += _differing(f"{before}{name}.", values)
        else:
            found.append(f"{before}{name}")
    return found


# What two laptops did to one thing without knowing of each other, where no person is needed to see what is true.

# A sealed record outweighs what was said at a door, and that outweighs a door that nobody knocked at.
_WEIGHT = {
    TargetState.PLANNED: 0,
    TargetState.RECORDING: 1,
    TargetState.POSTPONED: 2,
    TargetState.CANCELLED: 2,
    TargetState.RECORDED: 3,
    TargetState.RECORDED_WITH_EXCEPTION: 3,
}
COUNTED: Mapping[str, str] = {Consumable.KIND: "stock"}
"""Kinds with a number from which every laptop takes, and its field."""


def merged_values(one: object, other: object, times: tuple[datetime, datetime], stock: int) -> object | None:
    """Return the value that holds what both say, None when a person has to choose.

    `times` are when each was kept; `stock` is what is left after all that either laptop took.
    """
    if isinstance(one, SopRun) and isinstance(other, SopRun):
        return merged_runs(one, other)
    if isinstance(one, Target) and isinstance(other, Target):
        return _targets(one, other, times)
    if isinstance(one, Consumable) and isinstance(other, Consumable) and stock >= 0:
        left = replace(one, stock=stock)  # below zero somebody has to count
        return left if left == replace(other, stock=stock) else None
    if isinstance(one, SeenStatuses) and isinstance(other, SeenStatuses):
        both = {*one.statuses, *other.statuses}
        return replace(one, statuses=tuple(sorted(both, key=lambda said: (said.observed_at, said.code, said.reason))))
    return None


def _targets(one: Target, other: Target, times: tuple[datetime, datetime]) -> Target | None:
    """Where a target stands follows from visits and records, which are kept one by one; the rest people must agree on.

    Of two outcomes at the door the later one counts.
    """
    mine, theirs = (
        (_WEIGHT[each.state], at, each.state, each.reason) for each, at in zip((one, other), times, strict=True)
    )
    _, _, state, reason = max(mine, theirs)
    checked = {one.verdict, other.verdict} - {TargetVerdict.BELUM_DICEK}
    if len(checked) > 1:
        return None
    verdict = checked.pop() if checked else TargetVerdict.BELUM_DICEK
    settled = replace(one, state=state, reason=reason, verdict=verdict)
    return settled if settled == replace(other, state=state, reason=reason, verdict=verdict) else None


# What several laptops keep of one thing: which revision follows which, and which stand beside each other.
#
# Every revision carries its history: for each chain that ever changed the thing, the numbers of the changes that it
# knew. A revision that covers another knew it; two that do not cover each other were made without knowing of each
# other, and both stand until a person decides. The rules do not depend on who hears what first or how often.

# Chain → numbers of its changes. The last number would not do: whoever goes on from the other side of a conflict has
# not seen its own side, though its next number is higher.
Vector = Mapping[str, tuple[int, ...]]
Revisions = tuple["Revision", ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of one thing. `body` is its JSON, "" when it was removed."""

    kind: str
    thing_id: str
    activity_id: str
    digest: str  # hex SHA-256 of the body as its author kept it
    body: str
    vector: Vector
    kit: str
    actor: str  # user_id, "" when nobody can be named
    at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    """Of a stock: chain → what it added to or took from it all in all. What two laptops take is gone from one stock."""

    @property
    def is_removal(self) -> bool:
        """Return whether the thing was removed."""
        return not self.body

    def with_body(self, body: str) -> Revision:
        """Return it with another content."""
        return replace(self, body=body, digest=digest_of(body))


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far somebody knows a store: its last revision and its last event, both counted by that store."""

    revision: int = 0
    event: int = 0

    def covers(self, other: Watermark) -> bool:
        """Return whether it goes as far in both."""
        return self.revision >= other.revision and self.event >= other.event

    def joined(self, other: Watermark) -> Watermark:
        """Return the watermark of who knows both."""
        return Watermark(max(self.revision, other.revision), max(self.event, other.event))


def covers(one: Vector, other: Vector) -> bool:
    """Return whether whoever wrote the one knew everything of the other."""
    return all(set(numbers) <= set(one.get(chain, ())) for chain, numbers in other.items())


def joined(*vectors: Vector) -> Vector:
    """Return the vector that covers all of them and nothing else."""
    chains = sorted({chain for vector in vectors for chain in vector})
    return {chain: tuple(sorted({n for vector in vectors for n in vector.get(chain, ())})) for chain in chains}


def stepped(vector: Vector, step: tuple[str, int]) -> Vector:
    """Return the vector with one more change of a chain."""
    return joined(vector, {step[0]: (step[1],)})


def united(known: Iterable[Revision], came: Revision) -> Revisions:
    """Return what stands after another revision came: what it covers goes, and the same content stands once."""
    standing = list(known)
    twin = next((each for each in standing if (each.digest, each.counts) == (came.digest, came.counts)), None)
    if twin is not None:
        standing.remove(twin)
        first = min(twin, came, key=_age)
        came = replace(first, vector=joined(twin.vector, came.vector))
    elif any(covers(each.vector, came.vector) and each.vector != came.vector for each in standing):
        return in_order(standing)
    return in_order([*(each for each in standing if not _is_past(each, came)), came])


def in_order(revisions: Iterable[Revision]) -> Revisions:
    """Return revisions in the one order that every laptop shows: the one that counts first, then the newest."""
    return tuple(sorted(revisions, key=lambda each: (each.is_removal, -each.at.timestamp(), each.digest)))


def joined_counts(one: Revision, other: Revision) -> dict[str, int]:
    """Return what each chain did to a stock, as whoever heard more of that chain has it."""
    chains = sorted({*one.counts, *other.counts})
    return {chain: max(one, other, key=lambda each: _last(each, chain)).counts.get(chain, 0) for chain in chains}


def _last(revision: Revision, chain: str) -> int:
    return max(revision.vector.get(chain, ()), default=0)


Merge = Callable[[Revision, Revision, Mapping[str, int]], str | None]


def merged(standing: Sequence[Revision], merge: Merge, bump: Callable[[], tuple[str, int]]) -> Revisions:
    """Return what stands after everything that can be merged without a person was merged.

    `merge` takes two and what became of their stock and returns one body, or None. All laptops come to the same body
    and vector, so it counts as one revision wherever it was made; only twins with one vector need a number of this
    kit's own (`bump`: chain and number).
    """
    found = in_order(standing)
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            counts = joined_counts(one, other)
            body = merge(one, other, counts)
            if body is not None:
                vector = joined(one.vector, other.vector)
                if vector in (one.vector, other.vector):
                    vector = stepped(vector, bump())
                both = replace(max(one, other, key=_age).with_body(body), vector=vector, counts=counts)
                rest = [each for each in found if each not in (one, other)]
                return merged(united(rest, both), merge, bump)
    return found


def _is_past(each: Revision, came: Revision) -> bool:
    return covers(came.vector, each.vector) and each.vector != came.vector


def _age(revision: Revision) -> tuple[datetime, str, str]:
    return revision.at, revision.kit, revision.digest


# Which kinds of things the laptops of a team have in common, and which stay on their laptop.

SHARED: tuple[type[Thing], ...] = (
    SuratPermohonan,
    Disposisi,
    TargetList,
    TargetNotes,
    NikAdded,
    Staff,
    HouseSpot,
    Plan,
    SopRun,
    Letter,
    SigningTrail,
    SarprasItem,
    Consumable,
    SarprasKit,
    CheckOut,
    CheckIn,
    DamageReport,
    RepairNote,
    SelfTestNote,
    PerekamanChoice,
    Trip,
    Visit,
    OfficialRecording,
    RecordingTally,
    ClockPause,
    CardFacts,
    CardCase,
    Distribution,
    PrintFailure,
    BlankEntry,
    Application,
    Notice,
    AidCase,
    AidRound,
    Evaluation,
    IkdOffer,
    IkdTarget,
    SurveyAnswer,
    SeenStatuses,
)
"""What travels. A new kind stands here or below; a test asks."""

AT_HOME: tuple[type[Thing], ...] = (
    CalendarDay,
    CalendarChoice,
    Durations,
    Letterhead,
    SopActors,
    SopGlance,
    QueueTicket,
    StatusList,
    CopiedNiks,
)
"""The profile of the dinas as an admin keeps it on each laptop, what is made anew from other things, the numbers of a
waiting list, which are those of one laptop, lists of statuses: what they added to a record stays with the record, and
the numbers that somebody copied at one laptop.
"""

# Not things, but they travel like them. Parts of others come after what they belong to.
ACTIVITY, TARGET, ATTACHMENT = "activity", "target", "attachment"
IN_ORDER: tuple[str, ...] = (ACTIVITY, TARGET, *(kind.KIND for kind in SHARED), ATTACHMENT)
VALUES: dict[str, type[Activity] | type[Target] | type[Thing]] = {
    ACTIVITY: Activity,
    TARGET: Target,
    **{kind.KIND: kind for kind in SHARED},
}
"""Kind → its class; the bytes of an attachment have none."""
