"""All pages of the office as one application, which the gateway shows under /office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from fieldkit.ports.messages import Messages
from sync.gateway.database import GatewayContext
from sync.gateway.office import certificates, erased, kits, overview, people, records, sent, signing_in, slips, state
from sync.gateway.office.web import HERE, Office, Page, Visit

PATH: Final = "/office"
_FILES: Final = {"office.css": "text/css", "icon.svg": "image/svg+xml"}
ROOMS = (signing_in, overview, kits, records, sent, certificates, slips, people, state, erased)


def office_app(context: GatewayContext, catalogues: Mapping[str, Messages]) -> Starlette:
    """Return the application; the first of `catalogues` is the language of a browser that chose none."""
    office = Office(context, catalogues)
    pages = [page for room in ROOMS for page in room.PAGES]
    routes = [Route(page.path, page.endpoint(office), methods=[page.method]) for page in pages]
    nowhere = Page("/", _nowhere, is_open=True).endpoint(office)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await nowhere(request)

    app = Starlette(
        routes=[*(Route(f"/{name}", _file, methods=["GET"]) for name in _FILES), *routes],
        exception_handlers={404: not_found},
    )
    app.router.redirect_slashes = False  # it sends the browser to whatever the request calls this host
    return app


async def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    headers = {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
    return FileResponse(HERE / "static" / name, media_type=_FILES[name], headers=headers)


def _nowhere(office: Office, visit: Visit) -> Response:
    return office.failure(visit, 404, "office.not_found")
