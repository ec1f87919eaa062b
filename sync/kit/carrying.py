"""Hands in sealed files that lie on a stick, whoever sealed them: their own manifests vouch for them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from pydantic import ValidationError

from fieldkit.domain.delivery import CentralStatus, DeliveryState
from fieldkit.domain.errors import InputError, KnownError, Problem, Recovery, RuleError, StoreError
from fieldkit.domain.office_bundles import SUFFIX, BundleKind, OfficeBundle
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import MOST_VOUCH_BYTES
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import (
    Brought,
    Budget,
    CarriedPair,
    CarryReport,
    NotCarried,
    ProgressSink,
    QueuedRecord,
    StatusReceived,
    SyncProgress,
)
from fieldkit.ports.devices import Cancel
from fieldkit.ports.exchange import OfficeBundles
from fieldkit.ports.messages import MediaFile
from fieldkit.ports.vault import SignatureVerifier
from fieldkit.services.exchange.exchange import MadeBundle, TakenOver
from sync.kit.announce import Announcing
from sync.kit.parts import Bounds, RunParts, Tally, stops
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Upload, demand_receipt
from sync.protocol.down import (
    MOST_BUNDLE_BYTES,
    MOST_POST_BYTES,
    PART_BYTES,
    RECIPIENT_TYP,
    DownAnswer,
    DownQuestion,
    Fetched,
    Nothing,
    Posting,
    RecipientWord,
    TeamAnswer,
    TeamMember,
    Vouches,
    Waiting,
    read_head,
    read_vouch,
    told,
    unpack,
)
from sync.protocol.messages import Announced, CarriedRecords, HelloAnswer, Manifest, StatusPage
from sync.protocol.outcomes import (
    NotOfferedError,
    RecordError,
    RecordRefusedError,
    RecordRetryError,
    RunStoppedError,
    of_the_whole_run,
)

_RECEIPT = ".receipt"
_MOST_MANIFEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Load:
    """One file and what its manifest says; nothing is verified yet."""

    file: MediaFile
    owner: str
    record: QueuedRecord
    vouch: MediaFile | None


class CarryingEngine:
    """Implements `Carrier` over a link."""

    def __init__(self, link: DataCenterLink, receipts: SignatureVerifier, clock: Clock) -> None:
        self._link, self._receipts, self._clock = link, receipts, clock

    def carry(self, pairs: Sequence[CarriedPair], progress: ProgressSink, cancel: Cancel) -> CarryReport:
        """Announce, send and prove; a receipt is written beside its file. What the network does is in the report."""
        tally = Tally(self._clock.now())
        trip = _Trip(self._link, self._receipts, tally, Bounds(Budget(), cancel, tally), progress)
        stops(tally, lambda: trip.make(pairs))
        stops(tally, self._link.close)
        return CarryReport(
            carried=tuple(trip.carried),
            held_already=tuple(trip.held_already),
            refused=tuple(trip.refused),
            stopped_by=tally.stopped_by,
        )


class _Trip:
    """One handing-in."""

    def __init__(
        self,
        link: DataCenterLink,
        receipts: SignatureVerifier,
        tally: Tally,
        bounds: Bounds,
        progress: ProgressSink,
    ) -> None:
        self._link, self._receipts, self._tally = link, receipts, tally
        self._bounds, self._progress = bounds, progress
        self.carried: list[str] = []
        self.held_already: list[str] = []
        self.refused: list[NotCarried] = []

    def make(self, pairs: Sequence[CarriedPair]) -> None:
        """Raise `KnownError`, `EnoughError`."""
        loads = list(self._loads(pairs))
        if not loads:
            return
        self._progress.offer(SyncProgress("sync.step.hello"))
        server = self._link.hello()
        self._progress.offer(SyncProgress("sync.step.announce"))
        Announcing(self._announced, lambda _: None, self._refuse, self._refuse).announce(
            [load.record for load in loads]
        )
        turned_away = {refused.record_id for refused in self.refused}
        taken = [load for load in loads if load.record.record_id not in turned_away]
        for done, load in enumerate(taken):
            try:
                self._hand_in(load, server, done, len(taken))
            except (RecordRefusedError, RecordRetryError) as error:
                self._refuse(load.record, error.code)

    def _announced(self, manifests: Sequence[str]) -> Sequence[Announced]:
        return self._link.carry(CarriedRecords(manifests=tuple(manifests))).manifests

    def _hand_in(self, load: _Load, server: HelloAnswer, done: int, total: int) -> None:
        link, record = self._link.on_behalf_of(load.owner), load.record
        self._bounds.check()
        try:
            receipt = link.receipt(record.record_id)
            held = self.held_already
        except RecordError:  # no receipt yet
            receipt, held = "", self.carried
        if not receipt:

            def checkpoint(offset: int) -> None:
                shown = (record.record_id, offset, record.size_bytes, done, total)
                self._progress.offer(SyncProgress("sync.step.send", *shown))
                self._bounds.check()

            Upload(_OneFile(load.file), link, self._tally, server.max_chunk_bytes).send(record, checkpoint)
            receipt = link.receipt(record.record_id)
        demand_receipt(receipt, record, server.gateway, self._receipts)
        with suppress(OSError):  # a stick that is written to by nobody proves as much
            load.file.lay_beside(_RECEIPT, receipt.encode("ascii"))
        held.append(record.record_id)
        if load.vouch is not None:
            self._hand_in_vouch(link, load.vouch, record)

    def _hand_in_vouch(self, link: DataCenterLink, file: MediaFile, record: QueuedRecord) -> None:
        """Hand in what a team lead signed for the record; the data center judges it."""
        try:
            vouch = read_vouch(file.read(MOST_VOUCH_BYTES), record.record_id)
            is_taken = link.vouch(Vouches(vouches=(vouch,))).words == ("",)
        except (OSError, ValueError, NotOfferedError, RecordError):
            is_taken = False
        if not is_taken:
            self._refuse(record, "sync.vouch_not_taken")

    def _refuse(self, record: QueuedRecord, code: str) -> None:
        self.refused.append(NotCarried(record.record_id, code))

    def _loads(self, pairs: Sequence[CarriedPair]) -> Iterator[_Load]:
        """Yield each record once, from the first file that is whole."""
        seen: set[tuple[str, str]] = set()
        broken: dict[str, str] = {}
        for pair in pairs:
            load = _read(pair)
            if isinstance(load, str):
                broken.setdefault(pair.record_id, load)
            elif (load.owner, load.record.record_id) not in seen:
                seen.add((load.owner, load.record.record_id))
                yield load
        whole = {record_id for _, record_id in seen}
        self.refused += [NotCarried(name, code) for name, code in broken.items() if name not in whole]


class _OneFile:
    """Where an upload takes the bytes of a carried record from; how far it got is the server's to know."""

    def __init__(self, file: MediaFile) -> None:
        self._file = file

    def sealed_bytes(self, _record_id: str) -> BinaryIO:
        """Open the file."""
        return self._file.open()

    def mark_progress(self, _record_id: str, _offset: int) -> None:
        """Keep nothing."""


def _read(pair: CarriedPair) -> _Load | str:
    """Return what a pair is, or the code of why it is none."""
    if pair.manifest is None:
        return "sync.no_manifest"
    try:
        token = pair.manifest.read(_MOST_MANIFEST_BYTES).decode("ascii").partition("\n")[0].strip()
        stated = Manifest.model_validate(_payload(token))
        whole = _is_whole(pair.file, stated)
    except OSError:
        return "sync.sealed_file_unreadable"
    except (ValueError, RecursionError, ValidationError):
        return "sync.manifest_unreadable"
    if not whole:
        return "sync.sealed_file_damaged"
    queued = QueuedRecord(str(stated.record_id), token, stated.size_bytes, stated.sha256, DeliveryState.QUEUED)
    return _Load(pair.file, stated.kit, queued, pair.vouch)


def _payload(token: str) -> object:
    """Return what a compact JWS says. Raise `ValueError`; the data center verifies it, we only read whose it is."""
    _, payload, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _is_whole(file: MediaFile, stated: Manifest) -> bool:
    digest, size = hashlib.sha256(), 0
    for piece in file.pieces():
        digest.update(piece)
        size += len(piece)
    return (digest.hexdigest(), size) == (stated.sha256, stated.size_bytes)


# Reads what the data center says about our records.

# A feed that never ends must not hold a run; the cursor is kept, so that a long one goes on with the next.
_MOST_PAGES = 500


def read_feed(parts: RunParts) -> None:
    """Read page by page, each kept with its cursor. Raise `RunStoppedError`."""
    # What lost records may have lost its place in the feed too; what came before changes nothing here.
    cursor = "" if parts.tally.lost else parts.outbox.status_cursor()
    seen = {cursor}
    for _ in range(_MOST_PAGES):
        parts.bounds.check()
        page = _page(parts, cursor)
        items = [
            StatusReceived(
                str(item.record_id),
                CentralStatus(item.code, item.source, item.observed_at, item.reason),
                item.verdict,
            )
            for item in page.items
        ]
        if items:
            parts.outbox.save_statuses(items, page.cursor)
        parts.tally.statuses += len(items)
        if not page.has_more:
            return
        cursor = page.cursor
        if cursor in seen:
            raise RunStoppedError("sync.nonsense")
        seen.add(cursor)
    raise RunStoppedError("sync.nonsense")


def _page(parts: RunParts, cursor: str) -> StatusPage:
    with of_the_whole_run():
        try:
            return parts.link.statuses(cursor)
        except RecordError as error:
            is_cursor = bool(cursor) and (isinstance(error, RecordRefusedError) or error.status == 404)
            if not is_cursor:
                raise
            # Our place is no place of this feed: a data center that was set up anew. From the beginning, then.
            return parts.link.statuses("")


# Fetches what the office sent down, before anything is sent up: whom it shut out must be known first.

_ORDER = list(BundleKind)
_KIT_REVOKED = "sync.kit_revoked"
_MOST_FILE_BYTES = MOST_BUNDLE_BYTES + 64 * 1024


class Pulling:
    """Takes the bundles that this kit does not go by yet, and tells the office how each ended."""

    def __init__(self, bundles: OfficeBundles, office: SignatureVerifier, kit: str, recipient: str) -> None:
        """`office` verifies with the key of the receipts; `recipient` is what bundles for this kit are closed to."""
        self._bundles, self._office, self._kit, self._recipient = bundles, office, kit, recipient

    def pull(self, parts: RunParts) -> None:
        """Take what there is. What is wrong with one bundle is a note, and keeps nobody from sending.

        Raise `RunStoppedError`, `StoreError`, `EnoughError`.
        """
        left = self._bundles.finish()
        if left is not None:
            parts.tally.from_office.append(left)
        try:
            heads = self._ask(parts).bundles
        except NotOfferedError:
            return
        except RunStoppedError as error:
            if error.code == _KIT_REVOKED:
                self._learn_of_revocation(parts)
            raise
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        taken = [self._take(parts, bundle) for bundle in self._believed(parts, heads)]
        if any(taken):
            try:
                self._ask(parts)
            except RecordError as error:  # the next run tells it again
                parts.tally.note(error.problem)

    def bring(self, tree: Path) -> Brought:
        """Take the bundles that lie in a tree of folders, by the same rules. Raise `StoreError`."""
        taken, found = [], []
        problems: list[Problem] = []
        unlisted = Problem("office.damaged", recovery=Recovery.RETRY)
        for file in Place(tree).walk(lambda _place, _error: problems.append(unlisted)):
            if file.suffix != SUFFIX:
                continue
            try:
                head, content = unpack(file.read(_MOST_FILE_BYTES))
                found.append((read_head(head, self._office), content))
            except OSError:
                problems.append(Problem("office.damaged", recovery=Recovery.RETRY))
            except InputError as error:
                problems.append(error.problem)
        for bundle, content in sorted(found, key=lambda each: _place(each[0])):
            try:
                standing = self._bundles.take(bundle, content)
            except InputError as error:
                problems.append(error.problem)
                continue
            if standing is not None:
                taken.append(standing)
                problems += [_refused(bundle)] if standing.code else []
        return Brought(tuple(taken), tuple(problems))

    def _learn_of_revocation(self, parts: RunParts) -> None:
        """Take the list that says so: who was shut out gets nothing else, and its sessions end by it."""
        with suppress(InputError, RunStoppedError, RecordError):
            head, content = unpack(parts.link.public_bytes("/revocations"))
            standing = self._bundles.take(read_head(head, self._office), content)
            if standing is not None:
                parts.tally.from_office.append(standing)

    def _ask(self, parts: RunParts) -> DownAnswer:
        word = RecipientWord(kit=self._kit, recipient=self._recipient, at=parts.clock.now())
        standings = tuple(map(told, self._bundles.standings()))
        question = DownQuestion(recipient=parts.link.sign(word, RECIPIENT_TYP), standings=standings)
        return parts.link.ask_newer("/down", DownAnswer, question)

    def _believed(self, parts: RunParts, heads: Sequence[str]) -> list[OfficeBundle]:
        believed = []
        for head in heads:
            try:
                believed.append(read_head(head, self._office))
            except InputError as error:
                parts.tally.note(error.problem)
        return sorted(believed, key=_place)

    def _take(self, parts: RunParts, bundle: OfficeBundle) -> bool:
        parts.bounds.check()
        try:
            standing = self._bundles.take(bundle, self._fetched(parts, bundle))
        except (StoreError, RunStoppedError):
            raise
        except KnownError as error:
            parts.tally.note(error.problem)
            return False
        if standing is None:
            return False
        parts.tally.from_office.append(standing)
        if standing.code:
            parts.tally.note(_refused(bundle))
        return True

    def _fetched(self, parts: RunParts, bundle: OfficeBundle) -> bytes:
        content = bytearray()
        for number in range(-(-bundle.size_bytes // PART_BYTES)):
            part = parts.link.carry_bytes("GET", f"/down/{bundle.sha256}/{number}")
            if not part:
                break
            content += part
            if len(content) > bundle.size_bytes:
                break
        return bytes(content)


def _place(bundle: OfficeBundle) -> tuple[int, int]:
    return _ORDER.index(bundle.kind), bundle.version


def _refused(bundle: OfficeBundle) -> Problem:
    return Problem("office.refused", {"version": bundle.version}, Recovery.ASK_OFFICE)


# Tells the other kits of the team what changed here, over a gateway that cannot read it, and takes what they tell.

# Returns what is closed to a kit of the team. Raises `KnownError` for a member that our authority does not vouch for.
Believed = Callable[[TeamMember], str]


class TeamBundles(Protocol):
    """What laptops of a team tell each other, as bundles that only they open."""

    def make_for(self, recipients: dict[str, str]) -> MadeBundle | None:
        """Make one for these kits, None when there is nothing new."""
        ...

    def posted(self, made: MadeBundle) -> None:
        """Note that it is on its way."""
        ...

    def take(self, content: bytes, code: str = "") -> TakenOver:
        """Take over what one brings. Raise `InputError`, `RuleError`; nothing was taken then."""
        ...


class TeamExchange:
    """One round: first what the others posted, then what is new here."""

    def __init__(self, bundles: TeamBundles, believed: Believed) -> None:
        self._bundles, self._believed = bundles, believed

    def exchange(self, parts: RunParts) -> None:
        """Take and post; what is wrong with one bundle is a note. Raise `RunStoppedError`, `StoreError`."""
        try:
            answer = parts.link.ask_newer("/team", TeamAnswer, Nothing())
            for waiting in answer.waiting:
                self._take(parts, waiting)
            self._post(parts, answer)
        except NotOfferedError:
            return
        except (RecordError, RuleError) as error:  # the role of who is signed in may not exchange
            parts.tally.note(error.problem)

    def _take(self, parts: RunParts, waiting: Waiting) -> None:
        parts.bounds.check()
        try:
            taken = self._bundles.take(self._fetched(parts, waiting))
        except (InputError, RuleError) as error:
            # Its sender sends again whatever we have not read; this very one will never be better.
            parts.tally.note(error.problem)
        else:
            parts.tally.exchanged += 1
            parts.tally.conflicts += taken.conflicts
        parts.link.ask_newer("/team/fetched", Nothing, Fetched(object_id=waiting.object_id))

    def _fetched(self, parts: RunParts, waiting: Waiting) -> bytes:
        content = b"".join(
            parts.link.carry_bytes("GET", f"/team/post/{waiting.object_id}/{number}")
            for number in range(-(-waiting.size_bytes // PART_BYTES))
        )
        if sha256(content).hexdigest() != waiting.sha256:
            raise InputError("exchange.damaged")
        return content

    def _post(self, parts: RunParts, answer: TeamAnswer) -> None:
        recipients: dict[str, str] = {}
        for member in answer.members:
            try:
                recipients[member.kit] = self._believed(member)
            except KnownError as error:
                parts.tally.note(error.problem)
        made = self._bundles.make_for(recipients)
        if made is None:
            return
        if len(made.content) > MOST_POST_BYTES:
            params = {"most_mb": MOST_POST_BYTES // 1024**2}
            parts.tally.note(Problem("exchange.too_large_to_post", params, Recovery.CORRECT_INPUT))
            return
        posting = Posting(
            object_id=uuid4().hex, to=made.kits, sha256=sha256(made.content).hexdigest(), size_bytes=len(made.content)
        )
        parts.link.ask_newer("/team/post", Nothing, posting)
        for number in range(-(-len(made.content) // PART_BYTES)):
            parts.bounds.check()
            piece = made.content[number * PART_BYTES : (number + 1) * PART_BYTES]
            parts.link.carry_bytes("PUT", f"/team/post/{posting.object_id}/{number}", piece)
        self._bundles.posted(made)
