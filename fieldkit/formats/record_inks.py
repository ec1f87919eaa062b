"""The ink of those who saw exceptions, in an opened record: theirs, for these exceptions, and there where demanded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.exception_ink import DEMANDED, InkRole
from fieldkit.formats.container import OpenedRecord
from fieldkit.formats.images import decode_grey
from fieldkit.formats.record_events import Story
from fieldkit.formats.record_samples import is_drawn_from
from fieldkit.formats.stated import Stated, StatedInk, StatedMark


def check_inks(record: OpenedRecord, stated: Stated, story: Story, *, is_lost: bool) -> None:
    """Raise `InputError` `record.ink_…`: `unnamed` of somebody whom no exception names, `twice` given, `differs` from
    what was signed, `missing` where the log or the dinas' policy has it.

    Of a log with gaps (`is_lost`) nothing is asked.
    """
    context = stated.context
    named = named_by(context.exceptions)
    taken = _taken(story)
    for ink in context.inks:
        _check_files(record, ink)
        if (ink.role, ink.who) not in named:
            raise InputError("record.ink_unnamed", who=ink.name)
        # Whoever signs what names him: the digest holds his exceptions too.
        if not is_lost and ink.digest(named[ink.role, ink.who]) not in taken:
            raise InputError("record.ink_differs", who=ink.name)
    given = [(ink.role, ink.who) for ink in context.inks]
    strokes = [ink.sha256 for ink in context.inks]
    if len(set(given)) != len(given) or len(set(strokes)) != len(strokes):
        raise InputError("record.ink_twice")
    demanded = DEMANDED[context.policy.exception_ink] if context.policy else frozenset()
    for (role, who), marks in named.items():
        is_needed = role in demanded or (not is_lost and (role, marks) in taken.values())
        if is_needed and (role, who) not in given:
            raise InputError("record.ink_missing", who=who)
    alone = [mark for mark in context.exceptions if len(mark.petugas) < 2]
    if InkRole.ATTENDANT in demanded and alone:
        raise InputError("record.exception_unwitnessed", position=alone[0].position.value)


def named_by(marks: tuple[StatedMark, ...]) -> Mapping[tuple[InkRole, str], tuple[str, ...]]:
    """Return the digests of the exceptions that name somebody, in order."""
    found: dict[tuple[InkRole, str], list[str]] = {}
    for mark in marks:
        found.setdefault((InkRole.WITNESS, mark.witness.strip()), []).append(mark.digest)
        for second in mark.petugas[1:]:
            found.setdefault((InkRole.ATTENDANT, second), []).append(mark.digest)
    return {who: tuple(sorted(digests)) for who, digests in found.items()}


def _taken(story: Story) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return as what somebody signed which exceptions, by the digest of the ink, unless it was dropped since."""
    taken: dict[str, tuple[str, tuple[str, ...]]] = {}
    for event, payload in zip(story.events, story.payloads, strict=True):
        if event.kind == "ink_taken":
            marks = payload.get("marks")
            signed = tuple(map(str, marks)) if isinstance(marks, list) else ()
            taken[str(payload.get("ink"))] = str(payload.get("role")), signed
        elif event.kind == "ink_dropped":
            taken.pop(str(payload.get("ink")), None)
    return taken


def _check_files(record: OpenedRecord, ink: StatedInk) -> None:
    strokes = record.entries[ink.strokes]
    try:
        is_drawn = is_drawn_from(decode_grey(record.entries[ink.picture]), strokes)
    except InputError as damage:
        raise InputError("record.ink_differs", who=ink.name) from damage
    if not is_drawn or hashlib.sha256(strokes).hexdigest() != ink.sha256:
        raise InputError("record.ink_differs", who=ink.name)
