"""Routes by which kits fetch what is for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from sync.gateway.context import GatewayContext
from sync.gateway.down.downward import Downward
from sync.protocol.down import DownAnswer, DownQuestion

_Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_Number = Annotated[int, Path(ge=0, le=10_000)]


def down_router(context: GatewayContext, admitted: Callable[..., str]) -> APIRouter:
    """Return the routes."""
    router, downward = APIRouter(prefix="/down"), Downward(context)

    @router.post("")
    def ask(question: DownQuestion, kit: str = Depends(admitted)) -> DownAnswer:
        return downward.answer(kit, question)

    @router.get("/{sha256}/{number}")
    def part(sha256: _Sha256, number: _Number, kit: str = Depends(admitted)) -> Response:
        return Response(downward.part(kit, sha256, number), media_type="application/octet-stream")

    return router
