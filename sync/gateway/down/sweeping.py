"""Forgets versions of bundles that nobody can want any more: without it each list and each SOP stays for ever."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from sync.gateway.down.publishing import EVERY_KIT
from sync.gateway.down.tables import bundle_kits, down_parts, kit_standings, office_bundles
from sync.gateway.tables import kits

_KEPT = 2  # of each stream: what it is at, and what it was at before

Version = tuple[str, str, int]  # kind, name, number


def sweep_passed(connection: sa.Connection) -> int:
    """Forget each version that every kit it was for has told to be past, but the newest two; return how many.

    A kit that told nothing yet has passed nothing; one that is shut out asks for nothing. A kit that was never sent a
    later version than this one goes by it and has not passed it either.
    """
    older = _older(connection)
    if not older:
        return 0
    waiting = set(connection.scalars(sa.select(kits.c.kit).where(kits.c.revoked_at.is_(None))))
    reached = {
        (row.kit, row.kind, row.name): row.version
        for row in connection.execute(sa.select(kit_standings).where(kit_standings.c.kit.in_(waiting)))
    }
    audience = defaultdict[Version, set[str]](set)
    for row in connection.execute(sa.select(bundle_kits).where(_is_one(bundle_kits, older))):
        audience[row.kind, row.name, row.version] |= waiting if row.kit == EVERY_KIT else {row.kit} & waiting
    passed = [
        (kind, name, version)
        for kind, name, version in older
        if all(reached.get((kit, kind, name), 0) > version for kit in audience[kind, name, version])
    ]
    if passed:
        connection.execute(sa.delete(bundle_kits).where(_is_one(bundle_kits, passed)))
        connection.execute(sa.delete(office_bundles).where(_is_one(office_bundles, passed)))
        # Post between kits has shorter ids; the same content may stand in another version too.
        is_bundle = sa.func.length(down_parts.c.object_id) == 64
        named = sa.select(office_bundles.c.sha256)
        connection.execute(sa.delete(down_parts).where(is_bundle, down_parts.c.object_id.not_in(named)))
    return len(passed)


def _older(connection: sa.Connection) -> list[Version]:
    """Return all versions but the newest of each stream."""
    key = (office_bundles.c.kind, office_bundles.c.name, office_bundles.c.version)
    streams = defaultdict[tuple[str, str], list[int]](list)
    for kind, name, version in connection.execute(sa.select(*key).order_by(*key)):
        streams[kind, name].append(version)
    return [(*stream, version) for stream, versions in streams.items() for version in versions[:-_KEPT]]


def _is_one(table: sa.Table, versions: list[Version]) -> sa.ColumnElement[bool]:
    return sa.tuple_(table.c.kind, table.c.name, table.c.version).in_(versions)
