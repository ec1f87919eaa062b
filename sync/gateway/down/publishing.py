"""Signs what the office sends down and keeps it, each stream of versions rising."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BUNDLE_TYP, PERSONAL, BundleKind
from fieldkit.vault import age
from sync.gateway.context import GatewayContext
from sync.gateway.down.parts import keep_parts, whole_of
from sync.gateway.down.tables import bundle_kits, kit_recipients, kit_standings, office_bundles, teams
from sync.gateway.tables import kits
from sync.protocol.down import MOST_BUNDLE_BYTES, BundleHead

EVERY_KIT = "*"
_IMPLAUSIBLE = 2**40  # a kit that says so lies, and must not use up the numbers of all
_TRIES = 5  # two clerks may publish at the same moment


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a bundle is for: kits by name, a team, or every kit of the dinas when both are empty."""

    kits: tuple[str, ...] = ()
    team: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a bundle. `without` are kits that it is not closed for: they have not told their key yet."""

    kind: str
    name: str
    version: int
    made_at: datetime
    kits: tuple[str, ...]  # none: every kit
    sha256: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KitStanding:
    """Which version of a stream a kit says that it goes by, and the last that it refused and why."""

    kit: str
    kind: str
    name: str
    version: int
    refused: int
    code: str
    told_at: datetime


class Publishing:
    """Publishes bundles, and lists them with where the kits are."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def publish(self, kind: BundleKind, name: str, content: bytes, addressed: Addressed, stamp: str = "") -> Published:
        """Sign a content as the next version of its stream and keep it.

        Raise `InputError`: `office.too_large`, `gateway.kit_unknown`, `gateway.team_unknown`; `RuleError`
        `gateway.no_recipient` when none of the kits has told yet what is closed to it.
        """
        with self._context.engine.begin() as connection:
            to = _kits_of(connection, addressed)
            sealed_for, without = _sealed_for(connection, to) if kind in PERSONAL else ({}, ())
        if kind in PERSONAL:
            to = tuple(sorted(sealed_for))
            content = age.encrypt(content, [age.Recipient.parse(text) for text in sealed_for.values()])
        if len(content) > MOST_BUNDLE_BYTES:
            raise InputError("office.too_large", most_mb=MOST_BUNDLE_BYTES // 1024**2)
        for _ in range(_TRIES - 1):
            with suppress(IntegrityError), self._context.engine.begin() as connection:
                return self._keep(connection, kind, name, content, to, without, stamp)
        with self._context.engine.begin() as connection:
            return self._keep(connection, kind, name, content, to, without, stamp)

    def published(self) -> Sequence[Published]:
        """Return the newest version of every stream."""
        with self._context.engine.begin() as connection:
            rows = connection.execute(newest(sa.true())).all()
            return [
                Published(row.kind, row.name, row.version, row.made_at, _told_kits(connection, row), row.sha256)
                for row in rows
            ]

    def file_of(self, kind: BundleKind, name: str) -> tuple[str, bytes]:
        """Return head and content of the newest version. Raise `InputError("gateway.not_published")`."""
        which = sa.and_(bundle_kits.c.kind == kind.value, bundle_kits.c.name == name)
        with self._context.engine.begin() as connection:
            row = connection.execute(newest(which)).one_or_none()
            if row is None:
                raise InputError("gateway.not_published", kind=kind.value, name=name)
            return row.jws, whole_of(connection, row.sha256)

    def standings(self) -> Sequence[KitStanding]:
        """Return where the kits are with every stream."""
        query = sa.select(kit_standings).order_by(kit_standings.c.kind, kit_standings.c.name, kit_standings.c.kit)
        with self._context.engine.begin() as connection:
            return [KitStanding(*row) for row in connection.execute(query)]

    def make_team(self, team: str, members: Iterable[str]) -> None:
        """Let these kits, and no others, be a team; without any the team is no more. Raise `InputError`."""
        with self._context.engine.begin() as connection:
            wanted = _known(connection, members)
            connection.execute(sa.delete(teams).where(sa.or_(teams.c.team == team, teams.c.kit.in_(wanted))))
            for kit in wanted:
                connection.execute(sa.insert(teams).values(kit=kit, team=team))

    def _keep(
        self,
        connection: sa.Connection,
        kind: BundleKind,
        name: str,
        content: bytes,
        to: tuple[str, ...],
        without: tuple[str, ...],
        stamp: str,
    ) -> Published:
        sha256 = hashlib.sha256(content).hexdigest()
        # A kit may know a later version than an older copy of this database does: it would refuse any below.
        used = [
            connection.scalar(
                sa.select(sa.func.max(column)).filter_by(kind=kind.value, name=name).where(column < _IMPLAUSIBLE)
            )
            for column in (office_bundles.c.version, kit_standings.c.version, kit_standings.c.refused)
        ]
        head = BundleHead(
            gateway=self._context.name,
            kind=kind,
            name=name,
            version=max(number or 0 for number in used) + 1,
            made_at=self._context.clock.now(),
            kits=to,
            sha256=sha256,
            size_bytes=len(content),
            is_sealed=kind in PERSONAL,
        )
        key = {"kind": kind.value, "name": name, "version": head.version}
        # Who sweeps an older version with the same content waits, or is waited for: its bytes stay or are kept anew.
        connection.execute(sa.select(office_bundles.c.version).filter_by(sha256=sha256).with_for_update())
        connection.execute(
            sa.insert(office_bundles).values(
                **key,
                sha256=sha256,
                size_bytes=len(content),
                made_at=head.made_at,
                jws=self._context.receipt_signer.sign(head.model_dump(mode="json"), BUNDLE_TYP),
                stamp=stamp,
            )
        )
        for kit in to or (EVERY_KIT,):
            connection.execute(sa.insert(bundle_kits).values(**key, kit=kit))
        keep_parts(connection, sha256, content)
        return Published(kind.value, name, head.version, head.made_at, to, sha256, without)


def newest(which: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    """Return the newest version of each stream, among those whose addressees fit."""
    tops = (
        sa.select(bundle_kits.c.kind, bundle_kits.c.name, sa.func.max(bundle_kits.c.version).label("version"))
        .where(which)
        .group_by(bundle_kits.c.kind, bundle_kits.c.name)
        .subquery()
    )
    same = [office_bundles.c[column] == tops.c[column] for column in ("kind", "name", "version")]
    return sa.select(office_bundles).join(tops, sa.and_(*same)).order_by(office_bundles.c.kind, office_bundles.c.name)


def _told_kits(connection: sa.Connection, bundle: sa.Row[tuple[object, ...]]) -> tuple[str, ...]:
    query = sa.select(bundle_kits.c.kit).filter_by(kind=bundle.kind, name=bundle.name, version=bundle.version)
    return tuple(sorted(kit for kit in connection.scalars(query) if kit != EVERY_KIT))


def _kits_of(connection: sa.Connection, addressed: Addressed) -> tuple[str, ...]:
    if addressed.team:
        members = tuple(connection.scalars(sa.select(teams.c.kit).where(teams.c.team == addressed.team)))
        if not members:
            raise InputError("gateway.team_unknown", team=addressed.team)
        return tuple(sorted({*members, *_known(connection, addressed.kits)}))
    return _known(connection, addressed.kits)


def _known(connection: sa.Connection, named: Iterable[str]) -> tuple[str, ...]:
    found = tuple(sorted(set(named)))
    known = set(connection.scalars(sa.select(kits.c.kit).where(kits.c.kit.in_(found), kits.c.revoked_at.is_(None))))
    for kit in found:
        if kit not in known:
            raise InputError("gateway.kit_unknown", kit=kit)
    return found


def _sealed_for(connection: sa.Connection, to: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the recipients of these kits, of all for none, and who has not told any."""
    wanted = to or tuple(connection.scalars(sa.select(kits.c.kit).where(kits.c.revoked_at.is_(None))))
    rows = connection.execute(sa.select(kit_recipients).where(kit_recipients.c.kit.in_(wanted)))
    recipients = {row.kit: row.recipient for row in rows}
    without = tuple(sorted(set(wanted) - set(recipients)))
    if not recipients:
        raise RuleError("gateway.no_recipient", kits=", ".join(without))
    return recipients, without
