"""A data center of few words: it answers what a test says, in turn, and keeps what it was asked."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence

from support.clock import NOW

from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsSigner
from sync.protocol.messages import RECEIPT_TYP

SEALED = b"sealed"
SHA256 = hashlib.sha256(SEALED).hexdigest()
OURS = certificates.new_private_key()  # signs its receipts


class ScriptedLink:
    """Each method gives its answers in turn and the last one for ever: a value, an error, or what is called for it.

    `is_slow` lets the answers about bytes be waited for, and notes each wait.
    """

    def __init__(self, *, is_slow: bool = False, **answers: Sequence[object]) -> None:
        self._is_slow = is_slow
        self._answers = {name: list(given) for name, given in answers.items()}
        self.asked: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def answer(*arguments: object) -> object:
            self.asked.append((name, *arguments))
            answers = self._answers[name]
            given = answers.pop(0) if len(answers) > 1 else answers[0]
            if name in _AHEAD:
                told = (lambda: self.asked.append(("answer", *arguments[:2]))) if self._is_slow else None
                return Given(given, arguments, told)
            return _told(given, arguments)

        return answer


_AHEAD = ("open_upload", "send_piece", "counts")  # their answers are waited for later


class Given:
    """A question whose answer is here already, or comes when it is waited for."""

    def __init__(self, given: object, arguments: tuple[object, ...], told: Callable[[], None] | None) -> None:
        self.began, self._given, self._arguments, self._told = time.monotonic(), given, arguments, told
        self.is_answered = told is None

    def answer(self, _watch: object = None) -> object:
        if self._told is not None:
            self._told()
        return _told(self._given, self._arguments)


def _told(given: object, arguments: tuple[object, ...]) -> object:
    if isinstance(given, Exception):
        raise given
    return given(*arguments) if callable(given) else given


def took_all(_record_id: str, offset: int, chunk: bytes, _watch: object) -> int:
    """Answer as a server that takes a chunk whole."""
    return offset + len(chunk)


def receipt(record_id: str, key: bytes = OURS, **claims: object) -> str:
    """Sign that `SEALED` arrived under the manifest "manifest", or what the claims say instead."""
    said = {"record_id": record_id, "sha256": SHA256, "size_bytes": len(SEALED), "received_at": NOW.isoformat()}
    said |= {"manifest_sha256": hashlib.sha256(b"manifest").hexdigest()}
    said |= {"gateway": "ours", "receipt_id": str(uuid.uuid4())}
    return JwsSigner(key, "ours").sign({**said, **claims}, RECEIPT_TYP)
