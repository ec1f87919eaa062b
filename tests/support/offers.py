"""Stands in front of the gateway and answers what a newer one offers, from what really lies in its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

Answer = tuple[int, dict[str, Any]]


class Offers:
    """Answers POST requests to whole paths; all others pass. `asked` keeps the bodies."""

    def __init__(self, **answers: Callable[[dict[str, Any]], Answer]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = {f"/{name}": answer for name, answer in answers.items()}

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def between(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._answers:
                await app(scope, receive, send)
                return
            body, has_more = b"", True
            while has_more:
                message = await receive()
                body += message.get("body", b"")
                has_more = message.get("more_body", False)
            question = json.loads(body)
            self.asked.append((scope["path"], question))
            status, answer = self._answers[scope["path"]](question)
            content = json.dumps(answer).encode()
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": content})

        return between


def proofs_of(read: Callable[[str], bytes | None]) -> Callable[[dict[str, Any]], Answer]:
    """Prove what `read` returns for a record id; None is not here."""

    def prove(question: dict[str, Any]) -> Answer:
        content = read(question["record_id"])
        if content is None:
            return 404, {"code": "record.not_here"}
        digest = hashlib.sha256(bytes.fromhex(question["nonce"]) + content).hexdigest()
        return 200, {"digest": digest, "size_bytes": len(content)}

    return prove
