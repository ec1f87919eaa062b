"""Sealed bundles between kits of a team: kept until the other has them, one of each sender for each kit."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.down.parts import keep_part, part_of, whole_of
from sync.gateway.down.tables import down_parts, kit_recipients, team_post, teams
from sync.gateway.tables import kits
from sync.protocol.down import PART_BYTES
from sync.protocol.team import Posting, TeamAnswer, TeamMember, Waiting

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
