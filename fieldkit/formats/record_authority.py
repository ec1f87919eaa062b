"""Acts of authority in an opened record: each signed by who answers for it, with a certificate that allows it."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.events import Event
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.recording.capture import CAPTURED_AT, CapturePolicy
from fieldkit.domain.recording.exceptions import DEMANDED, Act, InkRole
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import ACTS_SIGNED
from fieldkit.formats.osia import osia_type
from fieldkit.formats.record_events import Story
from fieldkit.formats.record_samples import named_by
from fieldkit.formats.stated import Stated
from fieldkit.ports.vault import OpenedSeal, SealSigner

# What the policy of a data center wants of an opened record, whatever policy the record names.


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


_ONE_AUTHORITY_ACT = timedelta(minutes=1)
_NEEDED = {Act.FAILURE: Permission.ALLOW_FAILURE, Act.AGAIN: Permission.ALLOW_FAILURE, Act.EXCEPTION: Permission.RECORD}


@dataclass(frozen=True, slots=True)
class _Proven:
    act: Act
    by: str
    step: str
    about: frozenset[str]
    is_lead: bool


def check_authority(
    stated: Stated, story: Story, seal: OpenedSeal, *, is_lost: bool, policy: CapturePolicy | None = None
) -> bool:
    """Return whether a team lead has to answer for the record: it lacks a signature that its kit could not know of, or
    that the `policy` of who opens it wants.

    Raise `InputError`: `record.act_unproven` (who), `record.act_differs` (who), `record.act_role` (who, role) for a
    signature that does not hold; `record.failure_unsigned` (position), `record.attendant_unsigned` (who) or
    `record.again_unsigned` where one is missing from a record of a program that signs acts. Of a log with gaps
    (`is_lost`) and of older programs a missing one is no fault.
    """
    acts = [_proven(event, payload, story, seal) for event, payload in _signed(story)]
    lacking = next(_lacking(stated, story, acts, seal.signers[-1].signer_id), None)
    if lacking is not None and story.form >= ACTS_SIGNED and not is_lost:
        raise lacking
    if lacking is not None:
        return True
    return policy is not None and falls_short(stated, policy, _seen_by_lead(acts))


def is_vouched_by(
    seal: OpenedSeal, jws: str, certificate_der: bytes, seen_at: datetime, about: tuple[str, str]
) -> bool:
    """Return whether a team lead answers for the record of this id and digest. Raise `VaultError`, `InputError`."""
    signer, payload = seal.authority.seen(seen_at).verify(jws, certificate_der)
    _demand_role(signer, Permission.ALLOW_FAILURE)
    said = payload.get("act"), payload.get("by"), payload.get("about")
    return said == (Act.VOUCHED.value, signer.signer_id, list(about))


def _signed(story: Story) -> Iterator[tuple[Event, dict[str, object]]]:
    for event, payload in zip(story.events, story.payloads, strict=True):
        if event.kind in tuple(_NEEDED) and "signature" in payload:
            yield event, payload


def _proven(event: Event, told: dict[str, object], story: Story, seal: OpenedSeal) -> _Proven:
    """Hold a signed act against the event that tells of it."""
    act, who = Act(event.kind), str(told.get("by"))
    try:
        certificate = base64.b64decode(str(told.get("certificate")), validate=True)
        signer, payload = seal.authority.verify(str(told["signature"]), certificate)
    except (ValueError, VaultError) as error:
        raise InputError("record.act_unproven", who=who) from error
    _demand_role(signer, _NEEDED[act])
    marks = told.get("marks")
    about = [told.get("record")] if act is Act.AGAIN else marks if isinstance(marks, list) else []
    wanted: dict[str, object] = {"act": act.value, "by": signer.signer_id, "session": story.session_id, "about": about}
    if act is not Act.AGAIN:
        wanted["step"] = told.get("step")
    is_told = payload == {**payload, **wanted} and who == signer.signer_id
    if not is_told or abs(datetime.fromisoformat(str(payload["at"])) - event.at) > _ONE_AUTHORITY_ACT:
        raise InputError("record.act_differs", who=who)
    return _Proven(act, who, str(told.get("step")), frozenset(map(str, about)), _may(signer, Permission.ALLOW_FAILURE))


def _demand_role(signer: SealSigner, permission: Permission) -> None:
    if not _may(signer, permission):
        raise InputError("record.act_role", who=signer.signer_id, role=signer.title)


def _may(signer: SealSigner, permission: Permission) -> bool:
    return signer.title in tuple(Role) and User(signer.signer_id, "", Role(signer.title)).may(permission)


def _seen_by_lead(acts: list[_Proven]) -> set[str]:
    """Return the digests of the exceptions that a team lead signed."""
    return {digest for each in acts if each.act is Act.EXCEPTION and each.is_lead for digest in each.about}


def _lacking(stated: Stated, story: Story, acts: list[_Proven], sealer: str) -> Iterator[InputError]:
    context = stated.context
    allowed = {each.step for each in acts if each.act is Act.FAILURE}
    for position in context.failed:
        if not any(position in positions and step.value in allowed for step, positions in CAPTURED_AT.items()):
            yield InputError("record.failure_unsigned", position=position.value)
    seen = {(each.by, digest) for each in acts if each.act is Act.EXCEPTION for digest in each.about}
    for mark in context.exceptions:
        for who in mark.petugas:
            if who != sealer and (who, mark.digest) not in seen:  # the sealer signs the record
                yield InputError("record.attendant_unsigned", who=who)
    for who in context.petugas[1:]:
        if who != sealer and who not in {each.by for each in acts}:
            yield InputError("record.attendant_unsigned", who=who)
    again = {record for each in acts if each.act is Act.AGAIN and each.by != sealer for record in each.about}
    for _, payload in story.of(Act.AGAIN):
        if str(payload.get("record")) not in again:
            yield InputError("record.again_unsigned")
