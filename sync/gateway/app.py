"""The gateway as an ASGI application: admission, delivery, feed and configuration."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CollectorRegistry
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldkit.ports.messages import Messages
from sync.gateway.admission import Admission, ClientLimits
from sync.gateway.certificates import Renewals
from sync.gateway.custody import ScrubWorker
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.routes import down_router
from sync.gateway.fence import Fence
from sync.gateway.ledger import Ledger
from sync.gateway.onward.folder import callback_router
from sync.gateway.opener import Opener, OpenerWorker
from sync.gateway.operations.metrics import (
    Observation,
    RequestCounts,
    RequestLines,
    Standing,
    Switches,
    log_as_json,
    metrics_router,
)
from sync.gateway.operations.openapi import openapi_router
from sync.gateway.operations.rates import AddressRates, Rates, stated_bytes
from sync.gateway.receiving.whole_records import WholeRecords
from sync.gateway.routes import TusHeaders, custody_router, tus_router
from sync.gateway.server_errors import ServerErrors
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.messages import (
    OLDEST_PROTOCOL,
    PROTOCOL_VERSION,
    Announcement,
    AnnouncementAnswer,
    CaAnswer,
    Configuration,
    CountsAnswer,
    Enrolment,
    EnrolmentAnswer,
    Health,
    Hello,
    HelloAnswer,
    ReconcileAnswer,
    ReconcileQuestion,
    RenewalRequest,
    Renewed,
    StatusPage,
    Token,
    Trouble,
    UserCertificate,
    UserEnrolment,
)

# Refuses bodies that no message of the protocol needs, before they fill the memory. Uploads have their own bounds.

MAX_MESSAGE_BYTES = 1024 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class BodyLimit:
    """Stands in front of the application; `free_path` is let through."""

    def __init__(self, app: ASGIApp, free_path: str) -> None:
        self._app = app
        self._free_path = free_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http" or scope["path"].startswith(self._free_path):
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > MAX_MESSAGE_BYTES:
                await JSONResponse(Trouble(code="body.too_large").model_dump(), status_code=413)(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        messages.reverse()
        # RFC 9112 §7.1.3: what came in chunks has its length from here on, for whoever counts bytes by it.
        headers = [(name, said) for name, said in scope["headers"] if name not in _FRAMING]
        scope["headers"] = [*headers, (b"content-length", b"%d" % size)]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


_log = logging.getLogger(__name__)
_GRANT = "client_credentials"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_FORM_BYTES = 16 * 1024


def build_app(
    context: GatewayContext,
    opener: Opener | None,
    switches: Switches | None = None,
    catalogues: Mapping[str, Messages] | None = None,
) -> FastAPI:
    """Return the application; its life spans the opener's thread. None: the opener runs elsewhere.

    Without `switches` they are read from the environment. `catalogues` are the languages of the office page; without
    any there is no such page.
    """
    switched = Switches.of() if switches is None else switches
    uploads = Uploads(context)
    admission = Admission(context)
    renewals = Renewals(context)
    ledger = Ledger(context)
    executor = None if opener is None else OpenerWorker(opener)
    scrub = ScrubWorker(context)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = context.limits.threads
        if switched.logs_json:
            log_as_json()
        uploads.sweep()
        if executor is not None:
            executor.start()
        scrub.start()
        yield
        scrub.stop()
        if executor is not None:
            executor.stop()
        context.engine.dispose()

    def stopped() -> list[str]:
        is_stopped = {
            "opener.stopped": executor is not None and not executor.is_alive,
            "scrub.stopped": not scrub.is_alive,
        }
        return [code for code, is_so in is_stopped.items() if is_so]

    def received() -> None:
        if executor is not None:
            executor.wake()

    rates = Rates(context)
    registry = CollectorRegistry()
    registry.register(Standing(context, stopped))

    def count_stranger(request: Request) -> None:
        rates.of_address(request.client.host if request.client else "", enrols=False)

    def admitted(request: Request) -> str:
        try:
            kit = admission.kit_of(request.headers.get("Authorization", ""))
        except Refusal:
            count_stranger(request)
            raise
        request.state.kit = kit
        rates.of_kit(kit, stated_bytes(request.headers))
        return kit

    # `redirect_slashes` would send a client to whatever its request calls this host.
    app = FastAPI(title="fieldkit gateway", lifespan=life, openapi_url=None, redirect_slashes=False)
    if switched.shows_openapi:
        app.include_router(openapi_router(app))
    # The last stands outermost: what any of them answers below /tus bears the version of tus.
    app.add_middleware(BodyLimit, free_path="/tus")
    app.add_middleware(AddressRates, rates=rates)
    app.add_middleware(
        WholeRecords,
        context=context,
        uploads=uploads,
        rates=rates,
        refuse=_answer_of,
        received=received,
    )
    app.add_middleware(Fence, engine=context.engine)
    app.add_middleware(ServerErrors)
    app.add_middleware(ClientLimits, limits=context.limits)
    app.add_middleware(
        Observation, counts=RequestCounts(registry), lines=RequestLines() if switched.logs_json else None
    )
    app.add_middleware(TusHeaders, path="/tus")
    app.add_exception_handler(Refusal, _refuse)
    app.add_exception_handler(ClientDisconnect, _nobody_listens)

    @app.exception_handler(HTTPException)
    @app.exception_handler(RequestValidationError)
    async def unread(request: Request, error: Exception) -> Response:
        # The framework reads a body before anybody asks who sends it: without a kit it is a stranger's, token or not.
        try:
            if "Authorization" in request.headers and not hasattr(request.state, "kit"):
                await run_in_threadpool(count_stranger, request)
            if isinstance(error, RequestValidationError):
                # Names of members only: what was sent may hold secrets.
                places = (".".join(map(str, fault["loc"])) for fault in error.errors())
                raise Refusal(400, "body.invalid", "; ".join(places))
            assert isinstance(error, HTTPException)
            if error.status_code == 400:
                raise Refusal(400, "body.invalid")
        except Refusal as refusal:
            return _answer_of(refusal)
        return await http_exception_handler(request, error)

    # First what is asked for most often: routes are tried in their order.
    app.include_router(tus_router(context, uploads, admitted, received, rates.of_bytes))
    app.include_router(_public_routes(context, admission, executor))
    app.include_router(metrics_router(registry, switched.metrics_token))
    app.include_router(callback_router(context))
    kit_routes = APIRouter()

    @kit_routes.post("/reconcile")
    def reconcile(question: ReconcileQuestion, kit: str = Depends(admitted)) -> ReconcileAnswer:
        return ledger.reconcile(kit, question)

    @kit_routes.post("/announce")
    def announce(announcement: Announcement, kit: str = Depends(admitted)) -> AnnouncementAnswer:
        return ledger.announce(kit, announcement)

    @kit_routes.get("/statuses")
    def statuses(cursor: str = "", kit: str = Depends(admitted)) -> StatusPage:
        return ledger.statuses(kit, cursor)

    @kit_routes.get("/counts")
    def counts(kit: str = Depends(admitted)) -> CountsAnswer:
        return ledger.counts(kit)

    @kit_routes.post("/users")
    def users(request: UserEnrolment, kit: str = Depends(admitted)) -> UserCertificate:
        return admission.add_user(kit, request)

    @kit_routes.post("/renewals")
    def renew(request: RenewalRequest, kit: str = Depends(admitted)) -> Renewed:
        return renewals.renew(kit, request)

    @kit_routes.get("/config", dependencies=[Depends(admitted)])
    def config() -> Configuration:
        return admission.configuration()

    app.include_router(kit_routes)
    app.include_router(custody_router(context, uploads, admitted, received, stopped))
    app.include_router(down_router(context, admitted))
    if catalogues:
        from sync.gateway.office.pages import PATH, office_app

        app.add_api_route(PATH, lambda: RedirectResponse(f"{PATH}/"), include_in_schema=False)
        app.mount(PATH, office_app(context, catalogues))
    return app


def _public_routes(context: GatewayContext, admission: Admission, executor: OpenerWorker | None) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    def health() -> Health:
        is_well = executor is None or executor.is_alive
        return Health(
            status="ok" if is_well else "opener stopped",
            gateway=context.name,
            protocol=PROTOCOL_VERSION,
            time=context.clock.now(),
        )

    @router.get("/ca")
    def ca() -> CaAnswer:
        return CaAnswer(ca_certificate=context.configuration.ca_certificate)

    @router.post("/hello")
    def hello(word: Hello) -> HelloAnswer:
        if not OLDEST_PROTOCOL <= word.protocol <= PROTOCOL_VERSION:
            # The first data center knew no later protocol than its own: its one code says that it is the older side.
            code = "protocol.version" if word.protocol > PROTOCOL_VERSION else "protocol.outdated"
            raise Refusal(426, code, f"we speak {OLDEST_PROTOCOL} to {PROTOCOL_VERSION}")
        free = context.blobs.free_bytes()
        return HelloAnswer(
            protocol=PROTOCOL_VERSION,
            oldest_protocol=OLDEST_PROTOCOL,
            gateway=context.name,
            server_time=context.clock.now(),
            free_bytes=-1 if free is None else max(0, free - context.limits.reserve_bytes),
            max_record_bytes=context.limits.max_record_bytes,
            max_chunk_bytes=context.limits.max_chunk_bytes,
            tus_extensions=tus.EXTENSIONS,
        )

    @router.post("/token")
    async def token(request: Request) -> Response:
        form = await _form(request)
        if form.get("grant_type") != _GRANT or form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise Refusal(400, "auth.grant")
        issued: Token = await run_in_threadpool(admission.issue_token, form.get("client_assertion", ""))
        return JSONResponse(issued.model_dump(), headers={"Cache-Control": "no-store"})

    @router.post("/enrol")
    def enrol(enrolment: Enrolment) -> EnrolmentAnswer:
        return admission.enrol(enrolment)

    return router


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM_BYTES:
            raise Refusal(413, "auth.form")
    return {name: values[0] for name, values in parse_qs(body.decode("ascii", "replace")).items()}


def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _answer_of(error)


def _answer_of(error: Refusal) -> Response:
    headers = {}
    if error.status == 412:
        headers["Tus-Version"] = tus.VERSION
    if error.status == 429:
        headers["Retry-After"] = "60"
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = Trouble(code=error.code, message=error.message).model_dump()
    return JSONResponse(body, status_code=error.status, headers=headers)


def _nobody_listens(_request: Request, _error: Exception) -> Response:
    _log.info("the client went away")
    return Response(status_code=400)
