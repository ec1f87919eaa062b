"""An honest small outbox over SQLite and a folder, for tests of the delivery."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from support.standstill import wait_until

from fieldkit.domain.delivery import BELIEVED_AHEAD, DeliveryState, advance
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.delivery import HeldRecord, PurgeCandidate, QueuedRecord, RunNote, StatusReceived

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queue (
  record_id TEXT PRIMARY KEY, manifest TEXT, size INTEGER, sha256 TEXT, state TEXT, attempts INTEGER DEFAULT 0,
  next_try_at TEXT, sent INTEGER DEFAULT 0, reason TEXT DEFAULT '', receipt TEXT DEFAULT '',
  acknowledged_at TEXT, released INTEGER DEFAULT 0, aside TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS statuses (record_id TEXT, code TEXT, source TEXT, at TEXT, reason TEXT, verdict TEXT,
  UNIQUE (record_id, code, at));
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);
"""
_AFRESH = ", attempts=0, next_try_at=NULL, sent=0, acknowledged_at=NULL, reason=?"


def codes_once(outbox: SmallOutbox, record_id: str, count: int, run: Callable[[], object]) -> list[str]:
    """Run again and again until so many statuses of a record came; return them."""

    def came() -> bool:
        run()
        return len(outbox.codes(record_id)) >= count

    wait_until(came, told=lambda: outbox.codes(record_id), every_s=0.05)
    return outbox.codes(record_id)


class SmallOutbox:
    """Implements `Outbox`; every method opens the file anew, so nothing survives in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as db:
            db.executescript(_SCHEMA)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.folder / "outbox.sqlite3")
        db.row_factory = sqlite3.Row
        return db

    def _write(self, sql: str, *values: object) -> None:
        with closing(self._open()) as db, db:
            db.execute(sql, values)

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with closing(self._open()) as db:
            return db.execute(sql, values).fetchall()

    def _move(self, record_id: str, wanted: DeliveryState, assignments: str = "", *values: object) -> None:
        state = advance(self.state(record_id), wanted)
        self._write(f"UPDATE queue SET state=?{assignments} WHERE record_id=?", state.value, *values, record_id)

    def add(self, record_id: str, manifest_jws: str, sealed: bytes, sha256: str) -> None:
        (self.folder / record_id).write_bytes(sealed)
        self._write(
            "INSERT INTO queue (record_id, manifest, size, sha256, state) VALUES (?,?,?,?,'queued')",
            record_id,
            manifest_jws,
            len(sealed),
            sha256,
        )

    def state(self, record_id: str) -> DeliveryState:
        return DeliveryState(self._rows("SELECT state FROM queue WHERE record_id=?", record_id)[0][0])

    def row(self, record_id: str) -> sqlite3.Row:
        return self._rows("SELECT * FROM queue WHERE record_id=?", record_id)[0]

    def codes(self, record_id: str) -> list[str]:
        return [row[0] for row in self._rows("SELECT code FROM statuses WHERE record_id=? ORDER BY rowid", record_id)]

    def pending(self, now: datetime) -> Sequence[QueuedRecord]:
        rows = self._rows(
            "SELECT * FROM queue WHERE state IN ('queued','sending','received')"
            " AND (next_try_at IS NULL OR next_try_at <= ? OR next_try_at > ?) ORDER BY rowid",
            now.isoformat(),
            (now + BELIEVED_AHEAD).isoformat(),
        )
        return [
            QueuedRecord(
                record_id=row["record_id"],
                manifest_jws=row["manifest"],
                size_bytes=row["size"],
                sha256=row["sha256"],
                state=DeliveryState(row["state"]),
                attempts=row["attempts"],
                next_try_at=datetime.fromisoformat(row["next_try_at"]) if row["next_try_at"] else None,
                sent_bytes=row["sent"],
                reason=row["reason"],
            )
            for row in rows
        ]

    def held(self) -> Sequence[HeldRecord]:
        return self._known("state != 'purged'")

    def purged(self) -> Sequence[HeldRecord]:
        return self._known("state = 'purged'")

    def _known(self, which: str) -> Sequence[HeldRecord]:
        rows = self._rows(f"SELECT * FROM queue WHERE {which} ORDER BY rowid")
        return [HeldRecord(row["record_id"], row["sha256"], DeliveryState(row["state"]), row["reason"]) for row in rows]

    def counts(self) -> Mapping[DeliveryState, int]:
        return {DeliveryState(row[0]): row[1] for row in self._rows("SELECT state, count(*) FROM queue GROUP BY 1")}

    def sealed_bytes(self, record_id: str) -> BinaryIO:
        try:
            return (self.folder / record_id).open("rb")
        except FileNotFoundError as error:
            raise StoreError("store.sealed_file_missing") from error

    def mark_sending(self, record_id: str) -> None:
        self._move(record_id, DeliveryState.SENDING)

    def mark_progress(self, record_id: str, offset: int) -> None:
        self._write("UPDATE queue SET sent=? WHERE record_id=?", offset, record_id)

    def mark_received(self, record_id: str) -> None:
        self._move(record_id, DeliveryState.RECEIVED)

    def acknowledge(self, record_id: str, receipt_jws: str, at: datetime) -> None:
        self._move(record_id, DeliveryState.ACKNOWLEDGED, ", receipt=?, acknowledged_at=?", receipt_jws, at.isoformat())

    def lost_at_center(self, record_id: str, at: datetime) -> None:
        self._demand(record_id, DeliveryState.ACKNOWLEDGED)
        self._move(record_id, DeliveryState.QUEUED, _AFRESH, "sync.lost_at_center")

    def retry_later(self, record_id: str, next_try_at: datetime | None, reason: str) -> None:
        if self.state(record_id) in (DeliveryState.ACKNOWLEDGED, DeliveryState.SET_ASIDE):
            raise RuleError("delivery.no_way", current=self.state(record_id).value, wanted="queued")
        due = next_try_at.isoformat() if next_try_at else None
        counted = 0 if next_try_at is None else 1
        self._move(
            record_id, DeliveryState.QUEUED, ", next_try_at=?, attempts=attempts+?, reason=?", due, counted, reason
        )

    def quarantine(self, record_id: str, reason: str) -> None:
        self._move(record_id, DeliveryState.QUARANTINED, ", reason=?", reason)

    def release_once(self, record_id: str) -> bool:
        if self.row(record_id)["released"]:
            return False
        self._move(record_id, DeliveryState.QUEUED, f"{_AFRESH}, released=1", "")
        return True

    def send_again(self, record_id: str, actor: str) -> None:
        self._demand(record_id, DeliveryState.QUARANTINED, DeliveryState.QUEUED)
        self._move(record_id, DeliveryState.QUEUED, _AFRESH, "")

    def set_aside(self, record_id: str, reason: str, actor: str) -> None:
        self._demand(record_id, DeliveryState.QUARANTINED)
        self._move(record_id, DeliveryState.SET_ASIDE, ", reason='sync.set_aside', aside=?", reason)

    def take_back(self, record_id: str, actor: str) -> None:
        self._demand(record_id, DeliveryState.SET_ASIDE)
        self._move(record_id, DeliveryState.QUEUED, _AFRESH, "")

    def why_aside(self, record_id: str) -> str:
        return str(self.row(record_id)["aside"])

    def _demand(self, record_id: str, *states: DeliveryState) -> None:
        if self.state(record_id) not in states:
            raise RuleError("delivery.not_held", current=self.state(record_id).value, wanted="queued")

    def status_cursor(self) -> str:
        rows = self._rows("SELECT value FROM notes WHERE name='cursor'")
        return rows[0][0] if rows else ""

    def save_statuses(self, items: Sequence[StatusReceived], cursor: str) -> None:
        with closing(self._open()) as db, db:
            for item in items:
                status = item.status
                db.execute(
                    "INSERT OR IGNORE INTO statuses VALUES (?,?,?,?,?,?)",
                    (
                        item.record_id,
                        status.code,
                        status.source,
                        status.observed_at.isoformat(),
                        status.reason,
                        item.verdict,
                    ),
                )
            db.execute("INSERT OR REPLACE INTO notes VALUES ('cursor', ?)", (cursor,))

    def purge_candidates(self) -> Sequence[PurgeCandidate]:
        rows = self._rows(
            "SELECT * FROM queue WHERE state='acknowledged' AND record_id IN"
            " (SELECT record_id FROM statuses WHERE verdict='valid') ORDER BY rowid"
        )
        return [
            PurgeCandidate(row["record_id"], row["sha256"], row["size"], row["manifest"], row["receipt"])
            for row in rows
        ]

    def purge(self, record_id: str, at: datetime) -> None:
        self._move(record_id, DeliveryState.PURGED)
        (self.folder / record_id).unlink()

    def last_run(self) -> RunNote | None:
        rows = self._rows("SELECT value FROM notes WHERE name='run'")
        if not rows:
            return None
        note = json.loads(rows[0][0])
        due = note["next_try_at"]
        return RunNote(
            datetime.fromisoformat(note["at"]),
            note["failures"],
            datetime.fromisoformat(due) if due else None,
            note["problem"],
        )

    def save_run(self, note: RunNote) -> None:
        due = note.next_try_at.isoformat() if note.next_try_at else None
        value = {"at": note.at.isoformat(), "failures": note.failures, "next_try_at": due, "problem": note.problem}
        self._write("INSERT OR REPLACE INTO notes VALUES ('run', ?)", json.dumps(value))
