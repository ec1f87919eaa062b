"""Fetches what the office sent down, before anything is sent up: whom it shut out must be known first."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import InputError, KnownError, Problem, Recovery, StoreError
from fieldkit.domain.office_bundles import BundleKind, OfficeBundle
from fieldkit.ports.office_bundles import OfficeBundles
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import RunParts
from sync.protocol.down import (
    PART_BYTES,
    RECIPIENT_TYP,
    DownAnswer,
    DownQuestion,
    RecipientWord,
    read_head,
    told,
)
from sync.protocol.outcomes import NotOfferedError, RecordError, RunStoppedError

_ORDER = list(BundleKind)


class Pulling:
    """Takes the bundles that this kit does not go by yet, and tells the office how each ended."""

    def __init__(self, bundles: OfficeBundles, office: SignatureVerifier, kit: str, recipient: str) -> None:
        """`office` verifies with the key of the receipts; `recipient` is what bundles for this kit are closed to."""
        self._bundles, self._office, self._kit, self._recipient = bundles, office, kit, recipient

    def pull(self, parts: RunParts) -> None:
        """Take what there is. What is wrong with one bundle is a note, and keeps nobody from sending.

        Raise `RunStoppedError`, `StoreError`, `EnoughError`.
        """
        left = self._bundles.finish()
        if left is not None:
            parts.tally.from_office.append(left)
        try:
            heads = self._ask(parts).bundles
        except NotOfferedError:
            return
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        taken = [self._take(parts, bundle) for bundle in self._believed(parts, heads)]
        if any(taken) or left is not None:
            try:
                self._ask(parts)
            except RecordError as error:  # the next run tells it again
                parts.tally.note(error.problem)

    def _ask(self, parts: RunParts) -> DownAnswer:
        word = RecipientWord(kit=self._kit, recipient=self._recipient, at=parts.clock.now())
        standings = tuple(map(told, self._bundles.standings()))
        question = DownQuestion(recipient=parts.link.sign(word, RECIPIENT_TYP), standings=standings)
        return parts.link.ask_newer("/down", DownAnswer, question)

    def _believed(self, parts: RunParts, heads: Sequence[str]) -> list[OfficeBundle]:
        believed = []
        for head in heads:
            try:
                believed.append(read_head(head, self._office))
            except InputError as error:
                parts.tally.note(error.problem)
        return sorted(believed, key=lambda each: (_ORDER.index(each.kind), each.version))

    def _take(self, parts: RunParts, bundle: OfficeBundle) -> bool:
        parts.bounds.check()
        try:
            standing = self._bundles.take(bundle, self._fetched(parts, bundle))
        except (StoreError, RunStoppedError):
            raise
        except KnownError as error:
            parts.tally.note(error.problem)
            return False
        if standing is None:
            return False
        parts.tally.from_office.append(standing)
        if standing.code:
            params = {"kind": bundle.kind.value, "version": bundle.version, "why": standing.code}
            parts.tally.note(Problem("office.refused", params, Recovery.ASK_OFFICE))
        return True

    def _fetched(self, parts: RunParts, bundle: OfficeBundle) -> bytes:
        content = bytearray()
        for number in range(-(-bundle.size_bytes // PART_BYTES)):
            part = parts.link.carry_bytes("GET", f"/down/{bundle.sha256}/{number}")
            if not part:
                break
            content += part
            if len(content) > bundle.size_bytes:
                break
        return bytes(content)
