"""Where an ABIS sends what it found later: the callback of `identifyFromId` (OSIA ABIS, `abis.yaml`).

The transaction id is 122 random bits that only the ABIS was told: who names it may answer it, and nothing else.
"""

from __future__ import annotations

import json
from random import Random

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fieldkit.ports.onward import Answer, OnwardState, Outcome
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.onward.osia_abis import decided
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.tables import onward, records

PATH = "/onward/answers"


def callback_router(context: GatewayContext) -> APIRouter:
    """Return the route: 204 taken, 403 no such transaction, 400 what cannot be read."""
    router = APIRouter()

    @router.post(PATH, status_code=204)
    async def answered(request: Request, transactionId: str = "") -> Response:  # noqa: N803 - the interface's name
        is_error = request.headers.get("Content-Type", "").startswith("application/error+json")
        await run_in_threadpool(_settle, context, transactionId, await request.body(), is_error)
        return Response(status_code=204)

    return router


def _settle(context: GatewayContext, transaction_id: str, body: bytes, is_error: bool) -> None:
    query = (
        sa.select(records.c.nik_mac, records.c.record_id, onward.c.target)
        .join(onward, sa.and_(onward.c.kit == records.c.kit, onward.c.record_id == records.c.record_id))
        .where(onward.c.transaction_id == transaction_id.replace("\0", ""))
    )
    with context.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise Refusal(403, "onward.unknown")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "onward.answer") from error
    outcome = decided(said, row.nik_mac or row.record_id)
    if is_error:
        told = said if isinstance(said, dict) else {}
        outcome = Outcome(OnwardState.FAILED, f"{told.get('code', '')} {told.get('message', '')}".strip())
    if outcome.state is OnwardState.WAITING:
        raise Refusal(400, "onward.answer")
    OnwardQueue(context, row.target, Random()).answer(Answer(transaction_id, outcome))
