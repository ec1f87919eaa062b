"""What an insider tries at his own laptop, up to the answer of the data center."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.homes import PASSPHRASE, Office, Repository, opened
from support.homes import office as office
from support.kept import biodata
from support.room import LEAD, PETUGAS
from support.samples import captured
from support.sending import sent, until

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording import session
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.exceptions import LEAD_WANTED, SignedAct
from fieldkit.domain.recording.positions import ExceptionReason, Modality
from fieldkit.formats import container
from fieldkit.ports.delivery import Credential
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording import run_session
from fieldkit.vault.credentials import KeyCredential
from fieldkit.vault.keyslots import KeySlotFile


def by_lead(kit: LockedKit, _home: Home) -> Credential:
    return kit.check_lead(LEAD.user_id, PASSPHRASE)


def by_ghost(_kit: LockedKit, home: Home) -> Credential:
    mine = KeySlotFile.open(home.slots).unlock(PETUGAS.user_id, PASSPHRASE, home.clock().now())
    return KeyCredential(User("hantu", "Hantu", Role.KETUA_TIM), mine.signing_key)


def let_fail(home: Home, number: int, nik: str, by: Callable[[LockedKit, Home], Credential] = by_lead) -> str:
    """Record a person whose thumbs fail on the word of somebody, up to the seal."""
    kit = LockedKit(home, Repository())
    context = kit.unlock(PETUGAS.user_id, PASSPHRASE)
    person, run = biodata(nik=nik), context.recording
    day = context.clock.today()
    activity = Activity("act-1", "Jemput bola", "Desa Jimbe", day, ModePerekaman.LURING, "ST/1", "sop")
    context.visits.take_over(activity, [Target(f"t{number}", "act-1", number, person, ServiceCategory.UMUM)])
    session_id = run.open(f"t{number}").session_id
    run.give_notice(session_id, "id")
    left = run.confirm_biodata(session_id, person)
    for step, positions in CAPTURED_AT.items():
        if step is StepKind.THUMBS:
            for turn in range(left.policy.max_attempts):
                bad = captured(dict.fromkeys(positions, 20), 10 * number + turn)
                run.keep_attempt(session_id, step, "Device 1", positions, bad)
            run.allow_failure(session_id, step, by(kit, home))
        else:
            good = captured(dict.fromkeys(positions, 80), number)
            run.keep_attempt(session_id, step, "Device 1", positions, good)
            run.accept(session_id, step)
    run.verify_indexes(session_id)
    run.review(session_id)
    kit.leave()
    return session_id


def as_before(patch: pytest.MonkeyPatch) -> None:
    """Write what version 0.2.0 wrote: a name in the log, the fourth form, the third container."""
    patch.setattr(SignedAct, "payload", property(lambda _: {}))
    patch.setattr(run_session, "FORM", 4)
    patch.setattr(container, "VERSION", 3)
    told = session.CaptureSession.handle

    def handle(self: session.CaptureSession, event: object) -> object:
        after, commands = told(self, event)  # type: ignore[arg-type]
        kept = (c for c in commands if not (isinstance(c, session.LogEvent) and c.kind == "exception_signed"))
        return after, tuple(kept)

    patch.setattr(session.CaptureSession, "handle", handle)


def test_an_override_by_a_user_of_ones_own_making_is_refused_by_name(office: Office, tmp_path: Path) -> None:
    """An insider lets a step fail in the name of a team lead who is nowhere, with the own key and passphrase."""
    home = office.kit(tmp_path / "kit", PETUGAS)
    session_id = let_fail(home, 1, "3505126503790021", by_ghost)
    with opened(home) as context:
        record_id = context.sealing.seal(session_id).record.record_id
        until(context, record_id, "ENROLL_FAILURE_AT_CENTRAL", "record.act_role")


def test_a_policy_that_an_insider_loosened_holds_the_record_at_the_data_center(office: Office, tmp_path: Path) -> None:
    """An insider writes into his own policy.yaml that ten exceptions need nobody."""
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    (home.path / "policy.yaml").write_text("exception_ink: nobody\nexceptions_alone: 13\n")
    with opened(home) as context:
        session_id = excepted(context, "3505126503790031")
        record_id = context.sealing.seal(session_id).record.record_id
        until(context, record_id, "PROCESSING", LEAD_WANTED)
    with opened(home, LEAD) as context:
        context.vouching.vouch(record_id)
        until(context, record_id, "PRINT_READY_RECORD")


def excepted(context: AppContext, nik: str) -> str:
    """Record a person without any finger, on the word of the petugas alone, up to the seal."""
    person, run, day = biodata(nik=nik), context.recording, context.clock.today()
    activity = Activity("act-1", "Jemput bola", "Desa Jimbe", day, ModePerekaman.LURING, "ST/1", "sop")
    context.visits.take_over(activity, [Target("t1", "act-1", 1, person, ServiceCategory.UMUM)])
    session_id = run.open("t1").session_id
    run.give_notice(session_id, "id")
    run.confirm_biodata(session_id, person)
    for step, positions in CAPTURED_AT.items():
        if positions[0].modality is Modality.FINGER:
            run.mark_exceptions(session_id, step, positions, ExceptionReason.WORN, "Pak RT")
        else:
            run.keep_attempt(session_id, step, "Device 1", positions, captured(dict.fromkeys(positions, 80)))
            run.accept(session_id, step)
    run.verify_indexes(session_id)
    run.review(session_id)
    return session_id


def test_what_a_petugas_signs_for_is_never_taken(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insider pretends to be an older program, and signs for the record with the own key."""
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    with monkeypatch.context() as patch:
        as_before(patch)
        session_id = let_fail(home, 1, "3505126503790011")
        with opened(home) as context:
            record_id = context.sealing.seal(session_id).record.record_id
    with opened(home) as context:
        until(context, record_id, "PROCESSING", LEAD_WANTED)
        monkeypatch.setattr(type(context.vouching._units), "write", _unasked(type(context.vouching._units).write))
        context.vouching.vouch(record_id)
        for _ in range(5):
            sent(context)
            time.sleep(0.2)
        central = context.delivery.entry(record_id).central
        assert central is not None
        assert (central.code, central.reason) == ("PROCESSING", LEAD_WANTED)


def _unasked(write):  # type: ignore[no-untyped-def]
    from fieldkit.domain.people import Permission

    return lambda self, _permission: write(self, Permission.SEND)
