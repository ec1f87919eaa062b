"""What a signed letter is worth, in words for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fieldkit.ports.signer import SignatureSeen, Standing, Verdict
from ui.presenters.amounts import moment_text
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone

_TONES = {
    Standing.VALID: Tone.GOOD,
    Standing.CHANGED: Tone.BAD,
    Standing.UNTRUSTED: Tone.CAUTION,
    Standing.UNSIGNED: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class SignatureShown:
    """One signature: who, when and by whose word, and what holds."""

    signer: Message
    line: Message
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class VerdictShown:
    """The verdict as a card: the word, what it means, what to do, and each signature."""

    tag: Tag
    tone: Tone
    title: Message
    meaning: Message
    signatures: tuple[SignatureShown, ...] = ()


def shown(verdict: Verdict, local: Callable[[datetime], datetime]) -> VerdictShown:
    """Return the card; `local` puts times on the wall clock of the dinas."""
    name, tone = verdict.standing.value, _TONES[verdict.standing]
    return VerdictShown(
        Tag(message(f"tte.standing.{name}"), tone),
        tone,
        message(f"tte.verdict.{name}"),
        message(f"tte.meaning.{name}"),
        tuple(_signature(seen, local) for seen in verdict.signatures),
    )


def _signature(seen: SignatureSeen, local: Callable[[datetime], datetime]) -> SignatureShown:
    at = moment_text(local(seen.signed_at)) if seen.signed_at else "–"
    clock = "certified" if seen.is_time_certified else "own"
    return SignatureShown(
        seen.signer or message("tte.signer_unknown"),
        message(f"tte.line_{clock}", at=at, issuer=seen.issuer or "–"),
        (
            _tag("intact", holds=seen.is_intact),
            _tag("whole", holds=seen.covers_all),
            _tag("trusted", holds=seen.is_trusted, otherwise=Tone.CAUTION),
        ),
    )


def _tag(name: str, *, holds: bool, otherwise: Tone = Tone.BAD) -> Tag:
    return Tag(message(f"tte.{name}"), Tone.GOOD) if holds else Tag(message(f"tte.not_{name}"), otherwise)
