"""Every certificate that this gateway gave to a kit: a record stays provable after the kit got another one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from fieldkit.vault.keys import load_certificate
from sync.gateway.tables import kit_certificates as table
from sync.gateway.tables import users


class KitCertificate(NamedTuple):
    """A certificate (DER) of a kit, and from when on it counts no longer."""

    certificate: bytes
    issued_at: datetime
    revoked_at: datetime | None


def kit_certificates(connection: sa.Connection, kit: str) -> list[KitCertificate]:
    """Return all certificates ever given to a kit, newest first; none for a stranger."""
    query = (
        sa.select(table.c.certificate, table.c.issued_at, table.c.revoked_at)
        .where(table.c.kit == kit)
        .order_by(table.c.issued_at.desc(), table.c.serial)
    )
    return [KitCertificate(*row) for row in connection.execute(query)]


def keep_certificate(
    connection: sa.Connection,
    kit: str,
    certificate: bytes,
    issued_at: datetime,
    *,
    code_hash: str | None = None,
    admin_csr: str | None = None,
) -> None:
    """Keep a new certificate; `code_hash` and the digest of the admin's request name the slip that it came from."""
    connection.execute(
        sa.insert(table).values(
            serial=serial_of(certificate),
            kit=kit,
            certificate=certificate,
            issued_at=issued_at,
            code_hash=code_hash,
            admin_csr=admin_csr,
        )
    )


def serial_of(certificate: bytes) -> str:
    """Return the serial number in hex, as revocation lists name it."""
    return format(load_certificate(certificate).serial_number, "x")


def revoked_serials(connection: sa.Connection) -> tuple[str, ...]:
    """Return the serial numbers (hex) of all revoked certificates, of kits and of people."""
    people = connection.scalars(sa.select(users.c.certificate).where(users.c.revoked_at.is_not(None)))
    kits = connection.scalars(sa.select(table.c.serial).where(table.c.revoked_at.is_not(None)))
    return tuple(sorted({*map(serial_of, people), *kits}))
