"""What the policy of a data center wants of an opened record, whatever policy the record names."""

from __future__ import annotations

from collections.abc import Collection

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, CapturePolicy
from fieldkit.domain.recording.exception_ink import DEMANDED, InkRole
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.osia import osia_type
from fieldkit.formats.record_inks import named_by
from fieldkit.formats.stated import Stated


def falls_short(stated: Stated, policy: CapturePolicy, seen_by_lead: Collection[str]) -> bool:
    """Return whether a team lead has to answer for the record: something is less than the policy wants.

    `seen_by_lead` holds the digests of the exceptions that a team lead signed. Looked at are exceptions without any
    (how many), their photo, ink, second attendant and NIK of the witness, scores, and attempts before a failure.
    """
    alone = {mark.position for mark in stated.context.exceptions if mark.digest not in seen_by_lead}
    return (
        len(alone) > policy.exceptions_alone
        or _are_marks_short(stated, policy)
        or _are_scores_short(stated, policy)
        or _are_attempts_short(stated, policy)
    )


def _are_marks_short(stated: Stated, policy: CapturePolicy) -> bool:
    context, demanded = stated.context, DEMANDED[policy.exception_ink]
    given = {(ink.role, ink.who) for ink in context.inks}
    return (
        any(policy.exception_photo and not mark.photo for mark in context.exceptions)
        or any(policy.witness_nik and not mark.witness_nik for mark in context.exceptions)
        or any(InkRole.ATTENDANT in demanded and len(mark.petugas) < 2 for mark in context.exceptions)
        or any(role in demanded and (role, who) not in given for role, who in named_by(context.exceptions))
    )


def _are_scores_short(stated: Stated, policy: CapturePolicy) -> bool:
    given = (item for item in stated.items if item.image and not item.missing)  # else the best try of an exception
    return any(
        item.quality < policy.thresholds(position.modality).enough
        for item in given
        for position in Position
        if osia_type(position) == (item.kind, item.sub_kind) and position not in stated.context.failed
    )


def _are_attempts_short(stated: Stated, policy: CapturePolicy) -> bool:
    attempts = stated.context.attempts
    tried = [
        max(len(attempts.get(step, ())) for step in CAPTURED_AT if p in CAPTURED_AT[step])
        for p in stated.context.failed
    ]
    return min(tried, default=policy.max_attempts) < policy.max_attempts
