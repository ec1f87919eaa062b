"""What a write of the program changed, and what everything is now: the log notes a digest of both.

Triggers of this connection only (TEMP) see each row that is written, whatever code wrote it. Whoever opens the file
otherwise has no such triggers, and so the log does not follow what he does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from fieldkit.domain.events import digest_of
from fieldkit.domain.visits import OfficialRecording
from fieldkit.storage.mappers import read_plain_json
from fieldkit.storage.repositories.things import put
from fieldkit.storage.tables import settings

# Small JSON values of this kit.

_ONE = select(settings.c.value).where(settings.c.name == bindparam("of"))


class SqlSettings:
    """`fieldkit.ports.store.Settings` over the table `settings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Any | None:
        """Return the value or None."""
        text = self._connection.scalar(_ONE, {"of": name})
        return None if text is None else read_plain_json(text)

    def put(self, name: str, value: Any) -> None:
        """Insert or replace."""
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        put(self._connection, settings, "name", [{"name": name, "value": text}])


# Kind of key → table, what names a row of it, and the columns whose change counts ("" for any).
_WATCHED = {
    "thing": ("things", "{row}.kind || '/' || {row}.thing_id"),
    "targets": ("targets", "{row}.activity_id"),
    "setting": ("settings", "{row}.name"),
    "attachment": ("attachments", "{row}.attachment_id"),
    "user": ("users", "{row}.user_id"),
    "activity": ("activities", "{row}.activity_id"),
}
# What has no digest here, as its own events name it, but is told to the screens that show it.
_TOLD_ONLY = {
    "record": ("sealed_records", "{row}.record_id"),
    "session": ("sessions", "{row}.session_id"),
}
# What moves by itself and says nothing about anybody's decision.
_VOLATILE = ("sync.", "clock", "exchange.", "delivery.", "audit.")


class SqlState:
    """`fieldkit.ports.laptop.StateLedger`, and what the store asks at the end of each write."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.kinds: frozenset[str] = frozenset()  # of what was touched: the KIND of a thing, else the kind of its key

    def watch(self) -> None:
        """Begin to see what is written on this connection; a second time changes nothing."""
        run = self._connection.exec_driver_sql
        if run("SELECT 1 FROM sqlite_temp_master WHERE name = 'touched'").first() is not None:
            return
        run("CREATE TEMP TABLE touched (kind TEXT NOT NULL, id TEXT NOT NULL)")
        for kind, (table, named) in (_WATCHED | _TOLD_ONLY).items():
            for act, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                run(
                    f"CREATE TEMP TRIGGER touched_{table}_{act.lower()} AFTER {act} ON main.{table} "
                    f"BEGIN INSERT INTO touched VALUES ('{kind}', {named.format(row=row)}); END"
                )

    def touched(self) -> Mapping[str, str]:
        """Return the digests of what was written since the last time, "" for what is gone, and forget that it was."""
        run = self._connection.exec_driver_sql
        rows = run("SELECT DISTINCT kind, id FROM touched ORDER BY kind, id").all()
        if rows:
            run("DELETE FROM touched")
        kinds = {key.partition("/")[0] if kind == "thing" else kind for kind, key in rows}
        # Lists of records show those of the official application too.
        self.kinds = frozenset(kinds | ({"record"} if OfficialRecording.KIND in kinds else set()))
        return {f"{kind}/{key}": self._digest(kind, key) for kind, key in rows if _counts(kind, key)}

    def found(self) -> Mapping[str, str]:
        """Return the digest of everything as it stands now."""
        return dict(self._all())

    def receipts(self) -> Mapping[str, str]:
        """Return the digest of the receipt of each record that has one."""
        rows = self._connection.exec_driver_sql(
            "SELECT record_id, receipt_jws FROM sealed_records WHERE receipt_jws <> ''"
        )
        return {row.record_id: digest_of(row.receipt_jws) for row in rows}

    def _all(self) -> Iterator[tuple[str, str]]:
        run = self._connection.exec_driver_sql
        for row in run("SELECT kind, thing_id, body FROM things"):
            yield f"thing/{row.kind}/{row.thing_id}", digest_of(row.body)
        for row in run("SELECT DISTINCT activity_id FROM targets"):
            yield f"targets/{row.activity_id}", self._digest("targets", row.activity_id)
        for row in run("SELECT name, value FROM settings"):
            if _counts("setting", row.name):
                yield f"setting/{row.name}", digest_of(row.value)
        for row in run("SELECT attachment_id, sha256, content FROM attachments"):
            yield f"attachment/{row.attachment_id}", _file_digest(row)
        for row in run("SELECT user_id, name, role FROM users"):
            yield f"user/{row.user_id}", _row_digest(row)
        for row in run("SELECT * FROM activities"):
            yield f"activity/{row.activity_id}", _values_digest(row)

    def _digest(self, kind: str, key: str) -> str:
        """Return the digest of what a key names now, "" when it is gone."""
        if kind == "targets":
            return self._targets(key)
        if kind == "thing":
            of, _, thing_id = key.partition("/")
            return self._one("SELECT body FROM things WHERE kind = ? AND thing_id = ?", _text_digest, of, thing_id)
        if kind == "setting":
            return self._one("SELECT value FROM settings WHERE name = ?", _text_digest, key)
        if kind == "attachment":
            return self._one("SELECT sha256, content FROM attachments WHERE attachment_id = ?", _file_digest, key)
        if kind == "user":
            return self._one("SELECT user_id, name, role FROM users WHERE user_id = ?", _row_digest, key)
        return self._one("SELECT * FROM activities WHERE activity_id = ?", _values_digest, key)

    def _one(self, statement: str, digest: Callable[[Any], str], *key: str) -> str:
        row = self._connection.exec_driver_sql(statement, key).first()
        return "" if row is None else digest(row)

    def _targets(self, activity_id: str) -> str:
        rows = self._connection.exec_driver_sql(
            "SELECT * FROM targets WHERE activity_id = ? ORDER BY target_id", (activity_id,)
        )
        every = "".join(_values_digest(row) for row in rows)
        return digest_of(every) if every else ""


def _counts(kind: str, key: str) -> bool:
    return kind not in _TOLD_ONLY and (kind != "setting" or not key.startswith(_VOLATILE))


def _row_digest(row: Any) -> str:
    return digest_of(json.dumps(list(row), ensure_ascii=False, separators=(",", ":")))


def _values_digest(row: Any) -> str:
    return _row_digest(tuple(row)[1:])  # without the number of the row, which a restored store counts anew


def _text_digest(row: Any) -> str:
    return digest_of(row[0])


def _file_digest(row: Any) -> str:
    """Return the digest of a file, or of what it claims beside what it is when the two differ."""
    found = hashlib.sha256(row.content).hexdigest()
    return found if found == row.sha256 else digest_of(f"{row.sha256} {found}")
