"""What the laptops of a team tell each other by files: made here, carried over, read there, in any order and how often.

One bundle is one transaction: all of it is taken over, or nothing. What was changed on both sides without knowing of
each other is merged where that needs no person (`domain.merging`); else both sides stand and wait for one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fieldkit.domain.aid import AidCase
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.errors import InputError, RuleError, VaultError
from fieldkit.domain.events import Event
from fieldkit.domain.exchange import ATTACHMENT, TARGET, Revision, Revisions, Watermark, merged, merged_values, united
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.recording.exceptions import Act
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Visit
from fieldkit.ports.exchange import Bundle, BundleCodec, BundleSeal, OpenedBundle, Peer
from fieldkit.ports.store import Unit
from fieldkit.ports.vault import AuthorityProofs
from fieldkit.services.aid import aid_moved
from fieldkit.services.cards.print_cards import cards_moved
from fieldkit.services.sop.run_sop import glance_again, target_settled
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What two laptops brought about together: the SOPs of the activities that a merge touched hear of it.


class Touched:
    """Collects the activities whose doors, documents, aid or steps changed."""

    def __init__(self) -> None:
        self._runs: dict[str, None] = {}
        self._doors: dict[str, None] = {}
        self._cards: dict[str, None] = {}
        self._aid: dict[str, None] = {}

    def note(self, shown: Revision) -> None:
        """Note what is shown now of a thing."""
        of_kind = {
            SopRun.KIND: self._runs,
            TARGET: self._doors,
            Visit.KIND: self._doors,
            CardCase.KIND: self._cards,
            AidCase.KIND: self._aid,
        }.get(shown.kind)
        if of_kind is not None and shown.activity_id:
            of_kind[shown.activity_id] = None

    def tell(self, work: UnitOfWork) -> None:
        """Let the SOPs hear, and write what lists show of them."""
        for activity_id in sorted({*self._doors, *self._runs}):
            target_settled(work, activity_id)
        for activity_id in sorted({*self._cards, *self._runs}):
            cards_moved(work, activity_id)
        for activity_id in sorted({*self._aid, *self._runs}):
            aid_moved(work, activity_id)
        for activity_id in sorted(self._runs):
            run = work.unit.repository(SopRun).find(activity_id)
            if run is not None:
                glance_again(work, run)


# Settled conflicts in what another laptop tells: each by the key of the person who said what holds.

_ONE_ACT = timedelta(minutes=1)
_ENDED = "vault.cms_revoked"  # it may have counted when it was signed


def unsigned_settlements(events: Iterable[Event], authority: AuthorityProofs) -> int:
    """Return how many settlements nobody's key answers for: those of older programs, and of who was shut out since.

    Raise `InputError("exchange.settlement_unproven")` (who) for a signature that does not hold.
    """
    told = ((event, json.loads(event.payload)) for event in events if event.kind == Act.SETTLED)
    return sum(not _is_signed(event, payload, authority) for event, payload in told)


def _is_signed(event: Event, told: dict[str, object], authority: AuthorityProofs) -> bool:
    if "signature" not in told:
        return False
    try:
        certificate = base64.b64decode(str(told.get("certificate")), validate=True)
        signer, payload = authority.verify(str(told["signature"]), certificate)
    except (ValueError, VaultError) as error:
        if isinstance(error, VaultError) and error.code == _ENDED:
            return False
        raise InputError("exchange.settlement_unproven", who=event.actor) from error
    sides = told.get("sides")
    about = [told.get("digest"), *(sides if isinstance(sides, list) else [])]
    wanted: dict[str, object] = {
        "act": Act.SETTLED.value,
        "by": event.actor,
        "session": event.aggregate,
        "about": about,
    }
    wanted |= {"step": told.get("thing")}
    may = signer.title in tuple(Role) and User(signer.signer_id, "", Role(signer.title)).may(Permission.SEND)
    is_then = abs(datetime.fromisoformat(str(payload["at"])) - event.at) <= _ONE_ACT
    if not (may and is_then and signer.signer_id == event.actor and payload == {**payload, **wanted}):
        raise InputError("exchange.settlement_unproven", who=event.actor)
    return True


_PEOPLE = "exchange.people"
_MADE, _POSTED = "exchange.made_at", "exchange.posted"
SUFFIX = ".tukar"  # of a bundle's file


@dataclass(frozen=True, slots=True)
class MadeBundle:
    """A file to carry over. `code` opens it and is told by mouth, "" when the known kits open it by themselves."""

    name: str
    content: bytes
    code: str
    things: int
    kits: tuple[str, ...]  # who opens it without a code
    until: int = 0  # the last change of a thing that it tells


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
    unsigned: int = 0  # settled conflicts that nobody's key answers for


@dataclass(frozen=True, slots=True)
class Team:
    """The other laptops as they were last met. `conflicts` wait for a person."""

    kit: str
    peers: tuple[Peer, ...]
    conflicts: int
    made_at: datetime | None  # when this kit last made a file


@dataclass(frozen=True, slots=True)
class BundleTools:
    """What bundles are made with."""

    kit_id: str
    codec: BundleCodec
    seal: BundleSeal


class Exchange:
    """Bundles of the signed-in user."""

    def __init__(self, units: UnitsOfWork, tools: BundleTools) -> None:
        self._units, self._tools = units, tools

    def team(self) -> Team:
        """Return who was met, and when."""
        with self._units.read() as unit:
            made = unit.settings.get(_MADE)
            return Team(
                self._tools.kit_id,
                tuple(unit.revisions.peers()),
                unit.revisions.count_conflicts(),
                datetime.fromisoformat(made) if isinstance(made, str) else None,
            )

    def make(self, for_new: bool = False) -> MadeBundle:
        """Make a file with what the others do not know yet; `for_new` one for a laptop that was never met.

        That one holds everything and opens by a code, as the very first does.
        """
        with self._units.write(Permission.SEND) as work:
            repository = work.unit.revisions
            repository.catch_up(work.at)
            peers = () if for_new else tuple(repository.peers())
            known = [peer.knows if peer.knows_of == repository.chain else Watermark() for peer in peers] or [
                Watermark()
            ]
            since = Watermark(
                min(watermark.revision for watermark in known), min(watermark.event for watermark in known)
            )
            work.note("parcel_made", self._tools.kit_id, kits=[peer.kit for peer in peers])
            work.unit.settings.put(_MADE, work.at.isoformat())
            bundle = self._collected(work, since)
        code = "" if peers else self._tools.seal.new_code()
        recipients = [peer.recipient for peer in peers]
        sealed = self._tools.seal.close(self._tools.codec.pack(bundle), bundle.made_at, recipients, code)
        stamp = self._units.clock.local(bundle.made_at).strftime("%Y%m%d-%H%M%S")
        things = {(each.kind, each.thing_id) for each in bundle.revisions}
        name = f"{self._tools.kit_id}-{stamp}{SUFFIX}"
        return MadeBundle(name, sealed, code, len(things), tuple(peer.kit for peer in peers))

    def make_for(self, recipients: Mapping[str, str]) -> MadeBundle | None:
        """Make what these kits of the team are told over the gateway: kit → what is closed to it.

        None when nothing changed since the last one reached all of them; `posted` says that it did.
        """
        with self._units.write(Permission.SEND) as work:
            repository = work.unit.revisions
            repository.catch_up(work.at)
            until = repository.watermark().revision
            posted = work.unit.settings.get(_POSTED) or {}
            is_news = posted.get("chain") != repository.chain or posted.get("until", 0) < until
            if not recipients or not (is_news or set(recipients) - set(posted.get("kits", ()))):
                return None
            known = {peer.kit: peer.knows for peer in repository.peers() if peer.knows_of == repository.chain}
            told = [known.get(kit, Watermark()) for kit in recipients]
            since = Watermark(min(each.revision for each in told), min(each.event for each in told))
            work.note("parcel_made", self._tools.kit_id, kits=sorted(recipients))
            bundle = self._collected(work, since)
        content = self._tools.codec.pack(bundle)
        sealed = self._tools.seal.close(content, bundle.made_at, [recipients[kit] for kit in sorted(recipients)])
        things = {(each.kind, each.thing_id) for each in bundle.revisions}
        return MadeBundle("", sealed, "", len(things), tuple(sorted(recipients)), until)

    def posted(self, made: MadeBundle) -> None:
        """Note that the gateway has what was made for the team."""
        with self._units.write(Permission.SEND) as work:
            said = {"chain": work.unit.revisions.chain, "until": made.until, "kits": list(made.kits)}
            work.unit.settings.put(_POSTED, said)

    def wants_code(self, content: bytes) -> bool:
        """Return whether a file opens by a code. Raise `InputError("exchange.not_a_parcel")`."""
        return self._tools.seal.wants_code(content)

    def take(self, content: bytes, code: str = "") -> TakenOver:
        """Take over what a file brings. Raise `InputError`, `RuleError` `exchange.…`; nothing was taken then."""
        self._units.demand(Permission.SEND)
        opened = self._tools.seal.open(content, code)
        bundle = self._tools.codec.unpack(opened.content)
        if bundle.kit != opened.kit:
            raise InputError("exchange.untrusted")
        with self._units.write(Permission.SEND) as work:
            return self._take(work, bundle, opened)

    def _collected(self, work: UnitOfWork, since: Watermark) -> Bundle:
        unit, repository = work.unit, work.unit.revisions
        revisions = tuple(repository.since(since))
        files = {}
        for each in revisions:
            if each.kind == ATTACHMENT and not each.is_removal:
                attachment = unit.attachments.get(each.thing_id)
                files[attachment.sha256] = attachment.content
        return Bundle(
            kit=self._tools.kit_id,
            chain=repository.chain,
            made_at=work.at,
            made_by=work.user.user_id,
            since=since,
            until=repository.watermark(),
            recipient=self._tools.seal.recipient,
            seen={peer.chain: peer.read for peer in repository.peers()},
            people=people(unit),
            chains=tuple(repository.chains()),
            events=tuple(repository.events_since(since)),
            revisions=revisions,
            files=files,
        )

    def _take(self, work: UnitOfWork, bundle: Bundle, opened: OpenedBundle) -> TakenOver:
        repository = work.unit.revisions
        if bundle.kit == self._tools.kit_id:
            raise RuleError("exchange.own_file")
        peer = repository.peer(bundle.chain) or Peer(
            bundle.kit, bundle.chain, Watermark(), Watermark(), repository.chain, bundle.recipient, work.at
        )
        if not peer.read.covers(bundle.since):
            raise InputError("exchange.gap", kit=bundle.kit)
        repository.catch_up(work.at)
        unsigned = unsigned_settlements(bundle.events, opened.authority)
        events = repository.take_events(bundle.chains, bundle.events)
        work.unit.settings.put(_PEOPLE, {**people(work.unit), **bundle.people})
        counts = self._take_revisions(work, bundle)
        knows = bundle.seen.get(repository.chain, Watermark())
        before = peer.knows if peer.knows_of == repository.chain else Watermark()
        repository.keep_peer(
            replace(
                peer,
                read=peer.read.joined(bundle.until),
                knows=before.joined(knows),
                knows_of=repository.chain,
                recipient=bundle.recipient,
                read_at=work.at,
            )
        )
        work.note("parcel_taken", bundle.kit, signer=opened.signer_id, unsigned=unsigned, **counts)
        return TakenOver(bundle.kit, opened.signer, bundle.made_at, events=events, unsigned=unsigned, **counts)

    def _take_revisions(self, work: UnitOfWork, bundle: Bundle) -> dict[str, int]:
        repository, touched = work.unit.revisions, Touched()
        outcomes: dict[tuple[str, str], str] = {}
        by_thing: dict[tuple[str, str], list[Revision]] = {}
        for revision in bundle.revisions:
            by_thing.setdefault((revision.kind, revision.thing_id), []).append(revision)
        known = repository.keys()
        fresh = {key: came[0] for key, came in by_thing.items() if key not in known and len(came) == 1}
        repository.stand_new(list(fresh.values()), bundle.files)
        for key, revision in fresh.items():
            touched.note(revision)
            outcomes[key] = "new"
        for (kind, thing_id), came in by_thing.items():
            if (kind, thing_id) in fresh:
                continue
            was = repository.of(kind, thing_id)
            standing = was
            for revision in came:
                standing = united(standing, revision)
            is_one_sided = len(standing) == 1
            standing = settled(work.unit, standing)
            if standing == was:
                outcomes[kind, thing_id] = "same"
                continue
            repository.stand(standing, bundle.files)
            touched.note(standing[0])
            outcomes[kind, thing_id] = "conflicts" if len(standing) > 1 else "new" if is_one_sided else "merged"
        touched.tell(work)
        told = list(outcomes.values())
        return {name: told.count(name) for name in ("new", "same", "merged", "conflicts")}


def settled(unit: Unit, standing: Revisions) -> Revisions:
    """Return what stands after everything that needs no person was merged."""
    repository = unit.revisions

    def merge(one: Revision, other: Revision, counts: Mapping[str, int]) -> str | None:
        if other.is_removal or one.kind == ATTACHMENT:  # removals come last, and two of them are one
            return None
        mine, theirs = repository.read(one.kind, one.body), repository.read(other.kind, other.body)
        value = merged_values(mine, theirs, (one.at, other.at), sum(counts.values()))
        return None if value is None else repository.write(value)

    return merged(standing, merge, repository.bump)


def people(unit: Unit) -> dict[str, str]:
    """Return the names of everybody who worked with a laptop of the team, by user_id."""
    told: Mapping[str, str] = unit.settings.get(_PEOPLE) or {}
    return {**told, **{user.user_id: user.name for user in unit.users()}}
