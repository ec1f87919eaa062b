"""Opens what was received, says whether it is valid, and asks penunggalan. May run elsewhere than the gateway."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from fieldkit.domain.central_status import CentralCode
from fieldkit.domain.errors import KnownError
from fieldkit.domain.record import ChainLink
from sync.gateway.certificates import revoked_serials
from sync.gateway.database import FEED, draw_number
from sync.gateway.house import House
from sync.gateway.penunggalan import TRIAL_SOURCE, Penunggalan, Submission
from sync.gateway.tables import manifests, records, statuses
from sync.protocol.messages import Manifest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What the opener reads in a record. The NIK stays in memory only."""

    record_id: str
    kit: str
    link: ChainLink
    nik: str = field(repr=False)
    amends: str = ""


# (sealed file, time of sealing by the manifest, revoked serial numbers) → record, or a `KnownError`.
OpenSealed = Callable[[bytes, datetime, Collection[int]], OpenedRecord]


class Opener:
    """Works through the received records that have no verdict yet."""

    def __init__(self, house: House, open_sealed: OpenSealed, penunggalan: Penunggalan) -> None:
        self._house = house
        self._open_sealed = open_sealed
        self._penunggalan = penunggalan

    def run_pending(self) -> int:
        """Open what waits, oldest first; return how many verdicts were given."""
        query = (
            sa.select(records.c.key, manifests)
            .join(manifests, manifests.c.record_id == records.c.record_id)
            .where(records.c.verdict == "")
            .order_by(records.c.received_at, records.c.record_id)
        )
        with self._house.engine.begin() as connection:
            waiting = connection.execute(query).all()
        for row in waiting:
            self._judge(row.key, Manifest.model_validate(row._asdict()))
        return len(waiting)

    def _judge(self, key: str, manifest: Manifest) -> None:
        record_id, kit = str(manifest.record_id), manifest.kit
        sealed = self._house.blobs.get(key)
        try:
            opened = self._open_sealed(sealed, manifest.sealed_at, self._revoked())
            place = (opened.link.chain, opened.link.sequence)
            if (opened.record_id, opened.kit, *place) != (record_id, kit, manifest.chain, manifest.sequence):
                raise KnownError("gateway.record_mismatch")
        except KnownError as error:
            self._say_invalid(record_id, kit, error.code)
            return
        mac = hmac.new(self._house.nik_key, opened.nik.encode(), hashlib.sha256).hexdigest()
        with self._house.engine.begin() as connection:
            values = {"verdict": "valid", "nik_mac": mac, "amends": opened.amends or None}
            if not self._mark(connection, record_id, values):
                return
            self._say(connection, record_id, kit, CentralCode.RECEIVED_AT_CENTRAL, TRIAL_SOURCE, "", "valid")
            decision = self._penunggalan.decide(connection, Submission(record_id, mac, opened.amends))
            if decision is not None:
                self._say(connection, record_id, kit, decision.code, decision.source, "", "valid")

    def _say_invalid(self, record_id: str, kit: str, reason: str) -> None:
        code = CentralCode.ENROLL_FAILURE_AT_CENTRAL
        with self._house.engine.begin() as connection:
            if self._mark(connection, record_id, {"verdict": "invalid"}):
                self._say(connection, record_id, kit, code, TRIAL_SOURCE, reason, "invalid")

    def _mark(self, connection: sa.Connection, record_id: str, values: dict[str, str | None]) -> bool:
        # Two openers may work at once: the first verdict counts.
        changed = connection.execute(
            sa.update(records)
            .where(records.c.record_id == record_id, records.c.verdict == "")
            .values(**values, opened_at=self._house.clock.now())
        ).rowcount
        return bool(changed)

    def _say(
        self,
        connection: sa.Connection,
        record_id: str,
        kit: str,
        code: CentralCode,
        source: str,
        reason: str,
        verdict: str,
    ) -> None:
        connection.execute(
            sa.insert(statuses).values(
                cursor=draw_number(connection, FEED),
                record_id=record_id,
                kit=kit,
                code=code.value,
                source=source,
                observed_at=self._house.clock.now(),
                reason=reason[:64],
                verdict=verdict,
            )
        )

    def _revoked(self) -> list[int]:
        with self._house.engine.begin() as connection:
            return [int(serial, 16) for serial in revoked_serials(connection)]


class OpenerLane:
    """Runs an opener on its own thread, woken by each receipt and now and then for what other processes received."""

    def __init__(self, opener: Opener, every_s: float = 5.0) -> None:
        self._opener = opener
        self._every_s = every_s
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work, name="opener", daemon=True)

    def start(self) -> None:
        """Begin; what was received before the last stop is opened first."""
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
        while not self._is_stopping:
            try:
                self._opener.run_pending()
            except (OSError, sa.exc.SQLAlchemyError):
                # Disk or database away: the records wait where they are, the next round tries again.
                _log.exception("the opener could not work")
            self._wake.wait(self._every_s)
            self._wake.clear()
