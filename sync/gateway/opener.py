"""Opens what was received, says whether it is valid, and asks penunggalan. May run elsewhere than the gateway."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from fieldkit.domain.delivery import CentralCode
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import CapturePolicy
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.domain.recording.record import ChainLink
from fieldkit.formats.container import NEWER
from fieldkit.formats.rules import load_policy
from fieldkit.vault.certificates import load_certificate
from sync.gateway.blobs import Content
from sync.gateway.certificates import revoked_certificates
from sync.gateway.custody import DAMAGED, fault_named, mark_lost
from sync.gateway.database import FEED, draw_number, reading
from sync.gateway.down.publishing import policy_for
from sync.gateway.ledger import Penunggalan, Submission
from sync.gateway.opening.claims import LEASE, Claim, Claims, OpeningContext
from sync.gateway.tables import records, statuses, vouches

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What the opener reads in a record. The NIK stays in memory only."""

    record_id: str
    kit: str
    link: ChainLink
    nik: str = field(repr=False)
    amends: str = ""
    note: str = ""  # said with the verdict, such as a clock that cannot have been right


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the gateway knows of a seal from elsewhere than the sealed file."""

    sealed_at: datetime  # by the manifest, which the laptop's clock wrote
    seen_at: datetime  # when the gateway first saw the digest of the file: the seal is no younger
    revoked: Collection[int] = ()  # serial numbers that did not count at the seal any more
    vouches: Sequence[ReceivedVouch] = ()  # what team leads signed since
    policy: CapturePolicy = field(default_factory=load_policy)  # of the office for this kit, else what ships


@dataclass(frozen=True, slots=True)
class ReceivedVouch:
    """A signature for a record, by a certificate that counted when it came."""

    jws: str
    certificate: bytes
    received_at: datetime


class Outcome(StrEnum):
    """What became of a record that an opener took."""

    VALID = "valid"
    INVALID = "invalid"
    SET_ASIDE = "set_aside"  # it failed for a reason of ours
    HELD = "held"  # a team lead has to sign for it
    LOST = "lost"  # its bytes are missing or damaged
    BY_ANOTHER = "by_another"  # another opener was faster


# → record, or a `KnownError`.
OpenSealed = Callable[[bytes, Circumstances], OpenedRecord]


class Opener:
    """Works through the received records that have no verdict yet. No record stops those behind it.

    One that opens by no means is invalid; one that fails for a reason of ours, also because a newer program sealed it,
    is set aside by name and told by `/ready`, as is one that waits for a team lead; one whose bytes are gone is lost.
    """

    def __init__(
        self, context: OpeningContext, open_sealed: OpenSealed, penunggalan: Penunggalan, lease: timedelta = LEASE
    ) -> None:
        self._context = context
        self._open_sealed = open_sealed
        self._penunggalan = penunggalan
        self._claims = Claims(context, lease)
        self.opened: Counter[Outcome] = Counter()
        """How what this opener tried since it was made came out."""
        self._kept_back: list[Claim] = []  # tried in vain, and the database could not take that back

    @property
    def host(self) -> str:
        """Where the database is, for people."""
        return str(self._context.engine.url.host)

    def release(self) -> int:
        """Let records that were set aside be tried once more, at a start of the program; return how many."""
        return self._claims.release()

    def run_pending(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Open what waits, oldest first, each record once; return how many verdicts were given.

        Raise `OSError` at the end when an object could not be read now; the records behind it had their turn.
        """
        self._give_back()
        self._claims.reclaim()
        before, unreadable, claim = self._verdicts, None, None
        while not is_stopping() and (claim := self._claims.take(claim)):
            try:
                self._open(claim)
            except OSError as error:
                unreadable = error
                if self._context.blobs.is_away():
                    break
        if unreadable is not None:
            raise unreadable
        return self._verdicts - before

    @property
    def _verdicts(self) -> int:
        return self.opened[Outcome.VALID] + self.opened[Outcome.INVALID]

    def _open(self, claim: Claim) -> None:
        row = claim.row
        try:
            sealed = self._read(claim)
            outcome = Outcome.LOST if sealed is None else self._judge(sealed, row)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, OSError):
            self._kept_back.append(claim)
            self._give_back()
            raise  # the database or the bytes are away, or there is no room: no fault of this record
        except Exception as error:  # noqa: BLE001 - a stranger's content must not stop the next
            name = error.code if isinstance(error, KnownError) else type(error).__name__
            self._claims.set_aside(claim, name)
            # The error's own words are left out: they may hold what stands in the record.
            _log.error(
                "record %s of %s is set aside: %s\n%s",
                row.record_id,
                row.kit,
                name,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            outcome = Outcome.SET_ASIDE
        if outcome is Outcome.HELD:
            self._hold(claim)
        self.opened[outcome] += 1

    def _hold(self, claim: Claim) -> None:
        """Keep the record back without a verdict, and tell its kit once that a team lead has to sign for it."""
        came = sa.select(vouches.c.digest).filter_by(**claim.names).where(vouches.c.received_at >= claim.at)
        source, told = self._penunggalan.found_valid.source, sa.select(statuses.c.cursor)
        with reading(self._context.engine) as connection:
            is_signed_since = connection.scalar(came.limit(1)) is not None
        if is_signed_since:
            self._claims.give_back(claim)
            return
        self._claims.set_aside(claim, LEAD_WANTED)
        with self._context.engine.begin() as connection:
            if connection.scalar(told.filter_by(**claim.names, reason=LEAD_WANTED).limit(1)) is None:
                self._say(connection, claim.names, CentralCode.PROCESSING, source, LEAD_WANTED, "")

    def _read(self, claim: Claim) -> bytes | None:
        """Return the sealed file; None when it is not what the receipt promised, which is noted."""
        row = claim.row
        try:
            sealed = self._context.blobs.get(row.key)
            fault = "" if _content(sealed) == Content(row.size_bytes, row.sha256) else DAMAGED
        except OSError as error:
            fault = fault_named(self._context.blobs, error)
        if not fault:
            return sealed
        mark_lost(self._context, row.kit, row.record_id, row.receipt, fault)
        self._claims.give_back(claim)
        return None

    def _give_back(self) -> None:
        """Let records wait again that were tried while the database was away. Raise what it raises now."""
        while self._kept_back:
            self._claims.give_back(self._kept_back[-1])
            self._kept_back.pop()

    def _judge(self, sealed: bytes, row: Any) -> Outcome:
        names, known = _names(row.kit, row.record_id), self._circumstances(row)
        try:
            opened = self._open_sealed(sealed, known)
            place = (opened.link.chain, opened.link.sequence)
            if (opened.record_id, opened.kit, *place) != (row.record_id, row.kit, row.chain, row.sequence):
                raise KnownError("gateway.record_mismatch")
            if opened.note == LEAD_WANTED:
                return Outcome.HELD
            if not all(text.isascii() and text.isprintable() for text in (opened.nik, opened.amends)):
                raise KnownError("gateway.enrollment_incomplete")
        except KnownError as error:
            if error.code == NEWER:
                raise  # a verdict is for good, and this program cannot know
            return self._say_invalid(names, error.code)
        # Nobody is the same person as another because both have no NIK.
        key, nik = self._context.nik_key, opened.nik.encode("ascii")
        mac = hmac.new(key, nik, hashlib.sha256).hexdigest() if nik else None
        with self._context.engine.begin() as connection:
            values = {"verdict": "valid", "nik_mac": mac, "amends": opened.amends or None}
            if not self._mark_in(connection, names, values):
                return Outcome.BY_ANOTHER
            valid = self._penunggalan.found_valid
            self._say(connection, names, valid.code, valid.source, opened.note, "valid")
            submission = Submission(row.kit, row.record_id, mac or "", opened.amends)
            decision = self._penunggalan.decide(connection, submission)
            if decision is not None:
                self._say(connection, names, decision.code, decision.source, "", "valid")
        return Outcome.VALID

    def _say_invalid(self, names: dict[str, str], reason: str) -> Outcome:
        invalid = self._penunggalan.found_invalid
        with self._context.engine.begin() as connection:
            is_first = self._mark_in(connection, names, {"verdict": "invalid"})
            if is_first:
                self._say(connection, names, invalid.code, invalid.source, reason, "invalid")
        return Outcome.INVALID if is_first else Outcome.BY_ANOTHER

    def _mark_in(self, connection: sa.Connection, names: dict[str, str], values: dict[str, str | None]) -> bool:
        # Two openers may work at once: the first verdict counts.
        opened = {**values, "opened_at": self._context.clock.now(), "set_aside_at": None, "set_aside_error": ""}
        query = sa.update(records).filter_by(**names, verdict="").values(**opened)
        return bool(connection.execute(query).rowcount)

    def _say(
        self,
        connection: sa.Connection,
        names: dict[str, str],
        code: CentralCode,
        source: str,
        reason: str,
        verdict: str,
    ) -> None:
        connection.execute(
            sa.insert(statuses).values(
                **names,
                cursor=draw_number(connection, FEED),
                code=code.value,
                source=source,
                observed_at=self._context.clock.now(),
                reason=reason[:64],
                verdict=verdict,
            )
        )

    def _circumstances(self, row: Any) -> Circumstances:
        """Leave out the certificates that were revoked after the seal, by whatever is older: its own time or ours.

        A seal that says to be older than its certificate says nothing.
        """
        sealed_at, seen_at = row.sealed_at, row.announced_at
        with reading(self._context.engine) as connection:
            gone, policy = revoked_certificates(connection), policy_for(connection, row.kit)
            signed = connection.execute(sa.select(vouches).filter_by(**_names(row.kit, row.record_id))).all()
        revoked = []
        for certificate, at in ((load_certificate(der), at) for der, at in gone):
            is_told = sealed_at >= certificate.not_valid_before_utc
            if (min(sealed_at, seen_at) if is_told else seen_at) >= at:
                revoked.append(certificate.serial_number)
        ended = {load_certificate(der).serial_number: at for der, at in gone}
        counted = [
            ReceivedVouch(each.jws, each.certificate, each.received_at)
            for each in signed
            if ended.get(_serial(each.certificate), each.received_at) >= each.received_at
        ]
        return Circumstances(sealed_at, seen_at, revoked, counted, load_policy(policy))


def _content(sealed: bytes) -> Content:
    return Content(len(sealed), hashlib.sha256(sealed).hexdigest())


def _serial(certificate_der: bytes) -> int:
    try:
        return load_certificate(certificate_der).serial_number
    except KnownError:
        return 0  # is none of ours, and nothing that it signed holds


def _names(kit: str, record_id: str) -> dict[str, str]:
    return {"kit": kit, "record_id": record_id}


class OpenerWorker:
    """Runs an opener on its own thread, woken by each receipt and now and then for what other processes received."""

    def __init__(self, opener: Opener, every_s: float = 5.0) -> None:
        self._opener = opener
        self._every_s = every_s
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work, name="opener", daemon=True)

    def start(self) -> None:
        """Begin; what was received before the last stop is opened first, what was set aside gets another try."""
        self._thread.start()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        """Return whether the thread works; a bug of ours may have ended it."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End after the record under way."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        work(self._opener, lambda: self._is_stopping, self._pause)

    def _pause(self) -> None:
        self._wake.wait(self._every_s)
        self._wake.clear()


def work(opener: Opener, is_stopping: Callable[[], bool], pause: Callable[[], object]) -> None:
    """Open what waits, pause, and so on until `is_stopping`; what was set aside gets another try at the start."""
    is_released = is_waiting = False
    while not is_stopping():
        try:
            if not is_released:
                opener.release()
                is_released = True
            opener.run_pending(is_stopping)
            is_waiting = False
        except (OSError, sa.exc.SQLAlchemyError) as error:
            # Disk or database away: the records wait where they are, the next round tries again.
            if not is_waiting:
                _log.warning("the opener waits: %s", error if isinstance(error, OSError) else type(error).__name__)
            is_waiting = True
        pause()
