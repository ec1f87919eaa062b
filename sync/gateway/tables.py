"""Tables of the gateway, for SQLite and PostgreSQL alike. A NIK stands here only as a keyed hash."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

# Types of columns, for SQLite and PostgreSQL alike.


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC times in both databases; SQLite itself keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times, turn the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

kits = sa.Table(
    "kits",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("enrolled_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)

# When a kit last signed in, and which program it said to have.
kit_contacts = sa.Table(
    "kit_contacts",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("program", sa.String(40), nullable=False),
)

# Every certificate a kit ever had: `kits.certificate` is the newest. A revoked one stays, with the time from which on
# it counts no longer. `first_token_at` says that the kit holds the key: the slip that brought it is spent.
kit_certificates = sa.Table(
    "kit_certificates",
    metadata,
    sa.Column("serial", sa.String(40), primary_key=True),  # hex; RFC 5280 §4.1.2.2 allows 20 octets
    sa.Column("kit", sa.ForeignKey("kits.kit"), nullable=False, index=True),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Column("first_token_at", UtcDateTime),
    sa.Column("code_hash", sa.String(64), index=True),
    sa.Column("admin_csr", sa.String(64)),  # SHA-256 of the admin's request that came with it
)

# One row per certificate: a person has one on each kit, and a new one after the old one ran out.
users = sa.Table(
    "users",
    metadata,
    sa.Column("csr_sha256", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.String(40), nullable=False),
    sa.Column("kit", sa.ForeignKey("kits.kit"), nullable=False),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
    sa.Index("users_of_kit", "kit", "user_id"),
)

enrol_codes = sa.Table(
    "enrol_codes",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("kit", sa.String(64), nullable=False),
    sa.Column("admin", sa.String(64), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    # The CSR that last used the code: the same request gets the same answer, for an answer may be lost.
    sa.Column("used_by_csr", sa.String(64)),
    sa.Column("readmits", sa.Boolean),  # a slip for a kit that is known: found again, or its keys are lost
)

assertions = sa.Table(
    "assertions",
    metadata,
    sa.Column("jti", sa.String(128), primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index("assertions_by_end", "expires_at"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("kit", sa.ForeignKey("kits.kit"), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index("tokens_by_end", "expires_at"),
    sa.Index("tokens_of_kit", "kit"),
)

# The key is (kit, record id): whoever signs a manifest owns the id among its own, and can block nobody else's.
manifests = sa.Table(
    "manifests",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    # The record that had this place of the chain first; "" for the first one itself.
    sa.Column("fork_of", sa.String(36), nullable=False, server_default=""),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("announced_at", UtcDateTime, nullable=False),
    sa.Index("manifests_by_place", "kit", "chain", "sequence"),
    sa.Index("manifests_by_id", "record_id"),
    sa.Index(
        "manifests_forked",
        "kit",
        "announced_at",
        sqlite_where=sa.text("fork_of <> ''"),
        postgresql_where=sa.text("fork_of <> ''"),
    ),
)

# The manifests that have no receipt yet: few among many, so that nobody searches all records for them.
awaited_records = sa.Table(
    "awaited_records",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("announced_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
    sa.Index("awaited_by_age", "announced_at"),
)

# Places of a chain that no manifest names though a later one does: `first` to `last`, since the later one came.
chain_gaps = sa.Table(
    "chain_gaps",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("chain", sa.String(64), primary_key=True),
    sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    # Somebody said why these will never come; "" while nobody did.
    sa.Column("known_why", sa.String(200), nullable=False, server_default=""),
    sa.Index("chain_gaps_by_age", "known_why", "since"),
)

# `carrier` is the kit that sends: the bytes of a kit that carries for another never mix with the owner's.
uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("carrier", sa.String(64), primary_key=True),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
    sa.Index("uploads_by_end", "expires_at"),
)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("carrier", sa.String(64), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False),
    sa.ForeignKeyConstraint(["kit", "record_id", "carrier"], ["uploads.kit", "uploads.record_id", "uploads.carrier"]),
)

IS_ASIDE = sa.text("set_aside_at IS NOT NULL")  # never with a verdict
records = sa.Table(
    "records",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    # When the bytes were last read and found to be those of the manifest; the receipt was the first time.
    sa.Column("verified_at", UtcDateTime, nullable=False),
    # Since when the bytes are gone or damaged. A receipt alone is no bytes: the kit is asked to send them again.
    sa.Column("lost_at", UtcDateTime),
    sa.Column("verdict", sa.String(10), nullable=False, server_default=""),
    sa.Column("opened_at", UtcDateTime),
    # Opening failed for a reason of ours: class of the error, never its words, which may hold personal data.
    # Set before each try with no error: a record that ends the process itself is set aside too.
    sa.Column("set_aside_at", UtcDateTime),
    sa.Column("set_aside_error", sa.String(80), nullable=False, server_default=""),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("nik_mac", sa.String(64), index=True),
    sa.Column("amends", sa.String(36)),
    # Since when the bytes are erased on purpose, as the policy of the dinas says; `erasures` says more.
    sa.Column("erased_at", UtcDateTime),
    # Since when it stands in `onward`. Kept here too, for an index can hold those only that do not.
    sa.Column("queued_at", UtcDateTime),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["manifests.kit", "manifests.record_id"]),
    sa.Index("records_by_verification", "verified_at"),
    sa.Index("records_by_verdict", "verdict", "received_at", "record_id", "kit"),
    sa.Index("records_by_opening", "opened_at"),
    sa.Index("records_by_receipt", "received_at", "record_id", "kit"),
    sa.Index("records_of_kit_by_receipt", "kit", "received_at", "record_id"),
    sa.Index(
        "records_lost",
        "received_at",
        "record_id",
        "kit",
        sqlite_where=sa.text("lost_at IS NOT NULL"),
        postgresql_where=sa.text("lost_at IS NOT NULL"),
    ),
    sa.Index(
        "records_not_queued",
        "received_at",
        "record_id",
        "kit",
        sqlite_where=sa.text("queued_at IS NULL"),
        postgresql_where=sa.text("queued_at IS NULL"),
    ),
    sa.Index("records_set_aside", "set_aside_at", sqlite_where=IS_ASIDE, postgresql_where=IS_ASIDE),
    sa.Index("records_by_id", "record_id"),
    sa.Index(
        "records_by_amended",
        "amends",
        sqlite_where=sa.text("amends IS NOT NULL"),
        postgresql_where=sa.text("amends IS NOT NULL"),
    ),
)

statuses = sa.Table(
    "statuses",
    metadata,
    sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kit", sa.String(64), nullable=False),
    sa.Column("record_id", sa.String(36), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"]),
    sa.Index("statuses_of_kit", "kit", "cursor"),
    sa.Index("statuses_of_record", "kit", "record_id", "cursor"),
    sa.Index("statuses_by_code", "code", "cursor"),
)

# The newest events of the kits' logs, as the kits signed them. A second digest for one place is kept beside the first:
# it proves that a log was rewritten.
anchors = sa.Table(
    "anchors",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("chain", sa.String(64), primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
)

# What team leads signed for records that were sealed before acts of authority were signed. The opener judges them.
vouches = sa.Table(
    "vouches",
    metadata,
    sa.Column("kit", sa.ForeignKey("kits.kit"), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the JWS
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
)

# One row per sequence. Drawing a number locks the row until the commit, so that numbers become visible in their
# order: an auto-increment of PostgreSQL does not promise that, and a reader with a cursor would skip a late one.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

# What is handed on to the official system: a row per valid record, made when somebody first hands on. `transaction` is
# the same at each try, so that the other side knows a second one. `claimed_until` lends a row to one worker: who dies
# gives it back by the time.
onward = sa.Table(
    "onward",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("transaction_id", sa.String(36), nullable=False, unique=True),
    sa.Column("queued_at", UtcDateTime, nullable=False),
    sa.Column("next_try_at", UtcDateTime, nullable=False),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    # Who took it, as the statuses call it, and the number of the batch in a folder.
    sa.Column("target", sa.String(64), nullable=False, server_default=""),
    sa.Column("batch", sa.String(40), nullable=False, server_default=""),
    sa.Column("handed_over_at", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    sa.Column("external_id", sa.String(64), nullable=False, server_default="", index=True),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"], ondelete="CASCADE"),
    sa.Index("onward_by_state", "state", "next_try_at"),
    sa.Index("onward_by_age", "state", "queued_at", "record_id", "kit"),
)

# Who looked at what, or took it out: ids and numbers only. Nothing here is ever changed.
access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("about", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Index("access_log_by_time", "at"),
)

# Who may use the office page. `secret` is the TOTP secret, locked under the passphrase (Argon2id); a step of TOTP
# counts once.
office_users = sa.Table(
    "office_users",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("is_temporary", sa.Boolean, nullable=False),  # the passphrase was given by somebody else
    sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
)

# Wrong sign-ins by the digest of the name that was typed, whether there is such a user or not.
office_tries = sa.Table(
    "office_tries",
    metadata,
    sa.Column("name_hash", sa.String(64), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("locked_until", UtcDateTime),
)

office_sessions = sa.Table(
    "office_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("name", sa.ForeignKey("office_users.name"), nullable=False, index=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

# Records whose bytes were erased after their time: what they were, why, and since they are gone the signed statement.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
    sa.Column("statement", sa.Text, nullable=False, server_default=""),
    sa.ForeignKeyConstraint(["kit", "record_id"], ["records.kit", "records.record_id"]),
    sa.Index("erasures_by_age", "decided_at", "record_id", "kit"),
)

# The backups that were made of this data center; where they lie only who made them knows.
backups = sa.Table(
    "backups",
    metadata,
    sa.Column("made_at", UtcDateTime, primary_key=True),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("objects", sa.BigInteger, nullable=False),
    sa.Column("object_bytes", sa.BigInteger, nullable=False),
    sa.Column("missing", sa.Integer, nullable=False),  # objects that were not there to be copied
)

# How much was asked for in a span of time that began then (seconds since 1970); gone when the span is over.
rate_windows = sa.Table(
    "rate_windows",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("began", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
)

# A row here says that this data center moved elsewhere: whoever still serves it must stop.
moves = sa.Table(
    "moves",
    metadata,
    sa.Column("place", sa.String(200), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
