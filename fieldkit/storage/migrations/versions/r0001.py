"""The first tables. This file never changes again: a later wish is a later revision."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """CREATE TABLE settings (
        row INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, value TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE users (
        row INTEGER PRIMARY KEY NOT NULL, user_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE activities (
        row INTEGER PRIMARY KEY NOT NULL, activity_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, place TEXT NOT NULL,
        on_day TEXT NOT NULL, mode TEXT NOT NULL, surat_tugas TEXT NOT NULL, sop TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE targets (
        row INTEGER PRIMARY KEY NOT NULL, target_id TEXT NOT NULL UNIQUE,
        activity_id TEXT NOT NULL REFERENCES activities (activity_id), house INTEGER NOT NULL, biodata TEXT NOT NULL,
        category TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, is_walk_in INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX targets_by_visit ON targets (activity_id, house)",
    "CREATE VIRTUAL TABLE targets_fts USING fts5 (name, nik, address, prefix = '2 3')",
    # Without this the index would keep the words of a deleted row until it is merged.
    "INSERT INTO targets_fts (targets_fts, rank) VALUES ('secure-delete', 1)",
    """CREATE TABLE sessions (
        row INTEGER PRIMARY KEY NOT NULL, session_id TEXT NOT NULL UNIQUE,
        activity_id TEXT NOT NULL REFERENCES activities (activity_id), target_id TEXT NOT NULL, phase TEXT NOT NULL,
        opened_at TEXT NOT NULL, snapshot TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX sessions_by_phase ON sessions (phase)",
    """CREATE TABLE samples (
        row INTEGER PRIMARY KEY NOT NULL, sample_id TEXT NOT NULL UNIQUE,
        session_id TEXT NOT NULL REFERENCES sessions (session_id), position TEXT NOT NULL, format TEXT NOT NULL,
        content BLOB NOT NULL, quality INTEGER NOT NULL, quality_algorithm TEXT NOT NULL, quality_version TEXT NOT NULL,
        hints TEXT NOT NULL, device_jws TEXT, device_chain_hash TEXT, device_code TEXT, device_signed_at TEXT,
        device_certificate BLOB
    ) STRICT""",
    "CREATE INDEX samples_by_session ON samples (session_id)",
    """CREATE TABLE sealed_records (
        row INTEGER PRIMARY KEY NOT NULL, record_id TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL,
        activity_id TEXT NOT NULL, target_id TEXT NOT NULL,
        chain TEXT NOT NULL, sequence INTEGER NOT NULL, previous TEXT NOT NULL,
        sealed_at TEXT NOT NULL, size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, manifest_jws TEXT NOT NULL,
        masked_name TEXT NOT NULL, masked_nik TEXT NOT NULL, nik_digest TEXT NOT NULL, place TEXT NOT NULL,
        card_from TEXT, exceptions INTEGER NOT NULL, amends TEXT NOT NULL,
        state TEXT NOT NULL, offset_bytes INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL,
        next_try_at TEXT, acknowledged_at TEXT, receipt_jws TEXT NOT NULL,
        CONSTRAINT sealed_records_chain UNIQUE (chain, sequence)
    ) STRICT""",
    "CREATE INDEX sealed_records_by_nik ON sealed_records (nik_digest)",
    "CREATE INDEX sealed_records_by_state ON sealed_records (state, sealed_at)",
    "CREATE INDEX sealed_records_by_activity ON sealed_records (activity_id)",
    "CREATE VIRTUAL TABLE sealed_records_fts USING fts5 (masked_name, masked_nik, place, prefix = '2 3')",
    """CREATE TABLE central_statuses (
        row INTEGER PRIMARY KEY NOT NULL, record_id TEXT NOT NULL, code TEXT NOT NULL, source TEXT NOT NULL,
        observed_at TEXT NOT NULL, reason TEXT NOT NULL, verdict TEXT NOT NULL,
        CONSTRAINT central_statuses_once UNIQUE (record_id, code, source, observed_at, reason, verdict)
    ) STRICT""",
    """CREATE TABLE chains (
        row INTEGER PRIMARY KEY NOT NULL, chain TEXT NOT NULL UNIQUE, kit TEXT NOT NULL, started_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE events (
        row INTEGER PRIMARY KEY NOT NULL, event_id TEXT NOT NULL UNIQUE, kit TEXT NOT NULL,
        chain TEXT NOT NULL REFERENCES chains (chain), sequence INTEGER NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL,
        aggregate TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL,
        previous TEXT NOT NULL, digest TEXT NOT NULL,
        CONSTRAINT events_chain UNIQUE (chain, sequence)
    ) STRICT""",
    "CREATE INDEX events_by_aggregate ON events (aggregate)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _STATEMENTS:
        op.execute(statement)
