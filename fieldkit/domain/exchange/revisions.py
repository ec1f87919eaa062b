"""What several laptops keep of one thing: which revision follows which, and which stand beside each other.

Every revision carries its history: for each chain that ever changed the thing, the numbers of the changes that it knew.
A revision that covers another knew it; two that do not cover each other were made without knowing of each other, and
both stand until a person decides. The rules do not depend on who hears what first or how often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fieldkit.domain.events import digest_of

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
