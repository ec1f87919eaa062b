"""Fetches what the office sent down, before anything is sent up: whom it shut out must be known first."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from fieldkit.domain.errors import InputError, KnownError, Problem, Recovery, StoreError
from fieldkit.domain.office_bundles import SUFFIX, BundleKind, OfficeBundle
from fieldkit.media.place import Place
from fieldkit.ports.data_center import Brought
from fieldkit.ports.office_bundles import OfficeBundles
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import RunParts
from sync.protocol.down import (
    MOST_BUNDLE_BYTES,
    PART_BYTES,
    RECIPIENT_TYP,
    DownAnswer,
    DownQuestion,
    RecipientWord,
    read_head,
    told,
    unpack,
)
from sync.protocol.outcomes import NotOfferedError, RecordError, RunStoppedError

_ORDER = list(BundleKind)
_KIT_REVOKED = "sync.kit_revoked"
_MOST_FILE_BYTES = MOST_BUNDLE_BYTES + 64 * 1024


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
        except RunStoppedError as error:
            if error.code == _KIT_REVOKED:
                self._learn_of_revocation(parts)
            raise
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        taken = [self._take(parts, bundle) for bundle in self._believed(parts, heads)]
        if any(taken):
            try:
                self._ask(parts)
            except RecordError as error:  # the next run tells it again
                parts.tally.note(error.problem)

    def bring(self, tree: Path) -> Brought:
        """Take the bundles that lie in a tree of folders, by the same rules. Raise `StoreError`."""
        taken, found = [], []
        problems: list[Problem] = []
        unlisted = Problem("office.damaged", recovery=Recovery.RETRY)
        for file in Place(tree).walk(lambda _place, _error: problems.append(unlisted)):
            if file.suffix != SUFFIX:
                continue
            try:
                head, content = unpack(file.read(_MOST_FILE_BYTES))
                found.append((read_head(head, self._office), content))
            except OSError:
                problems.append(Problem("office.damaged", recovery=Recovery.RETRY))
            except InputError as error:
                problems.append(error.problem)
        for bundle, content in sorted(found, key=lambda each: _place(each[0])):
            try:
                standing = self._bundles.take(bundle, content)
            except InputError as error:
                problems.append(error.problem)
                continue
            if standing is not None:
                taken.append(standing)
                problems += [_refused(bundle)] if standing.code else []
        return Brought(tuple(taken), tuple(problems))

    def _learn_of_revocation(self, parts: RunParts) -> None:
        """Take the list that says so: who was shut out gets nothing else, and its sessions end by it."""
        with suppress(InputError, RunStoppedError, RecordError):
            head, content = unpack(parts.link.public_bytes("/revocations"))
            standing = self._bundles.take(read_head(head, self._office), content)
            if standing is not None:
                parts.tally.from_office.append(standing)

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
        return sorted(believed, key=_place)

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
            parts.tally.note(_refused(bundle))
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


def _place(bundle: OfficeBundle) -> tuple[int, int]:
    return _ORDER.index(bundle.kind), bundle.version


def _refused(bundle: OfficeBundle) -> Problem:
    return Problem("office.refused", {"version": bundle.version}, Recovery.ASK_OFFICE)
