"""Routes by which kits fetch what is for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.vault import age
from sync.gateway.certificates import kit_certificates
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.publishing import EVERY_KIT, Publishing, TeamPost, keep_accounts_current, keep_current, newest
from sync.gateway.down.tables import bundle_kits, kit_recipients, kit_standings, office_bundles, part_of
from sync.gateway.tables import kits
from sync.protocol.down import (
    RECIPIENT_TYP,
    DownAnswer,
    DownQuestion,
    Fetched,
    Nothing,
    Posting,
    RecipientWord,
    Standing,
    TeamAnswer,
    pack,
)

# Answers a kit that asks what there is for it, and keeps what it says of itself.


class Downward:
    """What there is for each kit."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def answer(self, kit: str, question: DownQuestion) -> DownAnswer:
        """Return the heads of what the kit does not go by yet. Raise `Refusal` 400 for a recipient of others."""
        keep_current(self._context)
        recipient = self._recipient(kit, question.recipient) if question.recipient else None
        if recipient is not None:
            with self._context.engine.begin() as connection:
                connection.execute(sa.select(kits.c.kit).where(kits.c.kit == kit).with_for_update())
                self._keep_recipient(connection, kit, recipient.recipient, question.recipient)
        keep_accounts_current(self._context, kit)
        seen = {(each.kind, each.name): max(each.version, each.refused) for each in question.standings}
        with self._context.engine.begin() as connection:
            # One question of a kit after the other: two at once would both insert.
            connection.execute(sa.select(kits.c.kit).where(kits.c.kit == kit).with_for_update())
            for standing in question.standings:
                self._note(connection, kit, standing)
            rows = connection.execute(newest(bundle_kits.c.kit.in_((EVERY_KIT, kit)))).all()
        return DownAnswer(bundles=tuple(row.jws for row in rows if row.version > seen.get((row.kind, row.name), 0)))

    def part(self, kit: str, sha256: str, number: int) -> bytes:
        """Return a piece of a bundle that is for this kit. Raise `Refusal` 404."""
        same = [office_bundles.c[column] == bundle_kits.c[column] for column in ("kind", "name", "version")]
        is_for_it = (
            sa.select(sa.literal(1))
            .select_from(office_bundles.join(bundle_kits, sa.and_(*same)))
            .where(office_bundles.c.sha256 == sha256, bundle_kits.c.kit.in_((EVERY_KIT, kit)))
            .limit(1)
        )
        with self._context.engine.begin() as connection:
            content = part_of(connection, sha256, number) if connection.scalar(is_for_it) is not None else None
        if content is None:
            raise Refusal(404, "bundle.unknown")
        return content

    def _recipient(self, kit: str, jws: str) -> RecipientWord:
        with self._context.engine.begin() as connection:
            given = [each.certificate for each in kit_certificates(connection, kit) if each.revoked_at is None]
        for certificate in given:
            with suppress(KnownError, ValidationError):
                word = RecipientWord.model_validate(self._context.verifier_for(certificate).verify(jws, RECIPIENT_TYP))
                age.Recipient.parse(word.recipient)
                if word.kit == kit:
                    return word
        raise Refusal(400, "recipient.invalid")

    def _keep_recipient(self, connection: sa.Connection, kit: str, recipient: str, jws: str) -> None:
        known = connection.execute(sa.select(kit_recipients).where(kit_recipients.c.kit == kit)).one_or_none()
        if known is not None and known.recipient == recipient:
            return
        connection.execute(sa.delete(kit_recipients).where(kit_recipients.c.kit == kit))
        now = self._context.clock.now()
        connection.execute(sa.insert(kit_recipients).values(kit=kit, recipient=recipient, jws=jws, told_at=now))

    def _note(self, connection: sa.Connection, kit: str, standing: Standing) -> None:
        key = {"kit": kit, "kind": standing.kind, "name": standing.name}
        said = {"version": standing.version, "refused": standing.refused, "code": standing.code}
        known = connection.execute(sa.select(kit_standings).filter_by(**key)).one_or_none()
        if known is not None and all(getattr(known, name) == value for name, value in said.items()):
            return
        connection.execute(sa.delete(kit_standings).filter_by(**key))
        connection.execute(sa.insert(kit_standings).values(**key, **said, told_at=self._context.clock.now()))


_Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_BYTES = "application/octet-stream"
_Number = Annotated[int, Path(ge=0, le=10_000)]


def down_router(context: GatewayContext, admitted: Callable[..., str]) -> APIRouter:
    """Return the routes."""
    router, downward, team_post = APIRouter(), Downward(context), TeamPost(context)

    @router.post("/down")
    def ask(question: DownQuestion, kit: str = Depends(admitted)) -> DownAnswer:
        return downward.answer(kit, question)

    @router.get("/revocations")
    def revocations() -> Response:
        # Serial numbers and days, signed: whoever is shut out has no token to ask with.
        keep_current(context)
        try:
            file = pack(*Publishing(context).file_of(BundleKind.REVOCATIONS, ""))
        except InputError as error:
            raise Refusal(404, "bundle.unknown") from error
        return Response(file, media_type=_BYTES)

    @router.get("/down/{sha256}/{number}")
    def part(sha256: _Sha256, number: _Number, kit: str = Depends(admitted)) -> Response:
        return Response(downward.part(kit, sha256, number), media_type=_BYTES)

    @router.post("/team")
    def team(_question: Nothing, kit: str = Depends(admitted)) -> TeamAnswer:
        return team_post.team(kit)

    @router.post("/team/post")
    def post(posting: Posting, kit: str = Depends(admitted)) -> Nothing:
        team_post.begin(kit, posting)
        return Nothing()

    @router.put("/team/post/{object_id}/{number}")
    async def keep(object_id: _Id, number: _Number, request: Request, kit: str = Depends(admitted)) -> Nothing:
        await run_in_threadpool(team_post.keep, kit, object_id, number, await request.body())
        return Nothing()

    @router.get("/team/post/{object_id}/{number}")
    def posted(object_id: _Id, number: _Number, kit: str = Depends(admitted)) -> Response:
        return Response(team_post.part(kit, object_id, number), media_type=_BYTES)

    @router.post("/team/fetched")
    def fetched(message: Fetched, kit: str = Depends(admitted)) -> Nothing:
        team_post.fetched(kit, message.object_id)
        return Nothing()

    return router
