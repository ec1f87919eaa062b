"""Who works with the kits of a team, as a bundle for each of them: names and roles, never what opens anything."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.context import GatewayContext
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import bundle_kits, kit_recipients, office_bundles, teams
from sync.gateway.tables import kits, users

_KIND = BundleKind.ACCOUNTS


def keep_accounts_current(context: GatewayContext, kit: str) -> None:
    """Publish the list for the team of a kit when it changed; a kit that is of no team any more gets an empty one."""
    with context.engine.begin() as connection:
        team = _team_of(connection, kit)
        content = json.dumps({"users": _users_of(connection, team)}, ensure_ascii=False).encode()
        # A kit that has not told its key yet cannot be told names.
        told = set(connection.scalars(sa.select(kit_recipients.c.kit).where(kit_recipients.c.kit.in_(team or {kit}))))
        stamp = hashlib.sha256(content + "\n".join(sorted(told)).encode()).hexdigest()
        last = connection.scalar(sa.select(_last_for(kit)))
    if kit not in told or last == stamp or (last is None and not team):
        return
    Publishing(context).publish(_KIND, "", content, Addressed(tuple(sorted(told))), stamp)


def _team_of(connection: sa.Connection, kit: str) -> set[str]:
    mine = sa.select(teams.c.team).where(teams.c.kit == kit).scalar_subquery()
    members = sa.select(teams.c.kit).join(kits, kits.c.kit == teams.c.kit).where(teams.c.team == mine)
    return set(connection.scalars(members.where(kits.c.revoked_at.is_(None))))


def _users_of(connection: sa.Connection, team: set[str]) -> list[dict[str, str]]:
    """Return everybody with a certificate that counts on a kit of the team, each by the newest of them."""
    good = sa.select(users.c.user_id, users.c.name, users.c.role).where(
        users.c.kit.in_(team), users.c.revoked_at.is_(None)
    )
    newest = {row.user_id: row for row in connection.execute(good.order_by(users.c.issued_at, users.c.csr_sha256))}
    return [{"user_id": row.user_id, "name": row.name, "role": row.role} for _, row in sorted(newest.items())]


def _last_for(kit: str) -> sa.ScalarSelect[str]:
    same = [office_bundles.c[column] == bundle_kits.c[column] for column in ("kind", "name", "version")]
    return (
        sa.select(office_bundles.c.stamp)
        .join(bundle_kits, sa.and_(*same))
        .where(bundle_kits.c.kind == _KIND.value, bundle_kits.c.kit == kit)
        .order_by(bundle_kits.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
