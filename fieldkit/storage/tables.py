"""The tables as the program sees them now. The file itself is made by `migrations`; a test compares the two.

Every table counts its rows in `row`, which stays when Alembic copies a table: full-text search and order rely on it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class UtcText(TypeDecorator[datetime]):
    """An aware time as ISO 8601 text in UTC, always with microseconds, so that text order is time order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:  # noqa: ARG002, D102
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else datetime.fromisoformat(value)


class DayText(TypeDecorator[date]):
    """A calendar day as ISO 8601 text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Any) -> str | None:  # noqa: ARG002, D102
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Any) -> date | None:  # noqa: ARG002, D102
        return None if value is None else date.fromisoformat(value)


def _row() -> Column[int]:
    return Column("row", Integer, primary_key=True)


def _text(name: str, *keys: Any, **options: Any) -> Column[str]:
    return Column(name, Text, *keys, nullable=False, **options)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


settings = Table("settings", metadata, _row(), _text("name", unique=True), _text("value"))

users = Table("users", metadata, _row(), _text("user_id", unique=True), _text("name"), _text("role"))

activities = Table(
    "activities",
    metadata,
    _row(),
    _text("activity_id", unique=True),
    _text("name"),
    _text("place"),
    Column("on_day", DayText, nullable=False),
    _text("mode"),
    _text("surat_tugas"),
    _text("sop"),
)

targets = Table(
    "targets",
    metadata,
    _row(),
    _text("target_id", unique=True),
    _text("activity_id", ForeignKey("activities.activity_id")),
    _number("house"),
    _text("biodata"),
    _text("category"),
    _text("state"),
    _text("reason"),
    _number("is_walk_in"),
    _text("nik"),
    _text("verdict"),
    Index("targets_by_visit", "activity_id", "house"),
    Index("targets_by_nik", "nik"),
    Index("targets_by_verdict", "activity_id", "verdict", "house"),
    Index("targets_by_state", "activity_id", "state", "house"),
    Index("targets_by_category", "activity_id", "category", "house", "state"),
)

sessions = Table(
    "sessions",
    metadata,
    _row(),
    _text("session_id", unique=True),
    _text("activity_id", ForeignKey("activities.activity_id")),
    _text("target_id"),
    _text("phase"),
    Column("opened_at", UtcText, nullable=False),
    _text("snapshot"),
    Index("sessions_by_phase", "phase"),
)

samples = Table(
    "samples",
    metadata,
    _row(),
    _text("sample_id", unique=True),
    _text("session_id", ForeignKey("sessions.session_id")),
    _text("position"),
    _text("format"),
    Column("content", LargeBinary, nullable=False),
    _number("quality"),
    _text("quality_algorithm"),
    _text("quality_version"),
    _text("hints"),
    Column("device_jws", Text),
    Column("device_chain_hash", Text),
    Column("device_code", Text),
    Column("device_signed_at", UtcText),
    Column("device_certificate", LargeBinary),
    Index("samples_by_session", "session_id"),
)

sealed_records = Table(
    "sealed_records",
    metadata,
    _row(),
    _text("record_id", unique=True),
    _text("session_id"),
    _text("activity_id"),
    _text("target_id"),
    _text("chain"),
    _number("sequence"),
    _text("previous"),
    Column("sealed_at", UtcText, nullable=False),
    _number("size_bytes"),
    _text("sha256"),
    _text("manifest_jws"),
    _text("masked_name"),
    _text("masked_nik"),
    _text("nik_digest"),
    _text("place"),
    Column("card_from", DayText),
    _number("exceptions"),
    _text("amends"),
    # Delivery: the only columns that may change.
    _text("state"),
    _number("offset_bytes"),
    _number("attempts"),
    _text("reason"),
    Column("next_try_at", UtcText),
    Column("acknowledged_at", UtcText),
    _text("receipt_jws"),
    UniqueConstraint("chain", "sequence", name="sealed_records_chain"),
    Index("sealed_records_by_nik", "nik_digest"),
    Index("sealed_records_by_state", "state", "sealed_at", "activity_id"),
    Index("sealed_records_by_activity", "activity_id"),
    Index(
        "sealed_records_at_a_glance",
        *("record_id", "activity_id", "target_id", "sealed_at", "card_from", "amends", "masked_name", "masked_nik"),
    ),
)

# No reference to sealed_records: a restored laptop keeps what is said about records it no longer knows.
central_statuses = Table(
    "central_statuses",
    metadata,
    _row(),
    _text("record_id"),
    _text("code"),
    _text("source"),
    Column("observed_at", UtcText, nullable=False),
    _text("reason"),
    _text("verdict"),
    UniqueConstraint("record_id", "code", "source", "observed_at", "reason", "verdict", name="central_statuses_once"),
    Index("central_statuses_in_order", "record_id", "row", "code", "source", "observed_at"),
)

chains = Table(
    "chains",
    metadata,
    _row(),
    _text("chain", unique=True),
    _text("kit"),
    Column("started_at", UtcText, nullable=False),
)

events = Table(
    "events",
    metadata,
    _row(),
    _text("event_id", unique=True),
    _text("kit"),
    _text("chain", ForeignKey("chains.chain")),
    _number("sequence"),
    _text("actor"),
    Column("at", UtcText, nullable=False),
    _text("aggregate"),
    _number("version"),
    _text("kind"),
    _text("payload"),
    _text("previous"),
    _text("digest"),
    UniqueConstraint("chain", "sequence", name="events_chain"),
    Index("events_by_aggregate", "aggregate"),
)

# One table for every kind of thing: docs/decisions/0005-things.md.
things = Table(
    "things",
    metadata,
    _row(),
    _text("kind"),
    _text("thing_id"),
    _text("activity_id"),
    _text("words"),
    _text("body"),
    UniqueConstraint("kind", "thing_id", name="things_once"),
    Index("things_by_activity", "kind", "activity_id"),
)

attachments = Table(
    "attachments",
    metadata,
    _row(),
    _text("attachment_id", unique=True),
    _text("owner"),
    _text("name"),
    _text("media_type"),
    Column("content", LargeBinary, nullable=False),
    _text("sha256"),
    Column("added_at", UtcText, nullable=False),
    Index("attachments_by_owner", "owner"),
)

# What travels between laptops (docs/decisions/0008); the body of what is shown stands in its own table.
revisions = Table(
    "revisions",
    metadata,
    _row(),
    _text("kind"),
    _text("thing_id"),
    _text("activity_id"),
    _text("digest"),
    _text("vector"),
    _text("counts"),
    _text("body"),
    _text("kit"),
    _text("actor"),
    Column("at", UtcText, nullable=False),
    _number("number"),
    _text("role"),
    _text("kept"),
    UniqueConstraint("kind", "thing_id", "role", "digest", "vector", name="revisions_once"),
    Index("revisions_by_number", "number"),
    Index("revisions_by_role", "role", "kind"),
)

peers = Table(
    "peers",
    metadata,
    _row(),
    _text("chain", unique=True),
    _text("kit"),
    _number("read_revision"),
    _number("read_event"),
    _number("knows_revision"),
    _number("knows_event"),
    _text("knows_of"),
    _text("recipient"),
    Column("read_at", UtcText, nullable=False),
)

# Heads of this kit's chains as the kit signed them; `source` says who holds one too: "kit", "record" or "center".
anchors = Table(
    "anchors",
    metadata,
    _row(),
    _text("chain"),
    _number("sequence"),
    _text("digest"),
    Column("at", UtcText, nullable=False),
    _text("source"),
    _text("jws"),
    UniqueConstraint("chain", "sequence", "source", name="anchors_once"),
)

# What the fingers of records that no receipt proves are compared by; gone with the receipt.
finger_templates = Table(
    "finger_templates",
    metadata,
    _row(),
    _text("record_id", unique=True),
    Column("content", LargeBinary, nullable=False),
)

# What a person typed and did not accept yet; a form is named by its screen and what it is about.
drafts = Table(
    "drafts",
    metadata,
    _row(),
    _text("name", unique=True),
    _text("owner"),
    _text("body"),
    Column("at", UtcText, nullable=False),
)
