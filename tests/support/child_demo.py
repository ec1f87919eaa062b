"""The true demo through the real screens, telling each fact after its commit. Argument: the folder of the demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.child_day import tell
from support.day import SEED, best_digests

from fieldkit.app.demo.day import perform
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.recording.run_session import RunSession
from fieldkit.services.recording.seal_record import SealRecord

PEOPLE = 4


def listen() -> None:
    """Tell what the services did when their calls return, which is after the commit."""
    opened, kept, accepted, sealed = RunSession.open, RunSession.keep_attempt, RunSession.accept, SealRecord.seal

    def tell_opened(self: RunSession, target_id: str) -> CaptureSession:
        session = opened(self, target_id)
        tell("opened", session=session.session_id)
        return session

    def tell_kept(self: RunSession, session_id: str, step: StepKind, *rest: Any) -> CaptureSession:
        session = kept(self, session_id, step, *rest)
        attempt = session.step(step).attempts[-1]
        samples = {ref.position.value: ref.sha256 for ref in attempt.samples}
        tell("attempt", session=session_id, step=step.value, number=attempt.number, samples=samples)
        return session

    def tell_accepted(self: RunSession, session_id: str, step: StepKind) -> CaptureSession:
        session = accepted(self, session_id, step)
        tell("accepted", session=session_id, step=step.value, samples=best_digests(session.step(step)))
        return session

    def tell_sealed(self: SealRecord, session_id: str) -> QueueEntry:
        tell("sealing", session=session_id)
        entry = sealed(self, session_id)
        tell("sealed", session=session_id, record=entry.record.record_id, sha256=entry.record.sha256)
        return entry

    RunSession.open = tell_opened  # type: ignore[method-assign]  # the witness stands between screen and service
    RunSession.keep_attempt = tell_kept  # type: ignore[method-assign]
    RunSession.accept = tell_accepted  # type: ignore[method-assign]
    SealRecord.seal = tell_sealed  # type: ignore[method-assign]


def main(arguments: Sequence[str]) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    listen()
    perform(PEOPLE, Path(arguments[0]), SEED, None, "id")
    tell("done")


if __name__ == "__main__":
    main(sys.argv[1:])
