"""All pages of the office as one application, which the gateway shows under /office."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fieldkit.ports.messages import Messages
from sync.gateway.context import GatewayContext
from sync.gateway.office import certificates, kits, overview, people, records, signing_in, slips, state
from sync.gateway.office.web import HERE, Office, Page, Visit

PATH: Final = "/office"
_STYLE: Final[Path] = HERE / "static" / "office.css"
ROOMS = (signing_in, overview, kits, records, certificates, slips, people, state)


def office_app(context: GatewayContext, catalogues: Mapping[str, Messages]) -> Starlette:
    """Return the application; the first of `catalogues` is the language of a browser that chose none."""
    office = Office(context, catalogues)
    pages = [page for room in ROOMS for page in room.PAGES]
    routes = [Route(page.path, page.endpoint(office), methods=[page.method]) for page in pages]
    nowhere = Page("/", _nowhere, is_open=True).endpoint(office)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await nowhere(request)

    return Starlette(
        routes=[Route("/office.css", _style, methods=["GET"]), *routes],
        exception_handlers={404: not_found},
    )


async def _style(_request: Request) -> Response:
    headers = {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
    return FileResponse(_STYLE, media_type="text/css", headers=headers)


def _nowhere(office: Office, visit: Visit) -> Response:
    return office.failure(visit, 404, "office.not_found")
