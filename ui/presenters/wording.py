"""Domain values in the catalogue's words: each enumeration has its room of keys."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.recording.capture_policy import StepKind, Verdict
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison
from ui.presenters.messages import CatalogMessage, message
from ui.presenters.parts import Tag, Tone

TONE_OF: dict[Verdict, Tone] = {Verdict.GOOD: Tone.GOOD, Verdict.ENOUGH: Tone.CAUTION, Verdict.REPEAT: Tone.BAD}


def step_words(kind: StepKind) -> CatalogMessage:
    """Return the short name of a step for the rail."""
    return message(f"step.{kind.value}")


def position_words(position: Position) -> CatalogMessage:
    """Return the full name of a position: "telunjuk kanan"."""
    return message(f"position.{position.value.lower()}")


def verdict_tag(verdict: Verdict | None) -> Tag:
    """Return how a score reads, as a tag; nothing captured reads as missing."""
    if verdict is None:
        return Tag(message("common.missing"), Tone.NEUTRAL)
    return Tag(message(f"verdict.{verdict.value}"), TONE_OF[verdict])


def comparison_words(comparison: IndexComparison) -> CatalogMessage:
    """Return what the verification of the index fingers said."""
    return message(f"comparison.{comparison.name.lower()}")


def tone_of_comparison(comparison: IndexComparison | None) -> Tone:
    """Return how it stands; a comparison that did not match asks for a second look, it forbids nothing."""
    tones: Mapping[IndexComparison | None, Tone] = {
        IndexComparison.MATCHED: Tone.GOOD,
        IndexComparison.NOT_MATCHED: Tone.BAD,
        IndexComparison.NOT_COMPARABLE: Tone.CAUTION,
        IndexComparison.DOUBTED: Tone.CAUTION,
        IndexComparison.DOUBTED_TWICE: Tone.CAUTION,
    }
    return tones.get(comparison, Tone.NEUTRAL)
