"""Hands in what team leads signed for records of older programs, so that the data center looks at them again."""

from __future__ import annotations

from base64 import b64decode
from uuid import UUID

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.recording.authority import SignedAct
from fieldkit.ports.vouches import VouchBook
from sync.kit.parts import RunParts
from sync.protocol.messages import PAGE_SIZE
from sync.protocol.outcomes import NotOfferedError, RecordError
from sync.protocol.vouching import Vouch, Vouches


def vouch_of(record_id: str, act: SignedAct) -> Vouch:
    """Return what a team lead signed for a record as it travels, on the line and on a stick."""
    return Vouch(record_id=UUID(record_id), signature=act.jws, certificate=b64decode(act.certificate))


class Vouching:
    """Hands in signatures; a data center that takes none has to be updated first, and they wait."""

    def __init__(self, book: VouchBook) -> None:
        self._book = book

    def hand_in(self, parts: RunParts) -> None:
        """Hand in what waits. Raise `RunStoppedError`, `StoreError`."""
        waiting = list(self._book.pending().items())[:PAGE_SIZE]
        if not waiting:
            return
        vouches = tuple(vouch_of(record_id, act) for record_id, act in waiting)
        try:
            answer = parts.link.vouch(Vouches(vouches=vouches))
        except NotOfferedError:
            parts.tally.note(Problem("sync.no_vouches", {"count": len(waiting)}, Recovery.ASK_OFFICE))
            return
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        for (record_id, _), _word in zip(waiting, answer.words, strict=False):  # kept, or of no record there
            self._book.settle(record_id)
