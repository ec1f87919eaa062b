"""Signs what the office sends down and keeps it, each stream of versions rising."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BUNDLE_TYP, PERSONAL, BundleKind
from fieldkit.vault import age
from sync.gateway.certificates import revoked_certificates, serial_of
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.tables import (
    bundle_kits,
    down_parts,
    keep_part,
    keep_parts,
    kit_recipients,
    kit_standings,
    office_bundles,
    part_of,
    team_post,
    teams,
    whole_of,
)
from sync.gateway.tables import kit_certificates, kits, users
from sync.protocol.down import (
    MOST_BUNDLE_BYTES,
    PART_BYTES,
    BundleHead,
    Posting,
    Revocations,
    Revoked,
    TeamAnswer,
    TeamMember,
    Waiting,
)

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


# Who works with the kits of a team, as a bundle for each of them: names and roles, never what opens anything.

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


# The list of certificates that count no longer, as a bundle for every kit; made anew whenever it changed.

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


# Forgets versions of bundles that nobody can want any more: without it each list and each SOP stays for ever.

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


# Sealed bundles between kits of a team: kept until the other has them, one of each sender for each kit.

LIFE = timedelta(days=60)  # of what nobody fetches; its sender goes on to send all that the others have not read


class TeamPost:
    """What the kits of a team post for each other."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def team(self, kit: str) -> TeamAnswer:
        """Return the other kits of the team that told what is closed to them, and what waits for this one."""
        members = (
            sa.select(kits.c.kit, kits.c.certificate, kit_recipients.c.jws)
            .join(kit_recipients, kit_recipients.c.kit == kits.c.kit)
            .where(kits.c.kit.in_(_others(kit)), kits.c.revoked_at.is_(None))
            .order_by(kits.c.kit)
        )
        # What a kit posted before it was shut out is not delivered.
        waiting = (
            sa.select(team_post)
            .join(kits, kits.c.kit == team_post.c.sender)
            .where(team_post.c.kit == kit, team_post.c.is_whole, kits.c.revoked_at.is_(None))
            .order_by(team_post.c.posted_at, team_post.c.sender)
        )
        with self._context.engine.begin() as connection:
            return TeamAnswer(
                members=tuple(
                    TeamMember(kit=row.kit, certificate=row.certificate, recipient=row.jws)
                    for row in connection.execute(members)
                ),
                waiting=tuple(
                    Waiting(object_id=row.object_id, sender=row.sender, sha256=row.sha256, size_bytes=row.size_bytes)
                    for row in connection.execute(waiting)
                ),
            )

    def begin(self, kit: str, posting: Posting) -> None:
        """Take a bundle whose bytes follow. Raise `Refusal`: 403 for kits of another team, 409 for a used id, 503."""
        try:
            self._begin(kit, posting)
        except IntegrityError as error:  # the same kit posts twice at this moment
            raise Refusal(503, "server.busy") from error

    def _begin(self, kit: str, posting: Posting) -> None:
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            if not set(posting.to) <= set(connection.scalars(_others(kit))):
                raise Refusal(403, "team.not_yours")
            used = connection.scalar(sa.select(team_post.c.sender).filter_by(object_id=posting.object_id).limit(1))
            if used is not None and used != kit:
                raise Refusal(409, "team.id_used")
            mine = sa.and_(team_post.c.sender == kit, team_post.c.kit.in_(posting.to))
            connection.execute(sa.delete(team_post).where(sa.or_(mine, team_post.c.posted_at < now - LIFE)))
            about = {"sha256": posting.sha256, "size_bytes": posting.size_bytes, "posted_at": now, "is_whole": False}
            for other in sorted(set(posting.to)):
                values = {"sender": kit, "kit": other, "object_id": posting.object_id, **about}
                connection.execute(sa.insert(team_post).values(**values))
            _sweep(connection)

    def keep(self, kit: str, object_id: str, number: int, content: bytes) -> None:
        """Keep a piece; with the last one the bundle is whole. Raise `Refusal` 404, 413, 422."""
        mine = sa.and_(team_post.c.sender == kit, team_post.c.object_id == object_id)
        with self._context.engine.begin() as connection:
            posted = connection.execute(sa.select(team_post).where(mine).with_for_update()).first()
            if posted is None:
                raise Refusal(404, "team.unknown")
            if len(content) > PART_BYTES or number * PART_BYTES >= posted.size_bytes:
                raise Refusal(413, "team.too_large")
            keep_part(connection, object_id, number, content)
            size = sa.select(sa.func.sum(sa.func.length(down_parts.c.content))).filter_by(object_id=object_id)
            if connection.scalar(size) == posted.size_bytes:
                if hashlib.sha256(whole_of(connection, object_id)).hexdigest() != posted.sha256:
                    raise Refusal(422, "team.damaged")
                connection.execute(sa.update(team_post).where(mine).values(is_whole=True))

    def part(self, kit: str, object_id: str, number: int) -> bytes:
        """Return a piece of what waits for a kit. Raise `Refusal` 404."""
        is_for_it = sa.select(sa.literal(1)).select_from(team_post).filter_by(kit=kit, object_id=object_id)
        with self._context.engine.begin() as connection:
            is_there = connection.scalar(is_for_it.where(team_post.c.is_whole)) is not None
            content = part_of(connection, object_id, number) if is_there else None
        if content is None:
            raise Refusal(404, "team.unknown")
        return content

    def fetched(self, kit: str, object_id: str) -> None:
        """Forget what a kit has; when all have it, its bytes too."""
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(team_post).filter_by(kit=kit, object_id=object_id))
            _sweep(connection)


def _others(kit: str) -> sa.Select[tuple[str]]:
    mine = sa.select(teams.c.team).where(teams.c.kit == kit).scalar_subquery()
    return sa.select(teams.c.kit).where(teams.c.team == mine, teams.c.kit != kit)


def _sweep(connection: sa.Connection) -> None:
    """Forget the bytes of bundles that wait for nobody. Ids of bundles are shorter than digests."""
    waits = sa.select(team_post.c.object_id)
    is_post = sa.func.length(down_parts.c.object_id) == 32
    connection.execute(sa.delete(down_parts).where(is_post, down_parts.c.object_id.not_in(waits)))


def policy_for(connection: sa.Connection, kit: str) -> bytes | None:
    """Return the newest policy that is for a kit, None where the office published none and the shipped one counts."""
    is_for_it = sa.and_(bundle_kits.c.kind == BundleKind.POLICY.value, bundle_kits.c.kit.in_((EVERY_KIT, kit)))
    row = connection.execute(newest(is_for_it)).one_or_none()
    return None if row is None else whole_of(connection, row.sha256)
