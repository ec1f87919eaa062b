"""A data center of few words: it answers what a test says, in turn, and keeps what it was asked."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence

from support.clock import NOW

from fieldkit.vault import keys
from fieldkit.vault.jws import JwsSigner
from sync.protocol.messages import RECEIPT_TYP

SEALED = b"sealed"
SHA256 = hashlib.sha256(SEALED).hexdigest()
OURS = keys.new_private_key()  # signs its receipts


class ScriptedLink:
    """Each method gives its answers in turn and the last one for ever: a value, an error, or what is called for it."""

    def __init__(self, **answers: Sequence[object]) -> None:
        self._answers = {name: list(given) for name, given in answers.items()}
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def answer(*arguments: object) -> object:
            self.asked.append((name, *arguments))
            answers = self._answers[name]
            given = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(given, Exception):
                raise given
            return given(*arguments) if callable(given) else given

        return answer


def took_all(_record_id: str, offset: int, chunk: bytes) -> int:
    """Answer as a server that takes a chunk whole."""
    return offset + len(chunk)


def receipt(record_id: str, key: bytes = OURS, **claims: object) -> str:
    """Sign that `SEALED` arrived under the manifest "manifest", or what the claims say instead."""
    said = {"record_id": record_id, "sha256": SHA256, "size_bytes": len(SEALED), "received_at": NOW.isoformat()}
    said |= {"manifest_sha256": hashlib.sha256(b"manifest").hexdigest()}
    said |= {"gateway": "ours", "receipt_id": str(uuid.uuid4())}
    return JwsSigner(key, "ours").sign({**said, **claims}, RECEIPT_TYP)
