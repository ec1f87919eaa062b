"""Tells the other kits of the team what changed here, over a gateway that cannot read it, and takes what they tell."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Protocol
from uuid import uuid4

from fieldkit.domain.errors import InputError, KnownError, Problem, Recovery, RuleError
from fieldkit.services.exchange.exchange import MadeBundle, TakenOver
from sync.kit.parts import RunParts
from sync.protocol.down import PART_BYTES
from sync.protocol.outcomes import NotOfferedError, RecordError
from sync.protocol.team import MOST_POST_BYTES, Fetched, Nothing, Posting, TeamAnswer, TeamMember, Waiting

# Returns what is closed to a kit of the team. Raises `KnownError` for a member that our authority does not vouch for.
Believed = Callable[[TeamMember], str]


class TeamBundles(Protocol):
    """What laptops of a team tell each other, as bundles that only they open."""

    def make_for(self, recipients: dict[str, str]) -> MadeBundle | None:
        """Make one for these kits, None when there is nothing new."""
        ...

    def posted(self, made: MadeBundle) -> None:
        """Note that it is on its way."""
        ...

    def take(self, content: bytes, code: str = "") -> TakenOver:
        """Take over what one brings. Raise `InputError`, `RuleError`; nothing was taken then."""
        ...


class TeamExchange:
    """One round: first what the others posted, then what is new here."""

    def __init__(self, bundles: TeamBundles, believed: Believed) -> None:
        self._bundles, self._believed = bundles, believed

    def exchange(self, parts: RunParts) -> None:
        """Take and post; what is wrong with one bundle is a note. Raise `RunStoppedError`, `StoreError`."""
        try:
            answer = parts.link.ask_newer("/team", TeamAnswer, Nothing())
            for waiting in answer.waiting:
                self._take(parts, waiting)
            self._post(parts, answer)
        except NotOfferedError:
            return
        except (RecordError, RuleError) as error:  # the role of who is signed in may not exchange
            parts.tally.note(error.problem)

    def _take(self, parts: RunParts, waiting: Waiting) -> None:
        parts.bounds.check()
        try:
            taken = self._bundles.take(self._fetched(parts, waiting))
        except (InputError, RuleError) as error:
            # Its sender sends again whatever we have not read; this very one will never be better.
            parts.tally.note(error.problem)
        else:
            parts.tally.exchanged += 1
            parts.tally.conflicts += taken.conflicts
        parts.link.ask_newer("/team/fetched", Nothing, Fetched(object_id=waiting.object_id))

    def _fetched(self, parts: RunParts, waiting: Waiting) -> bytes:
        content = b"".join(
            parts.link.carry_bytes("GET", f"/team/post/{waiting.object_id}/{number}")
            for number in range(-(-waiting.size_bytes // PART_BYTES))
        )
        if sha256(content).hexdigest() != waiting.sha256:
            raise InputError("exchange.damaged")
        return content

    def _post(self, parts: RunParts, answer: TeamAnswer) -> None:
        recipients: dict[str, str] = {}
        for member in answer.members:
            try:
                recipients[member.kit] = self._believed(member)
            except KnownError as error:
                parts.tally.note(error.problem)
        made = self._bundles.make_for(recipients)
        if made is None:
            return
        if len(made.content) > MOST_POST_BYTES:
            params = {"most_mb": MOST_POST_BYTES // 1024**2}
            parts.tally.note(Problem("exchange.too_large_to_post", params, Recovery.CORRECT_INPUT))
            return
        posting = Posting(
            object_id=uuid4().hex, to=made.kits, sha256=sha256(made.content).hexdigest(), size_bytes=len(made.content)
        )
        parts.link.ask_newer("/team/post", Nothing, posting)
        for number in range(-(-len(made.content) // PART_BYTES)):
            parts.bounds.check()
            piece = made.content[number * PART_BYTES : (number + 1) * PART_BYTES]
            parts.link.carry_bytes("PUT", f"/team/post/{posting.object_id}/{number}", piece)
        self._bundles.posted(made)
