"""What a gateway cannot do without: bytes come over TLS, are written, flushed, and answered. Nothing else.

`python -m support.bare_gateway FOLDER OBJECTS [FD or HOST]` serves under granian with the gateway's TLS certificate and
prints a line with its address; with FD it accepts from a socket that other processes share. OBJECTS is a folder, or the
address of a store: then the bytes are put there, as the gateway puts them.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio.to_thread
from starlette.types import Receive, Scope, Send

from sync.gateway.blobs import Blobs
from sync.gateway.provision import tls_files
from sync.gateway.server import GatewayServer


def write(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)


def keeper(objects: str) -> Callable[[bytes], object]:
    if "://" in objects:
        blobs = Blobs.at_url(objects)
        return lambda content: blobs.put(f"bare/{uuid4().hex}", content)
    return lambda content: write(Path(objects) / uuid4().hex, content)


def bare(objects: str) -> object:
    keep = keeper(objects)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body, is_more = bytearray(), True
        while is_more:
            message = await receive()
            body += message.get("body", b"")
            is_more = message.get("more_body", False)
        await anyio.to_thread.run_sync(keep, bytes(body) if "://" in objects else body)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def main(folder: Path, objects: str, where: str = "127.0.0.1") -> None:
    shared = socket.socket(fileno=int(where)) if where.isdigit() else None
    host, app = where if shared is None else "127.0.0.1", bare(objects)
    GatewayServer(app, *tls_files(folder), host, 0, listening=shared).run(  # type: ignore[arg-type]
        lambda server: print(server.url, flush=True), lambda: False
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
