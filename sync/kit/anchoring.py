"""Has the data center hold the heads of our chains and keeps what it holds: who rewrites one must rewrite both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pydantic import ValidationError

from fieldkit.domain.delivery.anchors import Anchor, AnchorSource
from fieldkit.domain.errors import Problem, Recovery, VaultError
from fieldkit.ports.anchors import AnchorBook
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import RunParts
from sync.protocol.messages import ANCHOR_TYP, PAGE_SIZE, AnchorWord
from sync.protocol.outcomes import NotOfferedError, RecordError

# The data center knows more of the chain we write on than we do, or something else: our store is an older copy.
_PLACE_IS_TAKEN = frozenset({"anchor.behind", "anchor.forked"})


class Anchoring:
    """Hands in heads and keeps anchors."""

    def __init__(self, book: AnchorBook, own: SignatureVerifier) -> None:
        """`own` verifies with this kit's key: only what we signed ourselves anchors anything."""
        self._book, self._own = book, own

    def exchange(self, parts: RunParts, server_time: datetime) -> None:
        """Exchange anchors; a data center without them is no fault. Raise `RunStoppedError`, `StoreError`."""
        heads = self._book.heads()[-PAGE_SIZE:]
        if not heads:
            return
        try:
            answer = parts.link.anchor(heads, server_time)
        except NotOfferedError:
            return
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        except ValidationError:
            # A harmed row of the log is no head; to say so is the audit's matter, and sending goes on.
            return
        # Older chains are not written on any more; only a taken place in the newest calls for a new one.
        if len(answer.words) == len(heads) and answer.words[-1] in _PLACE_IS_TAKEN:
            parts.tally.fork(answer.words[-1])
        self._book.keep(list(self._believed(answer.kept, parts)))

    def _believed(self, kept: Iterable[str], parts: RunParts) -> Iterator[Anchor]:
        for token in kept:
            try:
                word = AnchorWord.model_validate(self._own.verify(token, ANCHOR_TYP))
            except (VaultError, ValidationError):
                parts.tally.note(Problem("sync.anchor_foreign", recovery=Recovery.ASK_OFFICE))
                continue
            yield Anchor(word.chain, word.sequence, word.digest, word.at, AnchorSource.CENTER, token)
