"""The policy of recording that the office published: what a record is held against where it is opened."""

from __future__ import annotations

import sqlalchemy as sa

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.down.publishing import EVERY_KIT, newest
from sync.gateway.down.tables import bundle_kits, whole_of


def policy_for(connection: sa.Connection, kit: str) -> bytes | None:
    """Return the newest policy that is for a kit, None where the office published none and the shipped one counts."""
    is_for_it = sa.and_(bundle_kits.c.kind == BundleKind.POLICY.value, bundle_kits.c.kit.in_((EVERY_KIT, kit)))
    row = connection.execute(newest(is_for_it)).one_or_none()
    return None if row is None else whole_of(connection, row.sha256)
