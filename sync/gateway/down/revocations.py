"""The list of certificates that count no longer, as a bundle for every kit; made anew whenever it changed."""

from __future__ import annotations

import sqlalchemy as sa

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.certificates import revoked_certificates, serial_of
from sync.gateway.context import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import office_bundles
from sync.gateway.tables import kit_certificates, users
from sync.protocol.down import Revocations, Revoked

_NOBODY = "0/0"
_WITH_KIT = (kit_certificates.c.kit == users.c.kit, kit_certificates.c.revoked_at == users.c.revoked_at)
# Who was revoked with a kit gets another certificate for the same key when the kit comes back, these do not.
_ALONE = (
    sa.select(users.c.certificate)
    .where(users.c.revoked_at.is_not(None), ~sa.exists().where(*_WITH_KIT))
    .order_by(users.c.revoked_at, users.c.csr_sha256)
)


def keep_current(context: GatewayContext) -> None:
    """Publish the list when certificates were revoked since the last version of it."""
    kind = BundleKind.REVOCATIONS
    last = sa.select(office_bundles.c.stamp).filter_by(kind=kind.value).order_by(office_bundles.c.version.desc())
    with context.engine.begin() as connection:
        stamp = _stamp(connection)
        if connection.scalar(last.limit(1)) == stamp or stamp == _NOBODY:
            return
        # What is revoked between stamp and list makes another version with the next question, and loses nothing.
        listed = revoked_certificates(connection)
        alone = tuple(map(serial_of, connection.scalars(_ALONE)))
    content = Revocations(
        alone=alone,
        certificates=tuple(
            Revoked(serial=serial_of(certificate), since=since)
            for certificate, since in sorted(listed, key=lambda each: each[1])
        ),
    )
    Publishing(context).publish(kind, "", content.model_dump_json().encode(), Addressed(), stamp)


def _stamp(connection: sa.Connection) -> str:
    """Return how many certificates of kits and of people are revoked: revoking is never taken back."""
    counts = (
        connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.revoked_at.is_not(None)))
        for table in (kit_certificates, users)
    )
    return "/".join(str(count) for count in counts)
