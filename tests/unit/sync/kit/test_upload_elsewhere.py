"""Uploads to a tus server of another hand."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from support.gateway import Kit, World
from support.outbox import SmallOutbox


class PlainTus:
    """Creates uploads as other tus servers do: no offset in the answer, and at a place of its own."""

    def __init__(self, location: str) -> None:
        self.location, self.asked = location, list[tuple[str, str]]()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def between(scope: Scope, receive: Receive, send: Send) -> None:
            async def stripped(message: Message) -> None:
                if message["type"] == "http.response.start" and scope["method"] == "POST":
                    kept = [(n, v) for n, v in message["headers"] if n not in (b"upload-offset", b"location")]
                    if self.location:
                        kept.append((b"location", self.location.encode()))
                    message = {**message, "headers": kept}
                await send(message)

            if scope["type"] != "http" or not scope["path"].startswith(("/tus", "/files/")):
                await app(scope, receive, send)
                return
            self.asked.append((scope["method"], scope["path"]))
            place = scope["path"].replace("/files/77-", "/tus/")
            await app({**scope, "path": place, "raw_path": place.encode()}, receive, stripped)

        return between


@pytest.mark.parametrize("location", ["", "/files/77-{id}", "https://elsewhere.example/files/77-{id}", "{id}"])
def test_a_tus_server_need_not_tell_the_offset_at_creation(
    world: World, kit: Kit, outbox: SmallOutbox, location: str
) -> None:
    record_id = kit.queue(outbox, size=5000)
    server = PlainTus(location.format(id=record_id))
    world.stop()
    world.start(server)
    assert kit.run(outbox, world.url).acknowledged == (record_id,)
    place = f"/files/77-{record_id}" if "files" in location else f"/tus/{record_id}"
    assert server.asked == [("POST", "/tus"), ("HEAD", place)]
