"""Tables of the gateway, for SQLite and PostgreSQL alike. A NIK stands here only as a keyed hash."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()


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


kits = sa.Table(
    "kits",
    metadata,
    sa.Column("kit", sa.String(64), primary_key=True),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("enrolled_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
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
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("kit", sa.ForeignKey("kits.kit"), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

manifests = sa.Table(
    "manifests",
    metadata,
    sa.Column("record_id", sa.String(36), primary_key=True),
    sa.Column("kit", sa.ForeignKey("kits.kit"), nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("jws", sa.Text, nullable=False),
    sa.Column("sealed_at", UtcDateTime, nullable=False),
    sa.Column("announced_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("kit", "chain", "sequence"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("record_id", sa.ForeignKey("manifests.record_id"), primary_key=True),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("record_id", sa.ForeignKey("uploads.record_id"), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False),
)

records = sa.Table(
    "records",
    metadata,
    sa.Column("record_id", sa.ForeignKey("manifests.record_id"), primary_key=True),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(10), nullable=False, server_default=""),
    sa.Column("opened_at", UtcDateTime),
    sa.Column("nik_mac", sa.String(64), index=True),
    sa.Column("amends", sa.String(36)),
)

statuses = sa.Table(
    "statuses",
    metadata,
    sa.Column("cursor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("record_id", sa.ForeignKey("records.record_id"), nullable=False, index=True),
    sa.Column("kit", sa.String(64), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.Index("statuses_of_kit", "kit", "cursor"),
)

# One row per sequence. Drawing a number locks the row until the commit, so that numbers become visible in their
# order: an auto-increment of PostgreSQL does not promise that, and a reader with a cursor would skip a late one.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
