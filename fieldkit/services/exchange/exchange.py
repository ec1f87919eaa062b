"""What the laptops of a team tell each other by files: made here, carried over, read there, in any order and how often.

One parcel is one transaction: all of it is taken over, or nothing. What was changed on both sides without knowing of
each other is merged where that needs no person (`domain.merging`); else both sides stand and wait for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.exchange.merging import merged_values
from fieldkit.domain.exchange.revisions import Reach, Revision, Revisions, merged, united
from fieldkit.domain.exchange.shared_kinds import ATTACHMENT
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.exchange import OpenedParcel, Parcel, ParcelCodec, ParcelSeal, Peer
from fieldkit.ports.store import Unit
from fieldkit.services.acts import Acts, Writing
from fieldkit.services.exchange.news import Touched

_PEOPLE = "exchange.people"
_MADE = "exchange.made_at"
SUFFIX = ".tukar"  # of a parcel's file


@dataclass(frozen=True, slots=True)
class MadeParcel:
    """A file to carry over. `code` opens it and is told by mouth, "" when the known kits open it by themselves."""

    name: str
    content: bytes
    code: str
    things: int
    kits: tuple[str, ...]  # who opens it without a code


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a file brought. Counted are things, not their revisions."""

    kit: str
    by: str
    made_at: datetime
    new: int
    same: int
    merged: int
    conflicts: int
    events: int


@dataclass(frozen=True, slots=True)
class Team:
    """The other laptops as they were last met. `conflicts` wait for a person."""

    kit: str
    peers: tuple[Peer, ...]
    conflicts: int
    made_at: datetime | None  # when this kit last made a file


@dataclass(frozen=True, slots=True)
class ParcelTools:
    """What parcels are made with."""

    kit_id: str
    codec: ParcelCodec
    seal: ParcelSeal


class Exchange:
    """Parcels of the signed-in user."""

    def __init__(self, acts: Acts, tools: ParcelTools) -> None:
        self._acts, self._tools = acts, tools

    def team(self) -> Team:
        """Return who was met, and when."""
        with self._acts.read() as unit:
            made = unit.settings.get(_MADE)
            return Team(
                self._tools.kit_id,
                tuple(unit.revisions.peers()),
                unit.revisions.count_conflicts(),
                datetime.fromisoformat(made) if isinstance(made, str) else None,
            )

    def make(self, for_new: bool = False) -> MadeParcel:
        """Make a file with what the others do not know yet; `for_new` one for a laptop that was never met.

        That one holds everything and opens by a code, as the very first does.
        """
        with self._acts.write(Permission.SEND) as writing:
            shelf = writing.unit.revisions
            shelf.catch_up(writing.at)
            peers = () if for_new else tuple(shelf.peers())
            known = [peer.knows if peer.knows_of == shelf.chain else Reach() for peer in peers] or [Reach()]
            since = Reach(min(reach.revision for reach in known), min(reach.event for reach in known))
            writing.note("parcel_made", self._tools.kit_id, kits=[peer.kit for peer in peers])
            writing.unit.settings.put(_MADE, writing.at.isoformat())
            parcel = self._collected(writing, since)
        code = "" if peers else self._tools.seal.new_code()
        recipients = [peer.recipient for peer in peers]
        sealed = self._tools.seal.close(self._tools.codec.pack(parcel), parcel.made_at, recipients, code)
        stamp = self._acts.clock.local(parcel.made_at).strftime("%Y%m%d-%H%M%S")
        things = {(each.kind, each.thing_id) for each in parcel.revisions}
        name = f"{self._tools.kit_id}-{stamp}{SUFFIX}"
        return MadeParcel(name, sealed, code, len(things), tuple(peer.kit for peer in peers))

    def wants_code(self, content: bytes) -> bool:
        """Return whether a file opens by a code. Raise `InputError("exchange.not_a_parcel")`."""
        return self._tools.seal.wants_code(content)

    def take(self, content: bytes, code: str = "") -> TakenOver:
        """Take over what a file brings. Raise `InputError`, `RuleError` `exchange.…`; nothing was taken then."""
        self._acts.demand(Permission.SEND)
        opened = self._tools.seal.open(content, code)
        parcel = self._tools.codec.unpack(opened.content)
        if parcel.kit != opened.kit:
            raise InputError("exchange.untrusted")
        with self._acts.write(Permission.SEND) as writing:
            return self._take(writing, parcel, opened)

    def _collected(self, writing: Writing, since: Reach) -> Parcel:
        unit, shelf = writing.unit, writing.unit.revisions
        revisions = tuple(shelf.since(since))
        files = {}
        for each in revisions:
            if each.kind == ATTACHMENT and not each.is_removal:
                attachment = unit.attachments.get(each.thing_id)
                files[attachment.sha256] = attachment.content
        return Parcel(
            kit=self._tools.kit_id,
            chain=shelf.chain,
            made_at=writing.at,
            made_by=writing.user.user_id,
            since=since,
            until=shelf.reach(),
            recipient=self._tools.seal.recipient,
            seen={peer.chain: peer.read for peer in shelf.peers()},
            people=people(unit),
            chains=tuple(shelf.chains()),
            events=tuple(shelf.events_since(since)),
            revisions=revisions,
            files=files,
        )

    def _take(self, writing: Writing, parcel: Parcel, opened: OpenedParcel) -> TakenOver:
        shelf = writing.unit.revisions
        if parcel.kit == self._tools.kit_id:
            raise RuleError("exchange.own_file")
        peer = shelf.peer(parcel.chain) or Peer(
            parcel.kit, parcel.chain, Reach(), Reach(), shelf.chain, parcel.recipient, writing.at
        )
        if not peer.read.covers(parcel.since):
            raise InputError("exchange.gap", kit=parcel.kit)
        shelf.catch_up(writing.at)
        events = shelf.take_events(parcel.chains, parcel.events)
        writing.unit.settings.put(_PEOPLE, {**people(writing.unit), **parcel.people})
        counts = self._take_revisions(writing, parcel)
        knows = parcel.seen.get(shelf.chain, Reach())
        before = peer.knows if peer.knows_of == shelf.chain else Reach()
        shelf.keep_peer(
            replace(
                peer,
                read=peer.read.joined(parcel.until),
                knows=before.joined(knows),
                knows_of=shelf.chain,
                recipient=parcel.recipient,
                read_at=writing.at,
            )
        )
        writing.note("parcel_taken", parcel.kit, signer=opened.signer_id, **counts)
        return TakenOver(parcel.kit, opened.signer, parcel.made_at, events=events, **counts)

    def _take_revisions(self, writing: Writing, parcel: Parcel) -> dict[str, int]:
        shelf, touched = writing.unit.revisions, Touched()
        outcomes: dict[tuple[str, str], str] = {}
        by_thing: dict[tuple[str, str], list[Revision]] = {}
        for revision in parcel.revisions:
            by_thing.setdefault((revision.kind, revision.thing_id), []).append(revision)
        known = shelf.keys()
        fresh = {key: came[0] for key, came in by_thing.items() if key not in known and len(came) == 1}
        shelf.stand_new(list(fresh.values()), parcel.files)
        for key, revision in fresh.items():
            touched.note(revision)
            outcomes[key] = "new"
        for (kind, thing_id), came in by_thing.items():
            if (kind, thing_id) in fresh:
                continue
            was = shelf.of(kind, thing_id)
            standing = was
            for revision in came:
                standing = united(standing, revision)
            is_one_sided = len(standing) == 1
            standing = settled(writing.unit, standing)
            if standing == was:
                outcomes[kind, thing_id] = "same"
                continue
            shelf.stand(standing, parcel.files)
            touched.note(standing[0])
            outcomes[kind, thing_id] = "conflicts" if len(standing) > 1 else "new" if is_one_sided else "merged"
        touched.tell(writing)
        told = list(outcomes.values())
        return {name: told.count(name) for name in ("new", "same", "merged", "conflicts")}


def settled(unit: Unit, standing: Revisions) -> Revisions:
    """Return what stands after everything that needs no person was merged."""
    shelf = unit.revisions

    def merge(one: Revision, other: Revision, counts: Mapping[str, int]) -> str | None:
        if one.is_removal or other.is_removal or one.kind == ATTACHMENT:
            return None
        mine, theirs = shelf.read(one.kind, one.body), shelf.read(other.kind, other.body)
        value = merged_values(mine, theirs, (one.at, other.at), sum(counts.values()))
        return None if value is None else shelf.write(value)

    return merged(standing, merge, shelf.bump) if len(standing) > 1 else standing


def people(unit: Unit) -> dict[str, str]:
    """Return the names of everybody who worked with a laptop of the team, by user_id."""
    told: Mapping[str, str] = unit.settings.get(_PEOPLE) or {}
    return {**told, **{user.user_id: user.name for user in unit.users()}}
