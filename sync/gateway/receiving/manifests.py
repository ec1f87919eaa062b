"""Manifests become rows: together where they continue a chain, one by one where anything about them is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sync.gateway.database import GatewayContext, listed, one_of
from sync.gateway.opening.claims import ChainEnd, end_of_chain, note_manifest
from sync.gateway.tables import awaited_records, manifests, records
from sync.protocol.messages import Announced, Manifest


class Manifests:
    """Keeps what kits announce, within the transaction of whoever asks."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        # Of these ids, those that the kit announced before or that are another kit's by now.
        self._known = sa.union_all(
            sa.select(manifests.c.record_id).where(
                manifests.c.kit == sa.bindparam("of_kit"), one_of(context.engine, manifests.c.record_id, "ids")
            ),
            sa.select(records.c.record_id).where(
                one_of(context.engine, records.c.record_id, "ids"),
                records.c.kit != sa.bindparam("of_kit"),
                records.c.verdict == "valid",
            ),
        )

    def keep(self, connection: sa.Connection, read: Sequence[tuple[Manifest, str]]) -> list[Announced]:
        """Keep verified manifests of one kit, each with what the kit signed; return a word for each, in their order.

        Raise `IntegrityError` when another request keeps one of them at this moment.
        """
        ids = listed(self._context.engine, [str(manifest.record_id) for manifest, _ in read])
        known = set(connection.scalars(self._known, {"of_kit": read[0][0].kit, "ids": ids}))
        ends: dict[str, ChainEnd] = {}
        words, rows = list[Announced](), list[dict[str, Any]]()
        for manifest, jws in read:
            record_id = str(manifest.record_id)
            if record_id not in known and self._continues(connection, ends, manifest):
                rows.append(self._row(manifest, jws))
                ends[manifest.chain] = ChainEnd(manifest.sequence, frozenset({manifest.sha256}))
                words.append(Announced())
            else:
                _write(connection, rows)
                rows.clear()
                ends.pop(manifest.chain, None)
                words.append(self._keep_one(connection, manifest, jws))
            known.add(record_id)
        _write(connection, rows)
        return words

    def _continues(self, connection: sa.Connection, ends: dict[str, ChainEnd], manifest: Manifest) -> bool:
        """Whether it comes right behind the last of its chain, so that it closes, opens and forks nothing."""
        if not manifest.chain or manifest.size_bytes > self._context.limits.max_record_bytes:
            return False
        end = ends.get(manifest.chain)
        if end is None:
            end = ends[manifest.chain] = end_of_chain(connection, manifest.kit, manifest.chain)
        is_named = not manifest.previous or not end.place or manifest.previous in end.digests
        return is_named and manifest.sequence == end.place + 1

    def _keep_one(self, connection: sa.Connection, manifest: Manifest, jws: str) -> Announced:
        if manifest.size_bytes > self._context.limits.max_record_bytes:
            return Announced(code="record.too_large")
        names = {"of_kit": manifest.kit, "of_record": str(manifest.record_id)}
        row = connection.execute(_MINE, names).one_or_none()
        if row is None and connection.execute(_ANOTHERS, names).first() is not None:
            return Announced(code="record.conflict")
        if row is not None and row.sha256 != manifest.sha256:
            return Announced(code="record.conflict")
        fork_of = _first_at_place(connection, manifest) if row is None else row.fork_of
        if row is None:
            note_manifest(connection, manifest, self._context.clock.now())
            _write(connection, [self._row(manifest, jws, fork_of)])
        # The same place of a chain twice: two laptops write one kit's chain, or an older copy was put back. Both
        # records are genuine, so both are taken; the kit is told to begin a new chain.
        return Announced(note="manifest.fork" if fork_of else "")

    def _row(self, manifest: Manifest, jws: str, fork_of: str = "") -> dict[str, Any]:
        return {
            "kit": manifest.kit,
            "record_id": str(manifest.record_id),
            "sha256": manifest.sha256,
            "size_bytes": manifest.size_bytes,
            "chain": manifest.chain,
            "sequence": manifest.sequence,
            "fork_of": fork_of,
            "jws": jws,
            "sealed_at": manifest.sealed_at,
            "announced_at": self._context.clock.now(),
        }


def _write(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_NEW, rows)
        awaited = [{name: row[name] for name in ("kit", "record_id", "announced_at")} for row in rows]
        connection.execute(_AWAITED, awaited)


def _first_at_place(connection: sa.Connection, manifest: Manifest) -> str:
    place = {"of_kit": manifest.kit, "of_chain": manifest.chain, "at": manifest.sequence}
    return connection.scalar(_FIRST_AT_PLACE, place) or ""


# Made once for the life of the process: a kit announces its records by the dozen.
_MINE = sa.select(manifests.c.sha256, manifests.c.fork_of).where(
    manifests.c.kit == sa.bindparam("of_kit"), manifests.c.record_id == sa.bindparam("of_record")
)
_ANOTHERS = sa.select(sa.literal(1)).where(
    records.c.record_id == sa.bindparam("of_record"),
    records.c.kit != sa.bindparam("of_kit"),
    records.c.verdict == "valid",
)
_FIRST_AT_PLACE = (
    sa.select(manifests.c.record_id)
    .where(
        manifests.c.kit == sa.bindparam("of_kit"),
        manifests.c.chain == sa.bindparam("of_chain"),
        manifests.c.sequence == sa.bindparam("at"),
        manifests.c.fork_of == "",
    )
    .limit(1)
)
_NEW, _AWAITED = sa.insert(manifests), sa.insert(awaited_records)
