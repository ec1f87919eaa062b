"""Routes by which kits fetch what is for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Publishing
from sync.gateway.down.revocations import keep_current
from sync.gateway.down.team_post import TeamPost
from sync.protocol.down import DownAnswer, DownQuestion, pack
from sync.protocol.team import Fetched, Nothing, Posting, TeamAnswer

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
